"""Lots as the station's book and as the public trace show them."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from supply.counties.models import Township
from supply.growers.models import Grower
from supply.products.models import Product, Variant
from supply.stations.models import Node, Station

from .models import Lot
from .service import LotUnknown


class BookLine(NamedTuple):
    """One line of a station's weigh-in book."""

    lot: Lot
    variant: Variant
    product: Product
    grower: str


class Trace(NamedTuple):
    """Where a lot came from, in public words: the grower by name, never their phone."""

    lot: Lot
    variant: Variant
    product: Product
    grower: Grower
    station: Station
    township: str


def book(session: Session, place_id: int, *, tenant_id: int, before_id: int | None = None, limit: int = 50) -> list[BookLine]:
    """A station's lots, newest first; `before_id` is the last lot id of the page before."""
    query = (
        select(Lot, Variant, Product, Grower.name)
        .join(Variant, col(Variant.id) == col(Lot.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .join(Grower, col(Grower.id) == col(Lot.grower_id))
        .where(Lot.tenant_id == tenant_id, Lot.place_id == place_id)
        .order_by(col(Lot.id).desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(col(Lot.id) < before_id)
    return [BookLine(*row) for row in session.exec(query)]


def trace(session: Session, code: str, *, tenant_id: int) -> Trace:
    """One lot's origin; one query. Raises LotUnknown."""
    row = session.execute(
        select(Lot, Variant, Product, Grower, Station, Township.name)  # type: ignore[call-overload]
        .join(Variant, col(Variant.id) == col(Lot.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .join(Grower, col(Grower.id) == col(Lot.grower_id))
        .join(Station, col(Station.node_id) == col(Product.station_id))
        .join(Node, col(Node.id) == col(Station.node_id))
        .join(Township, col(Township.id) == col(Node.township_id), isouter=True)
        .where(Lot.tenant_id == tenant_id, Lot.code == code)
    ).first()
    if row is None:
        raise LotUnknown("没有这个批次")
    return Trace(*row)
