"""A gateway's bills, day by day, and what became of their money.

A payment counts to the business day on whose bill its gateway lists it, which near midnight may be another than the day we heard of it:
a line stands once per gateway, kind and number, so a payment is in exactly one settlement day.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, fen, one_of


class GatewayBill(SQLModel, table=True):
    """One gateway's bill of one business day, of one county. Until it could be read, `trouble` says why not."""

    __tablename__ = "gateway_bill"
    __table_args__ = (UniqueConstraint("tenant_id", "provider", "day"), at_least("tries"), at_least("reads"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `GB…`
    provider: str
    day: date = Field(index=True)
    read_at: datetime | None = None
    reads: int = 0
    tries: int = 0
    next_try_at: datetime | None = None
    trouble: str = ""


LINE_KINDS = ("payment", "refund", "royalty", "payout", "other")


class GatewayBillLine(SQLModel, table=True):
    """What the gateway wrote; never changed. `number` is our attempt's, refund's or request's code, else the gateway's own."""

    __tablename__ = "gateway_bill_line"
    __table_args__ = (one_of("kind", LINE_KINDS), UniqueConstraint("provider", "kind", "number"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    bill_id: int = Field(foreign_key="gateway_bill.id", index=True)
    provider: str
    kind: str
    number: str
    amount_fen: int = fen()
    fee_fen: int = fen(default=0)
    happened_at: datetime | None = None


class Differs(StrEnum):
    MISSING_HERE = "missing_here"  # the gateway moved it, we do not hold it
    MISSING_THERE = "missing_there"  # we hold it, no bill lists it
    AMOUNT = "amount"
    UNKNOWN = "unknown"  # a number we never gave
    TWICE = "twice"  # listed before, on another day or with another amount
    PAYOUT = "payout"  # to the bank, and nobody booked it
    OTHER = "other"  # a movement of another kind: a chargeback, an adjustment


class ExceptionStatus(StrEnum):
    OPEN = "open"
    EXPLAINED = "explained"
    CLOSED = "closed"
    HEALED = "healed"


EXCEPTION = Moves("bill_exception", {"open": {"explained", "healed"}, "explained": {"open", "closed", "healed"}, "healed": {"open"}})


class BillException(SQLModel, table=True):
    """What a bill and we say differently. It heals by itself once both say the same, or one person explains and another closes it."""

    __tablename__ = "bill_exception"
    __table_args__ = (
        one_of("kind", Differs),
        one_of("status", ExceptionStatus),
        UniqueConstraint("bill_id", "kind", "about", "number"),
        Index("ix_bill_exception_standing", "tenant_id", "status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `GX…`
    bill_id: int = Field(foreign_key="gateway_bill.id")
    kind: str
    about: str  # payment, refund, royalty, payout, other
    number: str
    ours_fen: int = fen()
    theirs_fen: int = fen()
    status: str = ExceptionStatus.OPEN
    opened_at: datetime
    reason: str = ""
    explained_by: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None


class GatewayPayout(SQLModel, table=True):
    """Money that went from a gateway to the county's bank: by a line of the bill, or as finance read it off the bank's account."""

    __tablename__ = "gateway_payout"
    __table_args__ = (at_least("amount_fen", 1), at_least("fee_fen"), Index("ix_gateway_payout_provider", "tenant_id", "provider", "id"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `GP…`
    provider: str
    amount_fen: int = fen()  # what the bank got
    fee_fen: int = fen(default=0)  # what the gateway took for it; a line's own stands in its bill
    reference: str = ""
    paid_on: date
    line_id: int | None = Field(default=None, foreign_key="gateway_bill_line.id", unique=True)
    booked_by: str
    booked_at: datetime
    undone_at: datetime | None = None
    undone_by: str = ""
