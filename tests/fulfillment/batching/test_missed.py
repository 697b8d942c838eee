"""A bus that left without a parcel: nothing stays planned on it, somebody is told, another road is found, once."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.outbox import Outbox
from core.tasks import drain
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.disruptions.models import Disruption
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import issue
from fulfillment.network.models import StopTime
from fulfillment.timetable.models import Departure
from fulfillment.timetable.tasks import follow
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import event, parcels_of, scan, ship, sold
from tests.fulfillment.web import county_with_roads, guest, signed_in


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


@pytest.fixture
def two(rows: SmallCounty) -> tuple[str, str, str]:
    """A packed and an unpacked parcel planned on one bus: their codes and the departure's."""
    with db.writing() as session:
        made = [ship(session, rows, sold(session, rows, "tomato", 1))[0] for _ in range(2)]
        pack(session, made[0], by="UMASTER")
        plan_day(session, rows.county, DAY)
        packed, waiting = (parcels_of(session, c)[0] for c in made)
        (run,) = {run.code for run in planned_on(session, packed.code) + planned_on(session, waiting.code)}
        return packed.code, waiting.code, run


def planned_on(session: Session, code: str) -> list[Departure]:
    legs = select(Departure).join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id)).join(Parcel)
    return list(session.exec(legs.where(Parcel.code == code, col(PlannedLeg.voided_at).is_(None)).order_by(col(PlannedLeg.position))))


def missed(session: Session) -> dict[str, Disruption]:
    return {row.subject_code: row for row in session.exec(select(Disruption).where(Disruption.kind == "missed"))}


@pytest.fixture
def stop(two: tuple[str, str, str]) -> datetime:
    """When the bus leaves the parcels' stop."""
    with db.reading() as session:
        run = session.exec(select(Departure).where(Departure.code == two[2])).one()
        board = session.exec(select(PlannedLeg.board).where(PlannedLeg.departure_id == run.id)).first()
        leaves = select(StopTime.dep_min).where(StopTime.trip_id == run.trip_id, StopTime.position == board)
        return clock.on(run.service_date, session.exec(leaves).one())


def test_who_is_not_packed_when_loading_closes_is_planned_anew_once(rows: SmallCounty, two: tuple[str, str, str], stop: datetime) -> None:
    packed, waiting, run = two
    with clock.at(stop - timedelta(minutes=2)):
        for _ in range(2):
            follow()
            drain()
    with db.reading() as session:
        assert [d.code for d in planned_on(session, packed)] == [run], "it is packed and the bus has not left"
        (other,) = planned_on(session, waiting)
        assert other.code != run
        assert other.starts_at > stop
        assert set(missed(session)) == {waiting}
        assert missed(session)[waiting].cause == run
        parcel = session.exec(select(Parcel).where(Parcel.code == waiting)).one()
        assert parcel.trunk_id
        assert parcel.arrives_at
        late = parcel.arrives_at > parcel.due_at
        assert (missed(session)[waiting].closed_at is None) is late, "what still arrives in time needs nobody"
        assert len(session.exec(select(BatchPlan).where(BatchPlan.because == "missed")).all()) == 1
        told = session.exec(select(Outbox).where(Outbox.topic == "message.send")).all()
        assert len(told) == int(late)


def test_the_manifest_lists_what_was_there_to_be_loaded(rows: SmallCounty, two: tuple[str, str, str], stop: datetime) -> None:
    packed, waiting, run = two
    with db.writing() as session:
        (early,) = issue(session, session.exec(select(Departure).where(Departure.code == run)).one())
        assert {row[0] for row in early.rows} == {packed, waiting}
    with clock.at(stop - timedelta(minutes=2)):
        follow()
        follow()
    with db.reading() as session:
        sheets = session.exec(select(Manifest).order_by(col(Manifest.id))).all()
        assert [(m.revision, m.voided_at is None, [row[0] for row in m.rows]) for m in sheets][1:] == [(2, True, [packed])]


