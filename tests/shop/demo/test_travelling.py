"""Who waits for a trip in the demonstration: gathered, the same for the same seed, and without any order."""

from datetime import timedelta
from random import Random

from sqlmodel import Session, col, select

from core import clock
from core.auth.service import add_user
from core.permissions import Actor
from fulfillment.customised.queries import gathered_groups
from fulfillment.customised.service import note_of
from fulfillment.hailing.models import StopCall
from fulfillment.network.models import StopTime
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import open_days
from shop.demo.travelling import ask_for_trips, call_stops
from shop.orders.models import Order
from tests.county import SmallCounty, small_county


def asked(session: Session, county: SmallCounty) -> list[list[tuple[str, int, str]]]:
    groups = gathered_groups(session, county.id)
    return [[(g.names[r.from_id].name, r.seats, note_of(r)) for r in g.requests] for g in groups]


def test_villagers_of_the_demonstration_wait_gathered_and_no_order_is_made(session: Session) -> None:
    found = []
    for code, prefix in (("small", "sm"), ("other", "ot")):
        county = small_county(session, code=code, prefix=prefix)
        user = add_user(session, f"1380000000{len(found)}", "周小满")
        consumer = Actor(tenant_id=county.id, user_id=user.id, user_code=user.code)
        assert ask_for_trips(session, county.id, clock.today(), Random("1/travel"), consumer) == 3
        found.append(asked(session, county))
    assert found[0] == found[1]  # and those who live in both are asked once
    (group,) = found[0]
    assert [(name, seats) for name, seats, _note in group] == [("海头驿站", 2), ("葛家驿站", 1), ("葛家驿站", 2)]
    assert session.exec(select(Order)).all() == []


def test_villagers_stand_at_the_request_stops_of_today_and_tomorrow_where_a_county_has_any(session: Session) -> None:
    today, found = clock.today(), []
    for code, prefix in (("small", "sm"), ("other", "ot")):
        county = small_county(session, code=code, prefix=prefix)
        open_days(session, county.county, today, today + timedelta(days=2))
        user = add_user(session, f"1380000000{len(found)}", "周小满")
        consumer = Actor(tenant_id=county.id, user_id=user.id, user_code=user.code)
        with clock.at(clock.midnight(today)):
            assert call_stops(session, county.id, today, Random("1/hailing"), consumer) == 0
            for stop in session.exec(select(StopTime).where(StopTime.node_id == county.stations[0].node_id, StopTime.position > 0)):
                stop.on_request = True
            session.flush()
            assert call_stops(session, county.id, today, Random("1/hailing"), consumer) > 2
        calls = session.exec(
            select(Departure, StopCall).join(StopCall).where(StopCall.tenant_id == county.id).order_by(col(StopCall.id))
        ).all()
        assert {run.service_date for run, _ in calls} == {today, today + timedelta(days=1)}
        assert [run.service_date for run, call in calls if call.user_id == user.id] == [today + timedelta(days=1)]
        found.append([(run.starts_at, call.position, call.people) for run, call in calls])
    assert found[0] == found[1]
