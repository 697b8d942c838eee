"""Yesterday's prices are where today's plan begins to look: each finds the same trip of its own day, or is left out."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session, col, select

from core import clock
from core.codes import new_code
from fulfillment.batching.answer import Worth
from fulfillment.batching.models import BatchPlan
from fulfillment.batching.service import read_for, write_plan
from fulfillment.batching.solve import solve
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import bus, ship, sold


def asked(county: SmallCounty, day, wave: str = "") -> BatchPlan:
    return BatchPlan(tenant_id=county.id, code=new_code("B"), service_date=day, wave=wave, asked_at=clock.now())


def planned_with_prices(session: Session, county: SmallCounty, run: Departure) -> None:
    ship(session, county, sold(session, county, "tomato", 1))
    plan = asked(county, DAY)
    session.add(plan)
    session.flush()
    waiting = read_for(session, county.county, plan)
    trunk = next(key for key in waiting.roads.trunk_days if key.endswith(DAY.isoformat()))
    worth = (Worth("kg", run.code, 0, 12.5), Worth("box", run.code, 0, 270.0), Worth("trunk", trunk, None, 3.0))
    write_plan(session, plan, waiting, replace(solve(waiting.instance), worth=worth))


def of_the_next_day(session: Session, run: Departure) -> Departure:
    tomorrow = run.service_date + timedelta(days=1)
    return session.exec(select(Departure).where(Departure.trip_id == run.trip_id, col(Departure.service_date) == tomorrow)).one()


def test_a_plan_begins_with_the_prices_of_the_same_trips_yesterday(session: Session, county: SmallCounty) -> None:
    run = bus(session, county)
    planned_with_prices(session, county, run)
    tomorrow = of_the_next_day(session, run)
    waiting = read_for(session, county.county, asked(county, DAY + timedelta(days=1)))
    by_kind = {w.kind: w for w in waiting.worth}
    assert by_kind["kg"] == Worth("kg", tomorrow.code, 0, 12.5)
    assert by_kind["box"] == Worth("box", tomorrow.code, 0, 270.0)
    assert by_kind["trunk"].where.endswith((DAY + timedelta(days=1)).isoformat())
    assert solve(waiting.instance, worth=waiting.worth).status == "optimal"


def test_a_trip_that_does_not_run_today_has_no_price(session: Session, county: SmallCounty) -> None:
    run = bus(session, county)
    planned_with_prices(session, county, run)
    cancel_departure(session, county.id, of_the_next_day(session, run).code, reason="车坏了", by="test")
    waiting = read_for(session, county.county, asked(county, DAY + timedelta(days=1)))
    assert {w.kind for w in waiting.worth} == {"trunk"}


def test_prices_of_another_wave_or_of_last_month_are_not_used(session: Session, county: SmallCounty) -> None:
    planned_with_prices(session, county, bus(session, county))
    cutoff = county.trunks[0].cutoff_min
    wave = f"{cutoff // 60:02d}{cutoff % 60:02d}"
    assert read_for(session, county.county, asked(county, DAY + timedelta(days=1), wave)).worth == ()
    assert read_for(session, county.county, asked(county, DAY + timedelta(days=15))).worth == ()
