"""What firms 合作企业 carried, and the months that were closed and are paid.

A leg is one parcel that a run, a door round, a node or a contracted zone had, once each. Open legs follow custody; the close of a
month freezes those it pays. That a later scan says otherwise of a frozen leg is told by `withdrawn` and put right in the firm's next
close, never by editing.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least, fen, json_column, one_of


class LegKind(StrEnum):
    RIDE = "ride"  # on a departure
    DOOR = "door"  # from a node to the doors it serves
    NODE = "node"  # handled at a node and given on
    ZONE = "zone"  # a piece of a contracted zone


class LineKind(StrEnum):
    CARRIAGE = "carriage"  # quantity × price
    MINIMUM = "minimum"  # what is missing to the least of the month
    CAP = "cap"  # what is above the most of the month
    CORRECTION = "correction"  # of an earlier month, by what was scanned since


class CarriedLeg(SQLModel, table=True):
    """`place` is the departure, round, node or zone. `month_id` is the close that pays it, `back_month_id` the one that takes it back."""

    __tablename__ = "carried_leg"
    __table_args__ = (
        Index(
            "uq_carried_leg_standing", "tenant_id", "parcel_code", "kind", "place", unique=True,
            sqlite_where=text("NOT withdrawn"), postgresql_where=text("NOT withdrawn"),
        ),
        Index("ix_carried_leg_firm", "tenant_id", "firm", "day"),
        Index("ix_carried_leg_month", "month_id"),
        Index("ix_carried_leg_back", "back_month_id"),
        CheckConstraint("(month_id IS NULL) = (contract = '')", name="frozen_under_a_contract"),
        CheckConstraint("month_id IS NOT NULL OR NOT withdrawn", name="only_frozen_ones_are_withdrawn"),
        CheckConstraint("withdrawn OR back_month_id IS NULL", name="only_withdrawn_ones_go_back"),
        one_of("kind", LegKind),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    firm: str
    kind: str
    place: str
    parcel_code: str
    line: str = ""  # of a ride
    from_node: str = ""  # empty: no scan says where it came from
    to_node: str = ""
    day: date  # the business day it was taken
    grams: int
    box: str = ""
    box_milli: int
    handed_at: datetime
    scan_event: str
    month_id: int | None = Field(default=None, foreign_key="partner_month.id")
    contract: str = ""  # frozen with the month
    vehicle: str = ""  # frozen with the month
    freight_fen: int = fen(default=0)  # frozen with the month, where the contract shares it
    withdrawn: bool = False
    back_month_id: int | None = Field(default=None, foreign_key="partner_month.id")


class PartnerMonth(SQLModel, table=True):
    """A firm's month, closed once and for good. `total_fen` may be below nothing: what was paid too much is owed."""

    __tablename__ = "partner_month"
    __table_args__ = (UniqueConstraint("tenant_id", "firm", "month"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `PM…`
    firm: str
    month: date  # its first day
    pieces: int  # parcels of that month's legs, each once
    total_fen: int = fen()
    journal_id: int | None = Field(default=None, foreign_key="journal.id")  # None: it came to nothing
    closed_by: str
    closed_at: datetime


class PartnerLine(SQLModel, table=True):
    """One amount of a closed month with the terms it was reckoned by, frozen."""

    __tablename__ = "partner_line"
    __table_args__ = (
        UniqueConstraint("month_id", "position"),
        UniqueConstraint("month_id", "of_month", "contract", "kind"),
        one_of("kind", LineKind),
        at_least("quantity"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    month_id: int = Field(foreign_key="partner_month.id")
    position: int
    kind: str
    of_month: date  # when it was carried: the closed month, or an earlier one that is corrected
    contract: str
    words: str  # what the contract covers
    terms: dict[str, Any] = json_column()  # basis, price, tiers, and the least and most of this month in fen
    quantity: int = Field(sa_type=BigInteger)  # units; of a share of the freight fen
    pieces: int
    fen: int = fen()
