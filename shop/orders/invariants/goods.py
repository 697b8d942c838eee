"""I4 and I5: an order's lines hold their units while it lives, and are consigned once it is paid, unit for unit."""

from collections.abc import Iterable

from sqlalchemy import exists
from sqlmodel import Session, and_, col, or_, select

from core.invariants import invariant, rule
from fulfillment.consignments.models import Consignment, ConsignmentLine, ConsignmentStatus
from shop.orders.models import Order, OrderLine, OrderStatus, PaymentStatus

from .amounts import PAID


@invariant(
    "I5",
    "every line of a paid, open order is in one active consignment, no other line in any",
    tables=("orders", "order_line", "consignment", "consignment_line"),
)
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


rule(
    "I5",
    "a consignment of an order ships that order's lines, as many units and from where they were sold",
    broken="""
    SELECT c.code, c.source_code, n.line_code FROM consignment c
    LEFT JOIN consignment_line n ON n.consignment_id = c.id
    LEFT JOIN orders o ON o.number = c.source_code AND o.tenant_id = c.tenant_id
    LEFT JOIN order_line l ON l.code = n.line_code AND l.order_id = o.id
    WHERE c.source_kind = 'order' AND (l.id IS NULL OR l.quantity <> n.quantity OR l.variant_id <> n.variant_id
        OR l.station_id <> c.station_id OR l.tier <> c.tier)
    """,
)

rule(
    "I4",
    "a line holds its units while its order lives: reserved until it is paid, allocated or packed from then on; else none",
    broken="""
    SELECT code, status, payment_status, quantity, reserved, allocated, packed FROM (
        SELECT l.code, o.status, o.payment_status, l.quantity,
            coalesce(sum(CASE WHEN h.state = 'reserved' THEN h.quantity END), 0) AS reserved,
            coalesce(sum(CASE WHEN h.state = 'allocated' THEN h.quantity END), 0) AS allocated,
            coalesce(sum(CASE WHEN h.state = 'consumed' THEN h.quantity END), 0) AS packed,
            sum(CASE WHEN h.level_id <> l.level_id THEN 1 ELSE 0 END) AS strange
        FROM order_line l JOIN orders o ON o.id = l.order_id LEFT JOIN stock_hold h ON h.cause = l.code AND h.tenant_id = l.tenant_id
        GROUP BY l.id, l.code, o.status, o.payment_status, l.quantity
    ) AS held WHERE strange > 0
        OR reserved <> CASE WHEN status <> 'cancelled' AND payment_status = 'unpaid' THEN quantity ELSE 0 END
        OR allocated + packed <> CASE WHEN status <> 'cancelled' AND payment_status IN ('paid', 'part_refunded', 'refunded')
            THEN quantity ELSE 0 END
    """,
)

rule(
    "I13",
    "a product's sales are the units of its paid orders that stand",
    broken="""
    SELECT p.code, p.sales, coalesce(s.units, 0) FROM product p LEFT JOIN (
        SELECT l.product_code, sum(l.quantity) AS units FROM order_line l JOIN orders o ON o.id = l.order_id
        WHERE o.paid_at IS NOT NULL AND o.status <> 'cancelled' GROUP BY l.product_code
    ) AS s ON s.product_code = p.code WHERE p.sales <> coalesce(s.units, 0)
    """,
)
