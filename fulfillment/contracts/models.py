"""Contracts with firms 合作企业: what carriage is paid, and contracted zones 承包片区 with the pieces that are counted for them.

A zone is in force from `starts_on` to `ends_on`, both inclusive; a node lies in one zone on any day. A new fee is a new zone.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least, fen, json_column, one_of
from supply.counties.profile_kinds import Basis, LineKind


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


class CarriageContract(SQLModel, table=True):
    """What a firm is paid for a line, a stretch of it, a node, a node's doors or its lines of a kind, as `ContractRow` says it.

    Never edited: a new price is a row of its own. Places are public codes, empty where the cover names none.
    """

    __tablename__ = "carriage_contract"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        Index("ix_carriage_contract_firm", "tenant_id", "firm"),
        one_of("basis", Basis),
        one_of("kind", ("", *LineKind)),
        *(at_least(c) for c in ("price", "minimum_fen", "cap_fen", "before_fen")),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_it_starts"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str
    firm: str  # as lines name it
    line: str = ""
    from_node: str = ""
    to_node: str = ""
    node: str = ""
    kind: str = ""
    basis: str
    price: int  # fen, or basis points of a share
    tiers: list[list[int]] = json_column(default_factory=list)  # [from which unit of the month on, fen]
    minimum_fen: int | None = fen(default=None)  # of a whole month
    cap_fen: int | None = fen(default=None)
    starts_on: date
    ends_on: date | None = None  # None: for good
    before_fen: int | None = fen(default=None)  # what a piece cost before it was carried jointly
    position: int = 0
