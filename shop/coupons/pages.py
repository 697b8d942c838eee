"""/finance/coupons – what is offered and how often it was used; a coupon is made by one person and opened by another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import clock, db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound, Refused
from core.moments import read_day
from core.paging import Cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.forms import Plain, Typed, do_once, fen
from core.web.nav import Entry, register

from . import queries, service
from .words import offer_words, state_words

router = APIRouter()
_ = i18n.gettext
Keeper = Annotated[Actor, Depends(allow("admin", "finance"))]
COUPONS = Entry(10, "/finance/coupons", i18n.marked("优惠券"), "coin", ("admin", "finance"))
register("county", COUPONS)
register("finance", COUPONS)
MOST_DIGITS = 9


class CouponForm(Plain):
    """As typed, money in yuan."""

    promo: Typed = ""
    title: Typed = ""
    off: Typed = ""
    min_goods: Typed = ""
    uses: Typed = ""
    per_person: Typed = "1"
    starts: Typed = ""
    ends: Typed = ""
    is_listed: Typed = ""


@router.get("/finance/coupons")
def index(request: Request, session: Read, actor: Keeper, cursor: Cursor = None) -> Response:
    return _shown(request, session, actor, cursor=cursor)


def _shown(
    request: Request, session: Session, actor: Actor, *, cursor: str | None = None, wrong: JishiError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    found, following = queries.coupons(session, tenant_id=actor.tenant_id, cursor=cursor)
    today = clock.today()
    usual = {"per_person": "1", "starts": today.isoformat(), "ends": (today + timedelta(days=30)).isoformat(), "is_listed": "1"}
    return page(
        request, "coupons/index.html", block="coupons", status=wrong.status if wrong else 200, coupons=found, following=following,
        is_first=not cursor, offer=offer_words, states=state_words(), typed=typed or usual, wrong=wrong, form_key=new_token(),
        errors={str(wrong.more["field"]): wrong.detail} if wrong and "field" in wrong.more else {},
    )  # fmt: skip


@router.post("/finance/coupons")
def create(request: Request, form: Annotated[CouponForm, Form()], actor: Keeper) -> Response:
    def work(session: Session) -> str:
        starts, ends = (_day(getattr(form, name), name) for name in ("starts", "ends"))
        return service.draft(
            session, tenant_id=actor.tenant_id, promo=form.promo, title=form.title, off_fen=fen(form.off, "off"),
            min_goods_fen=fen(form.min_goods, "min_goods"), uses=_number(form.uses, "uses"),
            per_person=_number(form.per_person, "per_person"), starts_at=clock.midnight(starts),
            ends_at=clock.midnight(ends + timedelta(days=1)), is_listed=form.is_listed == "1", by=actor.user_code,
        ).code  # fmt: skip

    return _done(request, actor, form, "POST /finance/coupons", work)


@router.post("/finance/coupons/{code}/opening")
def open_it(request: Request, code: str, form: Annotated[Plain, Form()], actor: Keeper) -> Response:
    return _step(request, actor, code, form, "opening", service.open_it)


@router.post("/finance/coupons/{code}/ending")
def end(request: Request, code: str, form: Annotated[Plain, Form()], actor: Keeper) -> Response:
    return _step(request, actor, code, form, "ending", service.end)


def _step(request: Request, actor: Actor, code: str, form: Plain, name: str, deed: Callable[..., None]) -> Response:
    def work(session: Session) -> str:
        deed(session, service.named(session, code, tenant_id=actor.tenant_id), by=actor.user_code)
        return code

    return _done(request, actor, form, f"POST /finance/coupons/{code}/{name}", work)


def _done(request: Request, actor: Actor, form: Plain, route: str, work: Callable[[Session], str]) -> Response:
    try:
        do_once(actor, route, form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            typed = form.model_dump() if isinstance(form, CouponForm) else None
            return _shown(request, session, actor, wrong=wrong, typed=typed)
    return page(request, "fulfillment/ops/asked.html", back="/finance/coupons")


def _day(text: str, field: str) -> Any:
    try:
        return read_day(text.strip())
    except ValueError as wrong:
        raise Refused(_(str(wrong)), field=field) from wrong


def _number(text: str, field: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
        raise Refused(_("写一个整数"), field=field)
    return int(digits)
