"""Lots: what came in, from whom, when. Per lot, received + returned = remaining + bound + wasted (I4)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from core.tables import at_least


class Lot(SQLModel, table=True):
    __table_args__ = (
        *(at_least(c) for c in ("received", "returned", "remaining", "bound", "wasted")),
        CheckConstraint("received + returned = remaining + bound + wasted", name="adds_up"),
        Index("ix_lot_first_expiry", "tenant_id", "variant_id", "place_id", "best_before", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `L…`
    variant_id: int = Field(foreign_key="variant.id")
    place_id: int = Field(foreign_key="node.id")
    grower_id: int = Field(foreign_key="grower.id")
    member_id: int | None = Field(default=None, foreign_key="coop_member.id")  # of the co-op whose own it is; None: pooled
    grade: str = "一级"
    grams: int = 0  # weighed in
    harvested_on: date
    best_before: date
    received_at: datetime
    received: int  # units
    returned: int = 0
    remaining: int
    bound: int = 0  # packed into parcels
    wasted: int = 0
