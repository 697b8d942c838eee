"""An order's stage follows its consignments, in the transaction that moves them: none → packing → in transit → delivered."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from core.moving import Step, move_all
from fulfillment.consignments.events import on_progress
from fulfillment.consignments.models import Consignment

from .models import FULFILLMENT, FulfillmentStatus, Order

AT_STATION = {"awaiting_pack", "packed"}


def stage_of(statuses: Collection[str]) -> FulfillmentStatus:
    """The order's stage from its consignments' statuses; cancelled ones do not count, what is lost or came back was not delivered."""
    live = [status for status in statuses if status != "cancelled"]
    if not live:
        return FulfillmentStatus.NONE
    if all(status == "delivered" for status in live):
        return FulfillmentStatus.DELIVERED
    if all(status in AT_STATION for status in live):
        return FulfillmentStatus.PACKING
    return FulfillmentStatus.IN_TRANSIT


@on_progress
def follow(session: Session, consignments: Sequence[Consignment]) -> None:
    """Move the orders whose stage these consignments' new statuses change; three statements and one a stage.

    The orders' rows are locked before their consignments are read, so the last of two that arrive at once sees both.
    """
    # a packed consignment's order is being packed already
    moved = {c.source_code: c.code for c in consignments if c.source_kind == "order" and c.status != "packed"}
    if not moved:
        return
    session.flush()
    tenant_id = consignments[0].tenant_id
    rows = select(col(Order.id), col(Order.number), col(Order.fulfillment_status)).where(
        Order.tenant_id == tenant_id, col(Order.number).in_(moved)
    )
    orders = session.exec(rows.order_by(col(Order.id)).with_for_update(key_share=True)).all()
    siblings: dict[str, list[str]] = defaultdict(list)
    asked = select(col(Consignment.source_code), col(Consignment.status)).where(
        Consignment.tenant_id == tenant_id, Consignment.source_kind == "order", col(Consignment.source_code).in_(moved)
    )
    for number, status in session.exec(asked):
        siblings[number].append(status)
    steps: dict[FulfillmentStatus, list[Step]] = defaultdict(list)
    for order_id, number, standing in orders:
        stage = stage_of(siblings[number])
        if FULFILLMENT.allows(standing, stage):
            steps[stage].append(Step(order_id or 0, number, standing, note=moved[number]))
    for stage, ready in steps.items():
        move_all(session, Order, "fulfillment_status", FULFILLMENT, ready, stage, tenant_id=tenant_id)
