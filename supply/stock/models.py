"""Stock levels, their holds, and movements, the only writer of `on_hand`.

`reserved` is held by unpaid orders, `allocated` by paid ones not packed yet; both equal the sum of their open holds.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least, one_of


class HoldState(StrEnum):
    RESERVED = "reserved"
    ALLOCATED = "allocated"
    RELEASED = "released"  # cancelled or expired: given back
    CONSUMED = "consumed"  # packed


class MovementKind(StrEnum):
    RECEIVED = "received"
    PACKED = "packed"
    RETURNED = "returned"
    WASTED = "wasted"
    RECOUNTED = "recounted"


class StockLevel(SQLModel, table=True):
    __tablename__ = "stock_level"
    __table_args__ = (
        UniqueConstraint("tenant_id", "variant_id", "place_id"),
        *(at_least(c) for c in ("on_hand", "reserved", "allocated")),
        CheckConstraint("reserved + allocated <= on_hand", name="never_oversold"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    variant_id: int = Field(foreign_key="variant.id", index=True)
    place_id: int = Field(foreign_key="node.id")
    on_hand: int = 0
    reserved: int = 0
    allocated: int = 0


class StockHold(SQLModel, table=True):
    __tablename__ = "stock_hold"
    __table_args__ = (
        one_of("state", HoldState),
        at_least("quantity", 1),
        Index(
            "ix_stock_hold_open", "level_id",
            sqlite_where=text("state IN ('reserved', 'allocated')"), postgresql_where=text("state IN ('reserved', 'allocated')"),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    level_id: int = Field(foreign_key="stock_level.id")
    quantity: int
    state: str
    cause: str = Field(index=True)  # the order line's public code
    expires_at: datetime | None = None


class StockMovement(SQLModel, table=True):
    __tablename__ = "stock_movement"
    __table_args__ = (one_of("kind", MovementKind), UniqueConstraint("tenant_id", "key"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    level_id: int = Field(foreign_key="stock_level.id", index=True)
    kind: str
    quantity: int  # signed change of on_hand
    lot_id: int | None = Field(default=None, foreign_key="lot.id")
    cause: str
    key: str
    at: datetime
