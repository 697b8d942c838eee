"""Ending an order before it is packed: by its buyer, by expiry, or after 26 hours without money.

The order's row is locked first, as `settle` does, so a payment in the same second either came before or comes late.
"""

from datetime import timedelta

from sqlmodel import Session, col, select

from core import clock, i18n
from core.errors import Conflict
from core.ledger.models import Journal
from core.ledger.service import reverse
from core.outbox import emit
from core.status import move
from fulfillment.consignments.service import cancel_consignments
from fulfillment.income.service import reverse_for
from shop.checkout.quota import per_link, return_quota
from shop.coupons.service import release as release_coupon
from shop.disputes.models import is_disputed
from shop.payments.fulfil import count_sales
from shop.payments.giving import give_rest, given_lines
from shop.payments.models import AttemptStatus, PaymentAttempt
from shop.payments.refunds import queue_refund
from supply.stock.service import release

from .models import ORDER, PAYMENT, Order, OrderLine, OrderStatus, PaymentStatus

_ = i18n.gettext
LATE_MONEY = timedelta(hours=26)  # Alipay repeats its notice for 25 hours
ROUND = 200


class TooLate(Conflict):
    """Something of the order is packed or gone already, the order has ended, or a bank is looking at its payment."""

    code = "too_late"


def cancel_order(session: Session, order: Order, *, by: str, reason: str = "") -> Order:
    """Cancel an open order nothing of which is packed: stock and link quota go back, paid money is refunded by itself.

    Cancelling a cancelled order again changes nothing. Raises AlreadyPacked, TooLate.
    """
    # Packers and scanners lock parcels before their order, so parcels come first here too; a payment in between makes new ones.
    cancel_consignments(session, order.number, tenant_id=order.tenant_id, by=by)
    order = _locked(session, order.id or 0)
    if order.status == OrderStatus.CANCELLED:
        return order
    if order.status != OrderStatus.OPEN:
        raise TooLate(_("订单已经完成，不能取消"))
    if is_disputed(session, order.id or 0):
        raise TooLate(_("银行正在查这笔付款，有了结果再取消"))
    lines = _lines(session, order)
    if order.payment_status == PaymentStatus.UNPAID:
        _expire(session, order, lines, by=by)
    elif order.paid_at is not None:
        cancel_consignments(session, order.number, tenant_id=order.tenant_id, by=by)
        _take_back(session, order, lines, by=by)
    end_order(session, order, by=by, note=reason)
    return order


def expire_due(session: Session, *, limit: int = ROUND) -> int:
    """Unpaid orders past their time give their stock and quota back and wait for late money; returns how many."""
    now = clock.now()
    due = session.exec(
        select(Order.id)
        .where(Order.payment_status == PaymentStatus.UNPAID, Order.pay_by <= now)
        .order_by(col(Order.pay_by))
        .limit(limit)
    ).all()  # fmt: skip
    done = 0
    for order_id in due:
        order = _locked(session, order_id or 0)
        if order.payment_status == PaymentStatus.UNPAID and order.status == OrderStatus.OPEN:
            _expire(session, order, _lines(session, order), by="clock")
            emit(session, "order.expired", tenant_id=order.tenant_id, key=order.number, payload={"order_number": order.number})
            done += 1
    return done


def close_stale(session: Session, *, limit: int = ROUND) -> int:
    """Expired orders no money came for in 26 hours are cancelled; returns how many."""
    stale = session.exec(
        select(Order.id)
        .where(
            Order.payment_status == PaymentStatus.EXPIRED, Order.status == OrderStatus.OPEN,
            Order.pay_by <= clock.now() - LATE_MONEY,
        )
        .limit(limit)
    ).all()  # fmt: skip
    for order_id in stale:
        order = _locked(session, order_id or 0)
        if order.status == OrderStatus.OPEN and order.payment_status == PaymentStatus.EXPIRED:
            end_order(session, order, by="clock", note="no payment in 26 h")
    return len(stale)


def _locked(session: Session, order_id: int) -> Order:
    query = select(Order).where(Order.id == order_id).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).one()


def _lines(session: Session, order: Order) -> list[OrderLine]:
    return list(session.exec(select(OrderLine).where(OrderLine.order_id == order.id)))


def _expire(session: Session, order: Order, lines: list[OrderLine], *, by: str) -> None:
    move(
        session, Order, order.id or 0, "payment_status", PAYMENT, PaymentStatus.UNPAID, PaymentStatus.EXPIRED,
        tenant_id=order.tenant_id, subject=order.number, by=by,
    )  # fmt: skip
    release(session, [line.code for line in lines], tenant_id=order.tenant_id)
    return_quota(session, per_link((line.link_id, line.quantity) for line in lines))
    release_coupon(session, order.id or 0)


def _take_back(session: Session, order: Order, lines: list[OrderLine], *, by: str) -> None:
    """Undo a payment's effects once its consignments are taken back: stock, quota, shares, income; the money is on its way."""
    codes = [line.code for line in lines]
    release(session, codes, tenant_id=order.tenant_id)
    return_quota(session, per_link((line.link_id, line.quantity) for line in lines))
    release_coupon(session, order.id or 0)
    count_sales(session, lines, sign=-1)
    reason = i18n.marked("订单取消，原路退回")
    if given_lines(session, lines):  # some of it went back before: what is left goes the same way
        give_rest(session, order, lines, key=f"cancel:{order.number}", reason=reason, asked_by=by)
        codes += given_lines(session, lines)
        reverse_for(session, codes, tenant_id=order.tenant_id, by=by, note="order cancelled")
        return
    reverse_for(session, codes, tenant_id=order.tenant_id, by=by, note="order cancelled")
    shared = session.exec(select(Journal).where(Journal.tenant_id == order.tenant_id, Journal.key == f"share:{order.number}")).one()
    reverse(session, shared, key=f"unshare:{order.number}", memo=i18n.marked("打包前取消了订单"))
    paid = session.exec(
        select(PaymentAttempt).where(
            PaymentAttempt.order_id == order.id, PaymentAttempt.status == AttemptStatus.CAPTURED, col(PaymentAttempt.duplicate_of).is_(None)
        )
    ).one()  # fmt: skip
    queue_refund(session, paid, paid.amount_fen, key=f"cancel:{order.number}", reason=reason, asked_by=by)


def end_order(session: Session, order: Order, *, by: str, note: str) -> None:
    """Cancel an open order, whose row the caller has locked, and tell those who want to know."""
    move(
        session, Order, order.id or 0, "status", ORDER, OrderStatus.OPEN, OrderStatus.CANCELLED, tenant_id=order.tenant_id,
        subject=order.number, by=by, note=note, values={"cancelled_at": clock.now()},
    )  # fmt: skip
    emit(session, "order.cancelled", tenant_id=order.tenant_id, key=order.number, payload={"order_number": order.number})
