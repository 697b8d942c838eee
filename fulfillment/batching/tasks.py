"""Solving what was asked for: read, solve in a child process with no transaction open, then write in one."""

from typing import NamedTuple

from sqlmodel import Session, select

from core import db
from core.tasks import Event, every, handler
from supply.counties.models import County

from .answer import Plan
from .child import means_apart, solve_apart
from .from_database import Waiting
from .late import tell_planned
from .means import LineMeans
from .missed import MISSED, settle_missed
from .models import BatchPlan
from .service import PlanUnknown, read_for, write_plan
from .shares import settle_lanes
from .waves import plan_due_waves


def _plan(session: Session, code: str) -> tuple[BatchPlan, County]:
    plan = session.exec(select(BatchPlan).where(BatchPlan.code == code)).first()
    county = session.get(County, plan.tenant_id) if plan else None
    if plan is None or county is None:
        raise PlanUnknown("没有这份集单方案")
    return plan, county


class Solved(NamedTuple):
    """What was read, the answer to it, and which means each line is."""

    waiting: Waiting
    answer: Plan
    means: list[LineMeans]


def solve_asked(event: Event) -> Solved | None:
    """The answer to a plan that still wants one."""
    with db.reading() as session:
        plan, county = _plan(session, event.payload["plan_code"])
        if plan.status != "solving":
            return None
        waiting = read_for(session, county, plan)
    answer = solve_apart(waiting.instance, worth=waiting.worth)
    return Solved(waiting, answer, means_apart(waiting.instance, answer) if waiting.watched else [])


@handler("plan.asked", ask=solve_asked, heavy=True)
def keep_plan(session: Session, event: Event, solved: Solved | None) -> None:
    """Write it; RoadsMoved leaves the row due, and it is solved again. One for missed parcels settles their disruptions.

    Whose day it changes hears of it in the same transaction.
    """
    plan, _ = _plan(session, event.payload["plan_code"])
    if solved is not None and plan.status == "solving":
        outcome = write_plan(session, plan, solved.waiting, solved.answer, solved.means)
        if plan.because == MISSED:
            settle_missed(session, plan, {w.id: w.status for w in solved.waiting.watched.values()}, outcome)
        tell_planned(session, list(solved.waiting.watched), cause=plan.code)


@every(60, "waves.plan")
def plan_waves() -> None:
    """Each county's next wave is planned by itself, a task per county and wave."""
    plan_due_waves()


@every(300, "lanes.settle")
def settle_shared_lanes() -> None:
    """A round of prices and shares for the lanes of the province that had news."""
    settle_lanes()
