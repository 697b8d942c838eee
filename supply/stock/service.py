"""What happens to stock: lots come in, orders hold units, packing binds lots, spoiled units go out.

Rows are locked in one order everywhere – holds, then levels by id, then products, the county and lots – so that two
buyers with the same goods in another order never wait for each other in a circle. Who consumes several lines in one
transaction calls `take_in_hand` with all of them first: one line after the other would lock their levels in any order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Table, bindparam, insert, select, update
from sqlmodel import Session

from core import clock
from core.codes import new_code
from core.errors import Conflict, Refused
from core.i18n import gettext
from supply.lots.models import Lot
from supply.products.models import Variant

from .binding import LotsShort, bind, record, take_from_lot
from .levels import Change, SoldOut, change_levels, open_level
from .models import HoldState, MovementKind, StockHold, StockLevel

__all__ = [
    "HoldGone", "LotsShort", "SoldOut", "allocate", "consume", "open_level", "put_back", "receive_lot", "release", "reserve", "retake",
    "take_in_hand", "waste",
]  # fmt: skip

OPEN = (HoldState.RESERVED, HoldState.ALLOCATED)
Wanted = tuple[int, int, str]  # level id, units, cause: the order line's public code


_hold: Table = StockHold.__table__  # type: ignore[attr-defined]
_HOLD = insert(_hold)
_OF_CAUSES = (
    select(_hold.c.id, _hold.c.level_id, _hold.c.quantity, _hold.c.state, _hold.c.cause)
    .where(
        _hold.c.tenant_id == bindparam("tenant"), _hold.c.cause.in_(bindparam("causes", expanding=True)),
        _hold.c.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(_hold.c.level_id, _hold.c.id)
    .with_for_update()
)  # fmt: skip
_level: Table = StockLevel.__table__  # type: ignore[attr-defined]
_THESE = select(_level.c.id).where(_level.c.id.in_(bindparam("levels", expanding=True)))
_LOCK_LEVELS = _THESE.order_by(_level.c.id).with_for_update(key_share=True)
_SET_STATE = update(_hold).where(_hold.c.id.in_(bindparam("ids", expanding=True))).values(state=bindparam("new"))
_CHANGE = update(_hold).where(_hold.c.id == bindparam("hold")).values(quantity=bindparam("rest"))


class Hold(NamedTuple):
    """A hold's row as its lock found it."""

    id: int
    level_id: int
    quantity: int
    state: str
    cause: str


class HoldGone(Conflict):
    """A cause holds no stock any more: it was released or packed before."""

    code = "hold_gone"


def receive_lot(
    session: Session,
    variant: Variant,
    *,
    place_id: int,
    grower_id: int,
    units: int,
    grams: int,
    harvested_on: date,
    best_before: date,
    at: datetime | None = None,
    grade: str = "一级",
) -> Lot:
    """A weigh-in: `units` (whole, ≥ 1) and `grams` of a variant from a grower, on hand at once. Raises Refused on nonsense."""
    if not 1 <= units <= 1_000_000 or not 0 <= grams <= 1_000_000_000:
        raise Refused("件数要在 1 到 1000000 之间，重量不能小于 0", field="units")
    if best_before < harvested_on:
        raise Refused("保质期在采收日之前", field="best_before")
    at, tenant_id = at or clock.now(), variant.tenant_id
    level_id = open_level(session, variant.id or 0, place_id, tenant_id=tenant_id)
    change_levels(session, {level_id: Change(on_hand=units)}, tenant_id=tenant_id)
    lot = Lot(
        tenant_id=tenant_id, code=new_code("L"), variant_id=variant.id or 0, place_id=place_id, grower_id=grower_id, grade=grade,
        grams=grams, harvested_on=harvested_on, best_before=best_before, received_at=at, received=units, remaining=units,
    )  # fmt: skip
    session.add(lot)
    session.flush()
    key = f"received:{lot.code}"
    record(session, level_id, MovementKind.RECEIVED, units, tenant_id=tenant_id, lot_id=lot.id or 0, cause=lot.code, key=key, at=at)
    return lot


