"""Units leave the shelf out of lots: first expiry first, never past the date. The level's row lock keeps others waiting."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, insert
from sqlmodel import Session, col, select, update

from core import clock
from core.errors import Conflict
from core.i18n import gettext
from supply.lots.models import Lot

from .models import MovementKind, StockLevel, StockMovement


class LotsShort(Conflict):
    """The units are there but not in lots that may still be sold: some are past their best-before date."""

    code = "lots_short"


def take_from_lot(session: Session, lot_id: int, units: int, *, into: str) -> bool:
    """Move units of one lot from `remaining` to `bound` or `wasted`; False when fewer remain."""
    values: Mapping[Any, Any] = {"remaining": col(Lot.remaining) - units, into: getattr(Lot, into) + units}
    guarded = update(Lot).where(col(Lot.id) == lot_id, col(Lot.remaining) >= units)
    done = session.execute(guarded.values(values).execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1


def bind(session: Session, level_id: int, units: int, *, tenant_id: int, cause: str, key: str, at: datetime) -> list[tuple[int, int]]:
    """Bind packed units of a level to its lots; returns (lot id, units). `key` names the packing, once. Raises LotsShort."""
    lots = session.execute(
        select(Lot.id, Lot.remaining)
        .join(StockLevel, (col(StockLevel.variant_id) == col(Lot.variant_id)) & (col(StockLevel.place_id) == col(Lot.place_id)))
        .where(StockLevel.id == level_id, Lot.tenant_id == tenant_id, col(Lot.remaining) > 0, Lot.best_before >= clock.business_date(at))
        .order_by(col(Lot.best_before), col(Lot.id))
    ).all()
    taken: list[tuple[int, int]] = []
    left = units
    for lot_id, remaining in lots:
        part = min(left, remaining)
        if part and take_from_lot(session, lot_id, part, into="bound"):
            taken.append((lot_id, part))
            left -= part
    if left:
        raise LotsShort(gettext("没过保质期的货还差 {n} 件，先过秤新的一批").format(n=left), missing=left)
    for lot_id, part in taken:
        once = f"packed:{key}:{lot_id}"
        record(session, level_id, MovementKind.PACKED, -part, tenant_id=tenant_id, lot_id=lot_id, cause=cause, key=once, at=at)
    return taken


def record(
    session: Session, level_id: int, kind: MovementKind, units: int, *, tenant_id: int, lot_id: int, cause: str, key: str, at: datetime
) -> None:
    """The movement that says why a level's `on_hand` changed by `units` (signed)."""
    session.execute(
        insert(StockMovement).values(
            tenant_id=tenant_id, level_id=level_id, kind=kind, quantity=units, lot_id=lot_id, cause=cause, key=key, at=at
        )
    )
