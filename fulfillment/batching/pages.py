"""/ops – the dispatcher's board: departures by line and hour, the plan, what waits for somebody; every act shows its effect first.

A form that cannot be taken is drawn again with what was typed and what is wrong with it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlmodel import Session

from core import db, i18n
from core.auth.pages import homes
from core.codes import new_token
from core.db import Read, Write
from core.errors import Refused
from core.idempotency import once
from core.moments import Day
from core.permissions import Actor, allow
from core.text import Told
from core.web import page
from core.web.nav import Entry, register
from fulfillment.disruptions.closures import standing_limit
from fulfillment.disruptions.deed import apply, preview
from fulfillment.disruptions.effect import Effect
from fulfillment.disruptions.kinds import CancelDeparture
from fulfillment.disruptions.models import Closure
from fulfillment.disruptions.refusals import Refusal, refusals_of
from fulfillment.disruptions.service import close_disruption
from fulfillment.hailing.queries import people_waiting
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import valid
from fulfillment.timetable.board import Run, find_run
from fulfillment.timetable.reports import danger_of
from fulfillment.timetable.running import may_run_again
from fulfillment.timetable.service import DepartureUnknown
from fulfillment.whatif.worth import worth_of_days
from supply.counties.deps import CurrentCounty

from . import ops_board
from .service import REASON_WORDS, ask_plan

router = APIRouter()
_ = i18n.gettext
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]  # an administrator reads, stops a run and closes what went wrong
homes.update(dispatcher="/ops")
register(
    "ops", Entry(0, "/ops", "发车板", "bus"), Entry(1, "/hub", "分拣", "scan", ("dispatcher",)), Entry(2, "/travel", "班次", "clock")
)  # fmt: skip
Key = Annotated[str, Field(max_length=100)]
Typed = Annotated[str, Field(max_length=2_000)]  # judged by the handler, which can draw the form again
REASON: TypeAdapter[str] = TypeAdapter(Annotated[Told, Field(min_length=1, max_length=200)])


class PlanForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    date: Day
    wave: Typed = ""


class CancelForm(BaseModel):
    """`run`: 1 drives an extra run in its place."""

    model_config = {"extra": "forbid"}

    form_key: Key = ""
    run: Typed = ""
    reason: Typed = ""


class CloseForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    outcome: Typed = ""


@router.get("/ops")
def board(request: Request, session: Read, actor: Reader, day: str = "", start: int | None = None, every: int = 0) -> Response:
    """The board from the next waves on, or of a `day` and an hour (`start`); `every=1` shows runs without goods too."""
    return ops_board.show(request, session, actor.tenant_id, day=day, start=start, every=bool(every))


@router.post("/ops/plans")
def run_plan(request: Request, form: Annotated[PlanForm, Form()], session: Write, county: CurrentCounty, actor: Dispatcher) -> Response:
    """Ask for a plan; the board shows it when it is solved. A wave may be typed as 1655 or 16:55."""
    wave = form.wave.strip().replace("：", "").replace(":", "")

    def work() -> tuple[int, dict[str, str]]:
        return 202, {"id": ask_plan(session, county, form.date, wave=wave, by=actor.user_code).code}

    try:
        once(
            session, tenant_id=county.id, actor=actor.key, route="POST /ops/plans", key=form.form_key or None,
            body=form.model_dump_json().encode(), work=work,
        )  # fmt: skip
    except Refused as refused:
        if refused.more.get("field") != "wave":
            raise
        wrong = ops_board.Wrong({"wave": form.wave}, {"wave": refused.detail})
        return _board_again(request, session, actor, wrong, day=form.date.isoformat())
    return page(request, "fulfillment/ops/asked.html", back=f"/ops?day={form.date.isoformat()}")


@router.get("/ops/departures/{code}")
def departure(request: Request, code: str, session: Read, actor: Reader) -> Response:
    run = _run(session, actor, code)
    slip, weather = _slip(session, run), danger_of(session, run.departure)
    return _departure_page(
        request, run, slip, manifests=valid(session, run.departure), weather=weather,
        limit=standing_limit(session, actor.tenant_id, code), refused=refusals_of(session, actor.tenant_id, code),
    )  # fmt: skip


@router.get("/ops/departures/{code}/cancellation")
def show_cancellation(request: Request, code: str, session: Read, county: CurrentCounty, actor: Reader) -> Response:
    """What cancelling would do, before anybody does it."""
    run = _run(session, actor, code)
    return _departure_page(request, run, _slip(session, run), effect=preview(county, CancelDeparture(code)))


@router.post("/ops/departures/{code}/cancellation")
def cancel(request: Request, code: str, form: Annotated[CancelForm, Form()], county: CurrentCounty, actor: Reader) -> Response:
    reason, errors = _read("reason", form.reason, _("写明为什么停班，200 字以内"))
    if errors:
        with db.reading() as session:
            run = _run(session, actor, code)
            slip = _slip(session, run)
        effect = preview(county, CancelDeparture(code))
        return _departure_page(request, run, slip, effect=effect, values={"reason": form.reason}, errors=errors)
    route = f"POST /departures/{code}/cancellation"
    apply(county, CancelDeparture(code, reason), actor=actor, route=route, key=form.form_key or None, extra=form.run == "1")
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/departures/{code}")


@router.post("/ops/disruptions/{code}/closing")
def close(request: Request, code: str, form: Annotated[CloseForm, Form()], session: Write, actor: Reader) -> Response:
    outcome, errors = _read("outcome", form.outcome, _("写明怎么处理的，200 字以内"))
    if errors:
        return _board_again(request, session, actor, ops_board.Wrong({"outcome": form.outcome}, errors, code))
    close_disruption(session, actor.tenant_id, code, by=actor.user_code, outcome=outcome)
    return page(request, "fulfillment/ops/asked.html", back="/ops")


def _departure_page(
    request: Request, run: Run, slip: ops_board.Slip, *, manifests: Sequence[Manifest] = (), effect: Effect | None = None,
    values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None, weather: str = "none",
    limit: Closure | None = None, refused: Sequence[Refusal] = (),
) -> Response:  # fmt: skip
    return page(
        request, "fulfillment/ops/departure.html", block="departure", status=422 if errors else 200, run=run, slip=slip,
        manifests=manifests, effect=effect, form_key=new_token(), values=values or {}, errors=errors or {},
        stops=[(c.position, c.name) for c in run.calls[:-1]], may_run_again=may_run_again(run.departure),
        reasons={code: _(words) for code, words in REASON_WORDS.items()}, weather=weather, limit=limit,
        refused=[(refusal, i18n.retold(refusal.words)) for refusal in refused],
    )  # fmt: skip


def _run(session: Session, actor: Actor, code: str) -> Run:
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    return run


def _slip(session: Session, run: Run) -> ops_board.Slip:
    worth = worth_of_days(session, run.departure.tenant_id, [run.departure.service_date])
    slip = ops_board.slip_of(run, worth.get(run.departure.id or 0, 0))
    return slip._replace(waiting=people_waiting(session, run.departure))


def _read(field: str, typed: str, words: str) -> tuple[str, dict[str, str]]:
    """What was typed as it will be kept, or what is wrong with it."""
    try:
        return REASON.validate_python(typed), {}
    except ValidationError:
        return "", {field: words}


def _board_again(request: Request, session: Session, actor: Actor, wrong: ops_board.Wrong, *, day: str = "") -> Response:
    """Nothing was written: the board is read from a reading session."""
    session.rollback()
    with db.reading() as reading:
        return ops_board.show(request, reading, actor.tenant_id, day=day, wrong=wrong)
