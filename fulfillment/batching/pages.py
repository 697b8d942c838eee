"""/ops – the dispatcher's board: departures by line and hour, the plan, what waits for somebody; every act shows its effect first."""

from datetime import date, timedelta
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import clock, i18n
from core.auth.pages import homes
from core.codes import new_token
from core.db import Read, Write
from core.idempotency import once
from core.moments import Day, read_day
from core.permissions import Actor, allow
from core.text import Told
from core.web import page
from core.web.nav import Entry, register
from core.web.templates import localised
from fulfillment.disruptions.service import close_disruption, open_ones
from fulfillment.manifests.service import issue, valid
from fulfillment.network.models import Line
from fulfillment.timetable.board import Run, find_run, goods_runs, next_goods_run
from fulfillment.timetable.service import DepartureUnknown
from supply.counties.deps import CurrentCounty

from . import disrupt, queries
from .service import ask_plan

router = APIRouter()
_ = i18n.gettext
Dispatcher = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
homes.update(dispatcher="/ops")
register("ops", Entry(0, "/ops", "发车板", "bus"), Entry(1, "/hub", "分拣", "scan"), Entry(2, "/travel", "班次", "clock"))
HOURS_SHOWN = 6
Key = Annotated[str, Field(max_length=100)]


class PlanForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    date: Day
    wave: Annotated[str, Field(max_length=4)] = ""


class CancelForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    reason: Annotated[Told, Field(min_length=1, max_length=200)]


class CloseForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    outcome: Annotated[Told, Field(min_length=1, max_length=200)]


class Slip(NamedTuple):
    """A departure on the board."""

    href: str
    leaves_at: object
    state: str
    state_text: str
    weight: int | None
    boxes: int | None
    cold: int | None
    note: str


class Row(NamedTuple):
    line: Line
    hours: list[list[Slip]]


def slip_of(run: Run) -> Slip:
    row, words = (
        run.departure,
        {"scheduled": _("未开"), "open": _("开放"), "closed": _("装车"), "departed": _("在途"), "arrived": _("到了")},
    )
    state = {"scheduled": "open", "open": "open", "closed": "load", "departed": "go", "arrived": "go"}.get(row.status, "stop")
    text = words.get(row.status, _("停班"))
    if row.status in ("scheduled", "open"):
        if run.fullness > 100:
            state, text = "over", _("超了")
        elif run.fullness >= 90:
            state, text = "full", _("满了")
    if row.delay_min and state != "stop":
        state, text = "late", _("晚 %(n)s 分") % {"n": row.delay_min}
    return Slip(localised(f"/ops/departures/{row.code}"), run.leaves_at, state, text, run.weight, run.boxes, run.cold, row.note)


@router.get("/ops")
def board(request: Request, session: Read, actor: Dispatcher, day: str = "", start: int | None = None, every: int = 0) -> Response:
    """The board from the next waves on, or of a `day` and an hour (`start`); `every=1` shows runs without goods too."""
    now = clock.now()
    shown, first, empty = _window(session, actor.tenant_id, _day(day), start, bool(every))
    begin = clock.on(shown, first * 60)
    runs = goods_runs(session, actor.tenant_id, begin, begin + timedelta(hours=HOURS_SHOWN), empty=empty)
    plans = queries.latest_plans(session, actor.tenant_id)
    return page(
        request, "fulfillment/ops/index.html", block="ops", day=shown, hours=list(range(first, first + HOURS_SHOWN)),
        every=empty, rows=_rows(runs, first), plan=plans[0] if plans else None, before=plans[1] if len(plans) > 1 else None,
        left=queries.left_over(session, plans[0])[:30] if plans else [], trouble=open_ones(session, actor.tenant_id, limit=20),
        counts=queries.waiting_counts(session, actor.tenant_id), now=now, form_key=new_token(), nothing_placed=empty and not every,
        yesterday=shown - timedelta(days=1), tomorrow=shown + timedelta(days=1),
        this_hour=clock.local(now).hour if shown == clock.today() else None,
    )  # fmt: skip


