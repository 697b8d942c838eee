"""/api/v1/travel/calls – a run is asked to stop at a request stop, for programs; /api/v1/departures/{code}/calls – who waits where."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core import clock, limits
from core.db import Read, Write
from core.errors import Refused, TooMany
from core.idempotency import KeyHeader, once
from core.permissions import Actor, SignedIn, allow
from core.status import StatusMoved
from core.web.refusals import refusals
from fulfillment.timetable.board import find_run
from fulfillment.timetable.service import DepartureUnknown
from supply.counties.deps import CurrentCounty

from . import queries
from .api_shapes import StopCallItem, StopCallMade, StopCalls, Waiting, WaitingCalls
from .models import MOST_PEOPLE, StopCall
from .pages import OFTEN
from .service import StopCallUnknown, StopClosed, TooManyCalls, call_stop, withdraw

router = APIRouter(prefix="/api/v1")
Desk = ("dispatcher", "admin")
Reader = Annotated[Actor, Depends(allow("driver", *Desk))]


class NewStopCall(BaseModel):
    """A run and the request stop where somebody will stand."""

    model_config = {"extra": "forbid", "strict": True}
    departure: Annotated[str, Field(min_length=1, max_length=80, description="The departure's code.")]
    stop: Annotated[str, Field(min_length=1, max_length=80, description="The stop's code.")]
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE, description="How many will stand there.")] = 1


@router.get("/travel/calls", tags=["travel"])
def list_calls(session: Read, actor: SignedIn) -> StopCalls:
    """The caller's own calls."""
    return {"items": [_item(m) for m in queries.mine(session, actor)], "next": None}


@router.post("/travel/calls", tags=["travel"], status_code=201, responses=refusals(Refused, StopClosed, TooManyCalls, TooMany))
def create_call(body: NewStopCall, session: Write, county: CurrentCounty, actor: SignedIn, key: KeyHeader = None) -> StopCallMade:
    """Ask a run to stop where it passes through unless somebody waits; asking again for the same is the same call."""
    limits.hit("stop_call", actor.user_code, OFTEN)

    def work() -> tuple[int, dict[str, Any]]:
        row = call_stop(session, actor, body.departure, body.stop, body.people)
        return 201, {"id": row.code, "status": row.status}

    sent = body.model_dump_json().encode()
    answer = once(session, tenant_id=county.id, actor=actor.key, route="POST /api/v1/travel/calls", key=key, body=sent, work=work)[1]
    return cast(StopCallMade, answer)


@router.post("/travel/calls/{code}/withdrawal", tags=["travel"], responses=refusals(StopCallUnknown, StatusMoved))
def withdraw_call(code: Annotated[str, Path(description="The call's code.")], session: Write, actor: SignedIn) -> StopCallMade:
    """Take one's own call back, until the run has left the stop. Withdrawing again answers the same."""
    row = withdraw(session, actor, code)
    return {"id": row.code, "status": row.status}


@router.get("/departures/{code}/calls", tags=["departures"], responses=refusals(DepartureUnknown))
def list_waiting(code: Annotated[str, Path(description="The departure's code.")], session: Read, actor: Reader) -> WaitingCalls:
    """Who waits where for one departure: at each stop that was asked for the people and their calls, in the order it is driven.

    A driver reads it of his own lines.
    """
    run = find_run(session, actor.tenant_id, code)
    if run is None or not (actor.has(*Desk) or run.line.code in actor.scopes("driver")):
        raise DepartureUnknown("没有这个班次")
    by_stop: dict[int, list[StopCall]] = {}
    for call in queries.standing_calls(session, run.departure):
        by_stop.setdefault(call.position, []).append(call)
    stops = [(run.call(position), calls) for position, calls in by_stop.items()]
    items: list[Waiting] = [
        {
            "position": stop.position, "stop": {"code": stop.node, "name": stop.name}, "people": sum(c.people for c in calls),
            "leaves_at": clock.local(stop.leaves_at), "closes_at": clock.local(stop.closes_at),
            "calls": [{"id": c.code, "people": c.people, "called_at": clock.local(c.called_at)} for c in calls],
        }
        for stop, calls in stops
    ]  # fmt: skip
    return {"departure": code, "people": sum(stop["people"] for stop in items), "items": items, "next": None}


def _item(m: queries.Placed) -> StopCallItem:
    return {
        "id": m.call.code, "status": m.call.status, "departure": m.departure.code, "line": m.line.number,
        "stop": {"code": m.stop.code, "name": m.stop.name}, "people": m.call.people, "leaves_at": clock.local(m.leaves_at),
        "state": m.departure.status,
    }  # fmt: skip
