"""/api/v1/plans, /api/v1/departures/{id}/cancellation – the dispatcher's acts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, Field

from core import clock
from core.db import Read, Write
from core.idempotency import once
from core.moments import Day
from core.permissions import Actor, allow
from core.text import Told
from supply.counties.deps import CurrentCounty

from . import disrupt
from .models import BatchPlan
from .queries import find_plan, left_as_json, left_over
from .service import ask_plan

router = APIRouter(prefix="/api/v1", tags=["plans"])
Dispatcher = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


class NewPlan(BaseModel):
    """`wave` is HHMM of a trunk cut-off of the day; without it the whole day is planned."""

    model_config = {"extra": "forbid", "strict": True}

    date: Day
    wave: Annotated[str, Field(max_length=4)] = ""


class Cancellation(BaseModel):
    model_config = {"extra": "forbid", "strict": True}

    reason: Annotated[Told, Field(min_length=1, max_length=200)]


@router.post("/plans", status_code=202)
def create_plan(body: NewPlan, session: Write, county: CurrentCounty, actor: Dispatcher, idempotency_key: Key = None) -> dict[str, Any]:
    """Ask for a plan of a day or a wave; it is solved in the background and read at `GET /plans/{id}`."""

    def work() -> tuple[int, dict[str, Any]]:
        plan = ask_plan(session, county, body.date, wave=body.wave, by=actor.user_code)
        return 202, {"id": plan.code, "status": plan.status}

    key = once(
        session,
        tenant_id=county.id,
        actor=actor.key,
        route="POST /plans",
        key=idempotency_key,
        body=body.model_dump_json().encode(),
        work=work,
    )
    return key[1]


@router.get("/plans/{code}")
def plan(code: str, session: Read, actor: Dispatcher) -> dict[str, Any]:
    """A plan and, once solved, what it placed, what is late, what has no road and why."""
    found = find_plan(session, actor.tenant_id, code)
    return {
        **_figures(found),
        "unplaced": [left_as_json(left) for left in left_over(session, found)],
    }


def _figures(plan: BatchPlan) -> dict[str, Any]:
    finished_at = plan.finished_at and clock.local(plan.finished_at)
    return {
        "id": plan.code, "date": plan.service_date, "wave": plan.wave or None, "status": plan.status,
        "asked_at": clock.local(plan.asked_at), "finished_at": finished_at, "placed": plan.placed, "late": plan.late,
        "cost_fen": plan.cost_fen, "bound_fen": plan.bound_fen, "gap": plan.gap, "seconds": plan.seconds,
        "moved": plan.facts.get("moved", 0),
    }  # fmt: skip


@router.post("/departures/{code}/cancellation")
def cancel(code: str, body: Cancellation, county: CurrentCounty, actor: Dispatcher, idempotency_key: Key = None) -> dict[str, Any]:
    """Strike a departure out and plan its parcels anew: how many moved, are late, have no road, and how many buyers were told."""
    return disrupt.cancel_and_replan(county, code, reason=body.reason, actor=actor, key=idempotency_key)
