from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock
from core.status import StatusEvent, StatusMoved
from fulfillment.network.models import ServiceCalendar, Trip, Vehicle
from fulfillment.timetable.calendar import runs_on
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure, follow_the_clock, open_days
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY


def calendar(**more: object) -> ServiceCalendar:
    facts = {
        "tenant_id": 1,
        "code": "c",
        "weekdays": 0b0011111,
        "months": [5, 6],
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
    }
    return ServiceCalendar(**{**facts, "added": [], "removed": [], **more})


@pytest.mark.parametrize(
    ("day", "runs"),
    [
        (date(2026, 5, 20), True),  # a Wednesday in May
        (date(2026, 5, 23), False),  # Saturday
        (date(2026, 7, 1), False),  # month not served
        (date(2027, 5, 19), False),  # after its end
        (date(2025, 5, 21), False),  # before its start
        (date(2026, 5, 30), True),  # a Saturday added
        (date(2026, 5, 25), False),  # a Monday taken out
    ],
)
def test_a_calendar_runs_on_its_weekdays_in_its_months_and_on_added_days(day: date, runs: bool) -> None:
    assert runs_on(calendar(added=["2026-05-30"], removed=["2026-05-25"]), day) is runs


def test_a_trip_becomes_one_departure_a_service_day_however_often_days_are_opened(session: Session, county: SmallCounty) -> None:
    assert open_days(session, county.county, DAY, DAY + timedelta(days=3)) == 0
    assert open_days(session, county.county, DAY, DAY + timedelta(days=4)) == len(county.trips)
    rows = session.exec(select(Departure)).all()
    assert len(rows) == 5 * len(county.trips)
    assert len({(d.trip_id, d.service_date) for d in rows}) == len(rows)


def test_goods_get_what_the_passengers_leave_of_the_bay(session: Session, county: SmallCounty) -> None:
    departure = session.exec(select(Departure)).first()
    assert departure
    assert (departure.cap_g, departure.cap_ml, departure.cap_boxes, departure.cap_chilled_ml) == (120_000, 460_800, 6, 115_200)
    assert departure.closes_at == departure.starts_at - timedelta(minutes=3)


def test_a_vehicle_without_a_bay_carries_nothing(session: Session, county: SmallCounty) -> None:
    vehicle = Vehicle(tenant_id=county.id, code="sm-van", kind="bus", boxes=0)
    session.add(vehicle)
    session.flush()
    trip = session.exec(select(Trip).where(Trip.id == county.trips[0].id)).one()
    trip.vehicle_id = vehicle.id
    session.add(trip)
    open_days(session, county.county, DAY + timedelta(days=9), DAY + timedelta(days=9))
    row = session.exec(select(Departure).where(Departure.trip_id == trip.id, Departure.service_date == DAY + timedelta(days=9))).one()
    assert (row.cap_g, row.cap_ml, row.tiers) == (0, 0, [])


def test_departures_follow_the_clock_through_every_state(session: Session, county: SmallCounty) -> None:
    follow_the_clock(session, county.id)
    first = session.exec(select(Departure).where(Departure.service_date == DAY).order_by(col(Departure.starts_at))).first()
    assert first
    assert first.status == "arrived"
    told = session.exec(select(StatusEvent.target).where(StatusEvent.subject == first.code).order_by(col(StatusEvent.id))).all()
    assert told == ["scheduled", "open", "closed", "departed", "arrived"]
    last = session.exec(select(Departure).where(Departure.service_date == DAY).order_by(col(Departure.starts_at).desc())).first()
    assert last
    assert last.status == "open"
    with clock.at(last.closes_at):
        follow_the_clock(session, county.id)
    session.refresh(last)
    assert last.status == "closed"


def test_a_late_bus_closes_and_leaves_late(session: Session, county: SmallCounty) -> None:
    follow_the_clock(session, county.id)
    bus = session.exec(select(Departure).where(Departure.status == "open").order_by(col(Departure.starts_at))).first()
    assert bus
    bus.delay_min = 20
    session.add(bus)
    session.flush()
    with clock.at(bus.starts_at + timedelta(minutes=10)):
        follow_the_clock(session, county.id)
    session.refresh(bus)
    assert bus.status == "open"
    with clock.at(bus.starts_at + timedelta(minutes=20)):
        follow_the_clock(session, county.id)
    session.refresh(bus)
    assert bus.status == "departed"


def test_a_bus_on_the_road_cannot_be_cancelled(session: Session, county: SmallCounty) -> None:
    follow_the_clock(session, county.id)
    gone = session.exec(select(Departure).where(Departure.status == "arrived")).first()
    assert gone
    with pytest.raises(StatusMoved):
        cancel_departure(session, county.id, gone.code, reason="大雾", by="U1")
