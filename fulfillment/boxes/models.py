"""Turnover boxes 周转箱: coded, reusable, always somewhere: at a node or on a departure, as their scans say (`fulfillment.custody`)."""

from datetime import datetime

from sqlmodel import Field, SQLModel

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
