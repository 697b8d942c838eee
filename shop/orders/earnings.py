"""What delivery means for money: claim windows begin; and when the last has ended, the order is completed.

A line's window is its product's category's, as the county's claim rules say. It begins when its whole consignment was
delivered, and begins anew when later scans correct that moment, as long as its income is pending and nobody claims or disputes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, exists, select

from core import clock, db, i18n
from core.money import format_fen
from core.status import StatusMoved, move
from core.tasks import every
from fulfillment.consignments.events import on_dated
from fulfillment.consignments.models import Consignment, ConsignmentLine, Parcel
from fulfillment.income.causes import Cause, opens
from fulfillment.income.models import IncomeEntry, IncomeState
from fulfillment.income.service import start_windows
from shop.claims.models import LIVE as CLAIM_LIVE
from shop.claims.models import Claim
from shop.disputes.models import LIVE as DISPUTE_LIVE
from shop.disputes.models import PaymentDispute
from shop.payments.models import Refund, RefundLine
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.products.models import Product, Variant

from .models import ORDER, FulfillmentStatus, Order, OrderLine, OrderStatus

_ = i18n.gettext
A_BATCH = 500


@on_dated
def begin_windows(session: Session, consignments: Sequence[Consignment]) -> None:
    """On delivery, every line's income and every parcel's packing fee learn when they become payable."""
    delivered = {c.id or 0: c.delivered_at for c in consignments if c.delivered_at and c.source_kind == "order"}
    if not delivered:
        return
    tenant_id = consignments[0].tenant_id
    policy = policy_of(session.get_one(County, tenant_id))
    lines = session.exec(
        select(ConsignmentLine.consignment_id, ConsignmentLine.line_code, Product.category)
        .join(Variant, col(Variant.id) == col(ConsignmentLine.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(col(ConsignmentLine.consignment_id).in_(delivered))
    )
    held = _held(session, [c.source_code for c in consignments], tenant_id=tenant_id)
    ends = {
        code: delivered[owner] + timedelta(hours=policy.claim_rule(category).window_h)
        for owner, code, category in lines
        if code not in held
    }
    start_windows(session, ends | _of_parcels(session, ends) | _of_refunds(session, ends), tenant_id=tenant_id)


def _held(session: Session, numbers: Sequence[str], *, tenant_id: int) -> set[str]:
    """Lines whose income waits for people, whatever scans say of their delivery: somebody claims, or a bank looks at the payment."""
    own = (Order.tenant_id == tenant_id, col(Order.number).in_(numbers))
    lines = select(OrderLine.code).join(Order, col(Order.id) == col(OrderLine.order_id)).where(*own)
    claimed = lines.join(Claim, col(Claim.line_id) == col(OrderLine.id)).where(col(Claim.status).in_(CLAIM_LIVE))
    disputed = lines.join(PaymentDispute, col(PaymentDispute.order_id) == col(Order.id)).where(col(PaymentDispute.status).in_(DISPUTE_LIVE))
    return {*session.exec(claimed), *session.exec(disputed)}


def _of_parcels(session: Session, ends: Mapping[str, datetime]) -> dict[str, datetime]:
    """A parcel's packing fee waits until the last line of its consignment has no window any more; `ends` by line code."""
    rows = session.exec(
        select(Parcel.code, ConsignmentLine.line_code)
        .join(ConsignmentLine, col(ConsignmentLine.consignment_id) == col(Parcel.consignment_id))
        .where(col(ConsignmentLine.line_code).in_(ends))
    )
    latest: dict[str, datetime] = {}
    for parcel, line in rows:
        latest[parcel] = max(ends[line], latest.get(parcel, ends[line]))
    return latest


def _of_refunds(session: Session, ends: Mapping[str, datetime]) -> dict[str, datetime]:
    """What was given back of a line before it was delivered reduces its income, and waits with it."""
    rows = session.exec(
        select(RefundLine.code, OrderLine.code)
        .join(OrderLine, col(OrderLine.id) == col(RefundLine.line_id))
        .where(col(OrderLine.code).in_(ends))
    )
    return {refund: ends[line] for refund, line in rows}


@every(300, "orders.complete")
def complete_orders() -> None:
    """Delivered orders whose lines wait for no claim window any more."""
    waiting = (
        select(OrderLine.id)
        .join(IncomeEntry, (col(IncomeEntry.cause_code) == col(OrderLine.code)) & (col(IncomeEntry.tenant_id) == col(OrderLine.tenant_id)))
        .where(col(OrderLine.order_id) == col(Order.id), IncomeEntry.state == IncomeState.PENDING)
    )
    with db.reading() as session:
        due = session.exec(
            select(Order)
            .where(
                Order.status == OrderStatus.OPEN, Order.fulfillment_status == FulfillmentStatus.DELIVERED, ~exists(waiting.correlate(Order))
            )
            .order_by(col(Order.id))
            .limit(A_BATCH)
        ).all()
    for order in due:
        db.run_write(lambda session, order=order: _complete(session, order))  # type: ignore[misc]


def _complete(session: Session, order: Order) -> None:
    try:
        move(
            session, Order, order.id or 0, "status", ORDER, OrderStatus.OPEN, OrderStatus.COMPLETED, tenant_id=order.tenant_id,
            subject=order.number, values={"completed_at": clock.now()},
        )  # fmt: skip
    except StatusMoved:
        return  # cancelled meanwhile


@opens("order_line")
def tell_line(session: Session, tenant_id: int, code: str) -> Cause | None:
    """A sold line as the one who earned by it may see it: goods and city, never the buyer."""
    row = session.exec(
        select(OrderLine, Order)
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(OrderLine.tenant_id == tenant_id, OrderLine.code == code)
    ).first()
    if row is None:
        return None
    line, order = row
    return Cause(_("订单 {number}").format(number=order.number), _sold(line, order))


@opens("refund")
def tell_refund(session: Session, tenant_id: int, code: str) -> Cause | None:
    """What was given back of a sold line, why, and what had been sold."""
    row = session.exec(
        select(RefundLine, Refund, OrderLine, Order)
        .join(Refund, col(Refund.id) == col(RefundLine.refund_id))
        .join(OrderLine, col(OrderLine.id) == col(RefundLine.line_id))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(RefundLine.tenant_id == tenant_id, RefundLine.code == code)
    ).first()
    if row is None:
        return None
    given, refund, line, order = row
    facts = [
        (_("退给买家"), f"¥{format_fen(given.amount_fen)}"),
        (_("为什么"), i18n.retold(refund.reason)),
        (_("哪天"), i18n.moment(refund.created_at)),
    ]
    return Cause(_("订单 {number} 的退款").format(number=order.number), facts + _sold(line, order))


def _sold(line: OrderLine, order: Order) -> list[tuple[str, str]]:
    return [
        (_("买了"), f"{line.name} {line.spec} × {line.quantity}"),
        (_("单价"), f"¥{format_fen(line.price_fen)}"),
        (_("货款"), f"¥{format_fen(line.goods_fen)}"),
        (_("寄往"), f"{order.city}{order.district}"),
        (_("下单"), i18n.moment(order.placed_at)),
    ]
