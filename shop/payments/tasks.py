"""What happens around payments without a visitor: notices arrive, refunds are asked for, silent gateways are asked, time runs out."""

from sqlmodel import Session, col, select

from core import clock, db
from core.tasks import Event, Notice, every, handler, inbox_handler
from shop.orders.cancel import LATE_MONEY, close_stale, expire_due

from .models import LIVE, PaymentAttempt, Refund
from .notices import believe
from .provider import RefundAsk, Verdict
from .providers import provider_named
from .refunds import keep_refund
from .settle import settle
from .start import attempt_of, bill_of

ROUND = 100


@inbox_handler("sandbox")
def on_sandbox(session: Session, told: Notice) -> str:
    """A verified notice of the sandbox: its verdict goes down the one road."""
    return believe(session, told)


def _ask_refund(event: Event) -> str:
    with db.reading() as session:
        refund, attempt = session.exec(
            select(Refund, PaymentAttempt)
            .join(PaymentAttempt, col(PaymentAttempt.id) == col(Refund.attempt_id))
            .where(Refund.code == event.payload["refund_code"])
        ).one()
    return provider_named(attempt.provider).refund(RefundAsk(refund.code, attempt.code, refund.amount_fen, attempt.currency))


@handler("payment.refund", ask=_ask_refund)
def refund(session: Session, event: Event, answer: str) -> None:
    keep_refund(session, event.payload["refund_code"], answer)


@every(10, "orders.expire")
def expire() -> None:
    db.run_write(expire_due)
    db.run_write(close_stale)


@every(30, "payments.ask")
def ask_silent() -> None:
    """Ask the gateways about attempts no notice came for; what is still unpaid after 26 hours is closed there first."""
    now = clock.now()
    with db.reading() as session:
        due = session.exec(
            select(PaymentAttempt.code)
            .where(col(PaymentAttempt.status).in_(LIVE), col(PaymentAttempt.next_query_at) <= now)
            .order_by(col(PaymentAttempt.next_query_at))
            .limit(ROUND)
        ).all()
    for code in due:
        ask(code)


def ask(code: str) -> str:
    """Ask the gateway how one attempt stands and settle by its answer; returns what that did."""
    with db.reading() as session:
        attempt, order = attempt_of(session, code)
        bill = bill_of(attempt, order.number)
    provider = provider_named(attempt.provider)
    over = attempt.created_at + LATE_MONEY <= clock.now()

    def keep(session: Session, verdict: Verdict) -> str:
        return settle(session, code, verdict, by="query")

    try:
        verdict = provider.close(bill) if over else provider.query(code)
    except TimeoutError:
        verdict = Verdict("unknown")
    return db.run_write(lambda session: keep(session, verdict))
