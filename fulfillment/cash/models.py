"""Cash at a station 驿站现金: what was taken over the counter is the master's debt at once, until it is netted or paid in.

The debt is the ledger's account `cash:{station}`; the rows here are its causes. A daily close keeps what was counted beside what the
books expect; a shortage stays the master's debt, a surplus is added to it, either with a reason.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least, fen, one_of


class Purpose(StrEnum):
    """What the money was for, and so whose it is."""

    SERVICE = "service"  # a village service: the master's own income, its cash netted like any other
    SEND = "send"  # a villager's parcel: transport's
    COLLECTED = "collected"  # taken for the county: the platform's


class CashTaking(SQLModel, table=True):
    __tablename__ = "cash_taking"
    __table_args__ = (
        one_of("purpose", Purpose),
        at_least("amount_fen", 1),
        Index("ix_cash_taking_station", "tenant_id", "station_code", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `CT…`
    station_code: str
    purpose: str
    what: str = ""  # in the words of whoever took it
    amount_fen: int = fen()
    business_date: date
    taken_at: datetime
    taken_by: str
    undone_at: datetime | None = None
    undone_by: str = ""


class CashClose(SQLModel, table=True):
    __tablename__ = "cash_close"
    __table_args__ = (
        UniqueConstraint("tenant_id", "station_code", "business_date"),
        at_least("counted_fen"),
        CheckConstraint("counted_fen = expected_fen OR reason <> ''", name="difference_has_a_reason"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `CC…`
    station_code: str
    business_date: date
    expected_fen: int = fen()
    counted_fen: int = fen()
    reason: str = ""
    closed_at: datetime
    closed_by: str


class CashPaidIn(SQLModel, table=True):
    """Cash that finance took over from a station."""

    __tablename__ = "cash_paid_in"
    __table_args__ = (at_least("amount_fen", 1), Index("ix_cash_paid_in_station", "tenant_id", "station_code", "id"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `CP…`
    station_code: str
    amount_fen: int = fen()
    reference: str = ""
    received_at: datetime
    received_by: str
