"""A station's shelf as its master sees it: what is listed, at what price, how much is left."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core.paging import make_cursor, read_cursor
from core.permissions import Actor
from shop.channels.models import Channel
from supply.products.models import Product, Variant
from supply.stations.models import Station
from supply.stock.queries import available

from .models import Listing, ListingPrice
from .service import ListingUnknown

SHOWN = 60  # products a page


class Spec(NamedTuple):
    """One variant: its price (none where the listing has none) and the units free to sell."""

    variant: Variant
    price_fen: int | None
    free: int


class Shelved(NamedTuple):
    """A product of the station with its listing in the station's own channel, if any."""

    product: Product
    listing: Listing | None
    specs: list[Spec]

    @property
    def left(self) -> int:
        return sum(spec.free for spec in self.specs)


class Shelf(NamedTuple):
    """A page of it: `total` of what was asked for, and the cursor of the next page."""

    items: list[Shelved]
    total: int
    following: str | None


def shelf(session: Session, station: Station, *, name: str = "", cursor: str | None = None, limit: int = SHOWN) -> Shelf:
    """What the station grows, newest first, `limit` at a time; with a `name`, what has it in its name. Six queries at most.

    Raises Refused on a cursor that is not ours.
    """
    asked = [col(Product.tenant_id) == station.tenant_id, col(Product.station_id) == station.node_id]
    if word := name.strip().lower():
        asked.append(func.lower(col(Product.name)).contains(word, autoescape=True))
    total = session.exec(select(func.count(col(Product.id))).where(*asked)).one()
    after = read_cursor(cursor, int)
    onward = [col(Product.id) < after[0]] if after else []
    products = session.exec(select(Product).where(*asked, *onward).order_by(col(Product.id).desc()).limit(limit + 1)).all()
    following = make_cursor(products[limit - 1].id) if len(products) > limit else None
    return Shelf(_shelved(session, station, products[:limit]), total, following)


def shelved(session: Session, station: Station, product: Product) -> Shelved:
    """One product of the station as its shelf shows it."""
    return _shelved(session, station, [product])[0]


def _shelved(session: Session, station: Station, products: Sequence[Product]) -> list[Shelved]:
    """The products in their order, with listing, specs, prices and free units; four queries however many they are."""
    own = [product.id for product in products]
    listings = session.exec(
        select(Listing)
        .join(Channel, col(Channel.id) == col(Listing.channel_id))
        .where(Channel.station_id == station.node_id, col(Listing.product_id).in_(own))
    ).all()
    listed = {listing.product_id: listing for listing in listings}
    priced = session.exec(select(ListingPrice).where(col(ListingPrice.listing_id).in_([listing.id for listing in listings])))
    prices = {(price.listing_id, price.variant_id): price.price_fen for price in priced}
    variants = session.exec(select(Variant).where(col(Variant.product_id).in_(own)).order_by(col(Variant.position), col(Variant.id))).all()
    free = available(session, [variant.id or 0 for variant in variants])
    found = {product.id or 0: Shelved(product, listed.get(product.id or 0), []) for product in products}
    for variant in variants:
        item = found[variant.product_id]
        price = prices.get((item.listing.id or 0, variant.id or 0)) if item.listing else None
        item.specs.append(Spec(variant, price, free[variant.id or 0]))
    return list(found.values())


def own_listing(session: Session, actor: Actor, code: str) -> tuple[Listing, Product, Station]:
    """A listing of the caller's station (any, for an admin). Raises ListingUnknown for a foreign one too."""
    row = session.exec(
        select(Listing, Product, Station)
        .join(Product, col(Product.id) == col(Listing.product_id))
        .join(Channel, col(Channel.id) == col(Listing.channel_id))
        .join(Station, col(Station.node_id) == col(Channel.station_id))
        .where(Listing.tenant_id == actor.tenant_id, Listing.code == code)
    ).first()
    if row is None or not (actor.has("admin") or row[2].code in actor.scopes("master", "helper")):
        raise ListingUnknown("没有这条上架，或者它不是你的驿站的")
    return row[0], row[1], row[2]