def test_a_stop_gets_its_manifest_when_its_own_loading_closes(rows: SmallCounty, two: tuple[str, str, str], stop: datetime) -> None:
    with db.reading() as session:
        run = session.exec(select(Departure).where(Departure.code == two[2])).one()
    with clock.at(min(run.closes_at, stop - timedelta(minutes=10))):
        follow()
    with db.reading() as session:
        assert session.exec(select(Manifest)).all() == []


def test_who_is_packed_and_not_scanned_aboard_gets_a_while_more(rows: SmallCounty, two: tuple[str, str, str], stop: datetime) -> None:
    packed, _, run = two
    with clock.at(stop + timedelta(minutes=5)):
        follow()
        drain()
    with db.reading() as session:
        assert [d.code for d in planned_on(session, packed)] == [run]
    with clock.at(stop + timedelta(minutes=20)):
        follow()
        drain()
        with db.reading() as session:
            (other,) = planned_on(session, packed)
            assert other.starts_at > clock.now() - timedelta(minutes=1)
            assert "没扫到这件装车" in missed(session)[packed].words


def test_who_was_loaded_has_missed_nothing(rows: SmallCounty, two: tuple[str, str, str], stop: datetime) -> None:
    packed, _, run = two
    with clock.at(stop + timedelta(minutes=1)), db.writing() as session:
        scan(session, rows, event("load", packed, run))
    with clock.at(stop + timedelta(minutes=40)):
        follow()
        drain()
    with db.reading() as session:
        assert [d.code for d in planned_on(session, packed)] == [run]
        assert packed not in missed(session)


def test_a_scan_that_comes_late_gives_its_place_back(rows: SmallCounty, two: tuple[str, str, str], stop: datetime) -> None:
    packed, _, run = two
    with clock.at(stop + timedelta(minutes=20)):
        follow()
        drain()
    with clock.at(stop + timedelta(minutes=25)):
        with db.writing() as session:
            scan(session, rows, event("load", packed, run, at=stop))
        for _ in range(2):
            follow()
            drain()
    with db.reading() as session:
        assert [d.code for d in planned_on(session, packed)] == [run]
        assert session.exec(select(Parcel.trunk_id).where(Parcel.code == packed)).one()
        assert missed(session)[packed].closed_at
        (sheet,) = session.exec(select(Manifest).where(col(Manifest.voided_at).is_(None))).all()
        assert packed in {row[0] for row in sheet.rows}


def test_one_packed_while_its_new_road_was_sought_is_sought_again(
    rows: SmallCounty, two: tuple[str, str, str], stop: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fulfillment.batching import tasks
    from fulfillment.batching.answer import Plan
    from fulfillment.batching.instance import Instance

    _, waiting, _ = two
    solve, seen = tasks.solve_apart, []

    def solved(instance: Instance, **more: float) -> Plan:
        if not seen:
            with db.writing() as session:
                parcel = session.exec(select(Parcel).where(Parcel.code == waiting)).one()
                pack(session, session.get_one(Consignment, parcel.consignment_id), by="UMASTER")
        seen.append(instance)
        return solve(instance, **more)

    monkeypatch.setattr(tasks, "solve_apart", solved)
    with clock.at(stop - timedelta(minutes=2)):
        follow()
        drain()
    with db.reading() as session:
        assert len(seen) == 2
        assert len(planned_on(session, waiting)) == 1


def test_pages_no_longer_name_the_bus_that_left(rows: SmallCounty, two: tuple[str, str, str], stop: datetime) -> None:
    _, waiting, _ = two
    left = f"{clock.local(stop):%H:%M}"
    with clock.at(stop + timedelta(minutes=1)):
        follow()  # its new road is not found yet
        master = signed_in(rows, "master", "station", rows.stations[0].code)
        with db.reading() as session:
            parcel = session.exec(select(Parcel).where(Parcel.code == waiting)).one()
            consignment = session.get_one(Consignment, parcel.consignment_id)
        for path in ("/station/packing", f"/station/packing/{consignment.code}", "/station"):
            assert left not in master.get(path).text.split("打好了")[0], path
        assert left not in guest().get(f"/track/{waiting}").text
        assert "这件还没打包" in signed_in(rows, "dispatcher").get("/ops").text
