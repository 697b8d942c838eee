"""Searching without an engine: the database's LIKE with plain ranking, so that browsing goes on when the engine is down."""

from collections import Counter
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from shop.catalogue.offers import live_listing, open_channel
from shop.channels.models import Channel
from shop.listings.models import Listing, ListingPrice
from supply.counties.models import Township
from supply.products.models import Product
from supply.stations.models import Node, Station

from .engine import FACETS, Hit, Query, Result, Sort
from .highlight import Segment
from .text import SYNONYMS, Run

ENGINE = "database"
MOST_ROWS = 5_000  # an emergency answer need not rank more


def plain_search(session: Session, query: Query, today: Any) -> Result:
    """The same question as an engine's, answered from the tables. One query."""
    terms = query.terms()
    if terms is None:
        return Result(engine=ENGINE)
    rows = [row for row in session.connection().execute(_matching(query, terms, today)) if _fits(row, query)]
    rows.sort(key=lambda row: _rank(row, query, terms))
    offset, limit = query.window
    hits = tuple(Hit(row.code, (Segment(row.name, False),), 0.0) for row in rows[offset : offset + limit])
    facets = {facet: dict(Counter(getattr(row, facet) for row in rows).most_common()) for facet in query.facets if facet in FACETS}
    return Result(hits=hits, total=len(rows), facets=facets, engine=ENGINE)


def _matching(query: Query, terms: tuple[Run, ...], today: Any) -> Any:
    searched = [
        func.lower(c) for c in (col(Product.name), col(Product.category), col(Product.story), col(Station.name), col(Township.name))
    ]
    words = [
        or_(*(column.like(f"%{word}%") for word in (term.text, *SYNONYMS.get(term.text, ())) for column in searched))
        for term in terms
    ]  # fmt: skip
    same = {Product.category: query.category, Station.code: query.station, Product.storage: query.storage}
    filters = [col(column) == value for column, value in same.items() if value is not None]
    price = func.min(ListingPrice.price_fen)
    return (
        select(  # type: ignore[call-overload]
            Product.code, Product.name, Product.category, Product.storage, Product.months, Product.sales, Product.created_at, Product.id,
            Station.code.label("station"), price.label("price_fen"),  # type: ignore[attr-defined]
        )
        .select_from(Product)
        .join(Listing, and_(col(Listing.product_id) == col(Product.id), live_listing(today)))
        .join(Channel, and_(col(Channel.id) == col(Listing.channel_id), open_channel()))
        .join(ListingPrice, col(ListingPrice.listing_id) == col(Listing.id))
        .join(Station, col(Station.node_id) == col(Product.station_id))
        .join(Node, col(Node.id) == col(Product.station_id))
        .outerjoin(Township, col(Township.id) == col(Node.township_id))
        .where(Product.tenant_id == query.tenant, *words, *filters)
        .group_by(col(Product.id), col(Station.node_id))
        .order_by(col(Product.sales).desc(), col(Product.id))
        .limit(MOST_ROWS)
    )  # fmt: skip


def _fits(row: Any, query: Query) -> bool:
    low, high = query.prices
    in_season = query.in_season is None or query.in_season in row.months
    off_season = query.off_season is None or query.off_season not in row.months
    return in_season and off_season and (low is None or row.price_fen >= low) and (high is None or row.price_fen <= high)


def _rank(row: Any, query: Query, terms: tuple[Run, ...]) -> tuple[float, ...]:
    keys = {
        Sort.PRICE: (row.price_fen,), Sort.PRICE_DOWN: (-row.price_fen,), Sort.SALES: (-row.sales,),
        Sort.NEW: (-row.created_at.timestamp(),),
    }  # fmt: skip
    in_name = sum(1 for term in terms if term.text in row.name)
    return (*keys.get(query.sort, (-in_name, -row.sales)), row.id)