def waste(session: Session, lot: Lot, *, units: int, cause: str, at: datetime | None = None) -> None:
    """Take spoiled units of a lot off the shelf; `cause` names the act, once per lot.

    Only units nobody holds can go: raises SoldOut when orders hold them, LotsShort when the lot has fewer left.
    """
    if units < 1:
        raise Refused("报损件数至少是 1", field="units")
    at, tenant_id = at or clock.now(), lot.tenant_id
    level_id = open_level(session, lot.variant_id, lot.place_id, tenant_id=tenant_id)
    change_levels(session, {level_id: Change(on_hand=-units)}, tenant_id=tenant_id)
    if not take_from_lot(session, lot.id or 0, units, into="wasted"):
        raise LotsShort(gettext("批次 {code} 没有 {n} 件了").format(code=lot.code, n=units), missing=units)
    key = f"wasted:{lot.code}:{cause}"
    record(session, level_id, MovementKind.WASTED, -units, tenant_id=tenant_id, lot_id=lot.id or 0, cause=cause, key=key, at=at)


def put_back(session: Session, lot: Lot, *, units: int, cause: str, at: datetime | None = None) -> None:
    """Units of a lot that were packed are on the shelf again; `cause` names the act, once per lot."""
    at, tenant_id = at or clock.now(), lot.tenant_id
    level_id = open_level(session, lot.variant_id, lot.place_id, tenant_id=tenant_id)
    change_levels(session, {level_id: Change(on_hand=units)}, tenant_id=tenant_id)
    more = {"returned": Lot.returned + units, "remaining": Lot.remaining + units}
    session.execute(update(Lot).where(Lot.id == lot.id).values(more).execution_options(synchronize_session=False))  # type: ignore[arg-type]
    key = f"returned:{lot.code}:{cause}"
    record(session, level_id, MovementKind.RETURNED, units, tenant_id=tenant_id, lot_id=lot.id or 0, cause=cause, key=key, at=at)


def reserve(session: Session, wanted: Iterable[Wanted], *, tenant_id: int, expires_at: datetime) -> None:
    """Hold stock for lines of an unpaid order until `expires_at`, one hold per line.

    One guarded UPDATE per level, in level-id order. Raises SoldOut: the caller's transaction must then be rolled back.
    """
    asked = list(wanted)
    units = _per_level((level_id, quantity) for level_id, quantity, _ in asked)
    change_levels(session, {level_id: Change(reserved=n) for level_id, n in units.items()}, tenant_id=tenant_id)
    shared = {"tenant_id": tenant_id, "state": HoldState.RESERVED, "expires_at": expires_at}
    rows = [{**shared, "level_id": level, "quantity": quantity, "cause": cause} for level, quantity, cause in asked]
    session.connection().execute(_HOLD, rows)


def allocate(session: Session, causes: Collection[str], *, tenant_id: int) -> int:
    """The order was paid: its reserved units become allocated; returns how many. Doing it again moves nothing.

    Raises HoldGone when a cause has no open hold (it expired first): `retake` is then the way.
    """
    holds = _lock_holds(session, causes, tenant_id=tenant_id, states=OPEN)
    if missing := set(causes) - {hold.cause for hold in holds}:
        raise HoldGone("这一单占的货已经放回货架", lines=sorted(missing))
    reserved = [hold for hold in holds if hold.state == HoldState.RESERVED]
    _set_state(session, reserved, HoldState.ALLOCATED)
    units = _per_level((hold.level_id, hold.quantity) for hold in reserved)
    change_levels(session, {level_id: Change(reserved=-n, allocated=n) for level_id, n in units.items()}, tenant_id=tenant_id)
    return sum(units.values())


def release(session: Session, causes: Collection[str], *, tenant_id: int) -> int:
    """Give held units back (the order expired or was cancelled); returns how many, 0 when nothing was held any more."""
    holds = _lock_holds(session, causes, tenant_id=tenant_id, states=OPEN)
    _set_state(session, holds, HoldState.RELEASED)
    reserved, allocated = (_per_level((hold.level_id, hold.quantity) for hold in holds if hold.state == state) for state in OPEN)
    both = reserved.keys() | allocated.keys()
    changes = {level_id: Change(reserved=-reserved.get(level_id, 0), allocated=-allocated.get(level_id, 0)) for level_id in both}
    change_levels(session, changes, tenant_id=tenant_id)
    return sum(hold.quantity for hold in holds)


