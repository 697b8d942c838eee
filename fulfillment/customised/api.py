"""/api/v1/travel/requests – customised trips for programs: ask, see one's own, withdraw. Signing in by a one-time code is enough."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from core import clock, i18n, limits
from core.db import Read, Write
from core.errors import Refused, TooMany
from core.idempotency import KeyHeader, once
from core.moments import Day, read_clock
from core.permissions import SignedIn
from core.status import StatusMoved
from core.text import Told
from core.web.refusals import refusals
from fulfillment.timetable.stops import known_stops
from fulfillment.timetable.travel import PlaceUnclear, StopUnknown, one_place
from supply.counties.deps import CurrentCounty

from . import queries
from .api_shapes import TripRequestItem, TripRequestMade, TripRequests
from .models import MOST_SEATS, NOTE_LONGEST, Purpose
from .pages import OFTEN
from .roads import ride_map
from .service import AskedAlready, RequestUnknown, TooManyOpen, Wanted, ask_trip, note_of, withdraw

router = APIRouter(prefix="/api/v1/travel/requests", tags=["travel"])
_ = i18n.gettext
Hour = Annotated[str, Field(pattern=r"^\d{2}:\d{2}$", examples=["13:30"], description="A clock time of the day, HH:MM.")]
Place = Annotated[str, Field(min_length=1, max_length=80, description="A stop's code, or a name of one place.")]


class NewTripRequest(BaseModel):
    """A way on a day, within two weeks, leaving between two times of that day."""

    model_config = {"extra": "forbid", "strict": True}
    start: Place
    goal: Place
    date: Day
    earliest: Hour
    latest: Hour
    seats: Annotated[int, Field(ge=1, le=MOST_SEATS, description="How many people.")]
    purpose: Annotated[Purpose, Field(strict=False, description="What it is for.")] = Purpose.OTHER
    note: Annotated[Told, Field(max_length=NOTE_LONGEST, description="Read by the dispatcher alone.")] = ""


@router.get("")
def list_requests(session: Read, actor: SignedIn) -> TripRequests:
    """The caller's own requests."""
    return {"items": [_item(m) for m in queries.mine(session, actor)], "next": None}


@router.post(
    "", status_code=201, responses=refusals(StopUnknown, PlaceUnclear, Refused, TooManyOpen, AskedAlready, TooMany)
)  # fmt: skip
def create_request(body: NewTripRequest, session: Write, county: CurrentCounty, actor: SignedIn, key: KeyHeader = None) -> TripRequestMade:
    """Ask for a trip; those of the same way and hours are gathered, and a dispatcher confirms or declines."""
    limits.hit("trip_request", actor.user_code, OFTEN)
    stops = known_stops(session, county.id)
    start = one_place(stops, body.start, county.name, field="start")[0]
    goal = one_place(stops, body.goal, county.name, field="goal")[0]
    if start.id == goal.id:
        raise Refused(_("起点和终点是同一个地方"), field="goal")
    if ride_map(session, county.id).road(start.id, goal.id) is None:
        raise Refused(_("一趟车开不到那里；要换船的，请一段一段地要"), field="goal")
    wanted = Wanted(
        start.id, goal.id, body.date, _minute(body.earliest, "earliest"), _minute(body.latest, "latest"), body.seats,
        body.purpose, body.note,
    )  # fmt: skip

    def work() -> tuple[int, dict[str, Any]]:
        row = ask_trip(session, actor, wanted)
        return 201, {"id": row.code, "status": row.status}

    sent = body.model_dump_json().encode()
    _status, answer = once(
        session, tenant_id=county.id, actor=actor.key, route="POST /api/v1/travel/requests", key=key, body=sent, work=work
    )
    return cast(TripRequestMade, answer)


@router.post("/{code}/withdrawal", responses=refusals(RequestUnknown, StatusMoved))
def create_withdrawal(code: Annotated[str, Path(description="The request's code.")], session: Write, actor: SignedIn) -> TripRequestMade:
    """Take one's own request back, until its run has left. Withdrawing again answers the same."""
    row = withdraw(session, actor, code)
    return {"id": row.code, "status": row.status}


def _minute(text: str, field: str) -> int:
    minute = read_clock(text)
    if minute is None:
        raise Refused(_("没有这个钟点"), field=field)
    return minute


def _item(m: queries.Mine) -> TripRequestItem:
    r = m.request
    return {
        "id": r.code, "start": {"code": m.start.code, "name": m.start.name}, "goal": {"code": m.goal.code, "name": m.goal.name},
        "date": r.service_date, "earliest": _hour(r.earliest_min), "latest": _hour(r.latest_min), "seats": r.seats, "purpose": r.purpose,
        "note": note_of(r), "status": r.status, "reason": r.reason, "people": m.people, "gathered_seats": m.seats,
        "run": {
            "departure": m.run.departure.code, "boards_at": clock.local(m.boards_at), "plate": m.run.plate,
            "price_fen": m.run.run.price_fen, "state": m.run.departure.status,
        } if m.run and m.boards_at else None,
    }  # fmt: skip


def _hour(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
