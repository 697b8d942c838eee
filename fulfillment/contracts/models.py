"""Contracted zones 承包片区: the nodes one firm serves for a fee per piece, and the pieces that are counted for it.

A zone is in force from `starts_on` to `ends_on`, both inclusive; a node lies in one zone on any day. A new fee is a new zone.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least, one_of


class Direction(StrEnum):
    OUT = "out"  # handed over by the node that packed it
    IN = "in"  # handed to the node its receiver comes to


class ContractZone(SQLModel, table=True):
    __tablename__ = "contract_zone"
    __table_args__ = (at_least("per_piece_fen"), CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_it_starts"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `ss-z-caiyuan`
    name: str
    operator: str  # the firm, as lines name it
    per_piece_fen: int
    starts_on: date | None = None  # None: since ever
    ends_on: date | None = None  # None: for good
    position: int = 0


class ContractNode(SQLModel, table=True):
    __tablename__ = "contract_node"

    zone_id: int = Field(primary_key=True, foreign_key="contract_zone.id")
    node_id: int = Field(primary_key=True, foreign_key="node.id", index=True)
    tenant_id: int = Field(index=True)


class ZonePiece(SQLModel, table=True):
    """One parcel of a zone: counted once there, by the scan that handed it over, at the fee of that day.

    Rebuilt with the custody it is read from, so what a late scan corrects is corrected here too.
    """

    __tablename__ = "zone_piece"
    __table_args__ = (
        UniqueConstraint("zone_id", "parcel_code"),
        Index("ix_zone_piece_day", "zone_id", "day"),
        Index("ix_zone_piece_parcel", "parcel_code"),
        one_of("direction", Direction),
        at_least("fee_fen"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    zone_id: int = Field(foreign_key="contract_zone.id")
    parcel_code: str
    direction: str
    node_id: int = Field(foreign_key="node.id")
    day: date  # the business day of the hand-over
    handed_at: datetime
    scan_event: str
    fee_fen: int
