"""A worker asks the provider for one request: its receivers are bound, it is marked as asked, and only then anything may move.

What is silent is asked again under the same number, by the outbox, before anything else becomes of it.
"""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock, db
from core.failpoints import failpoint
from core.tasks import Event, handler
from fulfillment.settlement.files import account_of
from fulfillment.settlement.models import Statement
from shop.payments.alipay_sharing import Receiver, ShareRefused, bind_receivers, share_out, was_shared
from shop.payments.models import PaymentAttempt
from shop.payments.provider import GatewayRefused
from shop.payments.providers import provider_named

from . import service
from .gathering import PROVIDER
from .models import OPEN, SharePart, ShareRequest, ShareStatus


class Asked(NamedTuple):
    """A request as its provider is told it: parts as (code, its statement, receiver, fen)."""

    code: str
    status: str
    share_by: date
    trade_no: str
    parts: list[tuple[str, str, Receiver, int]]


class Answer(NamedTuple):
    """`shared` under the provider's own number, `refused` and why, or nothing where nobody waits for it."""

    verdict: str = ""
    words: str = ""


def ask_share(event: Event) -> Answer:
    """Raises ProviderUnknown where its keys were taken away, GatewaySilent, GatewayRefused: it is tried again."""
    provider_named(PROVIDER)
    asked = _read(event.payload["request"])
    if asked.status not in OPEN:
        return Answer()
    if asked.status == ShareStatus.PLANNED:
        if clock.today() > asked.share_by:
            return Answer("refused", service.LATE)
        asked = _bound(asked)
        if not asked.parts:
            return Answer("refused", service.NOBODY)
    tries = db.run_write(lambda session: service.mark_asked(session, asked.code))
    if not tries:
        return Answer()
    failpoint("share.asked")
    asked = _read(asked.code)  # as it stands now that its parts are fixed: whoever else asks, asks for the same
    try:
        ref = share_out(asked.trade_no, asked.code, {receiver.account: fen for _c, _s, receiver, fen in asked.parts}, is_last=False)
    except ShareRefused as refused:
        if tries == 1 or not was_shared(asked.trade_no, asked.code):
            return Answer("refused", refused.detail)
        ref = ""  # an earlier try was done and its answer lost
    except GatewayRefused:
        db.run_write(lambda session: service.mark_unasked(session, asked.code))
        raise
    failpoint("share.given")
    return Answer("shared", ref)


def _read(code: str) -> Asked:
    with db.reading() as session:
        request, trade_no = session.exec(
            select(ShareRequest, PaymentAttempt.gateway_ref)
            .join(PaymentAttempt, col(PaymentAttempt.id) == col(ShareRequest.attempt_id))
            .where(ShareRequest.code == code)
        ).one()
        rows = session.exec(
            select(SharePart, Statement)
            .join(Statement, col(Statement.id) == col(SharePart.statement_id))
            .where(SharePart.request_id == request.id, SharePart.left_out == "")
            .order_by(col(SharePart.id))
        )
        parts = [(part.code, s.code, Receiver(account_of(s), s.holder), part.amount_fen) for part, s in rows]
    return Asked(code, request.status, request.share_by, trade_no, parts)


def _bound(asked: Asked) -> Asked:
    """With the parts of those whom the provider knows by account and name; one at a time, so that one wrong name costs nobody else."""
    standing = []
    for part in asked.parts:
        code, statement, receiver, _fen = part
        try:
            bind_receivers(f"B{statement}", [receiver])
        except ShareRefused:
            db.run_write(lambda session, code=code: service.leave_out(session, code, service.UNKNOWN_THERE))  # type: ignore[misc]
        else:
            standing.append(part)
    return asked._replace(parts=standing)


@handler(service.TOPIC, ask=ask_share)
def keep(session: Session, event: Event, answer: Answer) -> None:
    if answer.verdict == "shared":
        service.keep_shared(session, event.payload["request"], answer.words)
    elif answer.verdict == "refused":
        service.keep_refused(session, event.payload["request"], answer.words)
