"""What a box more is worth is kept with the plan and said wherever the run is shown, until a newer plan of that day says otherwise."""

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from core import clock, db
from fulfillment.batching.answer import Worth
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.batching.service import plan_day, read_for, write_plan
from fulfillment.batching.solve import solve
from fulfillment.timetable.models import Departure
from fulfillment.whatif.worth import box_of, worth_of_days, worth_of_plan
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed
from tests.fulfillment.web import county_with_roads, signed_in


def planned(session: Session, county: SmallCounty, fen: float) -> tuple[BatchPlan, Departure]:
    """A plan of the day that found a box short on its parcel's bus."""
    packed(session, county)
    plan = BatchPlan(tenant_id=county.id, code=f"B{fen}", service_date=DAY, asked_at=clock.now())
    session.add(plan)
    session.flush()
    waiting = read_for(session, county.county, plan)
    answer = solve(waiting.instance)
    run = next(leg.departure for p in answer.parcels for leg in p.legs)
    told = (Worth("box", run, 0, fen), Worth("kg", run, 0, 2.0), Worth("trunk", "k", None, 9.0), Worth("box", run, 1, 0.0))
    write_plan(session, plan, waiting, replace(answer, worth=told))
    return plan, session.exec(select(Departure).where(Departure.code == run)).one()


def test_a_plan_keeps_what_a_box_more_is_worth(session: Session, county: SmallCounty) -> None:
    plan, run = planned(session, county, 270.0)
    assert worth_of_plan(session, plan) == [(run.code, 270 + 2 * box_of(county.county).g // 1000)]
    assert worth_of_days(session, county.id, [DAY]) == {run.id: 320}


def test_the_days_last_plan_says_what_a_box_is_worth_and_a_repair_does_not(session: Session, county: SmallCounty) -> None:
    planned(session, county, 270.0)
    session.add(BatchPlan(tenant_id=county.id, code="B1", service_date=DAY, asked_at=clock.now(), because="missed", status="optimal"))
    session.flush()
    assert len(worth_of_days(session, county.id, [DAY])) == 1
    plan_day(session, county.county, DAY)
    assert worth_of_days(session, county.id, [DAY]) == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_stands_on_the_board_the_departure_and_in_both_answers(database: str, nine: object) -> None:
    rows = county_with_roads()
    with db.writing() as session:
        plan, run = planned(session, rows, 270.0)
        code, name = plan.code, run.code
        assert session.exec(select(PlannedLeg).where(PlannedLeg.departure_id == run.id)).first()
    desk = signed_in(rows, "dispatcher")
    assert "多一箱值 ¥3.20" in desk.get(f"/ops?day={DAY}").text
    assert "这里多一箱值 ¥3.20" in desk.get(f"/ops/departures/{name}").text
    assert desk.get(f"/api/v1/plans/{code}").json()["worth"] == [{"departure": name, "box_fen": 320}]
    told = {d["id"]: d["box_worth_fen"] for d in desk.get(f"/api/v1/departures?date={DAY}").json()["items"]}
    assert told.pop(name) == 320
    assert set(told.values()) == {None}
