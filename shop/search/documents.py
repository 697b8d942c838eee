"""Products as search sees them, read from the database. A product without a live listing has no document."""

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from shop.catalogue.offers import Card, offers, read_cards
from shop.catalogue.queries import BY_ID
from supply.products.models import Product

from .engine import Document

# A range and no list: where the database knows nothing of its tables yet, as after a bulk load, PostgreSQL may walk all listings
# once a chunk and look up each product, which is quick by a range and takes a second by a list. Large chunks make such walks few.
CHUNK = 2_000
BY_RANGE = offers(col(Product.id).between(bindparam("first"), bindparam("last")))


def document(card: Card, tenant_id: int) -> Document:
    """One card as a document. Sellable says listed, open and in stock; its months are a field of their own."""
    return Document(
        id=card.code, tenant=tenant_id, name=card.name, category=card.category, station=card.station_code, station_name=card.station_name,
        township=card.township, story=card.story, spec=" ".join(offer.spec for offer in card.offers), price_fen=card.price_fen,
        sellable=card.is_open and any(offer.available for offer in card.offers), months=tuple(card.months), storage=card.storage,
        sales=card.sales, created_ts=int(card.created_at.timestamp()), version=card.version,
    )  # fmt: skip


def documents_of(session: Session, codes: Collection[str]) -> list[Document]:
    """Documents of these products; those not for sale are missing."""
    tenants = dict(session.exec(select(Product.id, Product.tenant_id).where(col(Product.code).in_(codes))).all())
    return _documents(read_cards(session, BY_ID, ids=list(tenants)).values(), tenants)


def all_documents(session: Session) -> Iterator[Document]:
    """Every county's documents, some thousand products at a time."""
    after = 0
    while True:
        rows = session.exec(
            select(Product.id, Product.tenant_id).where(col(Product.id) > after).order_by(col(Product.id)).limit(CHUNK)
        ).all()  # fmt: skip
        if not rows:
            return
        first, last = rows[0][0], rows[-1][0] or 0
        yield from _documents(read_cards(session, BY_RANGE, first=first, last=last).values(), dict(rows))
        after = last


def _documents(cards: Iterable[Card], tenants: dict[int | None, int]) -> list[Document]:
    return [document(card, tenants[card.id]) for card in cards]
