"""Workers share the counties' plans, and a worker that is killed while it solves loses none and makes none twice."""

import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlmodel import col, func, select

from core import clock, db
from core.outbox import Outbox
from core.settings import ROOT
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.batching.service import ask_plan
from fulfillment.consignments.models import Parcel
from fulfillment.timetable.service import open_days
from tests.county import small_county
from tests.fulfillment.shipping import ship, sold

from .test_worker import ALL, REDIS, _kill, _time_passes, _until, setting

__all__ = ["setting"]  # the installation and its environment


@contextmanager
def worker(env, only=""):
    process = subprocess.Popen([sys.executable, "-m", "tests.faults.planning", only], cwd=ROOT, env=env, start_new_session=True)
    try:
        yield process
    finally:
        _kill(process)


@pytest.fixture
def asked(setting):
    """Two parcels wait, and a plan for the day they are ready on is asked for; the plan's code."""
    today = clock.today()
    with db.writing() as session:
        county = small_county(session)
        open_days(session, county.county, today, today + timedelta(days=3))
        session.flush()
        for _ in range(2):
            ship(session, county, sold(session, county, "tomato", 1))
        ready = session.exec(select(func.max(Parcel.ready_at))).one()
        return ask_plan(session, county.county, clock.business_date(ready)).code


def plan_of(code):
    with db.reading() as session:
        return session.exec(select(BatchPlan).where(BatchPlan.code == code)).one()


def planned_once(code):
    assert plan_of(code).status in ("optimal", "feasible")
    with db.reading() as session:
        assert len(session.exec(select(BatchPlan)).all()) == 1
        assert session.exec(select(Outbox.done_at).where(Outbox.topic == "plan.asked")).one() is not None
        parcels = session.exec(select(Parcel)).all()
        assert all(p.arrives_at for p in parcels)
        legs = session.exec(select(PlannedLeg.parcel_id, PlannedLeg.position)).all()
        assert {parcel for parcel, _ in legs} == {p.id for p in parcels}
        assert max(Counter(legs).values()) == 1, "no leg was written twice, not even one that was voided"


@ALL
def test_a_plan_whose_worker_was_killed_while_solving_is_solved_by_another_and_written_once(setting, home, asked):
    with worker(setting) as first:
        assert _until(lambda: (home / "begun").exists() and (home / "begun").read_text())
        _kill(first)
    assert plan_of(asked).status == "solving"
    (home / "go").touch()
    _time_passes()
    with worker(setting):
        assert _until(lambda: plan_of(asked).status != "solving")
        assert _until(lambda: _done(asked))
    assert len((home / "begun").read_text().split()) == 2
    planned_once(asked)


@REDIS
def test_while_heavy_work_is_kept_apart_the_other_worker_does_what_is_quick(setting, home, asked):
    """Plans wait for a worker of theirs; a worker of rows leaves them alone and does the rest."""
    with worker(setting, "rows"):
        assert _until(_others_done)
        assert not (home / "begun").exists()
        (home / "go").touch()
        with worker(setting, "heavy"):
            assert _until(lambda: _done(asked))
    planned_once(asked)


def _done(code):
    with db.reading() as session:
        return session.exec(select(Outbox.done_at).where(Outbox.topic == "plan.asked", Outbox.key == code)).one() is not None


def _others_done():
    with db.reading() as session:
        waiting = select(Outbox.id).where(Outbox.topic != "plan.asked", col(Outbox.done_at).is_(None))
        return (
            session.exec(select(Outbox.id).where(Outbox.topic != "plan.asked")).first() is not None
            and session.exec(waiting).first() is None
        )
