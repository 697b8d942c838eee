"""Asking the gateway how a payment stands, and settling by its answer: for silent attempts, for buyers who come back, and
before anything is tried again after a call that nobody answered."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlmodel import Session, col, select

from core import clock, db
from shop.orders.cancel import LATE_MONEY

from .models import LIVE, AttemptStatus, PaymentAttempt
from .provider import GatewayRefused, Verdict
from .providers import provider_named
from .settle import settle
from .start import StillAsking, attempt_of, bill_of, keep_ref

Done = TypeVar("Done")


def ask(code: str) -> str:
    """Ask the gateway how one attempt stands and settle by its answer; returns what that did.

    After 26 hours what is still unpaid is closed there, and its answer to that is what holds.
    """
    with db.reading() as session:
        attempt, order = attempt_of(session, code)
        bill = bill_of(attempt, order)
    provider = provider_named(attempt.provider)
    over = attempt.created_at + LATE_MONEY <= clock.now()
    try:
        verdict = provider.close(bill) if over else provider.query(bill)
    except (TimeoutError, GatewayRefused):
        verdict = Verdict("unknown")

    def keep(session: Session) -> str:
        if not bill.ref and verdict.ref:
            keep_ref(session, code, verdict.ref)
        return settle(session, code, verdict, by="query")

    return db.run_write(keep)


def asked_first(begin: Callable[[Session], Done]) -> Done:
    """Write what begins a payment; where an earlier one of the order is unknown, ask its gateway and begin once more.

    Raises StillAsking when even then nobody knows.
    """
    try:
        return db.run_write(begin)
    except StillAsking as waiting:
        for code in waiting.payments:
            ask(code)
        return db.run_write(begin)


def due(session: Session, most: int) -> Sequence[str]:
    """The attempts no notice came for, whose time to be asked about has come."""
    return session.exec(
        select(PaymentAttempt.code)
        .where(col(PaymentAttempt.status).in_((*LIVE, AttemptStatus.FAILED)), col(PaymentAttempt.next_query_at) <= clock.now())
        .order_by(col(PaymentAttempt.next_query_at))
        .limit(most)
    ).all()
