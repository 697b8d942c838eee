"""What a grower brought and what became of it: by kind of goods, and lot by lot.

Sold is what was paid for and stands; earned is the grower's own income by it, less what refunds
took back. A lot's units lie in parcels (`bound`), on the shelf
(`remaining`) or were thrown away (`wasted`); what came back from a parcel lies on the shelf again.
"""

from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core.paging import make_cursor, read_cursor
from fulfillment.consignments.models import ConsignmentLine
from supply.growers.models import Grower
from supply.lots.models import Lot
from supply.products.models import Product, Variant

from .models import IncomeEntry, IncomeState


class Goods(NamedTuple):
    """One kind of goods, in units."""

    product: str  # public code
    name: str
    spec: str
    brought: int
    sold: int
    left: int
    wasted: int
    earned_fen: int


class Brought(NamedTuple):
    lot: Lot
    name: str
    spec: str


def goods_of(session: Session, grower_code: str, *, tenant_id: int) -> list[Goods]:
    """What earned most first; two queries, however many lots there were."""
    lots = (
        select(
            col(Variant.id), Product.code, Product.name, Variant.spec, func.sum(col(Lot.received)), func.sum(col(Lot.remaining)),
            func.sum(col(Lot.wasted)),
        )  # type: ignore[call-overload]
        .select_from(Lot)
        .join(Grower, col(Grower.id) == col(Lot.grower_id))
        .join(Variant, col(Variant.id) == col(Lot.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(Lot.tenant_id == tenant_id, Grower.code == grower_code)
        .group_by(col(Variant.id), col(Product.code), col(Product.name), col(Variant.spec))
    )  # fmt: skip
    back = (
        select(IncomeEntry.reverses_id, func.sum(col(IncomeEntry.amount_fen)).label("fen"))
        .where(IncomeEntry.tenant_id == tenant_id, col(IncomeEntry.reverses_id).is_not(None))
        .group_by(col(IncomeEntry.reverses_id))
        .subquery()
    )
    earned = func.sum(col(IncomeEntry.amount_fen) + func.coalesce(back.c.fen, 0))
    sold = (
        select(ConsignmentLine.variant_id, func.sum(col(ConsignmentLine.quantity)), earned)
        .join(IncomeEntry, (col(IncomeEntry.cause_code) == col(ConsignmentLine.line_code)) & (IncomeEntry.tenant_id == tenant_id))
        .outerjoin(back, back.c.reverses_id == IncomeEntry.id)
        .where(
            ConsignmentLine.tenant_id == tenant_id, IncomeEntry.party_kind == "grower", IncomeEntry.party_code == grower_code,
            IncomeEntry.cause_kind == "order_line", IncomeEntry.state != IncomeState.REVERSED,
        )
        .group_by(col(ConsignmentLine.variant_id))
    )  # fmt: skip
    by_variant = {variant: (int(units), int(fen)) for variant, units, fen in session.exec(sold)}
    found = []
    for variant, code, name, spec, brought, left, wasted in session.exec(lots):
        units, fen = by_variant.get(variant, (0, 0))
        found.append(Goods(code, name, spec, int(brought), units, int(left), int(wasted), fen))
    return sorted(found, key=lambda each: (-each.earned_fen, -each.brought, each.name, each.spec))


def lots_of(
    session: Session, grower_code: str, *, tenant_id: int, cursor: str | None = None, limit: int = 30
) -> tuple[list[Brought], str | None]:  # fmt: skip
    """A grower's lots, the last weighed in first, and where the next page begins; one query."""
    query = (
        select(Lot, Product.name, Variant.spec)
        .join(Grower, col(Grower.id) == col(Lot.grower_id))
        .join(Variant, col(Variant.id) == col(Lot.variant_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(Lot.tenant_id == tenant_id, Grower.code == grower_code, Lot.received > 0)
        .order_by(col(Lot.id).desc())
    )
    if after := read_cursor(cursor, int):
        query = query.where(col(Lot.id) < after[0])
    rows = [Brought(*row) for row in session.exec(query.limit(limit + 1))]
    return rows[:limit], make_cursor(rows[limit - 1].lot.id) if len(rows) > limit else None
