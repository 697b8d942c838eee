"""One road from a provider's verdict to the order, called by notice, browser return and poller alike.

The order's row is locked first, then the attempt's status moves by compare-and-set; everything a capture means – order
paid, stock allocated, consignments, ledger, income, outbox – is this one transaction. A late capture re-takes the stock
or is given back; a second capture is given back; the same verdict again changes nothing.
"""

from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.notify import tell
from core.pii import unseal
from core.status import move
from shop.checkout.quota import per_link, take_quota
from shop.orders.models import ORDER, PAYMENT, Order, OrderLine, OrderStatus, PaymentStatus
from supply.stock.service import HoldGone, SoldOut, allocate, retake

from .accounts import post_capture
from .fulfil import fulfil
from .models import ATTEMPT, LIVE, AttemptStatus, PaymentAttempt
from .provider import Verdict
from .refunds import queue_refund
from .start import PaymentUnknown, plan_query

_ = i18n.gettext


def settle(session: Session, code: str, verdict: Verdict, *, by: str) -> str:
    """Apply what a provider says of one attempt; returns what it did in a word. Raises PaymentUnknown.

    Another amount or currency than the attempt's is not believed: nothing moves but an audit row, and a person must look.
    """
    attempt, order = _locked(session, code)
    if verdict.state == "captured":
        return _captured(session, attempt, order, verdict, by=by)
    if attempt.status not in LIVE:
        return "known"
    if verdict.state in (AttemptStatus.FAILED, AttemptStatus.CLOSED):
        _move(session, attempt, verdict.state, by=by, next_query_at=None)
        return str(verdict.state)
    if verdict.state == AttemptStatus.UNKNOWN and attempt.status != AttemptStatus.UNKNOWN:
        _move(session, attempt, AttemptStatus.UNKNOWN, by=by)
    plan_query(session, attempt)
    return "waiting"


def _locked(session: Session, code: str) -> tuple[PaymentAttempt, Order]:
    """The attempt and its order, both rows locked until commit: two verdicts on one order never interleave."""
    row = session.exec(
        select(PaymentAttempt, Order)
        .join(Order, col(Order.id) == col(PaymentAttempt.order_id))
        .where(PaymentAttempt.code == code)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise PaymentUnknown(_("没有这笔付款"))
    return row[0], row[1]


def _captured(session: Session, attempt: PaymentAttempt, order: Order, verdict: Verdict, *, by: str) -> str:
    if (verdict.amount_fen, verdict.currency) != (attempt.amount_fen, attempt.currency):
        audit.record(
            session, "wrong_amount", tenant_id=order.tenant_id, actor=by, subject=order.number,
            said_fen=verdict.amount_fen, said_currency=verdict.currency, due_fen=attempt.amount_fen,
        )  # fmt: skip
        return "wrong_amount"
    if attempt.status == AttemptStatus.CAPTURED:
        return "known"
    first = _first_capture(session, order) if order.captured_fen else None
    now = clock.now()
    _move(
        session, attempt, AttemptStatus.CAPTURED, by=by, captured_at=now, gateway_ref=verdict.ref, next_query_at=None, duplicate_of=first
    )  # fmt: skip
    post_capture(session, attempt, order.number)
    captured = order.captured_fen + attempt.amount_fen
    lines = list(session.exec(select(OrderLine).where(OrderLine.order_id == order.id).order_by(col(OrderLine.position))))
    if first is None and order.status == OrderStatus.OPEN and _has_goods(session, order, lines):
        move(
            session, Order, order.id or 0, "payment_status", PAYMENT, order.payment_status, PaymentStatus.PAID, tenant_id=order.tenant_id,
            subject=order.number, by=by, values={"paid_at": now, "captured_fen": captured},
        )  # fmt: skip
        fulfil(session, order, lines)
        return "captured"
    order.captured_fen = captured
    session.add(order)
    if first is not None:
        queue_refund(session, attempt, attempt.amount_fen, key=f"duplicate:{attempt.code}", reason=i18n.marked("重复付款，原路退回"))
        return "duplicate"
    if order.status == OrderStatus.OPEN:
        move(
            session, Order, order.id or 0, "status", ORDER, OrderStatus.OPEN, OrderStatus.CANCELLED, tenant_id=order.tenant_id,
            subject=order.number, by=by, note="paid too late, sold out", values={"cancelled_at": now},
        )  # fmt: skip
    queue_refund(session, attempt, attempt.amount_fen, key=f"late:{attempt.code}", reason=i18n.marked("付款晚了，货已经没有了，原路退回"))
    phone = unseal(order.phone_sealed, f"orders.phone:{order.number}")
    words = _("订单 {number} 的付款来晚了，货已经没有了，钱正在原路退回。").format(number=order.number)
    tell(session, phone, words, tenant_id=order.tenant_id, key=f"late:{attempt.code}")
    return "late"


def _first_capture(session: Session, order: Order) -> int | None:
    return session.exec(
        select(PaymentAttempt.id).where(
            PaymentAttempt.order_id == order.id, PaymentAttempt.status == AttemptStatus.CAPTURED, col(PaymentAttempt.duplicate_of).is_(None)
        )
    ).first()  # fmt: skip


def _has_goods(session: Session, order: Order, lines: list[OrderLine]) -> bool:
    """Turn the order's holds into allocated stock; after expiry take the same units and link quota again, all or none."""
    codes = [line.code for line in lines]
    if order.payment_status == PaymentStatus.UNPAID:
        allocate(session, codes, tenant_id=order.tenant_id)
        return True
    try:
        with session.begin_nested():
            retake(session, codes, tenant_id=order.tenant_id)
            take_quota(session, per_link((line.link_id, line.quantity) for line in lines))
    except (SoldOut, HoldGone):
        return False
    return True


def _move(session: Session, attempt: PaymentAttempt, target: str, *, by: str, **values: object) -> None:
    move(
        session, PaymentAttempt, attempt.id or 0, "status", ATTEMPT, attempt.status, target,
        tenant_id=attempt.tenant_id, subject=attempt.code, by=by, values=values,
    )  # fmt: skip
