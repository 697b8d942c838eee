"""I4: stock adds up, per level and per lot."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from core.checks import keeps_numbers_closed
from core.invariants import invariant, rule
from supply.growers.models import CoopMember
from supply.lots.models import Lot

from .models import HoldState, StockHold, StockLevel, StockMovement


@invariant("I4", "a level's on_hand is the sum of its movements", tables=("stock_level", "stock_movement"))
def on_hand_is_moved(session: Session) -> Iterable[str]:
    moved = func.coalesce(func.sum(StockMovement.quantity), 0)
    rows = session.exec(
        select(StockLevel.id, StockLevel.on_hand, moved)
        .join(StockMovement, col(StockMovement.level_id) == col(StockLevel.id), isouter=True)
        .group_by(col(StockLevel.id), col(StockLevel.on_hand))
        .having(StockLevel.on_hand != moved)
    )
    return [f"level {level}: on hand {on_hand}, moved {total}" for level, on_hand, total in rows]


@invariant("I4", "a level's reserved and allocated are the sums of its open holds", tables=("stock_level", "stock_hold"))
def holds_add_up(session: Session) -> Iterable[str]:
    broken = []
    for state, column in ((HoldState.RESERVED, StockLevel.reserved), (HoldState.ALLOCATED, StockLevel.allocated)):
        held = func.coalesce(func.sum(StockHold.quantity), 0)
        rows = session.exec(
            select(StockLevel.id, column, held)
            .join(StockHold, (col(StockHold.level_id) == col(StockLevel.id)) & (col(StockHold.state) == state), isouter=True)
            .group_by(col(StockLevel.id), col(column))
            .having(column != held)
        )
        broken += [f"level {level}: {state} {stored}, held {total}" for level, stored, total in rows]
    return broken


@invariant("I4", "a level's on_hand is what its lots have left", tables=("stock_level", "lot"))
def lots_hold_what_is_on_hand(session: Session) -> Iterable[str]:
    left = func.coalesce(func.sum(Lot.remaining), 0)
    rows = session.exec(
        select(StockLevel.id, StockLevel.on_hand, left)
        .join(
            Lot,
            (col(Lot.tenant_id) == col(StockLevel.tenant_id))
            & (col(Lot.variant_id) == col(StockLevel.variant_id))
            & (col(Lot.place_id) == col(StockLevel.place_id)),
            isouter=True,
        )
        .group_by(col(StockLevel.id), col(StockLevel.on_hand))
        .having(StockLevel.on_hand != left)
    )
    return [f"level {level}: on hand {on_hand}, in lots {total}" for level, on_hand, total in rows]


rule(
    "I4",
    "a lot is what was moved of it: received, returned, bound, wasted, and what is left",
    broken="""
    SELECT l.code FROM lot l LEFT JOIN stock_movement m ON m.lot_id = l.id
    GROUP BY l.id, l.code, l.remaining, l.received, l.returned, l.bound, l.wasted
    HAVING l.remaining <> coalesce(sum(m.quantity), 0)
        OR l.received <> coalesce(sum(CASE WHEN m.kind = 'received' THEN m.quantity END), 0)
        OR l.returned <> coalesce(sum(CASE WHEN m.kind = 'returned' THEN m.quantity END), 0)
        OR l.bound <> -coalesce(sum(CASE WHEN m.kind = 'packed' THEN m.quantity END), 0)
        OR l.wasted <> -coalesce(sum(CASE WHEN m.kind = 'wasted' THEN m.quantity END), 0)
    """,
)

keeps_numbers_closed(CoopMember, "name")

rule(
    "I4",
    "a lot that is a member's own is of the member's co-op",
    broken="""
    SELECT l.code FROM lot l JOIN coop_member m ON m.id = l.member_id WHERE m.grower_id <> l.grower_id OR m.tenant_id <> l.tenant_id
    """,
)

rule(
    "I4",
    "what moves of a lot moves on the lot's own level",
    broken="""
    SELECT l.code, m.key FROM stock_movement m JOIN lot l ON l.id = m.lot_id JOIN stock_level v ON v.id = m.level_id
    WHERE v.variant_id <> l.variant_id OR v.place_id <> l.place_id OR v.tenant_id <> l.tenant_id OR m.tenant_id <> l.tenant_id
    """,
)
