"""/station/cash – cash over the counter and the day's count; /finance/cash – what every station holds, and what it pays in."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session, select

from core import clock, db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound
from core.paging import Cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.forms import Plain, Typed, do_once, fen
from core.web.nav import Entry, register
from supply.stations.desk import KEEPERS, station_now
from supply.stations.models import Station

from . import queries, service
from .models import Purpose

router = APIRouter()
_ = i18n.gettext
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
register("station", Entry(9, "/station/cash", i18n.marked("现金"), "coin", KEEPERS))
register("finance", Entry(4, "/finance/cash", i18n.marked("驿站现金"), "station"))


def purpose_words() -> dict[str, str]:
    return {Purpose.SERVICE: _("便民服务费"), Purpose.SEND: _("寄件运费"), Purpose.COLLECTED: _("替县里代收")}


class TakingForm(Plain):
    station: Typed = ""
    purpose: Typed = ""
    amount: Typed = ""
    what: Typed = ""


class UndoForm(Plain):
    station: Typed = ""


class CloseForm(Plain):
    station: Typed = ""
    counted: Typed = ""
    reason: Typed = ""


class PaidInForm(Plain):
    amount: Typed = ""
    reference: Typed = ""


@router.get("/station/cash")
def index(request: Request, session: Read, actor: Keeper, station: str = "", cursor: Cursor = None) -> Response:
    return _shown(request, session, actor, station, cursor=cursor)


def _shown(
    request: Request, session: Session, actor: Actor, station: str, *, cursor: str | None = None, wrong: JishiError | None = None,
    at: str = "", typed: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    here = station_now(request, session, actor, station)
    found, following = queries.takings(session, here, cursor=cursor)
    last = service.last_close(session, here)
    return page(
        request, "fulfillment/cash/index.html", block="cash", status=wrong.status if wrong else 200, station=here, takings=found,
        following=following, is_first=not cursor, held=service.held_at(session, here), last=last, closes=queries.closes(session, here),
        purposes=purpose_words(), today=clock.today(), wrong=wrong, at_form=at, typed=typed or {},
        errors={str(wrong.more["field"]): wrong.detail} if wrong and "field" in wrong.more else {}, form_key=new_token(),
    )  # fmt: skip


def _done(request: Request, actor: Actor, form: Any, route: str, at: str, work: Callable[[Session, Station], Any]) -> Response:
    def deed(session: Session) -> str:
        here = station_now(request, session, actor, form.station)
        return str(work(session, here).code)

    try:
        do_once(actor, route, form, deed)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _shown(request, session, actor, form.station, wrong=wrong, at=at, typed=form.model_dump())
    return page(request, "fulfillment/ops/asked.html", back="/station/cash" + (f"?station={form.station}" if form.station else ""))


@router.post("/station/cash")
def create_taking(request: Request, form: Annotated[TakingForm, Form()], actor: Keeper) -> Response:
    def work(session: Session, here: Station) -> Any:
        return service.take_cash(session, here, form.purpose, fen(form.amount, "amount"), what=form.what[:100], by=actor.user_code)

    return _done(request, actor, form, "POST /station/cash", "take", work)


@router.post("/station/cash/closes")
def close(request: Request, form: Annotated[CloseForm, Form()], actor: Keeper) -> Response:
    def work(session: Session, here: Station) -> Any:
        counted = fen(form.counted, "counted")
        return service.close_day(session, here, counted, reason=form.reason[:200], by=actor.user_code)

    return _done(request, actor, form, "POST /station/cash/closes", "close", work)


@router.post("/station/cash/{code}/undoing")
def undo(request: Request, code: str, form: Annotated[UndoForm, Form()], actor: Keeper) -> Response:
    def work(session: Session, here: Station) -> Any:
        return service.undo_taking(session, here, code, by=actor.user_code)

    return _done(request, actor, form, f"POST /station/cash/{code}/undoing", "undo", work)


@router.get("/finance/cash")
def county(request: Request, session: Read, actor: Reader) -> Response:
    return _county(request, session, actor)


def _county(
    request: Request, session: Session, actor: Actor, *, wrong: JishiError | None = None, at: str = "", typed: Any = None
) -> Response:
    found = queries.tills(session, tenant_id=actor.tenant_id)
    return page(
        request, "fulfillment/cash/county.html", block="tills", status=wrong.status if wrong else 200, tills=found,
        total=sum(till.held_fen for till in found), wrong=wrong, at_code=at, typed=typed or {}, form_key=new_token(),
        errors={str(wrong.more.get("field", "amount")): wrong.detail} if wrong else {},
    )  # fmt: skip


@router.post("/finance/cash/{station}/payments")
def pay_in(request: Request, station: str, form: Annotated[PaidInForm, Form()], actor: Finance) -> Response:
    def work(session: Session) -> str:
        here = session.exec(select(Station).where(Station.tenant_id == actor.tenant_id, Station.code == station)).first()
        if here is None:
            raise NotFound(_("没有这个驿站"))
        return service.pay_in(session, here, fen(form.amount, "amount"), reference=form.reference[:100], by=actor.user_code).code

    try:
        do_once(actor, f"POST /finance/cash/{station}/payments", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _county(request, session, actor, wrong=wrong, at=station, typed=form.model_dump())
    return page(request, "fulfillment/ops/asked.html", back="/finance/cash")
