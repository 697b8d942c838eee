"""A station's shelf as its master sees it: what is listed, at what price, how much is left."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from core.errors import NotFound
from core.permissions import Actor
from shop.channels.models import Channel
from supply.products.models import Product, Variant
from supply.products.queries import products_of
from supply.stations.models import Station

from .models import Listing, ListingPrice
from .service import ListingUnknown


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


def station_for(session: Session, actor: Actor, wanted: str = "") -> Station:
    """The station whose shelf the caller keeps: the asked one if it is theirs (an admin's: any), else their first."""
    codes = actor.scopes("master", "helper")
    code = wanted if wanted and (wanted in codes or actor.has("admin")) else min(codes, default="")
    found = session.exec(select(Station).where(Station.tenant_id == actor.tenant_id, Station.code == code)).first()
    if found is None:
        raise NotFound("你名下还没有驿站，请联系县管理员")
    return found


def shelf(session: Session, station: Station) -> list[Shelved]:
    """Everything the station grows, newest first. Five queries however much there is."""
    rows = session.exec(
        select(Listing).join(Channel, col(Channel.id) == col(Listing.channel_id)).where(Channel.station_id == station.node_id)
    ).all()
    listed = {listing.product_id: listing for listing in rows}
    priced = session.exec(select(ListingPrice).where(col(ListingPrice.listing_id).in_([listing.id for listing in rows])))
    prices = {(p.listing_id, p.variant_id): p.price_fen for p in priced}
    found = []
    for stocked in products_of(session, station.node_id, tenant_id=station.tenant_id):
        listing = listed.get(stocked.product.id or 0)
        listing_id = listing.id if listing else 0
        specs = [Spec(v, prices.get((listing_id or 0, v.id or 0)), stocked.free[v.id or 0]) for v in stocked.variants]
        found.append(Shelved(stocked.product, listing, specs))
    return found


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
