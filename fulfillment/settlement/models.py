"""Statements 结算单: what a run pays whom, row by row; payees, and rows that somebody disputes.

A run freezes payable income into one statement a party. A row of income is in at most one standing statement: its own `statement_id`
is set and taken back by guarded updates, and `uq_statement_line_income` says it again. Amounts of a frozen statement never change;
a statement that must not be paid is voided with its whole run and its rows are free for the next one.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, fen, json_column, one_of


class RunStatus(StrEnum):
    FROZEN = "frozen"
    APPROVED = "approved"  # by a second person
    EXPORTED = "exported"  # the bank has its file: nothing can be voided any more
    PAID = "paid"
    RECONCILED = "reconciled"  # the bank's own statement says so
    VOID = "void"


RUN = Moves(
    "settlement",
    {"frozen": {"approved", "void"}, "approved": {"exported", "void"}, "exported": {"paid"}, "paid": {"reconciled"}},
)


class StatementStatus(StrEnum):
    FROZEN = "frozen"
    PAID = "paid"
    RECONCILED = "reconciled"
    RETURNED = "returned"  # the bank sent it back: payable again as a row of its own
    VOID = "void"


STATEMENT = Moves("statement", {"frozen": {"paid", "void"}, "paid": {"reconciled", "returned"}})


class Way(StrEnum):
    """How a party is paid."""

    BANK = "bank"
    ALIPAY = "alipay"
    HAND = "hand"  # cash against a signed slip; who has no account, and what nothing is paid out of


class SettlementRun(SQLModel, table=True):
    __tablename__ = "settlement_run"
    __table_args__ = (
        one_of("status", RunStatus),
        *(at_least(c) for c in ("payout_fen", "sharing_left")),
        CheckConstraint("approved_by <> frozen_by OR approved_by = ''", name="second_person"),
        Index("ix_settlement_run_tenant", "tenant_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `SR…`
    until: date  # rows of business days up to this one
    status: str = RunStatus.FROZEN
    payout_fen: int = fen(default=0)
    carried: list[dict[str, Any]] = json_column(default_factory=list)  # parties left for the next run: party, amount_fen, rows, why
    frozen_by: str
    frozen_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None
    exported_at: datetime | None = None
    shared_at: datetime | None = None  # when it was settled what the payment provider shares out of it; None: nobody asked for that
    sharing_left: int = 0  # payments whose shares the provider has not answered for: meanwhile neither exported nor voided


class Statement(SQLModel, table=True):
    """`amount_fen` is what its rows add up to, `netted_fen` the station's cash the master keeps of it, `payout_fen` what is paid.

    Of that `shared_fen` went to the party out of buyers' payments, inside the payment provider; `transfer_fen`, the rest, is transferred.
    """

    __table_args__ = (
        one_of("status", StatementStatus),
        one_of("way", Way),
        CheckConstraint("amount_fen = netted_fen + payout_fen", name="adds_up"),
        CheckConstraint("amount_fen > 0 AND netted_fen >= 0 AND payout_fen >= 0", name="nobody_owes"),
        CheckConstraint("shared_fen >= 0 AND shared_fen <= payout_fen", name="shared_within_payout"),
        UniqueConstraint("run_id", "party_kind", "party_code"),
        Index("ix_statement_party", "tenant_id", "party_kind", "party_code", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `ST…`
    run_id: int = Field(foreign_key="settlement_run.id")
    party_kind: str  # station | grower | seller | partner
    party_code: str
    name: str  # as people call the party, frozen
    status: str = StatementStatus.FROZEN
    amount_fen: int = fen()
    netted_fen: int = fen(default=0)
    payout_fen: int = fen()
    shared_fen: int = fen(default=0)
    rows: int
    first: date  # business days of its rows
    last: date
    way: str = Way.HAND
    holder: str = ""
    bank: str = ""
    account_sealed: str = ""  # as it was when the run was frozen and approved
    account_tail: str = ""
    paid_by: str = ""
    paid_at: datetime | None = None
    reference: str = ""  # the bank's own number

    @property
    def transfer_fen(self) -> int:
        return self.payout_fen - self.shared_fen


class StatementLine(SQLModel, table=True):
    """A row of income in a statement; `stands` until the statement is voided."""

    __tablename__ = "statement_line"
    __table_args__ = (
        UniqueConstraint("statement_id", "income_id"),
        Index("uq_statement_line_income", "income_id", unique=True, sqlite_where=text("stands"), postgresql_where=text("stands")),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    statement_id: int = Field(foreign_key="statement.id")
    income_id: int = Field(foreign_key="income_entry.id")
    amount_fen: int = fen()
    stands: bool = True


class Payee(SQLModel, table=True):
    """Where a party wants its money, a row each time it says so; it counts from `valid_from` on, a day after it was said, unless stopped.

    Of those that count the last holds: until then the money goes where it went before.
    """

    __table_args__ = (Index("ix_payee_party", "tenant_id", "party_kind", "party_code", "id"), one_of("way", ("bank", "alipay")))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `PY…`
    party_kind: str
    party_code: str
    way: str
    holder: str
    bank: str = ""
    account_sealed: str
    account_tail: str
    valid_from: datetime
    set_by: str
    set_at: datetime
    stopped_at: datetime | None = None
    stopped_by: str = ""


class DisputeStatus(StrEnum):
    OPEN = "open"
    GRANTED = "granted"  # an adjustment was booked
    REFUSED = "refused"
    REDUCED = "reduced"  # the row gave too much, and an adjustment takes the difference off


DISPUTE = Moves("dispute", {"open": {"granted", "refused", "reduced"}})


class IncomeDispute(SQLModel, table=True):
    """A party says that a row is wrong. A row that is in no statement yet stays out of every run until finance answers."""

    __tablename__ = "income_dispute"
    __table_args__ = (
        one_of("status", DisputeStatus),
        Index(
            "uq_income_dispute_open", "income_id", unique=True, sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        CheckConstraint(
            "(status = 'granted') = (granted_fen > 0) AND (status = 'reduced') = (granted_fen < 0)", name="answered_by_amount"
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `DP…`
    income_id: int = Field(foreign_key="income_entry.id")
    status: str = DisputeStatus.OPEN
    reason: str
    answer: str = ""
    granted_fen: int = fen(default=0)  # below zero: taken off
    opened_by: str
    opened_at: datetime
    answered_by: str = ""
    answered_at: datetime | None = None
