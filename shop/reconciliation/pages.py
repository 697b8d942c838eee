"""/finance/reconciliation – days by gateway, what lies there and what went to the bank; one day with its exceptions and its lines."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

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
from shop.payments.provider import ProviderUnknown

from . import closing, payouts, queries, service, words
from .models import GatewayBill

router = APIRouter(prefix="/finance/reconciliation")
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
register("finance", Entry(6, "/finance/reconciliation", i18n.marked("对账"), "check"))


class PayoutForm(Plain):
    provider: Typed = ""
    amount: Typed = ""
    fee: Typed = ""
    reference: Typed = ""
    paid_on: Typed = ""


class ReasonForm(Plain):
    reason: Typed = ""


class ClosingForm(Plain):
    verdict: Literal["close", "back"] = "close"


def _words() -> dict[str, Any]:
    return {
        "gateways": words.provider_words(), "standings": words.standing_words(), "abouts": words.about_words(),
        "kinds": words.exception_words(), "nexts": words.next_words(), "statuses": words.status_words(), "form_key": new_token(),
    }  # fmt: skip


@router.get("")
def index(request: Request, session: Read, actor: Reader, cursor: Cursor = None) -> Response:
    return _index(request, session, actor, cursor=cursor)


def _index(
    request: Request, session: Session, actor: Actor, *, cursor: str | None = None, wrong: JishiError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    found, following = queries.days(session, tenant_id=actor.tenant_id, cursor=cursor)
    return page(
        request, "reconciliation/index.html", block="bills", status=wrong.status if wrong else 200, days=found, following=following,
        is_first=not cursor, lying=queries.lying(session, tenant_id=actor.tenant_id),
        payouts=queries.payouts(session, tenant_id=actor.tenant_id), today=clock.today(), wrong=wrong, typed=typed or {},
        errors={str(wrong.more["field"]): wrong.detail} if wrong and "field" in wrong.more else {}, **_words(),
    )  # fmt: skip


@router.post("/payouts")
def create_payout(request: Request, form: Annotated[PayoutForm, Form()], actor: Finance) -> Response:
    """The bank's account shows money from a gateway."""

    def work(session: Session) -> str:
        known = {lying.provider for lying in queries.lying(session, tenant_id=actor.tenant_id)}
        if form.provider not in known:
            raise Refused(_("选一个收过钱的支付通道"), field="provider")
        try:
            paid_on = read_day(form.paid_on.strip()) if form.paid_on.strip() else clock.today()
        except ValueError as wrong:
            raise Refused(_("没有这一天，请写成 2026-05-23"), field="paid_on") from wrong
        return payouts.book(
            session, tenant_id=actor.tenant_id, provider=form.provider, amount_fen=fen(form.amount, "amount"),
            fee_fen=fen(form.fee, "fee", empty=0), reference=form.reference, paid_on=paid_on, by=actor.user_code,
        ).code  # fmt: skip

    try:
        do_once(actor, "POST /finance/reconciliation/payouts", form, work)
    except JishiError as wrong:
        with db.reading() as session:
            return _index(request, session, actor, wrong=wrong, typed=form.model_dump())
    return page(request, "fulfillment/ops/asked.html", back="/finance/reconciliation")


@router.post("/payouts/{code}/undo")
def undo_payout(request: Request, code: str, form: Annotated[ReasonForm, Form()], actor: Finance) -> Response:
    def work(session: Session) -> str:
        return payouts.undo(session, code, tenant_id=actor.tenant_id, by=actor.user_code, reason=form.reason).code

    try:
        do_once(actor, f"POST /finance/reconciliation/payouts/{code}/undo", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _index(request, session, actor, wrong=Refused(wrong.detail))
    return page(request, "fulfillment/ops/asked.html", back="/finance/reconciliation")


@router.get("/{code}")
def show(request: Request, code: str, session: Read, actor: Reader, cursor: Cursor = None) -> Response:
    return _show(request, session, actor, code, cursor=cursor)


def _show(
    request: Request, session: Session, actor: Actor, code: str, *, cursor: str | None = None, wrong: JishiError | None = None,
    at: str = "", typed: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    bill = queries.bill_named(session, code, tenant_id=actor.tenant_id)
    lines, following = queries.lines(session, bill, cursor=cursor)
    return page(
        request, "reconciliation/day.html", block="bill", status=wrong.status if wrong else 200, day=queries.told(session, [bill])[0],
        bill=bill, ours=queries.ours(session, bill), exceptions=queries.exceptions(session, bill), lines=lines, following=following,
        is_first=not cursor, wrong=wrong, at_code=at, typed=typed or {}, **_words(),
    )  # fmt: skip


@router.post("/{code}/reading")
def read_again(request: Request, code: str, form: Annotated[Plain, Form()], actor: Finance) -> Response:
    """Fetch the bill now; lines are kept once, however often it is read."""
    with db.reading() as session:
        bill = queries.bill_named(session, code, tenant_id=actor.tenant_id)
    try:
        service.read_day(bill.provider, bill.day)
    except JishiError as wrong:
        told = Refused(_("这个支付通道现在没有开通，账单取不到")) if isinstance(wrong, ProviderUnknown) else wrong
        with db.reading() as session:
            return _show(request, session, actor, code, wrong=told)
    return page(request, "fulfillment/ops/asked.html", back=f"/finance/reconciliation/{code}")


@router.post("/exceptions/{code}/explanation")
def explain(request: Request, code: str, form: Annotated[ReasonForm, Form()], actor: Finance) -> Response:
    def work(session: Session) -> Any:
        return closing.explain(session, code, tenant_id=actor.tenant_id, by=actor.user_code, reason=form.reason)

    return _step(request, actor, form, code, "explanation", work)


@router.post("/exceptions/{code}/closing")
def close(request: Request, code: str, form: Annotated[ClosingForm, Form()], actor: Finance) -> Response:
    """The second look: closed, or back to who explained it."""

    def work(session: Session) -> Any:
        deed = closing.close if form.verdict == "close" else closing.send_back
        return deed(session, code, tenant_id=actor.tenant_id, by=actor.user_code)

    return _step(request, actor, form, code, "closing", work)


def _step(request: Request, actor: Actor, form: Plain, code: str, name: str, work: Callable[[Session], Any]) -> Response:
    with db.reading() as session:
        row = closing.named(session, code, tenant_id=actor.tenant_id)
        bill = session.get_one(GatewayBill, row.bill_id).code
    try:
        do_once(actor, f"POST /finance/reconciliation/exceptions/{code}/{name}", form, lambda session: work(session).code)
    except JishiError as wrong:
        with db.reading() as session:
            return _show(request, session, actor, bill, wrong=wrong, at=code, typed=form.model_dump())
    return page(request, "fulfillment/ops/asked.html", back=f"/finance/reconciliation/{bill}#{code}")
