"""Customised trips 定制客运: what villagers ask for, and the special runs that came of it.

A request keeps no phone and no name: it is its user's, who is told through the account. What they write is sealed and forgotten
some weeks after the day. A special run is a departure of its own; what became of it is the departure's to tell.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from core.status import Moves
from core.tables import at_least, fen, one_of

MOST_SEATS = 20  # of one request: a larger party hires a bus
NOTE_LONGEST = 200
DEAREST_FEN = 100_00  # a seat


class TripRequestStatus(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CALLED_OFF = "called_off"  # confirmed, but the run was struck out
    LAPSED = "lapsed"  # the time went by and nobody answered


class Purpose(StrEnum):
    """What a trip is for."""

    CLINIC = "clinic"
    MARKET = "market"
    SCHOOL = "school"
    FAMILY = "family"
    OTHER = "other"


TRIP_REQUEST = Moves(
    "trip_request",
    {"asked": {"confirmed", "declined", "withdrawn", "lapsed"}, "confirmed": {"withdrawn", "called_off"}},
)


class SpecialRun(SQLModel, table=True):
    """A departure made for those who asked."""

    __tablename__ = "special_run"
    __table_args__ = (
        at_least("price_fen"),
        CheckConstraint(f"price_fen <= {DEAREST_FEN}", name="price_fen_at_most"),
        CheckConstraint("least BETWEEN 1 AND seats", name="least_within_seats"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `TS…`
    departure_id: int = Field(foreign_key="departure.id", unique=True)
    price_fen: int = fen()  # a seat, paid aboard; 0 = free
    seats: int  # of the vehicle
    least: int  # so many seats must be taken, or it does not pay
    confirmed_by: str  # user code
    confirmed_at: datetime


class TripRequest(SQLModel, table=True):
    __tablename__ = "trip_request"
    __table_args__ = (
        one_of("status", TripRequestStatus),
        one_of("purpose", Purpose),
        CheckConstraint(f"seats BETWEEN 1 AND {MOST_SEATS}", name="seats_within"),
        CheckConstraint("earliest_min >= 0 AND earliest_min <= latest_min AND latest_min < 1440", name="window_within_the_day"),
        CheckConstraint("from_id <> to_id", name="goes_somewhere"),
        CheckConstraint("status <> 'confirmed' OR run_id IS NOT NULL", name="confirmed_has_a_run"),
        Index("ix_trip_request_open", "tenant_id", "status", "service_date"),
        Index(
            "uq_trip_request_asked", "user_id", "service_date", "from_id", "to_id", unique=True,
            sqlite_where=text("status = 'asked'"), postgresql_where=text("status = 'asked'"),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `TQ…`
    user_id: int = Field(foreign_key="app_user.id", index=True)
    from_id: int = Field(foreign_key="node.id")
    to_id: int = Field(foreign_key="node.id")
    service_date: date
    earliest_min: int  # leaves the first stop between these two, minutes after midnight
    latest_min: int
    seats: int
    purpose: str = Purpose.OTHER
    note_sealed: str = ""
    status: str = TripRequestStatus.ASKED
    reason: str = ""  # why declined or called off
    run_id: int | None = Field(default=None, foreign_key="special_run.id", index=True)
    asked_at: datetime
