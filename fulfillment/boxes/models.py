"""Turnover boxes 周转箱: coded, reusable, always somewhere: at a node or on a departure. `BoxMove` is the only writer of `Box.place`."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import one_of
from fulfillment.batching.instance import TIERS


class Box(SQLModel, table=True):
    __tablename__ = "box"
    __table_args__ = (one_of("tier", TIERS),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `X…`, on the box for life
    tier: str
    home_id: int = Field(foreign_key="node.id")  # where it is kept when nothing is in it
    place: str = Field(index=True)  # public code of a node or departure
    since: datetime  # of its last scan


class BoxMove(SQLModel, table=True):
    """Where a scan saw a box, never edited; `origin` is where it was believed to be."""

    __tablename__ = "box_move"
    __table_args__ = (UniqueConstraint("tenant_id", "scan_id"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    box_id: int = Field(foreign_key="box.id", index=True)
    scan_id: str  # a scan moves a box once, however often it is sent
    origin: str
    target: str
    by: str
    moved_at: datetime
