"""Income: what a station master, grower, seller or partner earns, each row open to its cause.

Rows are written beside the ledger entry that moves the same fen; the sum by party and state equals the ledger.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import fen, json_column, one_of


class Source(StrEnum):
    SALE = "sale"
    ON_BEHALF = "on_behalf"
    HANDLING = "handling"
    SERVICE = "service"
    SUBSIDY = "subsidy"
    CARRIAGE = "carriage"
    ADJUSTMENT = "adjustment"


class IncomeState(StrEnum):
    PENDING = "pending"
    PAYABLE = "payable"
    PAID = "paid"
    REVERSED = "reversed"


INCOME = Moves("income", {"pending": {"payable", "reversed"}, "payable": {"paid", "reversed"}}, untold="pending")


class IncomeEntry(SQLModel, table=True):
    __tablename__ = "income_entry"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_income_party", "tenant_id", "party_kind", "party_code", "business_date"),
        Index("ix_income_due", "tenant_id", "state", "payable_at"),
        Index("ix_income_cause", "tenant_id", "cause_code"),
        Index("ix_income_statement", "statement_id"),
        one_of("source", Source),
        one_of("state", IncomeState),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `I…`
    key: str  # the cause, once: `{line code}:master`
    party_kind: str  # station | grower | seller | partner | transport | platform
    party_code: str
    source: str
    state: str = IncomeState.PENDING
    amount_fen: int = fen()
    cause_kind: str  # order_line | parcel | service | rule | refund | partner_month
    cause_code: str
    words: str  # how it was computed, frozen
    facts: dict[str, Any] = json_column(default_factory=dict)
    rule_version: str = ""
    reverses_id: int | None = Field(default=None, foreign_key="income_entry.id", index=True)  # the row that an adjustment takes back
    journal_id: int | None = Field(default=None, foreign_key="journal.id")
    business_date: date
    created_at: datetime
    payable_at: datetime | None = None  # known once delivered: end of the claim window
    statement_id: int | None = Field(default=None, foreign_key="statement.id")  # frozen in it: nothing is taken back any more
    disputed_at: datetime | None = None  # held out of every run until finance answers
