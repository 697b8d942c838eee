"""/station/services – a village service recorded in two taps, what was done this month by service, and the last records."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import clock, db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound, Refused
from core.paging import Cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.forms import Plain, Typed, do_once
from core.web.nav import Entry, register
from supply.stations.desk import KEEPERS, station_now
from supply.stations.models import Station
from supply.stations.queries import services_of

from . import queries, service
from .models import PaidBy

router = APIRouter()
_ = i18n.gettext
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
register("station", Entry(7, "/station/services", i18n.marked("便民服务"), "people", KEEPERS))


def paid_words() -> dict[str, str]:
    return {PaidBy.CASH: _("收现金"), PaidBy.COUNTY: _("县里补"), PaidBy.NOBODY: _("没收钱")}


class DoneForm(Plain):
    station: Typed = ""
    service: Typed = ""
    quantity: Typed = "1"
    paid: Typed = ""


class UndoForm(Plain):
    station: Typed = ""


@router.get("/station/services")
def index(request: Request, session: Read, actor: Keeper, station: str = "", cursor: Cursor = None) -> Response:
    return _shown(request, session, actor, station, cursor=cursor)


def _shown(
    request: Request, session: Session, actor: Actor, station: str, *, cursor: str | None = None, wrong: JishiError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    here, today = station_now(request, session, actor, station), clock.today()
    rows, following = queries.done_at(session, here, cursor=cursor)
    month = queries.counts(session, tenant_id=here.tenant_id, first=today.replace(day=1), last=today, station=here.code)
    return page(
        request, "fulfillment/services/index.html", block="services", status=wrong.status if wrong else 200, station=here,
        offered=services_of(session, here), month=month, rows=rows, following=following, is_first=not cursor, today=today,
        ways=paid_words(), wrong=wrong, typed=typed or {}, form_key=new_token(),
    )  # fmt: skip


def _done(request: Request, actor: Actor, form: Any, route: str, work: Callable[[Session, Station], Any]) -> Response:
    try:
        do_once(actor, route, form, lambda session: work(session, station_now(request, session, actor, form.station)).code)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _shown(request, session, actor, form.station, wrong=wrong, typed=form.model_dump())
    return page(request, "fulfillment/ops/asked.html", back="/station/services" + (f"?station={form.station}" if form.station else ""))


@router.post("/station/services")
def create(request: Request, form: Annotated[DoneForm, Form()], actor: Keeper) -> Response:
    def work(session: Session, here: Station) -> Any:
        return service.do_service(
            session, here, form.service, quantity=_whole(form.quantity), in_cash=form.paid == PaidBy.CASH, by=actor.user_code
        )

    return _done(request, actor, form, "POST /station/services", work)


@router.post("/station/services/{code}/undoing")
def undo(request: Request, code: str, form: Annotated[UndoForm, Form()], actor: Keeper) -> Response:
    def work(session: Session, here: Station) -> Any:
        return service.undo_service(session, here, code, by=actor.user_code)

    return _done(request, actor, form, f"POST /station/services/{code}/undoing", work)


def _whole(text: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 2):
        raise Refused(_("做了几次：1 到 {n}").format(n=service.MOST), field="quantity")
    return int(plain)
