"""Every means of carriage that is data: several hubs, rail and air, couriers between stations, hamlets below them."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from core import clock, db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.consignments.service import pack
from fulfillment.custody.desk import held
from fulfillment.network.models import Line
from fulfillment.promise.service import Asked, promises
from fulfillment.promise.serving import within
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import open_days
from tests.county import SmallCounty, small_county
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.shipping import TO, event, parcels_of, scan, ship, sold
from tests.fulfillment.web import signed_in
from tests.two_hubs import Wider, widen


def made(session: Session) -> tuple[SmallCounty, Wider]:
    county = small_county(session)
    wider = widen(session, county)
    open_days(session, county.county, DAY, DAY + timedelta(days=3))
    session.flush()
    return county, wider


@pytest.fixture
def both(nine, session: Session) -> tuple[SmallCounty, Wider]:
    return made(session)


def legs_of(session: Session, parcel: Parcel) -> list[tuple[str, Departure]]:
    rows = (
        select(Line.kind, Departure)
        .join_from(PlannedLeg, Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(PlannedLeg.parcel_id == parcel.id, col(PlannedLeg.voided_at).is_(None))
    )
    return list(session.exec(rows.order_by(col(PlannedLeg.position))).all())


def test_goods_cross_from_hub_to_hub_for_the_trunk_that_leaves_the_other(session: Session, both: tuple[SmallCounty, Wider]) -> None:
    county, wider = both
    asked = Asked(county.stations[0].node_id, "ambient", "z3")
    told = promises(session, county.county, [asked])[asked]
    assert told
    assert [step["kind"] for step in told.path] == ["bus", "freight", "trunk"]
    assert [step["from"] for step in told.path[1:]] == ["小县共配中心", "东部共配中心"]
    (sent,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z3"))
    (parcel,) = parcels_of(session, sent)
    plan = plan_day(session, county.county, DAY)
    assert (plan.placed, plan.late) == (1, 0)
    assert [kind for kind, _ in legs_of(session, parcel)] == ["bus", "freight"]
    assert parcel.trunk_id == wider.rail.id
    assert parcel.arrives_at and parcel.arrives_at <= told.deliver_by


def test_a_trunk_by_air_takes_only_its_days(session: Session, both: tuple[SmallCounty, Wider]) -> None:
    county, _ = both  # the day is a Wednesday
    asked = Asked(county.stations[0].node_id, "ambient", "z4")
    told = promises(session, county.county, [asked])[asked]
    assert told
    assert clock.business_date(told.ships_at) == DAY + timedelta(days=1)
    assert promises(session, county.county, [asked._replace(tier="chilled")])[asked._replace(tier="chilled")] is None


def test_a_courier_between_stations_beats_the_buses_over_the_hub(session: Session, both: tuple[SmallCounty, Wider]) -> None:
    county, _ = both
    end = within(session, county.id).ends[county.stations[2].code]
    asked = Asked(county.stations[0].node_id, "ambient", "z0", to=end)
    told = promises(session, county.county, [asked])[asked]
    assert told
    assert [step["kind"] for step in told.path] == ["courier"]
    assert told.deliver_by <= clock.now() + timedelta(hours=1, minutes=30)
    (sent,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0", to_node_id=end.node_id))
    (parcel,) = parcels_of(session, sent)
    parcel.due_at = told.deliver_by
    session.add(parcel)
    session.flush()
    plan_day(session, county.county, DAY)
    assert [kind for kind, _ in legs_of(session, parcel)] == ["courier"], "the hour is worth the courier's fare"


def test_a_hamlet_is_reached_and_left_by_its_stations_round(session: Session, both: tuple[SmallCounty, Wider]) -> None:
    county, wider = both
    end = within(session, county.id).ends[wider.hamlet.code]
    assert end.hours is None, "nobody keeps it"
    asked = Asked(county.stations[1].node_id, "ambient", "z0", to=end)
    told = promises(session, county.county, [asked])[asked]
    assert told
    assert told.path[-1]["kind"] == "postman"
    (sent,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0", to_node_id=end.node_id))
    (parcel,) = pack(session, sent, by="UMASTER")
    plan_day(session, county.county, DAY)
    ((kind, run),) = legs_of(session, parcel)
    assert kind == "postman"
    with clock.at(run.ends_at):
        scan(session, county, event("load", parcel, run.code, at=run.starts_at), event("unload", parcel, wider.hamlet.code, at=run.starts_at + timedelta(minutes=20)))  # fmt: skip
        scan(session, county, event("deliver", parcel, wider.hamlet.code))
    assert parcel.status == "delivered"


def sorters(county: SmallCounty, wider: Wider) -> list[TestClient]:
    """One at each hub, signed in now."""
    return [signed_in(county, "sorter", "hub", hub.code) for hub in (county.hub, wider.east)]


def test_each_hub_has_its_own_page_trunks_and_parcels(database: str) -> None:
    import shop.wiring  # noqa: F401 - who answers what

    with clock.at(NINE):
        with db.writing() as session:
            county, wider = made(session)
            (sent,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z3"))
            (parcel,) = pack(session, sent, by="UMASTER")
            plan_day(session, county.county, DAY)
            (_, bus), (_, shuttle) = legs_of(session, parcel)
            code = parcel.code
        west, east = sorters(county, wider)
        assert "高铁快运" in east.get("/hub").text and "高铁快运" not in west.get("/hub").text
    with clock.at(bus.ends_at + timedelta(minutes=2)):
        with db.writing() as session:
            scan(session, county, event("load", code, bus.code, at=bus.starts_at))
        west, east = sorters(county, wider)
        assert "S1" in west.post("/hub/scans", data={"form_key": "a1", "code": code, "trunk": ""}).text, "on with the shuttle"
    with clock.at(shuttle.ends_at + timedelta(minutes=2)):
        with db.writing() as session:
            scan(session, county, event("load", code, shuttle.code, at=shuttle.starts_at))
        west, east = sorters(county, wider)
        assert "高铁快运" in east.post("/hub/scans", data={"form_key": "a2", "code": code, "trunk": ""}).text
        with db.reading() as session:
            assert [held(session, county.id, hub.code) for hub in (county.hub, wider.east)] == [0, 1]
        east.post("/hub/scans", data={"form_key": "a3", "code": code, "trunk": wider.rail.code})
    with db.reading() as session:
        assert session.exec(select(Parcel.status).where(Parcel.code == code)).one() == "on_trunk"
