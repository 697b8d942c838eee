"""Calls at a request stop 招呼站: somebody will stand there for this departure, so it is to stop.

A call keeps no phone and no name: it is its user's, who is told through the account when the departure does not run.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.status import Moves
from core.tables import one_of

MOST_PEOPLE = 20  # who wait together: a larger party asks for a trip of its own


class StopCallStatus(StrEnum):
    CALLED = "called"
    WITHDRAWN = "withdrawn"
    CALLED_OFF = "called_off"  # the departure was struck out, or the station is closed then


STOP_CALL = Moves("stop_call", {"called": {"withdrawn", "called_off"}, "called_off": {"called"}})


class StopCall(SQLModel, table=True):
    __tablename__ = "stop_call"
    __table_args__ = (
        one_of("status", StopCallStatus),
        CheckConstraint(f"people BETWEEN 1 AND {MOST_PEOPLE}", name="people_within"),
        Index("ix_stop_call_departure", "departure_id", "status"),
        Index("ix_stop_call_open", "tenant_id", "status", "departure_id"),
        Index(
            "uq_stop_call_once", "user_id", "departure_id", "position", unique=True,
            sqlite_where=text("status = 'called'"), postgresql_where=text("status = 'called'"),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `SC…`
    user_id: int = Field(foreign_key="app_user.id", index=True)
    departure_id: int = Field(foreign_key="departure.id")
    position: int  # of the trip's stops
    people: int
    status: str = StopCallStatus.CALLED
    called_at: datetime
