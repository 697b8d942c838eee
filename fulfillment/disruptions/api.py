"""/api/v1: departures late, full or running after all; lines suspended; stations closed. Each can be seen before it is done."""

from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from core import clock, db
from core.db import Read, Write
from core.idempotency import KeyHeader, once
from core.moments import Instant
from core.permissions import Actor, allow
from core.status import StatusMoved
from core.text import Told
from core.web.refusals import refusals
from fulfillment.batching.service import RoadsMoved
from fulfillment.timetable.running import HasLeft, NotRunning
from fulfillment.timetable.service import DepartureUnknown
from supply.counties.deps import CurrentCounty

from .api_shapes import (
    ClosingDetail,
    Closures,
    DepartureFigures,
    EffectDetail,
    LineFigures,
    Refusals,
    Restored,
    StationFigures,
    closure_as_json,
    effect_as_json,
    neighbour_as_json,
    refusal_as_json,
)
from .closing import CloseStation, StationUnknown
from .closures import AlreadyClosed, ClosureUnknown, Span, current
from .deed import apply, preview
from .kinds import CancelDeparture, DelayDeparture, LineUnknown, RefuseBoxes, SuspendLine
from .lifting import AlreadyLifted, lift, run_after_all
from .neighbours import neighbours
from .refusals import RefusalUnknown, TakeAfterAll, find_refusal, may_see, refusals_of

router = APIRouter(prefix="/api/v1", tags=["disruptions"])
Desk = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Driving = Annotated[Actor, Depends(allow("driver", "dispatcher", "admin"))]  # a driver on their own lines
DepartureCode = Annotated[str, Path(description="The departure's code.")]
LineCode = Annotated[str, Path(description="The line's code.")]
StationCode = Annotated[str, Path(description="The station's code.")]
ClosureCode = Annotated[str, Path(description="The code it was given when it was made.")]
RefusalCode = Annotated[str, Path(description="The code it was given when the box was not taken.")]
From = Annotated[Instant | None, Query(alias="from", description="When it begins; now without it.")]
Until = Annotated[Instant | None, Query(description="When it ends; without it until it is lifted.")]
Why = Annotated[Told, Field(min_length=1, max_length=200, description="Why; dispatchers and station masters read it.")]
Minutes = Annotated[int, Field(ge=0, le=600, description="Minutes late in all, 0 when it runs to time again.")]


class Delay(BaseModel):
    """The later runs of its vehicle are late as far as the layovers do not absorb it."""

    model_config = {"extra": "forbid", "strict": True}

    minutes: Minutes
    reason: Why


class Refusal(BaseModel):
    """Without `parcels` nothing more is taken from that stop on."""

    model_config = {"extra": "forbid", "strict": True}

    stop: Annotated[int, Field(ge=0, le=999, description="The stop's position on the trip.")] = 0
    parcels: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=200, description="The parcels' codes.")] = []
    reason: Why


class Suspension(BaseModel):
    """No departure of the line leaves in this time."""

    model_config = {"extra": "forbid", "strict": True}

    begins_at: Annotated[Instant | None, Field(description="When it begins; now without it.")] = None
    ends_at: Annotated[Instant | None, Field(description="When it ends; without it until it is lifted.")] = None
    reason: Why


class StationClosing(Suspension):
    """Nothing is handed over there in this time."""

    instead: Annotated[
        str,
        Field(
            max_length=80,
            description="The station, by its code, that takes and gives in its place; empty to keep goods where they are.",
        ),
    ] = ""


def span(begins_at: datetime | None, ends_at: datetime | None) -> Span:
    return Span(begins_at or clock.now(), ends_at)


@router.get("/departures/{code}/cancellation/preview", responses=refusals(DepartureUnknown))
def preview_cancellation(code: DepartureCode, county: CurrentCounty, actor: Desk) -> EffectDetail:
    """What striking a departure out would do to its parcels."""
    return effect_as_json(preview(county, CancelDeparture(code)))


@router.delete("/departures/{code}/cancellation", responses=refusals(DepartureUnknown, HasLeft, StatusMoved))
def reinstate_departure(code: DepartureCode, session: Write, county: CurrentCounty, actor: Desk) -> Restored:
    """A departure cancelled by mistake runs after all, while its time has not come."""
    return cast(Restored, run_after_all(session, county, code, by=actor.user_code)._asdict())


@router.get("/departures/{code}/delay/preview", responses=refusals(DepartureUnknown, NotRunning))
def preview_delay(
    code: DepartureCode, county: CurrentCounty, actor: Desk,
    minutes: Annotated[int, Query(ge=0, le=600, description="Minutes late in all.")] = 10,
) -> EffectDetail:  # fmt: skip
    """What a delay would do, along the departure's vehicle."""
    return effect_as_json(preview(county, DelayDeparture(code, minutes)))


@router.post("/departures/{code}/delay", responses=refusals(DepartureUnknown, NotRunning, RoadsMoved))
def delay_departure(code: DepartureCode, body: Delay, county: CurrentCounty, actor: Desk, key: KeyHeader = None) -> DepartureFigures:
    """A departure is late: its vehicle's later runs follow, and who misses a connection or a trunk gets another road."""
    done = apply(county, DelayDeparture(code, body.minutes, body.reason), actor=actor, route=f"POST /departures/{code}/delay", key=key)
    return cast(DepartureFigures, done)


