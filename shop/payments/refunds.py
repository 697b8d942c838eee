"""Money back: a refund is a row before the gateway is asked, always under the same number."""

from sqlmodel import Session, col, select, update

from core import clock
from core.codes import new_code
from core.outbox import emit
from core.status import began, move
from shop.orders.models import PAYMENT, Order, PaymentStatus

from . import accounts
from .models import REFUND, PaymentAttempt, Refund, RefundStatus


def queue_refund(session: Session, attempt: PaymentAttempt, amount_fen: int, *, key: str, reason: str, asked_by: str = "") -> Refund:
    """Ask for money back from one captured attempt; the same key again is the same refund."""
    known = session.exec(select(Refund).where(Refund.tenant_id == attempt.tenant_id, Refund.key == key)).first()
    if known is not None:
        return known
    refund = Refund(
        tenant_id=attempt.tenant_id, code=new_code("RF"), key=key, order_id=attempt.order_id, attempt_id=attempt.id or 0,
        amount_fen=amount_fen, reason=reason, asked_by=asked_by, created_at=clock.now(),
    )  # fmt: skip
    session.add(refund)
    session.flush()
    began(session, REFUND, RefundStatus.QUEUED, tenant_id=refund.tenant_id, subject=refund.code, by=asked_by)
    emit(session, "payment.refund", tenant_id=refund.tenant_id, key=refund.code, payload={"refund_code": refund.code})
    return refund


def keep_refund(session: Session, code: str, answer: str) -> None:
    """Keep what the gateway said of a refund: `done` moves the money in the ledger and the order, once.

    `unknown` and `failed` stay on the row; unknown is asked again under the same number.
    """
    refund = session.exec(select(Refund).where(Refund.code == code)).one()
    order = session.exec(
        select(Order).where(Order.id == refund.order_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one()  # fmt: skip
    session.refresh(refund)
    if refund.status == RefundStatus.DONE or refund.status == answer:
        return
    move(
        session, Refund, refund.id or 0, "status", REFUND, refund.status, answer, tenant_id=refund.tenant_id, subject=code,
        values={"done_at": clock.now()} if answer == RefundStatus.DONE else {},
    )  # fmt: skip
    if answer != RefundStatus.DONE:
        return
    attempt = session.get_one(PaymentAttempt, refund.attempt_id)
    draft = accounts.refund(refund, attempt, order.number)
    accounts.post_drafts(session, [draft], tenant_id=refund.tenant_id, currency=attempt.currency)
    net = order.captured_fen - order.refunded_fen - refund.amount_fen
    given = {"refunded_fen": Order.refunded_fen + refund.amount_fen}
    session.exec(update(Order).where(col(Order.id) == order.id).values(given).execution_options(synchronize_session=False))
    if (target := _payment_after(order, net)) is not None:
        move(
            session, Order, order.id or 0, "payment_status", PAYMENT, order.payment_status, target,
            tenant_id=order.tenant_id, subject=order.number, note=refund.code,
        )  # fmt: skip


def _payment_after(order: Order, net_fen: int) -> str | None:
    """The payment status after a refund left `net_fen` with us; None when it stays (a duplicate went back)."""
    target = PaymentStatus.REFUNDED if net_fen == 0 else PaymentStatus.PART_REFUNDED if net_fen < order.total_fen else None
    return target if target and PAYMENT.allows(order.payment_status, target) else None
