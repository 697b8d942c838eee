"""Waves plan themselves: a lead before the cut-off, once however often it is looked, again when enough has come, and never for nothing."""

from datetime import timedelta

import pytest
from sqlmodel import col, delete, select, update

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.outbox import Outbox, emit
from core.tasks import drain
from core.tasks.relay import lease
from fulfillment.batching import waves
from fulfillment.batching.models import BatchPlan
from fulfillment.batching.service import ask_plan
from fulfillment.batching.tasks import plan_waves
from fulfillment.batching.waves import plan_due_waves
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import Trunk
from supply.counties.models import County
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import ship, sold
from tests.fulfillment.web import county_with_roads
from tests.statements import statements_of


@pytest.fixture
def rows(database, nine):
    return county_with_roads()


@pytest.fixture
def lead(rows):
    """The moment the first cut-off's lead begins."""
    with db.reading() as session:
        first = min(session.exec(select(Trunk.cutoff_min).where(Trunk.tenant_id == rows.id)).all())
    return clock.on(DAY, first) - timedelta(minutes=180)


def order(rows, n=1):
    with db.writing() as session:
        for _ in range(n):
            ship(session, rows, sold(session, rows, "tomato", 1))


def plans():
    with db.reading() as session:
        return list(session.exec(select(BatchPlan).order_by(col(BatchPlan.id))).all())


def test_before_its_lead_and_with_nobody_waiting_no_wave_is_planned_and_nothing_is_written(rows, lead):
    with clock.at(lead + timedelta(minutes=1)):
        assert statements_of(plan_due_waves) == 4, "counties, cut-offs, plans, who waits; nothing is written"
    order(rows)
    with clock.at(lead - timedelta(minutes=1)):
        assert plan_due_waves() == 0
    assert plans() == []


def test_a_wave_is_planned_once_however_often_and_by_however_many_it_is_looked_at(rows, lead):
    order(rows, 2)
    with clock.at(lead + timedelta(minutes=1)):
        assert [plan_due_waves() for _ in range(3)] == [1, 0, 0]
        drain()
        plan_waves()
        drain()
    (plan,) = plans()
    assert (plan.turn, plan.asked_by, plan.status, plan.placed) == (1, "clock", "optimal", 2)
    with db.reading() as session:
        assert all(session.exec(select(Parcel.arrives_at)).all())


def test_two_lookers_in_the_same_moment_ask_for_one_turn(rows, lead, monkeypatch):
    """The second has looked before the first has written: the unique turn decides."""
    order(rows)
    with clock.at(lead + timedelta(minutes=1)):
        with db.reading() as session:
            seen = waves._next(session, rows.county)
        assert plan_due_waves() == 1
        monkeypatch.setattr(waves, "_next", lambda *_: seen)
        assert plan_due_waves() == 0
    assert len(plans()) == 1
    with db.reading() as session:
        assert len(session.exec(select(Outbox).where(Outbox.topic == "plan.asked")).all()) == 1


def test_it_is_planned_again_when_enough_new_parcels_wait_and_not_for_fewer(rows, lead, monkeypatch):
    monkeypatch.setattr(waves, "AGAIN_PARCELS", 3)
    order(rows)
    with clock.at(lead + timedelta(minutes=1)):
        plan_waves()
        drain()
        order(rows, 2)
        assert plan_due_waves() == 0
        order(rows)
        assert plan_due_waves() == 1
        drain()
    assert [(p.turn, p.placed) for p in plans()] == [(1, 1), (2, 4)]


def test_who_found_no_road_is_tried_again_with_the_next_wave_and_not_every_minute(rows, lead):
    order(rows)
    with db.writing() as session:
        session.exec(update(Parcel).values(grams=90_000_000))
    with clock.at(lead + timedelta(minutes=1)):
        for _ in range(3):
            plan_waves()
            drain()
    assert [(p.turn, p.unplaced) for p in plans()] == [(1, 1)]


def test_while_one_plan_is_solved_no_other_is_asked_for_until_it_must_have_failed(rows, lead):
    order(rows)
    with clock.at(lead + timedelta(minutes=1)), db.writing() as session:
        ask_plan(session, rows.county, DAY)
        session.exec(update(Outbox).values(dead_at=clock.now()))
    with clock.at(lead + timedelta(minutes=5)):
        assert plan_due_waves() == 0
    with clock.at(lead + timedelta(minutes=12)):
        assert plan_due_waves() == 1
    with db.writing() as session:
        session.exec(update(Outbox).values(dead_at=None))


def test_a_county_may_say_when_and_that_it_plans_by_hand(rows, lead):
    order(rows)
    _rule(rows, wave_lead_min=0)
    with clock.at(lead + timedelta(minutes=179)):
        assert plan_due_waves() == 0
    _rule(rows, wave_lead_min=60)
    with clock.at(lead + timedelta(minutes=119)):
        assert plan_due_waves() == 0
    with clock.at(lead + timedelta(minutes=121)):
        assert plan_due_waves() == 1


def _rule(rows, **rules):
    with db.writing() as session:
        county = session.get_one(County, rows.id)
        county.policy = {**county.policy, "hub": {**county.policy["hub"], **rules}}
        session.add(county)


def test_ninety_counties_plans_travel_one_to_a_message_so_that_workers_share_them(rows, lead):
    order(rows)
    with clock.at(lead + timedelta(minutes=1)):
        with db.writing() as session:
            session.exec(delete(Outbox))
            for n in range(90):
                emit(session, "plan.asked", tenant_id=rows.id, key=str(n), payload={"plan_code": "none"})
            emit(session, "message.send", tenant_id=rows.id, key="quick", payload={})
            emit(session, "message.send", tenant_id=rows.id, key="quick too", payload={})
        parcels = lease()
    assert sorted(len(p.rows) for p in parcels) == [1] * 90 + [2]
    assert sum(p.is_heavy for p in parcels) == 90
    with db.writing() as session:
        session.exec(delete(Outbox))
