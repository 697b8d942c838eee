"""A county with many products really in its database: the rows a shelf of so many would have, in bulk inserts.

The produce is `bench.search_products`'s, spread over the stations and growers of the loaded county. The index is not told:
run `jishi reindex` afterwards.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from bench.rig import know_tables
from bench.search_products import PLACES, products
from core import clock, db
from core.codes import new_code
from shop.channels.models import Channel
from shop.listings.models import Listing, ListingPrice, ListingStatus
from shop.search.engine import Document
from supply.counties.loading import ids_by, insert_rows
from supply.counties.models import County
from supply.growers.models import Grower
from supply.products.models import Product, Variant
from supply.stations.models import Station
from supply.stock.opening import Slip, open_stock

CHUNK = 5_000
ON_HAND = 60
GROSS_G, NET_G, ML, BOX_MILLI = 1_100, 1_000, 3_000, 50
SHELF_DAYS = 30


class Seed(NamedTuple):
    """One product to be: its codes, what it is, and where it stands."""

    product: str
    sku: str
    listing: str
    what: Document
    station_id: int
    channel_id: int
    grower_id: int


def stock_many(count: int) -> None:
    """Add `count` listed products with one variant each, and stock where their document is sellable."""
    with db.reading() as session:
        county = session.exec(select(County)).one()
        stations = session.exec(select(Station.node_id).where(Station.tenant_id == county.id).order_by(col(Station.node_id))).all()
        growers = session.exec(select(Grower.id).where(Grower.tenant_id == county.id).order_by(col(Grower.id))).all()
        channels = dict(session.exec(select(Channel.station_id, Channel.id).where(Channel.tenant_id == county.id)).all())
    step, seeds = max(1, len(stations) // len(PLACES)), []
    for n, what in enumerate(products(count), 1):
        there = stations[(int(what.station[-2:]) * step + n % step) % len(stations)]
        seeds.append(Seed(new_code("P"), new_code("K"), new_code("G"), what, there, channels[there] or 0, growers[n % len(growers)] or 0))
        if len(seeds) == CHUNK or n == count:
            with db.writing() as session:
                _insert(session, county.id or 0, seeds)
            seeds = []
    know_tables()


def _insert(session: Session, tenant_id: int, seeds: list[Seed]) -> None:
    now, today = clock.now(), clock.today()
    insert_rows(
        session, Product, tenant_id,
        (
            {"code": s.product, "name": s.what.name, "category": s.what.category, "station_id": s.station_id, "grower_id": s.grower_id,
             "story": s.what.story, "storage": s.what.storage, "shelf_days": SHELF_DAYS, "months": list(s.what.months),
             "sales": s.what.sales, "created_at": datetime.fromtimestamp(s.what.created_ts, UTC)}
            for s in seeds
        ),
    )  # fmt: skip
    products_by_code = ids_by(session, Product, tenant_id)
    insert_rows(
        session, Variant, tenant_id,
        (
            {"product_id": products_by_code[s.product], "sku": s.sku, "spec": s.what.spec, "net_g": NET_G, "gross_g": GROSS_G, "ml": ML,
             "box_milli": BOX_MILLI}
            for s in seeds
        ),
    )  # fmt: skip
    insert_rows(
        session, Listing, tenant_id,
        (
            {"code": s.listing, "channel_id": s.channel_id, "product_id": products_by_code[s.product],
             "status": ListingStatus.PUBLISHED, "published_at": now}
            for s in seeds
        ),
    )  # fmt: skip
    variants, listings = ids_by(session, Variant, tenant_id, "sku"), ids_by(session, Listing, tenant_id)
    insert_rows(
        session, ListingPrice, tenant_id,
        ({"listing_id": listings[s.listing], "variant_id": variants[s.sku], "price_fen": s.what.price_fen} for s in seeds),
    )  # fmt: skip
    until = today + timedelta(days=SHELF_DAYS)
    slips = [Slip(variants[s.sku], s.station_id, s.grower_id, ON_HAND * s.what.sellable, ON_HAND * NET_G, today, until) for s in seeds]
    open_stock(session, slips, tenant_id=tenant_id)