@router.post("/departures/{code}/refusals", responses=refusals(DepartureUnknown, NotRunning, RoadsMoved))
def refuse_boxes(code: DepartureCode, body: Refusal, county: CurrentCounty, actor: Desk, key: KeyHeader = None) -> DepartureFigures:
    """The driver takes nothing more from a stop on, or not these parcels: what is aboard stays, the others get another road."""
    incident = RefuseBoxes(code, body.stop, tuple(sorted(set(body.parcels))), body.reason)
    return cast(DepartureFigures, apply(county, incident, actor=actor, route=f"POST /departures/{code}/refusals", key=key))


@router.get("/departures/{code}/refusals", responses=refusals(DepartureUnknown))
def list_refusals(code: DepartureCode, session: Read, actor: Driving) -> Refusals:
    """The boxes this departure does not take, the first refused first."""
    may_see(session, actor, code)
    return {"items": [refusal_as_json(refusal) for refusal in refusals_of(session, actor.tenant_id, code)], "next": None}


@router.get("/refusals/{code}/withdrawal/preview", responses=refusals(RefusalUnknown, AlreadyLifted, NotRunning))
def preview_taking(code: RefusalCode, county: CurrentCounty, actor: Driving) -> EffectDetail:
    """Which road a box that was not taken would have if it were taken after all."""
    with db.reading() as session:
        refusal = find_refusal(session, actor, code)
    return effect_as_json(preview(county, TakeAfterAll(refusal.departure, refusal.parcel)))


@router.post("/refusals/{code}/withdrawal", responses=refusals(RefusalUnknown, AlreadyLifted, NotRunning, RoadsMoved))
def take_after_all(code: RefusalCode, county: CurrentCounty, actor: Driving, key: KeyHeader = None) -> DepartureFigures:
    """The driver takes a box after all: it rides that departure again if there is room, else it keeps the road it has."""
    with db.reading() as session:
        refusal = find_refusal(session, actor, code)
    incident = TakeAfterAll(refusal.departure, refusal.parcel)
    return cast(DepartureFigures, apply(county, incident, actor=actor, route=f"POST /refusals/{code}/withdrawal", key=key))


@router.get("/lines/{code}/suspensions/preview", responses=refusals(LineUnknown))
def preview_suspension(code: LineCode, county: CurrentCounty, actor: Desk, begins: From = None, until: Until = None) -> EffectDetail:
    """What suspending a line would do."""
    return effect_as_json(preview(county, SuspendLine(code, span(begins, until))))


@router.post("/lines/{code}/suspensions", responses=refusals(LineUnknown, AlreadyClosed, StatusMoved, RoadsMoved))
def suspend_line(code: LineCode, body: Suspension, county: CurrentCounty, actor: Desk, key: KeyHeader = None) -> LineFigures:
    """No departure of the line leaves in this time; days that are opened later keep to it."""
    incident = SuspendLine(code, span(body.begins_at, body.ends_at), body.reason)
    route = f"POST /lines/{code}/suspensions"
    return cast(LineFigures, apply(county, incident, actor=actor, route=route, key=key, sent=body.model_dump_json()))


@router.get("/stations/{code}/closures/preview", responses=refusals(StationUnknown))
def preview_closing(
    code: StationCode, county: CurrentCounty, actor: Desk, begins: From = None, until: Until = None,
    instead: Annotated[str, Query(max_length=80, description="The station that takes and gives in its place.")] = "",
) -> ClosingDetail:  # fmt: skip
    """What closing a station would do, and which stations could stand in for it."""
    closed = span(begins, until)
    effect = effect_as_json(preview(county, CloseStation(code, closed, instead=instead)))
    with db.reading() as session:
        near = neighbours(session, county, code, closed)
    return {**effect, "neighbours": [neighbour_as_json(n) for n in near]}


@router.post("/stations/{code}/closures", responses=refusals(StationUnknown, AlreadyClosed, RoadsMoved))
def close_station(code: StationCode, body: StationClosing, county: CurrentCounty, actor: Desk, key: KeyHeader = None) -> StationFigures:
    """Nothing is handed over at the station in this time, and nothing is promised through it.

    With `instead` what lies there is carried to that station and boards there, and what ends there is collected there: receivers are
    told where. Without it parcels wait or go round it.
    """
    incident = CloseStation(code, span(body.begins_at, body.ends_at), body.reason, body.instead)
    route = f"POST /stations/{code}/closures"
    return cast(StationFigures, apply(county, incident, actor=actor, route=route, key=key, sent=body.model_dump_json()))


@router.get("/closures")
def list_closures(session: Read, actor: Desk) -> Closures:
    """Lines and stations out of service and departures that take nothing more, now or soon."""
    return {"items": [closure_as_json(closure) for closure in current(session, actor.tenant_id)], "next": None}


@router.delete("/closures/{code}", responses=refusals(ClosureUnknown, AlreadyLifted, NotRunning, RoadsMoved))
def lift_closure(code: ClosureCode, session: Write, county: CurrentCounty, actor: Desk, key: KeyHeader = None) -> Restored:
    """The line runs, the station opens or the departure takes goods from now on.

    Departures of a line whose time has not come run again; what a neighbour took in a station's place comes back while it is not under way.
    """

    def work() -> tuple[int, dict[str, Any]]:
        return 200, lift(session, county, code, by=actor.user_code)._asdict()

    done = once(session, tenant_id=county.id, actor=actor.key, route=f"DELETE /closures/{code}", key=key, body=b"", work=work)[1]
    return cast(Restored, done)
