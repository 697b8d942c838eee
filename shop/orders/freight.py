"""What an order's parcels have paid for their carriage: its freight, shared by their weight to the fen."""

from collections import defaultdict
from collections.abc import Collection

from sqlmodel import Session, col, select

from core.money import split
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.partners.freight import tells_freight

from .models import Order


@tells_freight
def freight_of_parcels(session: Session, tenant_id: int, parcels: Collection[str]) -> dict[str, int]:
    """Of orders; whatever was sent otherwise is not known here."""
    orders = (
        select(Consignment.source_code)
        .join(Parcel, col(Parcel.consignment_id) == col(Consignment.id))
        .where(Parcel.tenant_id == tenant_id, Consignment.source_kind == "order", col(Parcel.code).in_(parcels))
    )
    rows = session.exec(
        select(Order.number, Order.freight_fen, Parcel.code, Parcel.grams)
        .join(Consignment, (col(Consignment.source_code) == col(Order.number)) & (col(Consignment.source_kind) == "order"))
        .join(Parcel, col(Parcel.consignment_id) == col(Consignment.id))
        .where(Order.tenant_id == tenant_id, col(Order.number).in_(orders), Parcel.status != ParcelStatus.CANCELLED)
        .order_by(col(Parcel.id))
    )
    whole: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    for number, freight_fen, code, grams in rows:
        whole[number, freight_fen][code] = grams
    paid: dict[str, int] = {}
    for (_number, freight_fen), weights in whole.items():
        paid |= dict(zip(weights, split(freight_fen, list(weights.values())), strict=True))
    return {code: fen for code, fen in paid.items() if code in parcels}
