"""A box that was refused and went aboard all the same: scans close its refusal, its road is the one it rides, whom it concerns hears so."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.invariants import check
from core.tasks import drain
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.kinds import RefuseBoxes
from fulfillment.disruptions.lifting import AlreadyLifted
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.refusals import TakeAfterAll, refusals_of
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import issue
from fulfillment.network.models import StopTime
from fulfillment.timetable.board import find_run
from fulfillment.timetable.models import Departure
from fulfillment.timetable.tasks import follow
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.disruptions.accounting import account, planned_days, told_days
from tests.fulfillment.disruptions.conftest import do, rides
from tests.fulfillment.shipping import event, scan
from tests.fulfillment.web import signed_in

RODE = "扫码说明它还是坐了这班"


def leaves(run: str, parcel: str) -> datetime:
    """When a run leaves the stop where the parcel was to board."""
    with db.reading() as session:
        departure = session.exec(select(Departure).where(Departure.code == run)).one()
        board = session.exec(select(PlannedLeg.board).where(PlannedLeg.departure_id == departure.id)).first()
        minute = select(StopTime.dep_min).where(StopTime.trip_id == departure.trip_id, StopTime.position == board)
        return clock.on(departure.service_date, session.exec(minute).one())


def look() -> None:
    follow()
    drain()


def row_of(kind: str, cause: str = "") -> Disruption:
    with db.reading() as session:
        query = select(Disruption).where(Disruption.kind == kind)
        return session.exec(query.where(Disruption.subject_code == cause) if cause else query).one()


def test_a_load_scan_closes_the_refusal_and_gives_the_box_its_place_back(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str]
) -> None:
    parcel, run = refused
    (instead,) = rides(parcel)
    with db.writing() as session:
        for code in (run, instead):
            issue(session, session.exec(select(Departure).where(Departure.code == code)).one())
    driver = signed_in(rows, "driver", "line", rows.lines[0].code)
    with clock.at(leaves(run, parcel)):
        with db.writing() as session:
            scan(session, rows, *(event("load", code, run) for code in two[:2]))
            assert refusals_of(session, rows.id, run) == [], "the list of what stayed behind is right at once"
        assert "没收的" not in driver.get(f"/driver/runs/{run}").text
        for _ in range(2):
            look()
        assert rides(parcel) == [run]
        row, case = row_of("refused"), row_of("overfull", run)
        assert (row.outcome, row.closed_by, row.closed_at is not None) == (RODE, "", True)
        assert case.outcome == "没收的件后来都坐了这班", "that it rides another run is no longer true"
        with db.reading() as session:
            account(session, set(two[:2]))
            assert session.exec(select(Disruption.kind).where(col(Disruption.closed_at).is_(None))).all() == [], "nothing is left to ask"
            sheets = session.exec(select(Manifest).where(col(Manifest.voided_at).is_(None))).all()
            assert [{row[0] for row in sheet.rows} for sheet in sheets] == [set(two[:2])], "the other run waits for nothing"
        with pytest.raises(AlreadyLifted):
            do(rows, TakeAfterAll(run, parcel))


def test_what_stayed_behind_stays_refused_when_another_box_rode(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str]
) -> None:
    (parcel, run), other = refused, two[1]
    do(rows, RefuseBoxes(run, 0, (other,), "这件也装不下"))
    with clock.at(leaves(run, parcel)):
        before = row_of("overfull", run).outcome
        with db.writing() as session:
            scan(session, rows, event("load", parcel, run))
        look()
        assert row_of("overfull", run).outcome == before
        with db.reading() as session:
            assert [r.parcel for r in refusals_of(session, rows.id, run)] == [other]
        assert rides(parcel) == [run] and rides(other) != [run]


@pytest.mark.parametrize(("late", "proved"), [(0, True), (200, False)])
def test_an_unload_scan_proves_it_where_nothing_else_can_have_brought_it(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str], late: int, *, proved: bool
) -> None:
    """Set down when the run came in it rode; long after, the run it was to take instead may have brought it."""
    parcel, run = refused
    (instead,) = rides(parcel)
    with db.reading() as session:
        end = find_run(session, rows.id, run).calls[-1]
        after = max(c.leaves_at for c in find_run(session, rows.id, instead).calls)
    with clock.at(max(end.arrives_at, after) + timedelta(minutes=1) if late else end.arrives_at + timedelta(minutes=1)):
        follow()
        with db.writing() as session:
            scan(session, rows, event("unload", parcel, end.node))
        for _ in range(2):
            look()
        assert (row_of("refused").outcome == RODE) is proved
        if proved:
            assert rides(parcel) == [], "it is at the hub, no run waits for it"
        with db.reading() as session:
            account(session, set(two[:2]))


def test_a_buyer_who_was_told_another_day_hears_that_it_is_the_former_one_again(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str]
) -> None:
    parcel, run = refused
    with db.writing() as session:
        consignment = session.exec(select(Consignment).join(Parcel).where(Parcel.code == parcel)).one()
        consignment.told_day, code = DAY + timedelta(days=5), consignment.code
    with clock.at(leaves(run, parcel)):
        with db.writing() as session:
            scan(session, rows, event("load", parcel, run))
        for _ in range(2):
            look()
    with db.reading() as session:
        assert told_days(session)[code] == planned_days(session)[code] < DAY + timedelta(days=5)


@pytest.mark.parametrize("end", ["lose", "deliver"])
def test_a_box_whose_road_has_ended_meanwhile_takes_up_no_place(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str], end: str
) -> None:
    parcel, run = refused
    with clock.at(clock.now() + timedelta(minutes=5)):
        with db.writing() as session:
            scan(session, rows, event("load", parcel, run))
        with clock.at(clock.now() + timedelta(minutes=1)), db.writing() as session:
            scan(session, rows, event(end, parcel, run if end == "lose" else rows.stations[0].code))
        with clock.at(clock.now() + timedelta(minutes=2)):
            look()
    assert row_of("refused").outcome == RODE
    with db.reading() as session:
        account(session, set(two[:2]))
        assert [(b.invariant.words, b.broken) for b in check(session) if b.count and b.invariant.code == "I14"] == []
