"""An order's stage follows its consignments, in the transaction that moves them: none → packing → in transit → delivered."""

from collections.abc import Collection

from sqlmodel import Session, select

from core.status import move
from fulfillment.consignments.events import on_progress
from fulfillment.consignments.models import Consignment

from .models import FULFILLMENT, FulfillmentStatus, Order

AT_STATION = {"awaiting_pack", "packed"}
ENDED = {"delivered", "returned", "lost"}


def stage_of(statuses: Collection[str]) -> FulfillmentStatus:
    """The order's stage from its consignments' statuses; cancelled ones do not count."""
    live = [status for status in statuses if status != "cancelled"]
    if not live:
        return FulfillmentStatus.NONE
    if all(status in ENDED for status in live):
        return FulfillmentStatus.DELIVERED
    if all(status in AT_STATION for status in live):
        return FulfillmentStatus.PACKING
    return FulfillmentStatus.IN_TRANSIT


@on_progress
def follow(session: Session, consignment: Consignment) -> None:
    """Move the order when this consignment's new status changes its stage.

    The order's row is locked before its consignments are read, so the last of two that arrive at once sees both.
    """
    if consignment.source_kind != "order" or consignment.status == "packed":
        return  # a packed consignment's order is being packed already
    session.flush()
    ours = (Order.tenant_id == consignment.tenant_id, Order.number == consignment.source_code)
    if consignment.status in AT_STATION:
        standing = session.exec(select(Order.fulfillment_status).where(*ours)).one()
        if standing == FulfillmentStatus.PACKING:
            return
    query = select(Order).where(*ours)
    order = session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).one()
    siblings = session.exec(
        select(Consignment.status).where(
            Consignment.tenant_id == consignment.tenant_id, Consignment.source_kind == "order", Consignment.source_code == order.number
        )
    ).all()
    stage = stage_of(siblings)
    if FULFILLMENT.allows(order.fulfillment_status, stage):
        move(
            session, Order, order.id or 0, "fulfillment_status", FULFILLMENT, order.fulfillment_status, stage,
            tenant_id=order.tenant_id, subject=order.number, note=consignment.code,
        )  # fmt: skip
