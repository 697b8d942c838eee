"""Subsidies 补贴: programmes by version, what each cause was awarded, what proves it, and what the funder paid.

A programme has one budget over all its versions; a version in force is never edited. An award names its cause once (`cause_kind`,
`cause_code`, `period`), whatever the version, so nothing is claimed twice. What the budget or a cap has no room for waits.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, fen, json_column, one_of


class Origin(StrEnum):
    COUNTY = "county"  # the county's file, in force as loaded
    DESK = "desk"  # drafted by one person, approved by another


class VersionState(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    REFUSED = "refused"


VERSION = Moves("subsidy.version", {"draft": {"in_force", "refused"}})


class AwardState(StrEnum):
    WAITING = "waiting"  # no room in the budget or under the cap
    AWARDED = "awarded"
    REVERSED = "reversed"  # its cause was taken back


AWARD = Moves("subsidy.award", {"waiting": {"awarded", "reversed"}, "awarded": {"reversed"}})


class SubsidyFund(SQLModel, table=True):
    """A programme's money: what it may spend, what its awards have taken, what its funder has paid."""

    __tablename__ = "subsidy_fund"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        at_least("taken_fen"),
        CheckConstraint("taken_fen <= budget_fen", name="within_budget"),
        CheckConstraint("paid_fen <= budget_fen", name="paid_within_budget"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str  # `nh-village-out`, as the county names it
    budget_fen: int = fen(default=0)  # of the version in force; 0 while there is none
    taken_fen: int = fen(default=0)
    paid_fen: int = fen(default=0)


class SubsidyVersion(SQLModel, table=True):
    """How a programme reckons from `from_on` on; `rule` is a `SubsidyRule`."""

    __tablename__ = "subsidy_version"
    __table_args__ = (UniqueConstraint("fund_id", "version"), one_of("state", VersionState), one_of("origin", Origin))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `SV…`
    fund_id: int = Field(foreign_key="subsidy_fund.id")
    version: int
    from_on: date
    rule: dict[str, Any] = json_column()
    state: str
    origin: str
    drafted_by: str = ""
    drafted_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None


class SubsidyCap(SQLModel, table=True):
    """What one beneficiary has taken of a programme in one of its cap's periods (`2026-05`, `2026`, or empty for good)."""

    __tablename__ = "subsidy_cap"
    __table_args__ = (at_least("taken_fen"), CheckConstraint("taken_fen <= cap_fen", name="within_cap"))

    fund_id: int = Field(primary_key=True, foreign_key="subsidy_fund.id")
    party_kind: str = Field(primary_key=True)
    party_code: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    tenant_id: int = Field(index=True)
    cap_fen: int = fen()
    taken_fen: int = fen(default=0)


class SubsidyAward(SQLModel, table=True):
    """What one cause brings its beneficiary; amount, words and facts as reckoned by its version, never changed."""

    __tablename__ = "subsidy_award"
    __table_args__ = (
        UniqueConstraint("fund_id", "cause_kind", "cause_code", "period"),
        Index("ix_subsidy_award_month", "fund_id", "month", "state"),
        Index("ix_subsidy_award_report", "tenant_id", "month"),
        Index("ix_subsidy_award_cause", "tenant_id", "cause_kind", "cause_code"),
        one_of("state", AwardState),
        at_least("amount_fen", 1),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `SA…`
    fund_id: int = Field(foreign_key="subsidy_fund.id")
    version_id: int = Field(foreign_key="subsidy_version.id", index=True)
    state: str
    cause_kind: str  # parcel | order_line | vehicle | station | evidence
    cause_code: str
    period: str = ""  # `2026-05`, `2026`, a parcel's direction; empty: once for good
    month: date  # its first day: the month of the cause
    cap_period: str = ""
    party_kind: str
    party_code: str = ""
    amount_fen: int = fen()
    words: str
    facts: dict[str, Any] = json_column(default_factory=dict)
    waits_for: str = ""  # budget | cap, while it waits
    made_at: datetime
    awarded_at: datetime | None = None
    reversed_at: datetime | None = None


class SubsidyEvidence(SQLModel, table=True):
    """A document that proves a claim: a building that was finished, a premium that was paid, a grade that was given."""

    __tablename__ = "subsidy_evidence"
    __table_args__ = (
        UniqueConstraint("fund_id", "party_kind", "party_code", "document"),
        Index("ix_subsidy_evidence_fund", "fund_id", "id"),
        at_least("amount_fen"),
        CheckConstraint("confirmed_by = '' OR confirmed_by <> entered_by", name="second_person"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `SE…`
    fund_id: int = Field(foreign_key="subsidy_fund.id")
    party_kind: str
    party_code: str = ""
    document: str  # its number or where it lies
    what: str = ""
    on_date: date
    amount_fen: int = fen(default=0)  # what it cost, where a share of it is paid
    grade: str = ""
    period: str = ""  # of a grade
    entered_by: str
    entered_at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None


class SubsidyPayment(SQLModel, table=True):
    """Money that a funder paid the county for a programme."""

    __tablename__ = "subsidy_payment"
    __table_args__ = (UniqueConstraint("fund_id", "reference"), at_least("amount_fen", 1))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `SI…`
    fund_id: int = Field(foreign_key="subsidy_fund.id")
    amount_fen: int = fen()
    reference: str
    received_by: str
    received_at: datetime
