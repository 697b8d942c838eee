"""How much there is."""

from collections.abc import Collection
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from .levels import FREE
from .models import StockLevel


class Level(NamedTuple):
    """A variant's level at the place it is sold from: `available` units are free to sell."""

    id: int
    variant_id: int
    place_id: int
    on_hand: int
    available: int


def available(session: Session, variant_ids: Collection[int]) -> dict[int, int]:
    """Units free to sell per variant, over all places; a variant without a level has 0."""
    rows = session.exec(
        select(StockLevel.variant_id, func.sum(FREE))
        .where(col(StockLevel.variant_id).in_(variant_ids))
        .group_by(col(StockLevel.variant_id))
    )
    return dict.fromkeys(variant_ids, 0) | {variant_id: int(units) for variant_id, units in rows}


def levels(session: Session, variant_ids: Collection[int]) -> dict[int, list[Level]]:
    """Each variant's levels, fullest first: an order line is taken from the first that has enough."""
    rows = session.exec(
        select(StockLevel.id, StockLevel.variant_id, StockLevel.place_id, StockLevel.on_hand, FREE)  # type: ignore[call-overload]
        .where(col(StockLevel.variant_id).in_(variant_ids))
        .order_by(FREE.desc(), col(StockLevel.id))
    )
    found: dict[int, list[Level]] = {variant_id: [] for variant_id in variant_ids}
    for row in rows:
        found[row[1]].append(Level(*row))
    return found
