"""/travel – the timetable for people: next runs of a stop, a line's day, how to get from one place to another.

Goods ride the same runs. Never kept by the layer of shared pages: what was just struck out shows as struck out.
"""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import clock, i18n
from core.db import Read
from core.moments import read_clock, read_day
from core.permissions import Anybody
from core.web import page
from supply.counties.deps import CurrentCounty
from supply.counties.models import County

from . import travel, wall
from .asking import not_asked
from .kept import stops_of
from .passengers import LineFace, rides
from .stops import LONGEST, TERMINI, Stop, by_code, nearby

router = APIRouter()
_ = i18n.gettext
LISTED = 60  # stops at most, of those a name finds
Typed = Annotated[str, Query(max_length=2_000)]
DAYS_OFFERED = 4  # beside today and tomorrow any other day can be typed


@router.get("/travel")
def travel_page(
    request: Request, session: Read, county: CurrentCounty, actor: Anybody, stop: Typed = "", q: Typed = "", line: Typed = "",
    start: Typed = "", to: Typed = "", on: Typed = "", at: Typed = "",
) -> Response:  # fmt: skip
    """A stop (`stop`, or `q` by name), a line, or the ways from `start` to `to`; without any of them, where one can find all three.

    `on` is a day and `at` a clock time; what cannot be read is as if it were not there.
    """
    day = travel.fit_day(_day(on))
    if line:
        face = travel.announced_line(session, county.id, line)
        if face is not None:
            return _line(request, session, county, face, day or clock.today())
    stops = stops_of(session, county.id)
    if start.strip() or to.strip():
        return _ways(request, session, county, stops, start.strip()[:LONGEST], to.strip()[:LONGEST], day, at)
    wanted = q.strip()[:LONGEST]
    found = travel.place_of(stops, wanted, county.name) if wanted else []
    here = by_code(stops, stop) or (found[0] if len(found) == 1 else None)
    if here is not None:
        return _stop(request, session, county, stops, here, day)
    offered = found if wanted else [s for s in stops if s.kind in TERMINI and s.is_called]
    return page(
        request, "fulfillment/travel/index.html", block="travel", q=wanted, stops=offered[:LISTED], names=_names(stops),
        values={"on": "", "at": ""}, today_iso=clock.today().isoformat(),
    )  # fmt: skip


@router.get("/travel/stops/{code}/sheet")
def sheet(request: Request, code: str, session: Read, county: CurrentCounty, actor: Anybody) -> Response:
    """A stop's whole timetable, to be printed for the wall."""
    here = by_code(stops_of(session, county.id), code)
    if here is None:
        raise travel.StopUnknown(_("没有这个站"))
    runs = wall.printed_runs(session, county.id, here.id)
    return page(request, "fulfillment/travel/sheet.html", halt=here, sheet=wall.sheet_of(runs, clock.today()))


def _stop(request: Request, session: Session, county: County, stops: list[Stop], here: Stop, day: date | None) -> Response:
    shown: dict[str, Any] = {"passing": [], "on_call": [], "planned": [], "day": day}
    now = clock.now()
    if day is None:
        shown["passing"], shown["on_call"] = travel.coming(session, county.id, here)
    elif travel.is_opened(day):
        shown["passing"], shown["on_call"] = travel.whole_day(session, county.id, here, day)
    else:
        shown["planned"] = [(run, run.leaves_at(day)) for run in travel.planned(session, county.id, here, day)]
    ahead = [p for p in (*shown["passing"], *shown["on_call"]) if p.halt.leaves_at >= now and not p.ride.is_cancelled]
    return page(
        request, "fulfillment/travel/stop.html", block="travel", halt=here, near=nearby(stops, here), now=now, days=_days(),
        not_asked=not_asked(session, county.id, ahead),
        today=clock.today(), names=_names(stops), **shown,
    )  # fmt: skip


def _line(request: Request, session: Session, county: County, face: LineFace, day: date) -> Response:
    found = rides(session, county.id, day, day, line=face.code)
    return page(
        request, "fulfillment/travel/line.html", block="travel", face=face, day=day, roads=travel.roads_of(found), now=clock.now(),
        opened=travel.is_opened(day), days=_days(), today=clock.today(),
    )  # fmt: skip


def _ways(
    request: Request, session: Session, county: County, stops: list[Stop], start: str, to: str, day: date | None, at: str
) -> Response:  # fmt: skip
    ends = {"start": travel.place_of(stops, start, county.name), "to": travel.place_of(stops, to, county.name)}
    unclear = {name: found for name, found in ends.items() if len({s.plain for s in found}) > 1}
    absent = [name for name, found in ends.items() if not found]
    same = not absent and {s.code for s in ends["start"]} == {s.code for s in ends["to"]}
    since = _since(day, at)
    reached = travel.is_opened(clock.business_date(since))
    found, legs = None, []
    if not (unclear or absent or same) and reached:
        found = travel.ways_between(session, county.id, stops, ends["start"], ends["to"], since)
        legs = [(leg.ride, leg.board) for way in found.ways for leg in way.legs]
    return page(
        request, "fulfillment/travel/ways.html", block="travel", ends=ends, unclear=unclear, absent=absent, same=same, found=found,
        reached=reached, since=since, day=day, names=_names(stops), now=clock.now(), today=clock.today(),
        not_asked=not_asked(session, county.id, legs),
        values={"start": _said(ends["start"], start), "to": _said(ends["to"], to), "on": day.isoformat() if day else "",
                "at": at if read_clock(at) is not None else ""},
    )  # fmt: skip


def _said(found: list[Stop], typed: str) -> str:
    """A place as its field shows it: a code is shown by its name."""
    return found[0].name if len(found) == 1 else typed


def _since(day: date | None, at: str) -> datetime:
    """From when a way is wanted: now, or the day and time asked for; what is past is now."""
    minute = read_clock(at)
    if day is None and minute is None:
        return clock.now()
    return max(clock.now(), clock.on(day or clock.today(), minute or 0))


def _day(text: str) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None


def _days() -> list[date]:
    """Today and those after it that are one tap away."""
    return [clock.today() + timedelta(days=n) for n in range(DAYS_OFFERED)]


def _names(stops: list[Stop]) -> list[str]:
    return list(dict.fromkeys(s.name for s in stops if s.is_called))
