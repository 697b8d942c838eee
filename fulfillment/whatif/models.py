"""What is kept of trying out: scenarios with their answers, proposals, and what a box more would have been worth to each plan."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.tables import at_least, fen, json_column, one_of

STATES = ("draft", "solving", "done", "failed")


class WhatIf(SQLModel, table=True):
    """A scenario: one day's parcels on a timetable with some changes (`changes_data`), and how it compares once solved."""

    __tablename__ = "what_if"
    __table_args__ = (one_of("status", STATES), Index("ix_what_if_county", "tenant_id", "id"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `W…`
    title: str = ""
    service_date: date
    changes: list[Any] = json_column(default_factory=list)
    status: str = "draft"
    made_by: str = ""
    made_at: datetime
    asked_at: datetime | None = None
    finished_at: datetime | None = None
    answer: dict[str, Any] = json_column(
        default_factory=dict
    )  # compare.as_data and the day its parcels are of; {"words": …} when it failed


class ProposalRun(SQLModel, table=True):
    """One look at the last weeks for the changes worth most."""

    __tablename__ = "proposal_run"
    __table_args__ = (one_of("status", STATES[1:]), Index("ix_proposal_run_county", "tenant_id", "id"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `V…`
    status: str = "solving"
    asked_by: str = ""
    asked_at: datetime
    finished_at: datetime | None = None
    answer: dict[str, Any] = json_column(default_factory=dict)  # propose.as_data


class DepartureWorth(SQLModel, table=True):
    """What one more box of bay on a departure was worth to a plan; no row where it was worth nothing."""

    __tablename__ = "departure_worth"
    __table_args__ = (at_least("box_fen", 1), Index("ix_departure_worth_departure", "departure_id"))

    plan_id: int = Field(primary_key=True, foreign_key="batch_plan.id")
    departure_id: int = Field(primary_key=True, foreign_key="departure.id")
    tenant_id: int
    box_fen: int = fen()
