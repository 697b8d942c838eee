"""/ops/lines and /ops/weather – a line is opened and closed from day to day, weather is reported; both show what it does to departures.

A form that cannot be taken is drawn again with what was typed and what is wrong with it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from core import clock, db, i18n
from core.codes import new_token
from core.db import Read, Write
from core.errors import JishiError, NotFound, Refused
from core.idempotency import once
from core.moments import read_day, read_instant
from core.permissions import Actor, allow
from core.text import Told
from core.web import page
from core.web.nav import Entry, register
from fulfillment.network.models import Line, Trunk
from supply.counties.deps import CurrentCounty

from . import board, reports, seasons

router = APIRouter()
_ = i18n.gettext
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
register("ops", Entry(3, "/ops/lines", "开线停线", "bus"), Entry(4, "/ops/weather", "天气", "warn"))
Key = Annotated[str, Field(max_length=100)]
Typed = Annotated[str, Field(max_length=2_000)]
REASON: TypeAdapter[str] = TypeAdapter(Annotated[Told, Field(min_length=1, max_length=200)])
NOTE: TypeAdapter[str] = TypeAdapter(Annotated[Told, Field(max_length=200)])


class RulingForm(BaseModel):
    """`act` is open or close."""

    model_config = {"extra": "forbid"}

    form_key: Key = ""
    starts: Typed = ""
    ends: Typed = ""
    reason: Typed = ""
    act: Annotated[str, Field(pattern="^(open|close)$")]


class WeatherForm(BaseModel):
    """Times are the county's own."""

    model_config = {"extra": "forbid"}

    form_key: Key = ""
    area: Typed = ""
    wind: Typed = ""
    visibility_m: Typed = ""
    starts_at: Typed = ""
    ends_at: Typed = ""
    note: Typed = ""


class PlainForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""


@router.get("/ops/lines")
def lines(request: Request, session: Read, actor: Reader) -> Response:
    """Lines that do not run every day; any other is found by its name."""
    every = session.exec(select(Line).where(Line.tenant_id == actor.tenant_id).order_by(col(Line.position), col(Line.id))).all()
    return page(
        request, "fulfillment/ops/lines.html", block="lines", standing=seasons.standing_lines(session, actor.tenant_id), every=every,
        today=clock.today(),
    )  # fmt: skip


@router.get("/ops/lines/{code}")
def line(request: Request, code: str, session: Read, actor: Reader, starts: str = "", ends: str = "") -> Response:
    """One line: what people ruled, its next days' departures with what is planned on them, and the form."""
    values = {"starts": starts or clock.today().isoformat(), "ends": ends}
    return _line_page(request, session, actor, code, values, {})


@router.post("/ops/lines/{code}/rulings")
def rule(
    request: Request, code: str, form: Annotated[RulingForm, Form()], session: Write, county: CurrentCounty, actor: Dispatcher
) -> Response:  # fmt: skip
    errors: dict[str, str] = {}
    first, last = (_read(errors, name, read_day, getattr(form, name)) for name in ("starts", "ends"))
    reason = _read(errors, "reason", REASON.validate_python, form.reason, _("写明为什么，200 字以内"))
    if not errors:

        def work() -> tuple[int, dict[str, Any]]:
            seasons.rule_line(session, county, code, first, last, runs=form.act == "open", reason=reason, by=actor.user_code)
            return 201, {"line": code}

        try:
            _once(session, actor, f"POST /ops/lines/{code}/rulings", form, work)
        except NotFound:
            raise
        except JishiError as wrong:
            errors[str(wrong.more.get("field", "ends"))] = wrong.detail
    if errors:
        session.rollback()
        with db.reading() as reading:
            return _line_page(request, reading, actor, code, form.model_dump(), errors)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/lines/{code}")


