"""I8 and I9: what became of an order is in its history, and was told to whoever must act on it."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import KEPT, elsewhere
from core.invariants import invariant, rule
from shop.orders.models import FULFILLMENT, ORDER, PAYMENT, Order


@invariant("I9", "an order stands where its history ends", tables=("orders", "status_event"))
def orders_stand_at_their_end(session: Session) -> Iterable[str]:
    for moves, column in ((ORDER, Order.status), (PAYMENT, Order.payment_status), (FULFILLMENT, Order.fulfillment_status)):
        yield from elsewhere(session, moves, col(Order.number), col(column))


rule(
    "I8",
    "every order that was paid, expired or cancelled is told of",
    ago=KEPT,
    broken="""
    SELECT told.topic, told.number FROM (
        SELECT o.tenant_id, o.number, 'order.paid' AS topic FROM orders o WHERE o.paid_at > :then
        UNION ALL
        SELECT o.tenant_id, o.number, 'order.cancelled' FROM orders o WHERE o.status = 'cancelled' AND o.cancelled_at > :then
        UNION ALL
        SELECT o.tenant_id, o.number, 'order.expired' FROM orders o
        WHERE o.status = 'open' AND o.payment_status = 'expired' AND o.pay_by > :then
    ) AS told
    WHERE NOT EXISTS (SELECT 1 FROM outbox w WHERE w.tenant_id = told.tenant_id AND w.topic = told.topic AND w.key = told.number)
    """,
)

rule(
    "I9",
    "an order's moments are those of its states",
    broken="""
    SELECT o.number, o.status, o.payment_status FROM orders o
    WHERE (o.paid_at IS NULL) <> (o.payment_status IN ('unpaid', 'expired') OR (o.payment_status = 'refunded' AND NOT EXISTS (
            SELECT 1 FROM status_event e WHERE e.tenant_id = o.tenant_id AND e.kind = 'order.payment' AND e.subject = o.number
                AND e.target = 'paid')))
        OR (o.cancelled_at IS NULL) <> (o.status <> 'cancelled')
        OR (o.completed_at IS NULL) <> (o.status <> 'completed')
    """,
)
