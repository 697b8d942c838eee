"""`jishi plan --date`: ask for a plan, solve it here unless a running worker has taken it already, and tell how it went."""

import json
import sys
import time
from typing import Any

from sqlmodel import Session

import shop.wiring  # noqa: F401 - who hears of moved parcels
from core import clock, db
from core.errors import JishiError
from core.moments import read_day
from core.tasks import do_now
from core.tenant import resolve
from fulfillment.batching.models import BatchPlan
from fulfillment.batching.queries import find_plan, left_as_json, left_over
from fulfillment.batching.service import ask_plan
from supply.counties.models import County

PATIENCE = 180  # seconds for a plan that another process solves


def plan_day(day: str, *, wave: str, as_json: bool) -> int:
    """Plan a service day, or one wave of it; 2 with a message when it cannot be asked for."""
    try:
        wanted = read_day(day) if day else clock.today()
        with db.writing() as session:
            county = session.get_one(County, resolve(session, "").id)
            asked = ask_plan(session, county, wanted, wave=wave, by="command line")
            tenant_id, code = asked.tenant_id, asked.code
    except (JishiError, ValueError) as refused:
        print(f"jishi plan: {refused}", file=sys.stderr)
        return 2
    do_now("plan.asked", code, tenant_id=tenant_id)
    plan = _finished(tenant_id, code)
    with db.reading() as session:
        print(json.dumps(_told(session, plan), ensure_ascii=False, indent=1, default=str) if as_json else _words(session, plan))
    return 0 if plan.finished_at else 1


def _finished(tenant_id: int, code: str) -> BatchPlan:
    for _ in range(PATIENCE * 5):
        with db.reading() as session:
            plan = find_plan(session, tenant_id, code)
        if plan.status != "solving":
            return plan
        time.sleep(0.2)
    return plan


def _told(session: Session, plan: BatchPlan) -> dict[str, Any]:
    left = [left_as_json(p) for p in left_over(session, plan)]
    return {
        "id": plan.code, "date": plan.service_date, "wave": plan.wave or None, "status": plan.status, "placed": plan.placed,
        "late": plan.late, "unplaced": left, "cost_fen": plan.cost_fen, "bound_fen": plan.bound_fen, "gap": plan.gap,
        "seconds": plan.seconds,
    }  # fmt: skip


def _words(session: Session, plan: BatchPlan) -> str:
    head = (
        f"{plan.code} {plan.service_date} {plan.wave or 'whole day'}: {plan.status}, {plan.placed} placed ({plan.late} late), "
        f"{plan.unplaced} left, cost {plan.cost_fen / 100:.2f}, gap {plan.gap:.2%}, {plan.seconds:.1f} s"
    )
    return "\n".join([head, *(f"  {p.code}  {p.station_name}  {p.words}" for p in left_over(session, plan))])
