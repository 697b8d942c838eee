"""A line that comes back: a place it calls at twice is two calls, from opening the day to planning, boarding, stowing and scans."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock, db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.consignments.service import pack
from fulfillment.custody.models import Custody
from fulfillment.network import models as net
from fulfillment.stowage.sheet import sheet_of
from fulfillment.timetable.board import Run, find_run
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import follow_the_clock, open_days
from tests.county import SmallCounty, small_county
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import TO, event, parcels_of, scan, ship, sold
from tests.fulfillment.web import signed_in

TIMES = ((0, 0), (20, 22), (40, 42), (60, 62), (80, 80))  # hub, 葛家, 山前 on request, 葛家 again, hub
FIRST = 600


def loop(session: Session, county: SmallCounty) -> Departure:
    """The departure of today; it leaves the hub at ten."""
    line = net.Line(
        tenant_id=county.id,
        code="sm-loop",
        number="环",
        name="山里环线",
        kind="loop",
        mode="road",
        ink=3,
        position=9,
        fee_fen=40,
        close_min=3,
    )
    vehicle = net.Vehicle(
        tenant_id=county.id, code="sm-mini", kind="van", bay_g=90_000, bay_ml=400_000, boxes=5, chilled_ml=90_000,
        tiers=["ambient", "chilled"], bays=[["左侧", 3, False], ["保温箱", 2, True]],
    )  # fmt: skip
    session.add_all([line, vehicle])
    session.flush()
    calendar = session.exec(select(net.ServiceCalendar).where(net.ServiceCalendar.tenant_id == county.id)).one()
    trip = net.Trip(
        tenant_id=county.id, code="sm-loop-1", line_id=line.id or 0, calendar_id=calendar.id or 0, vehicle_id=vehicle.id, direction="loop"
    )
    session.add(trip)
    session.flush()
    calls = [county.hub.id, *(county.stations[n].node_id for n in (0, 2, 0)), county.hub.id]
    session.add_all(
        net.StopTime(
            trip_id=trip.id or 0, position=p, tenant_id=county.id, node_id=node or 0, arr_min=FIRST + TIMES[p][0], dep_min=FIRST + TIMES[p][1],
            on_request=p == 2,
        )
        for p, node in enumerate(calls)
    )  # fmt: skip
    session.flush()
    open_days(session, county.county, DAY, DAY + timedelta(days=3))
    return session.exec(select(Departure).where(Departure.trip_id == trip.id, Departure.service_date == DAY)).one()


def parcel(session: Session, county: SmallCounty, name: str, to: int | None) -> Parcel:
    """A packed parcel to one of the three villages, or out of the county."""
    where = TO if to is None else TO._replace(zone="z0", to_node_id=county.stations[to].node_id)
    (consignment,) = ship(session, county, sold(session, county, name, 1), to=where)
    pack(session, consignment, by="UMASTER")
    return parcels_of(session, consignment)[0]


def leg(session: Session, of: Parcel) -> PlannedLeg:
    return session.exec(select(PlannedLeg).where(PlannedLeg.parcel_id == of.id, col(PlannedLeg.voided_at).is_(None))).one()


def seen(session: Session, county: SmallCounty, departure: Departure) -> Run:
    run = find_run(session, county.id, departure.code)
    assert run
    return run


def test_both_calls_at_one_place_are_on_the_board_with_their_own_times(session: Session, county: SmallCounty) -> None:
    run = seen(session, county, loop(session, county))
    gejia = [call for call in run.calls if call.node == county.stations[0].code]
    assert [(call.position, call.leaves_at) for call in gejia] == [(1, clock.on(DAY, 622)), (3, clock.on(DAY, 662))]
    assert run.direction == "loop"
    assert run.departure.ends_at == clock.on(DAY, 680)


def test_goods_board_at_the_first_call_and_others_alight_at_the_second(session: Session, county: SmallCounty) -> None:
    departure = loop(session, county)
    up, down = parcel(session, county, "tomato", 2), parcel(session, county, "bamboo", 0)
    plan_day(session, county.county, DAY)
    there, back = leg(session, up), leg(session, down)
    assert {there.departure_id, back.departure_id} == {departure.id}
    assert (there.board, there.alight) == (1, 2)
    assert (back.board, back.alight) == (2, 3)
    run = seen(session, county, departure)
    assert [(run.boarding(p), run.alighting(p)) for p in range(5)] == [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]


def test_the_sheet_unloads_at_the_call_the_box_is_for(session: Session, county: SmallCounty) -> None:
    departure = loop(session, county)
    parcel(session, county, "tomato", 2), parcel(session, county, "bamboo", 0)
    plan_day(session, county.county, DAY)
    sheet = sheet_of(session, seen(session, county, departure))
    assert [(stop.call.position, len(stop.off), len(stop.on)) for stop in sheet.stops if not stop.idle] == [(1, 0, 1), (2, 1, 1), (3, 1, 0)]
    assert sheet.lifts == 0


def test_a_parcel_set_down_at_the_second_call_has_arrived(session: Session, county: SmallCounty) -> None:
    departure = loop(session, county)
    down = parcel(session, county, "bamboo", 0)
    plan_day(session, county.county, DAY)
    with clock.at(clock.on(DAY, 641)):
        follow_the_clock(session, county.id)
        (loaded,) = scan(session, county, event("load", down, departure.code))
    with clock.at(clock.on(DAY, 661)):
        (unloaded,) = scan(session, county, event("unload", down, county.stations[0].code))
    assert (loaded.result, unloaded.result, unloaded.code) == ("accepted", "accepted", "")
    holder = session.exec(select(Custody.holder_code).where(Custody.parcel_code == down.code, col(Custody.ended_at).is_(None))).one()
    assert holder == county.stations[0].code


def test_a_request_stop_with_goods_is_called_at_and_one_without_is_passed(session: Session, county: SmallCounty) -> None:
    departure = loop(session, county)
    run = seen(session, county, departure)
    assert [run.passes(call) for call in run.calls] == [False, False, True, False, False]
    parcel(session, county, "tomato", 2)
    plan_day(session, county.county, DAY)
    run = seen(session, county, departure)
    assert not any(run.passes(call) for call in run.calls)
    assert run.calls[2].leaves_at == clock.on(DAY, 642)  # as printed, stop or not


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    with db.writing() as session:
        county = small_county(session)
        loop(session, county)
        follow_the_clock(session, county.id)
    return county


def test_the_drivers_page_says_whether_to_stop_and_tells_the_two_calls_apart(rows: SmallCounty) -> None:
    driver = signed_in(rows, "driver", "line", "sm-loop")
    with db.reading() as session:
        trips = select(net.Trip.id).where(net.Trip.code == "sm-loop-1")
        code = session.exec(select(Departure.code).where(Departure.service_date == DAY, col(Departure.trip_id).in_(trips))).one()
    assert "没人招手就开过去" in driver.get(f"/driver/runs/{code}?stop=2").text
    assert "没人招手" not in driver.get(f"/driver/runs/{code}?stop=1").text
    with db.writing() as session:
        parcel(session, rows, "tomato", 2)
        plan_day(session, rows.county, DAY)
    assert "有货上下，要停" in driver.get(f"/driver/runs/{code}?stop=2").text
    counts = [driver.get(f"/driver/runs/{code}?stop={p}").text.split('class="btn')[1].split("<b>")[1][0] for p in (1, 3)]
    assert counts == ["1", "0"]


def test_passengers_read_that_a_stop_is_on_request(rows: SmallCounty) -> None:
    page = signed_in(rows, "consumer").get(f"/travel?stop={rows.stations[2].code}").text
    assert "要招手" in page
