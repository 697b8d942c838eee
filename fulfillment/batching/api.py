"""/api/v1/plans, /api/v1/departures/{id}/cancellation – the dispatcher's acts."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core import clock
from core.db import Read, Write
from core.idempotency import KeyHeader, once
from core.moments import Day
from core.permissions import Actor, allow
from core.status import StatusMoved
from core.text import Told
from core.web.refusals import refusals
from fulfillment.disruptions.api_shapes import CancellationEffect
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.extra import NoVehicle
from fulfillment.disruptions.kinds import CancelDeparture
from fulfillment.timetable.service import DepartureUnknown
from fulfillment.whatif.worth import worth_of_plan
from supply.counties.deps import CurrentCounty

from .api_shapes import PlanAsked, PlanDetail
from .means_words import told_means
from .queries import find_plan, left_as_json, left_over
from .service import PlanUnknown, RoadsMoved, ask_plan
from .township_means import told_townships

router = APIRouter(prefix="/api/v1", tags=["plans"])
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]  # an administrator reads and stops a run


class NewPlan(BaseModel):
    """`wave` is HHMM of a trunk cut-off of the day; without it the whole day is planned."""

    model_config = {"extra": "forbid", "strict": True}

    date: Annotated[Day, Field(description="The service day, from a week ago to a month ahead.")]
    wave: Annotated[str, Field(max_length=4, examples=["1700"])] = ""


class DepartureCancellation(BaseModel):
    """Why it does not run; dispatchers and station masters read it."""

    model_config = {"extra": "forbid", "strict": True}

    extra_run: Annotated[
        bool, Field(description="Drive an emergency run in its place, at the price `GET …/cancellation/preview` offers it for.")
    ] = False
    reason: Annotated[Told, Field(min_length=1, max_length=200)]


@router.post("/plans", status_code=202)
def create_plan(body: NewPlan, session: Write, county: CurrentCounty, actor: Dispatcher, key: KeyHeader = None) -> PlanAsked:
    """Ask for a plan of a day or a wave; it is solved in the background and read at `GET /plans/{code}`."""

    def work() -> tuple[int, dict[str, Any]]:
        plan = ask_plan(session, county, body.date, wave=body.wave, by=actor.user_code)
        return 202, {"id": plan.code, "status": plan.status}

    sent = body.model_dump_json().encode()
    _status, answer = once(session, tenant_id=county.id, actor=actor.key, route="POST /plans", key=key, body=sent, work=work)
    return cast(PlanAsked, answer)


@router.get("/plans/{code}", responses=refusals(PlanUnknown))
def read_plan(code: Annotated[str, Path(description="The plan's code.")], session: Read, actor: Reader) -> PlanDetail:
    """A plan and, once solved, what it placed, what is late, what has no road and why."""
    plan = find_plan(session, actor.tenant_id, code)
    means = told_means(session, plan)
    finished_at = plan.finished_at and clock.local(plan.finished_at)
    return {
        "id": plan.code, "date": plan.service_date, "wave": plan.wave or None, "status": plan.status,
        "asked_at": clock.local(plan.asked_at), "finished_at": finished_at, "placed": plan.placed, "late": plan.late,
        "cost_fen": plan.cost_fen, "bound_fen": plan.bound_fen, "gap": plan.gap, "seconds": plan.seconds,
        "moved": plan.facts.get("moved", 0),
        "unplaced": [left_as_json(left) for left in left_over(session, plan)],
        "worth": [{"departure": row.code, "box_fen": row.box_fen} for row in worth_of_plan(session, plan)],
        "means": [told.as_json() for told in means],
        "townships": [corridor.as_json() for corridor in told_townships(session, plan, means)],
    }  # fmt: skip


@router.post("/departures/{code}/cancellation", responses=refusals(DepartureUnknown, StatusMoved, RoadsMoved, NoVehicle))
def cancel_departure(
    code: Annotated[str, Path(description="The departure's code.")], body: DepartureCancellation, county: CurrentCounty, actor: Reader,
    key: KeyHeader = None,
) -> CancellationEffect:  # fmt: skip
    """Strike a departure out and plan its parcels anew: how many moved, are late, have no road, and how many buyers were told.

    With `extra_run` a free vehicle drives its stops again, and the parcels are planned onto it in the same act.
    """
    route, incident = f"POST /departures/{code}/cancellation", CancelDeparture(code, body.reason)
    done = {"extra_run": None, **apply(county, incident, actor=actor, route=route, key=key, extra=body.extra_run)}
    return cast(CancellationEffect, done)
