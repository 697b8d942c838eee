"""The road of a lot: weighed in, packed into parcels, handed on with them, spoiled on the shelf. Six queries, however many parcels."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from fulfillment.consignments.models import LotBinding, Parcel
from fulfillment.custody.models import Custody
from supply.lots.service import lot_named
from supply.products.models import Product, Variant
from supply.stations.models import Node
from supply.stock.models import MovementKind, StockMovement

MOST_PARCELS = 500  # told of one lot, first packed first


class Packed(NamedTuple):
    """Units of the lot in one parcel."""

    parcel: str
    units: int
    at: datetime
    status: str
    delivered_at: datetime | None


class Handed(NamedTuple):
    """A parcel came into other hands; `kind` is station, hub, departure or carrier, `scan` names the scan that says so."""

    parcel: str
    kind: str
    holder: str
    giver: str
    at: datetime
    scan: str


class Spoiled(NamedTuple):
    units: int
    at: datetime
    key: str


class LotRoad(NamedTuple):
    """`places` names the nodes by code; weights in grams."""

    code: str
    product: str
    spec: str
    place: str
    units: int
    grams: int
    harvested_on: date
    received_at: datetime
    best_before: date
    packed: list[Packed]
    handed: list[Handed]
    spoiled: list[Spoiled]
    places: dict[str, str]


def road_of_lot(session: Session, code: str, *, tenant_id: int) -> LotRoad:
    """Everything that happened to a lot, as scanned. Raises LotUnknown."""
    lot = lot_named(session, code, tenant_id=tenant_id)
    product, spec, place = session.exec(
        select(Product.name, Variant.spec, Node.code)
        .join(Variant, col(Variant.product_id) == col(Product.id))
        .join(Node, col(Node.id) == lot.place_id)
        .where(Variant.id == lot.variant_id)
    ).one()
    bound = session.execute(
        sql_select(
            col(Parcel.code), func.sum(col(LotBinding.quantity)), col(Parcel.packed_at), col(Parcel.status), col(Parcel.delivered_at)
        )
        .join(LotBinding, col(LotBinding.parcel_id) == col(Parcel.id))
        .where(col(LotBinding.lot_id) == lot.id, col(Parcel.packed_at).is_not(None))
        .group_by(col(Parcel.id))
        .order_by(col(Parcel.packed_at), col(Parcel.id))
        .limit(MOST_PARCELS)
    )
    packed = [Packed(parcel, int(units), at, status, delivered) for parcel, units, at, status, delivered in bound]
    hands = (Custody.parcel_code, Custody.holder_kind, Custody.holder_code, Custody.giver_code, Custody.began_at, Custody.scan_event)
    taken = session.execute(
        sql_select(*(col(each) for each in hands))
        .where(col(Custody.parcel_code).in_({each.parcel for each in packed}))
        .order_by(col(Custody.began_at), col(Custody.id))
    )
    handed = [Handed(*row) for row in taken]
    wasted = session.exec(
        select(StockMovement.quantity, StockMovement.at, StockMovement.key)
        .where(StockMovement.tenant_id == tenant_id, StockMovement.lot_id == lot.id, StockMovement.kind == MovementKind.WASTED)
        .order_by(col(StockMovement.id))
    )
    spoiled = [Spoiled(-units, at, key) for units, at, key in wasted]
    codes = {place} | {at for hand in handed for at in (hand.holder, hand.giver)}
    places = dict(session.exec(select(Node.code, Node.name).where(Node.tenant_id == tenant_id, col(Node.code).in_(codes))).all())
    return LotRoad(
        lot.code, product, spec, place, lot.received, lot.grams, lot.harvested_on, lot.received_at, lot.best_before, packed, handed,
        spoiled, places,
    )  # fmt: skip
