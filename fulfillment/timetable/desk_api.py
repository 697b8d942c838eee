"""/api/v1/weather and /api/v1/lines/{code}/rulings – what /ops/weather and /ops/lines show and do, for programs."""

from datetime import timedelta
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core import clock
from core.db import Read, Write
from core.errors import Refused
from core.idempotency import KeyHeader, once
from core.moments import Day, Instant
from core.permissions import Actor, allow
from core.text import Told
from core.web.refusals import refusals
from supply.counties.deps import CurrentCounty

from . import reports, seasons
from .desk_shapes import LineRulings, RulingMade, ThreatItem, Weather, WeatherItem, WeatherMade
from .weather import Threat

router = APIRouter(prefix="/api/v1", tags=["departures"])
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
AHEAD = timedelta(days=7)
LineCode = Annotated[str, Path(description="The line's code.")]


class NewReport(BaseModel):
    """What the harbour said: wind, visibility or both, for at most a week."""

    model_config = {"extra": "forbid", "strict": True}
    area: Annotated[str, Field(max_length=80, description="As `GET /weather` names it; empty: the whole county.")] = ""
    wind: Annotated[int | None, Field(ge=0, le=reports.STRONGEST, description="Beaufort.")] = None
    visibility_m: Annotated[int | None, Field(ge=0, le=reports.FARTHEST, description="Metres.")] = None
    starts_at: Instant
    ends_at: Instant
    note: Annotated[Told, Field(max_length=200)] = ""


class NewRuling(BaseModel):
    """A line is opened or closed for some days, whatever its season says."""

    model_config = {"extra": "forbid", "strict": True}
    runs: Annotated[bool, Field(description="Open it; close it where false.")]
    starts: Day
    ends: Day
    reason: Annotated[Told, Field(min_length=1, max_length=200)]


@router.get("/weather")
def list_weather(session: Read, actor: Reader) -> Weather:
    """The reports that stand, with the departures and trunks they bring to their limits. Nothing is cancelled by a report."""
    found = [_report(each) for each in reports.outlook(session, actor.tenant_id)]
    return {"items": found, "next": None, "areas": reports.areas(session, actor.tenant_id)}


@router.post("/weather", status_code=201, responses=refusals(Refused))
def create_weather(body: NewReport, session: Write, actor: Dispatcher, key: KeyHeader = None) -> WeatherMade:
    """Keep what the harbour said; what it stops is cancelled by people."""

    def work() -> tuple[int, dict[str, Any]]:
        report = reports.report_weather(
            session, actor.tenant_id, area=body.area, wind=body.wind, visibility_m=body.visibility_m, starts_at=body.starts_at,
            ends_at=body.ends_at, note=body.note, by=actor.user_code,
        )  # fmt: skip
        return 201, {"id": report.code, "withdrawn": False}

    sent = body.model_dump_json().encode()
    answer = once(session, tenant_id=actor.tenant_id, actor=actor.key, route="POST /api/v1/weather", key=key, body=sent, work=work)[1]
    return cast(WeatherMade, answer)


@router.post("/weather/{code}/withdrawal", responses=refusals(reports.ReportUnknown))
def withdraw_weather(code: Annotated[str, Path(description="The report's code.")], session: Write, actor: Dispatcher) -> WeatherMade:
    """It no longer holds. Withdrawing again answers the same."""
    return {"id": reports.withdraw_report(session, actor.tenant_id, code, by=actor.user_code).code, "withdrawn": True}


@router.get("/lines/{code}/rulings", responses=refusals(seasons.LineUnknown))
def read_rulings(code: LineCode, session: Read, actor: Reader) -> LineRulings:
    """One line: its season, what people ruled from today on, and its next departures with what is planned on them."""
    line, today = seasons.find_line(session, actor.tenant_id, code), clock.today()
    standing = next((s for s in seasons.standing_lines(session, actor.tenant_id) if s.line.id == line.id), None)
    ahead = seasons.touched(session, line, today, today + AHEAD)
    return {
        "line": line.code, "name": line.name, "season": standing.words if standing else "",
        "runs_today": standing.today if standing else True, "runs_next": standing.following if standing else None,
        "rulings": [
            {"runs": r.runs, "starts": r.starts_on, "ends": r.ends_on, "reason": r.reason, "ruled_at": clock.local(r.ruled_at)}
            for r in (standing.rulings if standing else ())
        ],
        "ahead": [
            {
                "departure": t.departure.code, "date": t.departure.service_date, "starts_at": clock.local(t.departure.starts_at),
                "state": t.departure.status, "parcels": t.parcels,
            }
            for t in ahead
        ],
    }  # fmt: skip


@router.post("/lines/{code}/rulings", status_code=201, responses=refusals(seasons.LineUnknown, seasons.LineCarries, Refused))
def create_ruling(
    code: LineCode, body: NewRuling, session: Write, county: CurrentCounty, actor: Dispatcher, key: KeyHeader = None
) -> RulingMade:
    """Open or close a line from day to day; a later ruling lifts an earlier one. One that carries parcels is not closed."""

    def work() -> tuple[int, dict[str, Any]]:
        seasons.rule_line(session, county, code, body.starts, body.ends, runs=body.runs, reason=body.reason, by=actor.user_code)
        return 201, {"line": code, "runs": body.runs}

    sent, route = body.model_dump_json().encode(), f"POST /api/v1/lines/{code}/rulings"
    return cast(RulingMade, once(session, tenant_id=county.id, actor=actor.key, route=route, key=key, body=sent, work=work)[1])


def _report(each: reports.Outlook) -> WeatherItem:
    r = each.report
    return {
        "id": r.code, "area": r.area, "wind": r.wind, "visibility_m": r.visibility_m, "starts_at": clock.local(r.starts_at),
        "ends_at": clock.local(r.ends_at), "note": r.note, "reported_at": clock.local(r.reported_at),
        "departures": [_threat(t) for t in each.sailings], "trunks": [_threat(t) for t in each.trunks],
    }  # fmt: skip


def _threat(threat: Threat) -> ThreatItem:
    return {"code": threat.code, "date": threat.day, "danger": threat.danger}
