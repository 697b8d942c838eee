"""What is for sale now, read live from the database in one statement whatever the number of products.

A product is for sale where a published listing of an open channel says so today; its price is the lowest of those, its
stock what is free at its own station. Out of its months it is shown, but not sold.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Date, Select, and_, bindparam, literal_column, or_
from sqlmodel import Session, col, select

from core import clock, quantity
from shop.channels.models import Channel
from shop.listings.models import Listing, ListingPrice
from supply.counties.models import Township
from supply.products.models import Product, Variant
from supply.stations.models import Node, Station
from supply.stock.models import StockLevel

FREE = col(StockLevel.on_hand) - col(StockLevel.reserved) - col(StockLevel.allocated)
BY_WEIGHT = re.compile(r"[0-9.]+ *(斤|kg|公斤)")
FEW = 20


@dataclass(slots=True)
class Offer:
    """One variant as it is sold now; weights in grams, volume in ml, price in fen."""

    variant_id: int
    sku: str
    spec: str
    net_g: int
    gross_g: int
    ml: int
    box_milli: int
    position: int
    price_fen: int
    available: int

    @property
    def per_jin_fen(self) -> int | None:
        """Price of one 斤, for what is sold by weight; none for pieces and gift boxes."""
        return quantity.fen_per_jin(self.price_fen, self.net_g) if _is_by_weight(self.spec) else None


@dataclass(slots=True)
class Card:
    """A product with its live offers, cheapest first."""

    id: int
    code: str
    name: str
    category: str
    story: str
    storage: str
    months: list[int]
    shelf_days: int
    picture: str
    sales: int
    version: int
    created_at: datetime
    station_id: int
    station_code: str
    station_name: str
    township: str
    is_open: bool
    is_flagship: bool
    in_season: bool  # on the day it was read
    offers: list[Offer] = field(default_factory=list)

    @property
    def cheapest(self) -> Offer:
        return self.offers[0]

    @property
    def price_fen(self) -> int:
        return self.offers[0].price_fen

    @property
    def available(self) -> int:
        return sum(offer.available for offer in self.offers)

    @property
    def in_stock(self) -> bool:
        return self.is_open and self.in_season and any(offer.available for offer in self.offers)


@lru_cache(maxsize=1000)
def _is_by_weight(spec: str) -> bool:
    return BY_WEIGHT.search(spec) is not None


TODAY = bindparam("today", type_=Date)  # statements built once ask for the day when they run
# ListingStatus.PUBLISHED and ChannelKind.MARKET, written into the statement: for a parameter PostgreSQL's kept plan reckons that
# `kind != $1` leaves no channel, and walks the whole county channel by channel.
PUBLISHED: ColumnElement[str] = literal_column("'published'")
MARKET: ColumnElement[str] = literal_column("'market'")


def live_listing(today: date | BindParameter[date]) -> ColumnElement[bool]:
    """A listing that sells on this day."""
    return and_(
        col(Listing.status) == PUBLISHED,
        or_(col(Listing.starts_on).is_(None), col(Listing.starts_on) <= today),
        or_(col(Listing.ends_on).is_(None), col(Listing.ends_on) >= today),
    )


def open_channel() -> ColumnElement[bool]:
    """A channel of our own that buyers may enter."""
    return and_(col(Channel.closed_at).is_(None), col(Channel.kind) != MARKET)


def offers(*where: Any) -> Select[Any]:
    """Rows of product, station, variant, price and free stock; one for each live listing of a variant.

    The day is the parameter `today`: `read_cards` gives it. Build the statement once, outside the function that runs it.
    The joins are one chain of keys: a second way from product to variant would make PostgreSQL expect a single row of
    their join and read whole tables before the products that were asked for.
    """
    columns: Any = select(
        Product.id, Product.code, Product.name, Product.category, Product.story, Product.storage, Product.months, Product.shelf_days,  # type: ignore[call-overload]
        Product.picture, Product.sales, Product.version, Product.created_at, Product.station_id, Station.code, Station.name, Township.name,
        col(Station.closed_at).is_(None), Station.is_flagship,
        Variant.id, Variant.sku, Variant.spec, Variant.net_g, Variant.gross_g, Variant.ml, Variant.box_milli, Variant.position,
        ListingPrice.price_fen, FREE,
    )  # fmt: skip
    joined: Select[Any] = (
        columns.select_from(Product)
        .join(Listing, and_(col(Listing.product_id) == col(Product.id), live_listing(TODAY)))
        .join(Channel, and_(col(Channel.id) == col(Listing.channel_id), open_channel()))
        .join(ListingPrice, col(ListingPrice.listing_id) == col(Listing.id))
        .join(Variant, col(Variant.id) == col(ListingPrice.variant_id))
        .join(Station, col(Station.node_id) == col(Product.station_id))
        .join(Node, col(Node.id) == col(Product.station_id))
        .outerjoin(Township, col(Township.id) == col(Node.township_id))
        .outerjoin(StockLevel, and_(col(StockLevel.variant_id) == col(Variant.id), col(StockLevel.place_id) == col(Product.station_id)))
        .where(*where)
    )
    return joined


def read_cards(session: Session, statement: Select[Any], **values: Any) -> dict[int, Card]:
    """The statement's rows as cards by product id, in the order of the rows; a variant in two channels has its lower price."""
    today = clock.today()
    return gather(session.connection().execute(statement, {"today": today, **values}).all(), today)


def gather(rows: Iterable[Any], today: date) -> dict[int, Card]:
    """Rows of `offers` as cards."""
    cards: dict[int, Card] = {}
    for row in rows:
        product_id = row[0]
        card = cards.get(product_id)
        if card is None:
            in_season = not row[6] or today.month in row[6]
            card = cards[product_id] = Card(*(*row[:15], row[15] or "", bool(row[16]), bool(row[17]), in_season))
        known = next((offer for offer in card.offers if offer.variant_id == row[18]), None)
        if known is None:
            card.offers.append(Offer(*(*row[18:27], row[27] or 0)))
        elif row[26] < known.price_fen:
            known.price_fen = row[26]
    for card in cards.values():
        card.offers.sort(key=lambda offer: (offer.price_fen, offer.position))
    return cards
