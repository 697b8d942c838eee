"""What buyers read of the catalogue: cards of a list, one product whole, and where a lot came from."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, exists
from sqlmodel import Session, col, select

from core import clock
from core.errors import NotFound
from shop.listings.models import Listing
from supply.growers.models import Grower
from supply.lots.models import Lot
from supply.products.models import Product, Variant
from supply.stations.models import Station

from .among import CODES, IDS, Among
from .offers import TODAY, Card, live_listing, offers, read_cards

__all__ = ["Card", "LotSlip", "ProductUnknown", "cards", "channel_cards", "first_cards", "lot_slip", "lots_on_shelf", "product"]


class ProductUnknown(NotFound):
    """No such product in this county, or it is not listed any more."""

    code = "product_unknown"


class LotUnknown(NotFound):
    """No such lot in this county."""

    code = "lot_unknown"


class LotSlip(NamedTuple):
    """What the public may know of a lot: no person's phone, no price."""

    code: str
    product_code: str
    product_name: str
    category: str
    storage: str
    spec: str
    station_code: str
    station_name: str
    grower: str
    grower_kind: str
    grade: str
    grams: int
    units: int
    harvested_on: date
    received_at: datetime
    best_before: date


# `+ 0`: a code is unique, so its own index is the one to read. A database that knows nothing of its tables yet would take the tenant's.
BY_CODE = offers(col(Product.tenant_id) + 0 == bindparam("tenant", type_=Integer), Among(Product.code, "codes", CODES))
BY_ID = offers(Among(Product.id, "ids", IDS))
BY_CHANNEL = offers(col(Listing.channel_id) == bindparam("channel"))


def product_code_of(session: Session, sku: str, *, tenant_id: int) -> str:
    """The product that a variant is of. Raises ProductUnknown."""
    asked = select(Product.code).join(Variant, col(Variant.product_id) == col(Product.id))
    code = session.exec(asked.where(Variant.tenant_id == tenant_id, Variant.sku == sku)).first()
    if code is None:
        raise ProductUnknown("没有这样货")
    return code


def cards(session: Session, codes: Sequence[str], *, tenant_id: int) -> list[Card]:
    """Live cards of these products, in the order asked; what is not for sale now is left out. One query."""
    if not codes:
        return []
    found = read_cards(session, BY_CODE, tenant=tenant_id, codes=list(codes))
    by_code = {card.code: card for card in found.values()}
    return [by_code[code] for code in codes if code in by_code]


def channel_cards(session: Session, channel_id: int) -> list[Card]:
    """What one channel lists today: what can be bought first, then by sales. One query."""
    found = list(read_cards(session, BY_CHANNEL, channel=channel_id).values())
    return sorted(found, key=lambda card: (not card.in_stock, -card.sales, card.id))


def first_cards(session: Session, *, tenant_id: int, most: int = 400) -> list[Card]:
    """The county's best sellers among what is for sale, newest first where sales are equal. Two queries."""
    listed = exists().where(col(Listing.product_id) == col(Product.id), live_listing(clock.today()))
    ids = session.exec(
        select(Product.id)
        .where(Product.tenant_id == tenant_id, listed)
        .order_by(col(Product.sales).desc(), col(Product.id).desc())
        .limit(most)
    ).all()
    found = list(read_cards(session, BY_ID, ids=list(ids)).values())
    return sorted(found, key=lambda card: (-card.sales, -card.id))


def product(session: Session, code: str, *, tenant_id: int) -> Card:
    """One product with all its live offers. Raises ProductUnknown: withdrawn and never heard of look alike."""
    found = cards(session, [code], tenant_id=tenant_id)
    if not found:
        raise ProductUnknown("没有这样物产，或者它已经下架")
    return found[0]


def grower_of(session: Session, product_id: int) -> Grower:
    """Who grows it."""
    return session.exec(select(Grower).join(Product, col(Product.grower_id) == col(Grower.id)).where(Product.id == product_id)).one()


def _slips(*where: Any) -> Any:
    return (
        select(  # type: ignore[call-overload]
            Lot.code, Product.code, Product.name, Product.category, Product.storage, Variant.spec, Station.code, Station.name,
            Grower.name, Grower.kind, Lot.grade, Lot.grams, Lot.received, Lot.harvested_on, Lot.received_at, Lot.best_before,
        )
        .join(Variant, col(Variant.id) == col(Lot.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .join(Station, col(Station.node_id) == col(Product.station_id))
        .join(Grower, col(Grower.id) == col(Lot.grower_id))
        .where(*where)
    )  # fmt: skip


ON_SHELF = (
    _slips(
        col(Lot.variant_id).in_(bindparam("variants", expanding=True)), Lot.tenant_id == bindparam("tenant"), col(Lot.remaining) > 0,
        col(Lot.best_before) >= TODAY,
    )
    .order_by(col(Lot.best_before), col(Lot.id))
    .limit(6)
)  # fmt: skip


def lots_on_shelf(session: Session, variant_ids: Collection[int], *, tenant_id: int) -> list[LotSlip]:
    """Lots of these variants with something left and good today, first to expire first; at most six."""
    values = {"variants": list(variant_ids), "tenant": tenant_id, "today": clock.today()}
    return [LotSlip(*row) for row in session.connection().execute(ON_SHELF, values)]


def lot_slip(session: Session, code: str, *, tenant_id: int) -> LotSlip:
    """One lot by its public code. Raises LotUnknown."""
    row = session.exec(_slips(Lot.tenant_id == tenant_id, Lot.code == code)).first()
    if row is None:
        raise LotUnknown("没有这个批次；批次号印在箱子的标签上，以 L 开头")
    return LotSlip(*row)
