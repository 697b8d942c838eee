"""What happens around payments without a visitor: notices arrive, refunds are asked for, silent gateways are asked, time runs out."""

import logging

from sqlmodel import Session, col, select

from core import db
from core.errors import JishiError
from core.tasks import Event, Notice, every, handler, inbox_handler
from shop.orders.cancel import close_stale, expire_due

from .asking import ask, due
from .models import PaymentAttempt, Refund, RefundStatus
from .notices import Seen, ask_about, believe, believe_asked
from .provider import RefundAsk, Verdict
from .providers import gateways, provider_named
from .refunds import keep_refund

log = logging.getLogger("jishi.payments")
ROUND = 100


@inbox_handler("sandbox")
def on_sandbox(session: Session, told: Notice) -> str:
    """A verified notice of the sandbox: its verdict goes down the one road."""
    return believe(session, told)


def on_gateway(session: Session, told: Notice, answer: Verdict | Seen | None) -> str:
    """A verified notice says that something moved; what holds is what its gateway answers when asked."""
    return believe_asked(session, told, answer)


for _gateway in gateways:
    inbox_handler(_gateway.name, ask=ask_about)(on_gateway)


def _ask_refund(event: Event) -> str:
    with db.reading() as session:
        refund, attempt = session.exec(
            select(Refund, PaymentAttempt)
            .join(PaymentAttempt, col(PaymentAttempt.id) == col(Refund.attempt_id))
            .where(Refund.code == event.payload["refund_code"])
        ).one()
    if refund.status in (RefundStatus.DONE, RefundStatus.FAILED):  # a bank gave it, or it waits for finance: nothing is asked for
        return refund.status
    asked = RefundAsk(refund.code, attempt.code, refund.amount_fen, attempt.currency, attempt.gateway_ref, refund.failures)
    return provider_named(attempt.provider).refund(asked)


@handler("payment.refund", ask=_ask_refund)
def refund(session: Session, event: Event, answer: str) -> None:
    keep_refund(session, event.payload["refund_code"], answer)


@every(10, "orders.expire")
def expire() -> None:
    db.run_write(expire_due)
    db.run_write(close_stale)


@every(30, "payments.ask")
def ask_silent() -> None:
    """Ask the gateways about attempts no notice came for; what is still unpaid after 26 hours is closed there first.

    One that cannot be asked – its provider's keys were taken away – does not keep the others waiting.
    """
    with db.reading() as session:
        codes = due(session, ROUND)
    for code in codes:
        try:
            ask(code)
        except JishiError as refused:
            log.error("a payment cannot be asked about: %s", refused.code)
