"""What staff see before they give money back: the order's lines, what is left of each, and the refunds that wait or were given."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import exists
from sqlmodel import Session, col, select

from fulfillment.consignments.models import Consignment, ConsignmentLine, ConsignmentStatus
from shop.claims.models import Claim
from shop.orders.models import Order, OrderLine
from shop.payments.giving import Left, left_of
from shop.payments.models import Refund, RefundLine
from supply.stations.models import Station

from .models import RefundRequest, RequestStatus

MOST = 100


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with what it is about."""

    request: RefundRequest
    order: Order
    line: OrderLine
    station: Station
    refund: Refund | None


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line of an order and what of it was not given back yet."""

    line: OrderLine
    station: Station
    left: Left


def lines_left(session: Session, lines: Collection[OrderLine]) -> list[LineLeft]:
    left = left_of(session, list(lines))
    of = {s.node_id: s for s in session.exec(select(Station).where(col(Station.node_id).in_([line.station_id for line in lines])))}
    return [LineLeft(line, of[line.station_id], left[line.id or 0]) for line in lines]


def waiting(session: Session, *, tenant_id: int, stations: Collection[int] | None = None) -> list[RequestView]:
    """Requests that wait for a second person, the oldest first, and the latest that were decided after them."""
    query = _ROWS.where(RefundRequest.tenant_id == tenant_id)
    if stations is not None:
        query = query.where(col(OrderLine.station_id).in_(stations))
    wait = RefundRequest.status == RequestStatus.WAITING
    live = session.exec(query.where(wait).order_by(col(RefundRequest.id)).limit(MOST)).all()
    done = session.exec(query.where(~wait).order_by(col(RefundRequest.id).desc()).limit(20)).all()
    return [RequestView(*row) for row in (*live, *done)]


def of_order(session: Session, order: Order, lines: Collection[OrderLine]) -> list[RequestView]:
    """What was asked for of these lines, the latest first."""
    query = _ROWS.where(RefundRequest.order_id == order.id, col(RefundRequest.line_id).in_([line.id for line in lines]))
    return [RequestView(*row) for row in session.exec(query.order_by(col(RefundRequest.id).desc()))]


def one(session: Session, code: str, *, tenant_id: int) -> RequestView | None:
    row = session.exec(_ROWS.where(RefundRequest.tenant_id == tenant_id, RefundRequest.code == code)).first()
    return RequestView(*row) if row else None


def lost_and_owed(session: Session, *, tenant_id: int, stations: Collection[int] | None) -> list[tuple[Order, OrderLine]]:
    """Lines that were lost on their way and that nobody has asked for or given anything back of, what was lost first at the top."""
    query = (
        select(Order, OrderLine)
        .join(OrderLine, col(OrderLine.order_id) == col(Order.id))
        .join(ConsignmentLine, col(ConsignmentLine.line_code) == col(OrderLine.code))
        .join(Consignment, col(Consignment.id) == col(ConsignmentLine.consignment_id))
        .where(
            Consignment.tenant_id == tenant_id, Consignment.status == ConsignmentStatus.LOST,
            ~exists().where(col(RefundLine.line_id) == col(OrderLine.id)), ~exists().where(col(Claim.line_id) == col(OrderLine.id)),
            ~exists().where(col(RefundRequest.line_id) == col(OrderLine.id), col(RefundRequest.status) == RequestStatus.WAITING),
        )
        .order_by(col(Consignment.id), col(OrderLine.position))
    )  # fmt: skip
    if stations is not None:
        query = query.where(col(OrderLine.station_id).in_(stations))
    return [(order, line) for order, line in session.exec(query.limit(MOST))]


def sold_here(session: Session, *, tenant_id: int, stations: Collection[int] | None) -> list[Order]:
    """The orders paid last, a master's those of their stations: what somebody on the phone usually talks about."""
    query = select(Order).where(Order.tenant_id == tenant_id, col(Order.paid_at).is_not(None), Order.status != "cancelled")
    if stations is not None:
        query = query.where(col(Order.id).in_(select(OrderLine.order_id).where(col(OrderLine.station_id).in_(stations))))
    return list(session.exec(query.order_by(col(Order.id).desc()).limit(20)))


_ROWS = (
    select(RefundRequest, Order, OrderLine, Station, Refund)  # type: ignore[call-overload]
    .join(Order, col(Order.id) == col(RefundRequest.order_id))
    .join(OrderLine, col(OrderLine.id) == col(RefundRequest.line_id))
    .join(Station, col(Station.node_id) == col(OrderLine.station_id))
    .outerjoin(Refund, col(Refund.id) == col(RefundRequest.refund_id))
)
