"""/api/v1/travel/calls – a run is asked to stop at a request stop, for programs."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from core import clock, limits
from core.db import Read, Write
from core.errors import Refused, TooMany
from core.idempotency import KeyHeader, once
from core.permissions import SignedIn
from core.status import StatusMoved
from core.web.refusals import refusals
from supply.counties.deps import CurrentCounty

from . import queries
from .api_shapes import StopCallItem, StopCallMade, StopCalls
from .models import MOST_PEOPLE
from .pages import OFTEN
from .service import StopCallUnknown, StopClosed, TooManyCalls, call_stop, withdraw

router = APIRouter(prefix="/api/v1/travel/calls", tags=["travel"])


class NewStopCall(BaseModel):
    """A run and the request stop where somebody will stand."""

    model_config = {"extra": "forbid", "strict": True}
    departure: Annotated[str, Field(min_length=1, max_length=80, description="The departure's code.")]
    stop: Annotated[str, Field(min_length=1, max_length=80, description="The stop's code.")]
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE, description="How many will stand there.")] = 1


@router.get("")
def list_calls(session: Read, actor: SignedIn) -> StopCalls:
    """The caller's own calls."""
    return {"items": [_item(m) for m in queries.mine(session, actor)], "next": None}


@router.post("", status_code=201, responses=refusals(Refused, StopClosed, TooManyCalls, TooMany))
def create_call(body: NewStopCall, session: Write, county: CurrentCounty, actor: SignedIn, key: KeyHeader = None) -> StopCallMade:
    """Ask a run to stop where it passes through unless somebody waits; asking again for the same is the same call."""
    limits.hit("stop_call", actor.user_code, OFTEN)

    def work() -> tuple[int, dict[str, Any]]:
        row = call_stop(session, actor, body.departure, body.stop, body.people)
        return 201, {"id": row.code, "status": row.status}

    sent = body.model_dump_json().encode()
    answer = once(session, tenant_id=county.id, actor=actor.key, route="POST /api/v1/travel/calls", key=key, body=sent, work=work)[1]
    return cast(StopCallMade, answer)


@router.post("/{code}/withdrawal", responses=refusals(StopCallUnknown, StatusMoved))
def withdraw_call(code: Annotated[str, Path(description="The call's code.")], session: Write, actor: SignedIn) -> StopCallMade:
    """Take one's own call back, until the run has left the stop. Withdrawing again answers the same."""
    row = withdraw(session, actor, code)
    return {"id": row.code, "status": row.status}


def _item(m: queries.Mine) -> StopCallItem:
    return {
        "id": m.call.code, "status": m.call.status, "departure": m.departure.code, "line": m.line.number,
        "stop": {"code": m.stop.code, "name": m.stop.name}, "people": m.call.people, "leaves_at": clock.local(m.leaves_at),
        "state": m.departure.status,
    }  # fmt: skip