def _line_page(
    request: Request, session: Session, actor: Actor, code: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:  # fmt: skip
    here = seasons.find_line(session, actor.tenant_id, code)
    standing = next((s for s in seasons.standing_lines(session, actor.tenant_id) if s.line.id == here.id), None)
    today = clock.today()
    faults: dict[str, str] = {}
    first, last = (_read(faults, name, read_day, values.get(name) or today.isoformat()) for name in ("starts", "ends"))
    if faults or last < first:
        first, last = today, today + timedelta(days=7)
    ahead = seasons.touched(session, here, max(first, today), max(last, today + timedelta(days=7)))
    return page(
        request, "fulfillment/ops/line.html", block="line", status=422 if errors else 200, line=here, standing=standing, ahead=ahead,
        windows=seasons.windows_in_words(here),
        values=values, errors=errors, form_key=new_token(), today=today,
    )  # fmt: skip


@router.get("/ops/weather")
def weather(request: Request, session: Read, actor: Reader) -> Response:
    return _weather_page(request, session, actor, {"starts_at": clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M")}, {})


@router.post("/ops/weather")
def create_report(request: Request, form: Annotated[WeatherForm, Form()], session: Write, actor: Dispatcher) -> Response:
    """The harbour's word is kept; what it stops is shown, and cancelled by people."""
    errors: dict[str, str] = {}
    starts, ends = (_read(errors, name, read_instant, getattr(form, name)) for name in ("starts_at", "ends_at"))
    wind = _read(errors, "wind", _whole, form.wind, _("风力是 0 到 17 级"))
    sight = _read(errors, "visibility_m", _whole, form.visibility_m, _("能见度是 0 到 50000 米"))
    note = _read(errors, "note", NOTE.validate_python, form.note, _("200 字以内"))
    if not errors:

        def work() -> tuple[int, dict[str, Any]]:
            report = reports.report_weather(
                session, actor.tenant_id, area=form.area, wind=wind, visibility_m=sight, starts_at=starts, ends_at=ends, note=note,
                by=actor.user_code,
            )  # fmt: skip
            return 201, {"id": report.code}

        try:
            _once(session, actor, "POST /ops/weather", form, work)
        except Refused as wrong:
            if "field" not in wrong.more:
                raise
            errors[str(wrong.more["field"])] = wrong.detail
    if errors:
        session.rollback()
        with db.reading() as reading:
            return _weather_page(request, reading, actor, form.model_dump(), errors)
    return page(request, "fulfillment/ops/asked.html", back="/ops/weather")


@router.post("/ops/weather/{code}/withdrawal")
def withdraw(request: Request, code: str, form: Annotated[PlainForm, Form()], session: Write, actor: Dispatcher) -> Response:
    reports.withdraw_report(session, actor.tenant_id, code, by=actor.user_code)
    return page(request, "fulfillment/ops/asked.html", back="/ops/weather")


class Suspension(NamedTuple):
    """A line whose runs are over a threshold, and the question that previews its suspension while a report holds."""

    name: str
    asked: str


def _suspensions(outlook: reports.Outlook, runs: Mapping[str, board.Run]) -> list[Suspension]:
    lines = {runs[t.code].line.code: runs[t.code].line.name for t in outlook.sailings if t.danger == "over" and t.code in runs}
    begins, ends = (f"{clock.local(at):%Y-%m-%dT%H:%M}" for at in (outlook.report.starts_at, outlook.report.ends_at))
    return [
        Suspension(name, urlencode({"kind": "line", "subject": code, "begins": begins, "ends": ends}))
        for code, name in sorted(lines.items())
    ]


def _weather_page(request: Request, session: Session, actor: Actor, values: dict[str, Any], errors: dict[str, str]) -> Response:
    standing = reports.outlook(session, actor.tenant_id)
    wanted = [threat.code for each in standing for threat in each.sailings]
    runs = {run.departure.code: run for run in board.runs_named(session, actor.tenant_id, wanted)} if wanted else {}
    lanes = dict(session.exec(select(Trunk.code, Trunk.name).where(Trunk.tenant_id == actor.tenant_id)).all())
    return page(
        request, "fulfillment/ops/weather.html", block="weather", status=422 if errors else 200, standing=standing, runs=runs, lanes=lanes,
        areas=[(area, area) for area in reports.areas(session, actor.tenant_id)], values=values, errors=errors, form_key=new_token(),
        minds=reports.minds_weather(session, actor.tenant_id),
        suspensions={each.report.code: _suspensions(each, runs) for each in standing},
    )  # fmt: skip


def _once(session: Session, actor: Actor, route: str, form: BaseModel, work: Any) -> None:
    key = getattr(form, "form_key", "") or None
    once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key, body=form.model_dump_json().encode(), work=work)


def _whole(text: str) -> int | None:
    """A number of at most six digits, or nothing."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValueError(text)
    return int(text)


def _read(errors: dict[str, str], name: str, parse: Any, typed: str, words: str = "") -> Any:
    """What was typed as it is meant; otherwise what is wrong with it is noted under its field."""
    try:
        return parse(typed)
    except (ValidationError, ValueError) as wrong:
        errors[name] = words or _(str(wrong))
        return None
