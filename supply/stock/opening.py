"""The stock a county opens with: the same rows as so many weigh-ins, in three bulk inserts."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Session

from core import clock
from core.codes import new_code
from supply.counties.loading import ids_by, insert_rows
from supply.lots.models import Lot

from .models import MovementKind, StockLevel, StockMovement


class Slip(NamedTuple):
    """A weigh-in slip 过磅单; 0 units open an empty level without a lot."""

    variant_id: int
    place_id: int
    grower_id: int
    units: int
    grams: int
    harvested_on: date
    best_before: date


def open_stock(session: Session, slips: Sequence[Slip], *, tenant_id: int) -> None:
    """Levels, lots and movements of variants that have none yet, one slip each."""
    if not slips:
        return
    now = clock.now()
    insert_rows(
        session,
        StockLevel,
        tenant_id,
        [{"variant_id": s.variant_id, "place_id": s.place_id, "on_hand": s.units} for s in slips],
    )
    levels = ids_by(session, StockLevel, tenant_id, "variant_id")
    weighed = [(new_code("L"), s) for s in slips if s.units]
    if not weighed:
        return
    insert_rows(
        session, Lot, tenant_id,
        [
            {
                "code": code, "variant_id": s.variant_id, "place_id": s.place_id, "grower_id": s.grower_id,
                "grams": s.grams, "harvested_on": s.harvested_on, "best_before": s.best_before, "received_at": now,
                "received": s.units, "remaining": s.units,
            }
            for code, s in weighed
        ],
    )  # fmt: skip
    lots = ids_by(session, Lot, tenant_id)
    insert_rows(
        session, StockMovement, tenant_id,
        [
            {
                "level_id": levels[s.variant_id], "kind": MovementKind.RECEIVED, "quantity": s.units,
                "lot_id": lots[code], "cause": code, "key": f"received:{code}", "at": now,
            }
            for code, s in weighed
        ],
    )  # fmt: skip
