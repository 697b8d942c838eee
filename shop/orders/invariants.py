"""What always holds of orders: totals and shares add up (I3), paid lines are consigned once (I5), histories are legal (I9)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import case, exists
from sqlmodel import Session, and_, col, func, or_, select

from core.invariants import invariant
from core.ledger.models import Account, Journal, Posting
from core.status import StatusEvent
from fulfillment.consignments.models import Consignment, ConsignmentLine, ConsignmentStatus

from .models import FULFILLMENT, ORDER, PAYMENT, LineShare, Order, OrderLine, OrderStatus, PaymentStatus

PAID = (PaymentStatus.PAID, PaymentStatus.PART_REFUNDED)


@invariant("I3", "an order's lines add up to its goods, freight and discount", tables=("orders", "order_line"))
def lines_add_up(session: Session) -> Iterable[str]:
    sums = (
        select(
            OrderLine.order_id, func.sum(OrderLine.goods_fen).label("goods"), func.sum(OrderLine.freight_fen).label("freight"),  # type: ignore[call-overload]
            func.sum(OrderLine.discount_fen).label("discount"),
            func.sum(case((col(OrderLine.goods_fen) != col(OrderLine.price_fen) * col(OrderLine.quantity), 1), else_=0)).label("wrong"),
        )
        .group_by(col(OrderLine.order_id))
        .subquery()
    )  # fmt: skip
    bad = or_(
        sums.c.goods.is_(None), sums.c.goods != Order.goods_fen, sums.c.freight != Order.freight_fen,
        sums.c.discount != Order.discount_fen, sums.c.wrong > 0,
    )  # fmt: skip
    return session.exec(select(Order.number).outerjoin(sums, sums.c.order_id == Order.id).where(bad)).all()


@invariant("I3", "a line's shares sum to goods less discount plus freight, none missing", tables=("order_line", "line_share"))
def shares_add_up(session: Session) -> Iterable[str]:
    roles = func.sum(case((col(LineShare.role).in_(("grower", "master", "transport", "platform")), 1), else_=0))
    due = col(OrderLine.goods_fen) - col(OrderLine.discount_fen) + col(OrderLine.freight_fen)
    rows = (
        select(OrderLine.code)
        .outerjoin(LineShare, col(LineShare.line_id) == col(OrderLine.id))
        .group_by(col(OrderLine.id), col(OrderLine.code))
        .having(or_(func.coalesce(func.sum(LineShare.amount_fen), -1) != due, roles != 4))
    )
    return session.exec(rows).all()


@invariant("I3", "a paid order's shares stand in the ledger to the fen", tables=("orders", "journal", "posting"))
def shares_are_posted(session: Session) -> Iterable[str]:
    """The share entries of an order, reversals included, move its total out of the buyer account while it is paid, else nothing."""
    moved = (
        select(Journal.tenant_id, Journal.cause_code, func.sum(Posting.amount_fen).label("fen"))
        .join(Posting, col(Posting.journal_id) == col(Journal.id))
        .join(Account, col(Account.id) == col(Posting.account_id))
        .where(col(Journal.kind).in_(("share", "reverse_share")), Account.code == "buyer")
        .group_by(col(Journal.tenant_id), col(Journal.cause_code))
        .subquery()
    )
    live = and_(col(Order.payment_status).in_(PAID), col(Order.status) != OrderStatus.CANCELLED)
    due = case((live, col(Order.total_fen)), else_=0)
    joined = and_(moved.c.cause_code == Order.number, moved.c.tenant_id == Order.tenant_id)
    return session.exec(select(Order.number).outerjoin(moved, joined).where(func.coalesce(moved.c.fen, 0) != due)).all()


@invariant("I5", "every line of a paid, open order is in one active consignment, no other line in any", tables=("orders", "consignment"))
def paid_lines_are_consigned(session: Session) -> Iterable[str]:
    active = (
        exists()
        .where(
            col(ConsignmentLine.line_code) == col(OrderLine.code),
            col(Consignment.id) == col(ConsignmentLine.consignment_id),
            col(Consignment.status) != ConsignmentStatus.CANCELLED,
        )
        .correlate(OrderLine)
    )
    due = and_(col(Order.payment_status).in_(PAID), col(Order.status) != OrderStatus.CANCELLED)
    never = or_(col(Order.payment_status).in_((PaymentStatus.UNPAID, PaymentStatus.EXPIRED)), col(Order.status) == OrderStatus.CANCELLED)
    rows = select(OrderLine.code).join(Order, col(Order.id) == col(OrderLine.order_id)).where(or_(and_(due, ~active), and_(never, active)))
    return session.exec(rows).all()


@invariant("I9", "an order stands where its history ends", tables=("orders", "status_event"))
def orders_stand_at_their_end(session: Session) -> Iterable[str]:
    for moves, column in ((ORDER, Order.status), (PAYMENT, Order.payment_status), (FULFILLMENT, Order.fulfillment_status)):
        yield from elsewhere(session, moves.kind, col(Order.number), col(column))


def elsewhere(session: Session, kind: str, code: Any, status: Any) -> list[str]:
    """Subjects whose stored status is not the target of their last event (or that have no event)."""
    last = (
        select(StatusEvent.subject, func.max(col(StatusEvent.id)).label("id"))
        .where(StatusEvent.kind == kind)
        .group_by(col(StatusEvent.subject))
        .subquery()
    )
    rows = session.execute(
        select(code, status, StatusEvent.target)
        .outerjoin(last, last.c.subject == code)
        .outerjoin(StatusEvent, col(StatusEvent.id) == last.c.id)
        .where(or_(col(StatusEvent.target).is_(None), col(StatusEvent.target) != status))
    )
    return [f"{kind} {subject[:20]} stands at {stands}, its history at {ended}" for subject, stands, ended in rows]