def retake(session: Session, causes: Collection[str], *, tenant_id: int) -> int:
    """A payment came after the hold expired: take the same units again, straight to allocated, all or none.

    Returns how many units. Raises SoldOut (nothing is changed, the transaction stays usable) or HoldGone.
    """
    with session.begin_nested():
        holds = _lock_holds(session, causes, tenant_id=tenant_id, states=(HoldState.RELEASED,))
        if missing := set(causes) - {hold.cause for hold in holds}:
            raise HoldGone("这一单没有可以再取的货", lines=sorted(missing))
        _set_state(session, holds, HoldState.ALLOCATED)
        units = _per_level((hold.level_id, hold.quantity) for hold in holds)
        change_levels(session, {level_id: Change(allocated=n) for level_id, n in units.items()}, tenant_id=tenant_id)
    return sum(units.values())


def take_in_hand(session: Session, causes: Collection[str], *, tenant_id: int) -> None:
    """Lock the paid holds of these lines, then all their levels, before `consume` is called for each of them."""
    holds = _lock_holds(session, causes, tenant_id=tenant_id, states=(HoldState.ALLOCATED,))
    session.connection().execute(_LOCK_LEVELS, {"levels": sorted({hold.level_id for hold in holds})})


def consume(session: Session, cause: str, quantity: int, *, tenant_id: int, at: datetime | None = None) -> list[tuple[int, int]]:
    """Pack `quantity` units of a paid line: they leave the shelf and are bound to lots, first expiry first.

    Returns (lot id, units). A line packed in several parcels is consumed piece by piece. Raises HoldGone when the line
    holds fewer units, LotsShort when what is left is past its date.
    """
    at = at or clock.now()
    holds = _lock_holds(session, [cause], tenant_id=tenant_id, states=(HoldState.ALLOCATED,))
    if quantity < 1 or sum(hold.quantity for hold in holds) < quantity:
        raise HoldGone("这一行没有这么多待打包的货", lines=[cause])
    taken: list[tuple[int, int]] = []
    left = quantity
    for hold in holds:
        if units := min(left, hold.quantity):
            packed = _split(session, hold, units, tenant_id=tenant_id)
            change_levels(session, {hold.level_id: Change(on_hand=-units, allocated=-units)}, tenant_id=tenant_id)
            taken += bind(session, hold.level_id, units, tenant_id=tenant_id, cause=cause, key=str(packed), at=at)
            left -= units
    return taken


def _per_level(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    total: dict[int, int] = defaultdict(int)
    for level_id, units in pairs:
        total[level_id] += units
    return total


def _lock_holds(session: Session, causes: Collection[str], *, tenant_id: int, states: Collection[str]) -> list[Hold]:
    named = {"tenant": tenant_id, "causes": list(causes), "states": list(states)}
    return [Hold(*row) for row in session.connection().execute(_OF_CAUSES, named)]


def _set_state(session: Session, holds: Sequence[Hold], state: HoldState) -> None:
    if holds:
        session.connection().execute(_SET_STATE, {"ids": [hold.id for hold in holds], "new": state})


def _split(session: Session, hold: Hold, units: int, *, tenant_id: int) -> int:
    """Mark `units` of an allocated hold as packed; returns the id of the row that says so."""
    if units == hold.quantity:
        _set_state(session, [hold], HoldState.CONSUMED)
        return hold.id
    session.connection().execute(_CHANGE, {"hold": hold.id, "rest": hold.quantity - units})
    part = {"tenant_id": tenant_id, "level_id": hold.level_id, "quantity": units, "state": HoldState.CONSUMED, "cause": hold.cause}
    return int(session.connection().execute(_HOLD.returning(_hold.c.id), part).scalar_one())