def _window(session: Session, tenant_id: int, day: date | None, start: int | None, every: bool) -> tuple[date, int, bool]:
    """Day and first hour of the board, and whether it shows empty runs.

    Asked for nothing, it shows this hour; late in the evening and before the first bus it goes on to the next waves, to those
    with goods if there are any.
    """
    now = clock.now()
    today = clock.today()
    if start is not None or (day is not None and day < today):
        return day or today, _hour(5 if start is None else start), every
    after = now if day is None or day == today else clock.midnight(day)
    until = clock.midnight(clock.business_date(after) + timedelta(days=1 if day else 2))
    coming = next_goods_run(session, tenant_id, after, until, empty=every)
    if coming is None and day is None:
        every, coming = True, next_goods_run(session, tenant_id, after, until, empty=True)
    if coming is None:
        return day or today, _hour(clock.local(now).hour if day in (None, today) else 5), every
    leaves = clock.local(coming)
    soon = leaves.date() == today and leaves.hour <= clock.local(now).hour + 1
    return leaves.date(), _hour(clock.local(now).hour if soon else leaves.hour), every


def _hour(hour: int) -> int:
    return max(0, min(24 - HOURS_SHOWN, hour))


def _day(text: str) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None


def _rows(runs: list[Run], first: int) -> list[Row]:
    rows: dict[int, Row] = {}
    for run in runs:
        row = rows.setdefault(run.line.id or 0, Row(run.line, [[] for _ in range(HOURS_SHOWN)]))
        row.hours[clock.local(run.leaves_at).hour - first].append(slip_of(run))
    return sorted(rows.values(), key=lambda r: (r.line.position, r.line.id))


@router.post("/ops/plans")
def run_plan(request: Request, form: Annotated[PlanForm, Form()], session: Write, county: CurrentCounty, actor: Dispatcher) -> Response:
    """Ask for a plan; the board shows it when it is solved."""

    def work() -> tuple[int, dict[str, str]]:
        return 202, {"id": ask_plan(session, county, form.date, wave=form.wave, by=actor.user_code).code}

    once(
        session, tenant_id=county.id, actor=actor.key, route="POST /ops/plans", key=form.form_key or None,
        body=form.model_dump_json().encode(), work=work,
    )  # fmt: skip
    return page(request, "fulfillment/ops/asked.html", back=f"/ops?day={form.date.isoformat()}")


@router.get("/ops/departures/{code}")
def departure(request: Request, code: str, session: Read, actor: Dispatcher) -> Response:
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    return page(
        request, "fulfillment/ops/departure.html", block="departure", run=run, slip=slip_of(run), manifests=valid(session, run.departure),
        effect=None, form_key=new_token(), wrong="",
    )  # fmt: skip


@router.get("/ops/departures/{code}/cancellation")
def preview(request: Request, code: str, session: Read, county: CurrentCounty, actor: Dispatcher) -> Response:
    """What cancelling would do, before anybody does it."""
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    return page(
        request, "fulfillment/ops/departure.html", block="departure", run=run, slip=slip_of(run), manifests=[],
        effect=disrupt.preview(county, code), form_key=new_token(), wrong="",
    )  # fmt: skip


@router.post("/ops/departures/{code}/cancellation")
def cancel(request: Request, code: str, form: Annotated[CancelForm, Form()], county: CurrentCounty, actor: Dispatcher) -> Response:
    disrupt.cancel_and_replan(county, code, reason=form.reason, actor=actor, key=form.form_key or None)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/departures/{code}")


@router.post("/ops/departures/{code}/manifests")
def make_manifests(request: Request, code: str, session: Write, actor: Dispatcher) -> Response:
    """Freeze what is aboard now; an unchanged load keeps its manifest."""
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    issue(session, run.departure)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/departures/{code}/manifest")


@router.get("/ops/departures/{code}/manifest")
def manifest(request: Request, code: str, session: Read, actor: Dispatcher) -> Response:
    """The sheets to print and sign, one per boarding stop."""
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    return page(request, "fulfillment/manifests/show.html", run=run, manifests=valid(session, run.departure))


@router.post("/ops/disruptions/{code}/closing")
def close(request: Request, code: str, form: Annotated[CloseForm, Form()], session: Write, actor: Dispatcher) -> Response:
    close_disruption(session, actor.tenant_id, code, by=actor.user_code, outcome=form.outcome)
    return page(request, "fulfillment/ops/asked.html", back="/ops")
