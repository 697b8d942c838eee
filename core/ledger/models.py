"""Accounts, journals and postings.

A journal is one balanced entry with a unique key; its postings are signed debit-positive and sum to 0 per currency.
`journal` and `posting` are append-only by trigger (core.triggers). `Balance` is the running total on the account's own
side (a liability of 5 yuan owed reads 500), changed only by `post`, so a page need not sum history.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import fen, one_of


class Side(StrEnum):
    """Which side makes an account grow."""

    DEBIT = "debit"  # what is owned or spent: gateway clearing, cash at a station, fees
    CREDIT = "credit"  # what is owed or earned: grower, master, seller, transport, platform


class Account(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "code"), one_of("side", Side))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str  # `gateway:sandbox`, `station:nh-gejia`, `grower:G…`, `seller:…`, `transport`, `platform`, `buyer`
    name: str = ""
    side: str
    may_be_negative: bool = False
    opened_at: datetime


class Balance(SQLModel, table=True):
    __table_args__ = (CheckConstraint("may_be_negative OR amount_fen >= 0", name="not_overdrawn"),)

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    currency: str = Field(default="CNY", primary_key=True)
    tenant_id: int
    amount_fen: int = fen(default=0)
    may_be_negative: bool = False


class Journal(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "key"), Index("ix_journal_cause", "tenant_id", "cause_kind", "cause_code"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    key: str  # what happened, once: `capture:{payment}`, `refund:{code}`, `share:{order}`
    kind: str
    currency: str = "CNY"
    cause_kind: str
    cause_code: str
    memo: str = ""
    business_date: date = Field(index=True)
    posted_at: datetime
    reverses_id: int | None = Field(default=None, foreign_key="journal.id", unique=True)


class Posting(SQLModel, table=True):
    __table_args__ = (CheckConstraint("amount_fen <> 0", name="not_empty"), Index("ix_posting_account", "account_id", "id"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    journal_id: int = Field(foreign_key="journal.id", index=True)
    account_id: int = Field(foreign_key="account.id")
    amount_fen: int = fen()
