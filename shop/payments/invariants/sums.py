"""Captured and refunded per order (I2), one capture an order (I10), refunds within it (I17) and asked for (I8), histories (I9)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Subquery, case
from sqlmodel import Session, and_, col, func, or_, select

from core.checks import KEPT, elsewhere, keeps_numbers_closed
from core.invariants import invariant, rule
from core.ledger.models import Account, Journal, Posting
from shop.orders.models import Order
from shop.payments.models import ATTEMPT, REFUND, AttemptStatus, PaymentAttempt, Refund, RefundStatus


@invariant("I2", "captured and refunded of an order are what its attempts and refunds say", tables=("orders", "payment_attempt", "refund"))
def order_sums(session: Session) -> Iterable[str]:
    captured = _sum(PaymentAttempt, PaymentAttempt.status == AttemptStatus.CAPTURED)
    refunded = _sum(Refund, Refund.status == RefundStatus.DONE)
    rows = (
        select(Order.number)
        .outerjoin(captured, captured.c.order_id == Order.id)
        .outerjoin(refunded, refunded.c.order_id == Order.id)
        .where(or_(func.coalesce(captured.c.fen, 0) != Order.captured_fen, func.coalesce(refunded.c.fen, 0) != Order.refunded_fen))
    )
    return session.exec(rows).all()


@invariant("I2", "more than an order's total is captured only while the rest is given back", tables=("orders", "refund"))
def surplus_goes_back(session: Session) -> Iterable[str]:
    asked = _sum(Refund, Refund.status != RefundStatus.FAILED)
    kept = col(Order.captured_fen) - func.coalesce(asked.c.fen, 0)
    due = case((col(Order.status) == "cancelled", 0), else_=col(Order.total_fen))
    rows = select(Order.number).outerjoin(asked, asked.c.order_id == Order.id).where(kept > due)
    return session.exec(rows).all()


@invariant("I2", "a gateway's clearing account is its captures less its refunds", tables=("payment_attempt", "refund", "posting"))
def clearing_adds_up(session: Session) -> Iterable[str]:
    booked = session.execute(
        select(Account.tenant_id, Account.code, func.sum(Posting.amount_fen))
        .join(Posting, col(Posting.account_id) == col(Account.id))
        .join(Journal, col(Journal.id) == col(Posting.journal_id))
        .where(col(Account.code).startswith("gateway:"), col(Journal.kind).in_(("capture", "refund", "reverse_refund")))
        .group_by(col(Account.tenant_id), col(Account.code))
    )
    captured = session.execute(
        select(PaymentAttempt.tenant_id, PaymentAttempt.provider, func.sum(PaymentAttempt.amount_fen))
        .where(PaymentAttempt.status == AttemptStatus.CAPTURED)
        .group_by(col(PaymentAttempt.tenant_id), col(PaymentAttempt.provider))
    )
    refunded = session.execute(
        select(Refund.tenant_id, PaymentAttempt.provider, func.sum(Refund.amount_fen))
        .join(PaymentAttempt, col(PaymentAttempt.id) == col(Refund.attempt_id))
        .where(Refund.status == RefundStatus.DONE, Refund.by_hand == "")
        .group_by(col(Refund.tenant_id), col(PaymentAttempt.provider))
    )
    difference: Counter[tuple[int, str]] = Counter()
    for tenant_id, code, fen in booked:
        difference[tenant_id, code] += fen
    for rows, sign in ((captured, -1), (refunded, 1)):
        for tenant_id, provider, fen in rows:
            difference[tenant_id, f"gateway:{provider}"] += sign * fen
    yield from (f"{code} of tenant {tenant_id}: {fen} fen too much" for (tenant_id, code), fen in sorted(difference.items()) if fen)


@invariant("I10", "an order has one capture; a second names it and is given back", tables=("payment_attempt", "refund"))
def one_capture(session: Session) -> Iterable[str]:
    firsts = (
        select(PaymentAttempt.order_id)
        .where(PaymentAttempt.status == AttemptStatus.CAPTURED, col(PaymentAttempt.duplicate_of).is_(None))
        .group_by(col(PaymentAttempt.order_id))
        .having(func.count() > 1)
    )
    yield from (f"order {order_id}: two captures" for order_id in session.exec(firsts))
    orphans = (
        select(PaymentAttempt.code)
        .outerjoin(Refund, and_(col(Refund.attempt_id) == col(PaymentAttempt.id), col(Refund.status) != RefundStatus.FAILED))
        .where(col(PaymentAttempt.duplicate_of).is_not(None), col(Refund.id).is_(None))
    )
    yield from (f"{code[:8]}…: a duplicate nobody gives back" for code in session.exec(orphans))


@invariant("I17", "refunds of an attempt end at most at what it captured", tables=("payment_attempt", "refund"))
def refunds_within_capture(session: Session) -> Iterable[str]:
    rows = (
        select(PaymentAttempt.code)
        .join(Refund, col(Refund.attempt_id) == col(PaymentAttempt.id))
        .where(Refund.status != RefundStatus.FAILED)
        .group_by(col(PaymentAttempt.id), col(PaymentAttempt.code), col(PaymentAttempt.amount_fen), col(PaymentAttempt.status))
        .having(or_(func.sum(Refund.amount_fen) > PaymentAttempt.amount_fen, PaymentAttempt.status != AttemptStatus.CAPTURED))
    )
    return [f"{code[:8]}…" for code in session.exec(rows)]


@invariant("I9", "a payment and a refund stand where their histories end", tables=("payment_attempt", "refund", "status_event"))
def money_stands_at_its_end(session: Session) -> Iterable[str]:
    yield from elsewhere(session, ATTEMPT, col(PaymentAttempt.code), col(PaymentAttempt.status))
    yield from elsewhere(session, REFUND, col(Refund.code), col(Refund.status))


rule(
    "I8",
    "every refund is asked of its gateway, until it was given or refused",
    ago=KEPT,
    broken="""
    SELECT r.code, r.status, r.amount_fen FROM refund r
    LEFT JOIN outbox w ON w.tenant_id = r.tenant_id AND w.topic = 'payment.refund'
        AND w.key = r.code || CASE WHEN r.failures > 0 THEN ':' || r.failures ELSE '' END
    WHERE (w.id IS NULL AND r.created_at > :then AND r.status <> 'failed' AND r.by_hand = '')
        OR (r.status = 'queued' AND (w.id IS NULL OR w.done_at IS NOT NULL))
    """,
)

keeps_numbers_closed(Refund, "reason", "by_hand")


def _sum(table: type[PaymentAttempt] | type[Refund], which: Any) -> Subquery:
    return select(table.order_id, func.sum(table.amount_fen).label("fen")).where(which).group_by(col(table.order_id)).subquery()
