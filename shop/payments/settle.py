"""One road from a provider's verdict to the order, called by notice, browser return and poller alike.

The order's row is locked first, then the attempt's status moves by compare-and-set; everything a capture means – order
paid, stock allocated, consignments, ledger, income, outbox – is this one transaction. A late capture re-takes the stock
or is given back; a second capture is given back; the same verdict again changes nothing.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, update

from core import audit, clock, i18n
from core.audit import AuditEntry
from core.notify import tell
from core.pii import unseal
from core.status import compare_and_set, move, told
from core.status import tell as tell_history
from shop.checkout.quota import per_link, take_quota
from shop.coupons.service import CouponUnusable, use_again
from shop.orders.cancel import LATE_MONEY, end_order
from shop.orders.models import FULFILLMENT, PAYMENT, FulfillmentStatus, Order, OrderLine, OrderStatus, PaymentStatus
from supply.stock.service import HoldGone, SoldOut, allocate, retake

from . import accounts
from .fulfil import fulfil
from .models import ATTEMPT, LIVE, AttemptStatus, PaymentAttempt
from .provider import Verdict
from .refunds import queue_refund
from .start import PaymentUnknown, plan_query

_ = i18n.gettext
SOLD_OUT = i18n.marked(("付款晚了，货已经没有了，原路退回", "订单 {number} 的付款来晚了，货已经没有了，钱正在原路退回。"))
GIVEN_UP = i18n.marked(("订单已经取消，原路退回", "订单 {number} 已经取消，刚到的付款正在原路退回。"))
_BOTH = (
    select(PaymentAttempt, Order)
    .join(Order, col(Order.id) == col(PaymentAttempt.order_id))
    .where(col(PaymentAttempt.code) == bindparam("payment"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_LINES = select(OrderLine).where(col(OrderLine.order_id) == bindparam("order")).order_by(col(OrderLine.position))


def settle(session: Session, code: str, verdict: Verdict, *, by: str) -> str:
    """Apply what a provider says of one attempt; returns what it did in a word. Raises PaymentUnknown.

    Another amount or currency than the attempt's is not believed: nothing moves but an audit row, and a person must look.
    """
    attempt, order = locked(session, code)
    if verdict.state == "captured":
        return _captured(session, attempt, order, verdict, by=by)
    if attempt.status == AttemptStatus.FAILED:
        _look_after_failed(session, attempt)
    if attempt.status not in LIVE:
        return "known"
    if verdict.state in (AttemptStatus.FAILED, AttemptStatus.CLOSED):
        _move(session, attempt, verdict.state, by=by, next_query_at=None)
        if verdict.state == AttemptStatus.FAILED:
            _look_after_failed(session, attempt)
        return str(verdict.state)
    if verdict.state == AttemptStatus.UNKNOWN and attempt.status != AttemptStatus.UNKNOWN:
        _move(session, attempt, AttemptStatus.UNKNOWN, by=by)
    elif verdict.state == AttemptStatus.PENDING and attempt.status == AttemptStatus.UNKNOWN:
        _move(session, attempt, AttemptStatus.PENDING, by=by)  # nobody knew; now the gateway says that it waits
    plan_query(session, attempt)
    return "waiting"


def locked(session: Session, code: str) -> tuple[PaymentAttempt, Order]:
    """The attempt and its order, both rows locked until commit: two verdicts on one order never interleave. Raises PaymentUnknown."""
    row = session.execute(_BOTH, {"payment": code}).first()
    if row is None:
        raise PaymentUnknown(_("没有这笔付款"))
    return row[0], row[1]


def _captured(session: Session, attempt: PaymentAttempt, order: Order, verdict: Verdict, *, by: str) -> str:
    if (verdict.amount_fen, verdict.currency) != (attempt.amount_fen, attempt.currency):
        return _wrong_amount(session, attempt, order, verdict, by=by)
    if attempt.status == AttemptStatus.CAPTURED:
        return "known"
    first = _first_capture(session, order) if order.captured_fen else None
    now = clock.now()
    was = attempt.status
    values = {"captured_at": now, "gateway_ref": verdict.ref, "next_query_at": None, "duplicate_of": first}
    step = {"status": (ATTEMPT, was, AttemptStatus.CAPTURED)}
    compare_and_set(session, PaymentAttempt, attempt.id or 0, step, subject=attempt.code, values=values)
    moved = told(ATTEMPT, AttemptStatus.CAPTURED, tenant_id=order.tenant_id, subject=attempt.code, source=was, by=by, at=now)
    came_in = accounts.capture(attempt, order.number)
    captured = order.captured_fen + attempt.amount_fen
    lines: list[OrderLine] = list(session.execute(_LINES, {"order": order.id}).scalars())
    if first is None and order.status == OrderStatus.OPEN and _has_goods(session, order, lines):
        paid = _pay(session, order, captured_fen=captured, at=now, by=by)
        fulfil(session, order, lines, came_in=came_in, history=[moved, *paid])
        return "captured"
    tell_history(session, [moved])
    accounts.post_drafts(session, [came_in], tenant_id=order.tenant_id, currency=order.currency)
    order.captured_fen = captured
    session.add(order)
    if first is not None:
        queue_refund(session, attempt, attempt.amount_fen, key=f"duplicate:{attempt.code}", reason=i18n.marked("重复付款，原路退回"))
        return "duplicate"
    if order.status == OrderStatus.OPEN:
        end_order(session, order, by=by, note="paid too late, sold out")
        reason, message = SOLD_OUT
    else:
        reason, message = GIVEN_UP
    queue_refund(session, attempt, attempt.amount_fen, key=f"late:{attempt.code}", reason=reason)
    phone = unseal(order.phone_sealed, f"orders.phone:{order.number}")
    with i18n.speaking("zh"):  # the buyer's message, whoever's page or notice brought the news
        words = _(message).format(number=order.number)
    tell(session, phone, words, tenant_id=order.tenant_id, key=f"late:{attempt.code}")
    return "late"


def _look_after_failed(session: Session, attempt: PaymentAttempt) -> None:
    """A gateway may let a payment that failed be paid after all, and the news of that be lost: it is asked until the last time, too."""
    if attempt.created_at + LATE_MONEY > clock.now():
        plan_query(session, attempt)
    else:
        session.exec(update(PaymentAttempt).where(col(PaymentAttempt.id) == attempt.id).values(next_query_at=None))


def _wrong_amount(session: Session, attempt: PaymentAttempt, order: Order, verdict: Verdict, *, by: str) -> str:
    """Leave it for a person to look at, once however often it is said; the gateway is asked again at the usual times."""
    known = select(AuditEntry.id).where(AuditEntry.act == "wrong_amount", AuditEntry.subject == attempt.code).limit(1)
    if session.exec(known).first() is None:
        audit.record(
            session, "wrong_amount", tenant_id=order.tenant_id, actor=by, subject=attempt.code, order=order.number,
            said_fen=verdict.amount_fen, said_currency=verdict.currency, due_fen=attempt.amount_fen,
        )  # fmt: skip
    if attempt.status in LIVE:
        plan_query(session, attempt)
    return "wrong_amount"


def _pay(session: Session, order: Order, *, captured_fen: int, at: datetime, by: str) -> list[dict[str, Any]]:
    """The order is paid and waits to be packed: both statuses in one guarded UPDATE. Returns the lines of its history."""
    steps = {
        "payment_status": (PAYMENT, order.payment_status, PaymentStatus.PAID),
        "fulfillment_status": (FULFILLMENT, FulfillmentStatus.NONE, FulfillmentStatus.PACKING),
    }
    values = {"paid_at": at, "captured_fen": captured_fen}
    before = compare_and_set(session, Order, order.id or 0, steps, subject=order.number, values=values)
    tenant_id, number = order.tenant_id, order.number
    paid = told(PAYMENT, PaymentStatus.PAID, tenant_id=tenant_id, subject=number, source=before["payment_status"], by=by, at=at)
    here = before["fulfillment_status"]
    return [paid, told(FULFILLMENT, FulfillmentStatus.PACKING, tenant_id=tenant_id, subject=number, source=here, at=at)]


def _first_capture(session: Session, order: Order) -> int | None:
    return session.exec(
        select(PaymentAttempt.id).where(
            PaymentAttempt.order_id == order.id, PaymentAttempt.status == AttemptStatus.CAPTURED, col(PaymentAttempt.duplicate_of).is_(None)
        )
    ).first()  # fmt: skip


def _has_goods(session: Session, order: Order, lines: list[OrderLine]) -> bool:
    """Turn the order's holds into allocated stock; after expiry take the same units, link quota and coupon again, all or none."""
    codes = [line.code for line in lines]
    if order.payment_status == PaymentStatus.UNPAID:
        allocate(session, codes, tenant_id=order.tenant_id)
        return True
    try:
        with session.begin_nested():
            retake(session, codes, tenant_id=order.tenant_id)
            take_quota(session, per_link((line.link_id, line.quantity) for line in lines))
            use_again(session, order.id or 0)
    except (SoldOut, HoldGone, CouponUnusable):
        return False
    return True


def _move(session: Session, attempt: PaymentAttempt, target: str, *, by: str, **values: object) -> None:
    move(
        session, PaymentAttempt, attempt.id or 0, "status", ATTEMPT, attempt.status, target,
        tenant_id=attempt.tenant_id, subject=attempt.code, by=by, values=values,
    )  # fmt: skip
