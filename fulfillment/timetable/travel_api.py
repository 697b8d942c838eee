"""/api/v1/travel – the timetable for programs that help people travel: stops, their next runs, ways from one to another."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query

from core import clock, i18n
from core.db import Read
from core.errors import Refused
from core.moments import Instant
from core.permissions import Anybody
from core.web.refusals import refusals
from supply.counties.deps import CurrentCounty

from . import travel
from .asking import not_asked
from .journeys import Journey
from .kept import stops_of
from .passengers import Halt, LineFace, Passing
from .stops import LONGEST, Stop, by_code, find_stops, nearby
from .travel_shapes import (
    JourneyEnd,
    JourneyItem,
    Journeys,
    NextRun,
    NextRuns,
    TravelLine,
    TravelStop,
    TravelStops,
)

router = APIRouter(prefix="/api/v1/travel", tags=["travel"])
_ = i18n.gettext
LISTED = 50
Place = Annotated[str, Query(min_length=1, max_length=80)]


@router.get("/stops")
def list_stops(
    session: Read, county: CurrentCounty, actor: Anybody,
    q: Annotated[str, Query(max_length=LONGEST, description="A stop, village or township by name; without it all that are served.")] = "",
) -> TravelStops:  # fmt: skip
    """Stops by name: those of that very name, else those that begin with it, contain it or lie in that township."""
    stops = stops_of(session, county.id)
    found = find_stops(stops, q, county.name)[:LISTED] if q.strip() else [s for s in stops if s.is_called]
    return {"items": [_stop(stops, s) for s in found], "next": None}


@router.get("/next", responses=refusals(travel.StopUnknown))
def list_next(
    session: Read, county: CurrentCounty, actor: Anybody, stop: Annotated[Place, Query(description="The stop's code.")]
) -> NextRuns:
    """The next runs that take people up at a stop, up to a dozen, as things stand this moment."""
    here = by_code(stops_of(session, county.id), stop)
    if here is None:
        raise travel.StopUnknown(_("没有这个站"), field="stop")
    found = travel.coming(session, county.id, here)
    refused = not_asked(session, county.id, (*found.announced, *found.on_call))
    items, on_call = ([_run(p, refused) for p in calls] for calls in found)
    return {"items": items, "on_call": on_call, "next": None}


@router.get("/journeys", responses=refusals(travel.StopUnknown, travel.PlaceUnclear, Refused))
def list_journeys(
    session: Read, county: CurrentCounty, actor: Anybody,
    start: Annotated[Place, Query(alias="from", description="Where from: a stop's code, or a name of one place.")],
    goal: Annotated[Place, Query(alias="to", description="Where to: a stop's code, or a name of one place.")],
    at: Annotated[Instant | None, Query(description="Not before; now without it. The days that are opened reach some days ahead.")] = None,
) -> Journeys:  # fmt: skip
    """Ways from one place to another with at most two changes, setting out within a day: none earlier, later and simpler is left out."""
    stops = stops_of(session, county.id)
    a = travel.one_place(stops, start, county.name, field="from")
    b = travel.one_place(stops, goal, county.name, field="to")
    since = max(clock.now(), at) if at else clock.now()
    if {s.code for s in a} == {s.code for s in b}:
        raise Refused(_("起点和终点是同一个地方"), field="to")
    if not travel.is_opened(clock.business_date(since)):
        raise Refused(_("这天还没排定，只查得到五天以内的"), field="at")
    return {"items": [_journey(way) for way in travel.ways_between(session, county.id, stops, a, b, since).ways], "next": None}


def _stop(stops: list[Stop], s: Stop) -> TravelStop:
    near = [] if s.is_called else nearby(stops, s)
    return {
        "code": s.code, "name": s.name, "kind": s.kind, "township": s.township, "lat": s.lat, "lon": s.lon, "served": s.is_called,
        "near": [{"code": n.stop.code, "name": n.stop.name, "minutes": n.minutes} for n in near],
    }  # fmt: skip


def _line(face: LineFace) -> TravelLine:
    return {"code": face.code, "number": face.number, "name": face.name, "kind": face.kind}


def _run(p: Passing, refused: Mapping[tuple[str, int], str]) -> NextRun:
    return {
        "departure": p.ride.code, "line": _line(p.ride.line), "towards": p.ride.towards, "leaves_at": clock.local(p.halt.leaves_at),
        "planned_at": clock.local(p.planned_at), "state": p.ride.status, "delay_min": p.ride.delay_min, "note": p.ride.note,
        "on_request": p.halt.on_request, "takes_calls": p.halt.on_request and (p.ride.code, p.halt.position) not in refused,
    }  # fmt: skip


def _journey(way: Journey) -> JourneyItem:
    return {
        "starts_at": clock.local(way.starts_at), "arrives_at": clock.local(way.arrives_at), "changes": way.changes,
        "walk_to_min": way.walk_to, "walk_from_min": way.walk_from,
        "legs": [
            {
                "departure": leg.ride.code, "line": _line(leg.ride.line), "board": _end(leg.board, boards=True),
                "alight": _end(leg.alight, boards=False), "delay_min": leg.ride.delay_min,
            }
            for leg in way.legs
        ],
    }  # fmt: skip


def _end(halt: Halt, *, boards: bool) -> JourneyEnd:
    return {"code": halt.node, "name": halt.name, "at": clock.local(halt.leaves_at if boards else halt.arrives_at)}
