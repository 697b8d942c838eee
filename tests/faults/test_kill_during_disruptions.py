"""A disruption whose process is killed between any two of its writes has not happened; done again it happens once."""

import ast
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from core import clock, db
from core.failpoints import SETTING
from core.settings import ROOT, settings
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.models import Disruption
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import issue
from fulfillment.timetable.models import Departure
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.disruptions.accounting import account
from tests.fulfillment.shipping import packed
from tests.fulfillment.web import county_with_roads

POINTS = ("plan.voided", "plan.placed", "disruption.roads", "disruption.written", "disruption.told")


def _run(code: str, point: str, *, demo: str = "1") -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ, "JISHI_HOME": str(settings.home), "JISHI_DEMO": demo, "JISHI_SECRET_KEY": settings.secret_key,
        "JISHI_DATABASE_URL": settings.url, "PYTHONPATH": str(ROOT), SETTING: point,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.faults.disrupting", code, "one key"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture
def run(database: str) -> str:
    """Three packed parcels on one bus, with its manifest; the bus's code."""
    with clock.at(NINE):
        rows = county_with_roads()
        with db.writing() as session:
            for _ in range(3):
                packed(session, rows)
            plan_day(session, rows.county, DAY)
            (departure,) = session.exec(select(Departure).join(PlannedLeg).distinct()).all()
            issue(session, departure)
            return departure.code


def _standing(session: Session) -> list[object]:
    """All that a disruption writes, as it stands."""
    legs = select(PlannedLeg.parcel_id, PlannedLeg.departure_id).where(col(PlannedLeg.voided_at).is_(None))
    plans, troubles = (session.exec(select(func.count()).select_from(table)).one() for table in (BatchPlan, Disruption))
    sheets = session.exec(select(Manifest.code, Manifest.voided_at).order_by(Manifest.code)).all()
    off = session.exec(select(Departure.code).where(Departure.status == "cancelled")).all()
    return [sorted(session.exec(legs).all()), plans, troubles, sheets, off]


def test_killed_between_any_two_writes_it_has_not_happened_and_done_again_it_happens_once(run: str) -> None:
    with db.reading() as session:
        before, codes = _standing(session), set(session.exec(select(Parcel.code)).all())
    for point in POINTS:
        killed = _run(run, point)
        assert killed.returncode == -signal.SIGKILL, (point, killed.stderr)
        with db.reading() as session:
            assert _standing(session) == before, point
            account(session, codes)
    done, again = _run(run, ""), _run(run, "")
    assert done.returncode == 0, done.stderr
    assert done.stdout == again.stdout, "the second is the first one's answer"
    with db.reading() as session:
        account(session, codes)
        assert session.exec(select(Departure.status).where(Departure.code == run)).one() == "cancelled"
        assert len(session.exec(select(Disruption).where(Disruption.kind == "departure_cancelled")).all()) == 1
        assert len(session.exec(select(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None))).all()) == 3


def test_no_failpoint_ends_a_real_shop(run: str) -> None:
    done = _run(run, POINTS[0], demo="0")
    assert done.returncode == 0, done.stderr


def test_every_failpoint_is_visited() -> None:
    named = set()
    for folder in ("core", "supply", "fulfillment", "shop"):
        for path in Path(ROOT, folder).rglob("*.py"):
            if re.search(r"\bfailpoint\(", text := path.read_text()):
                calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "failpoint"]
                named |= {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert named == set(POINTS)
