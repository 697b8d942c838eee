"""Departures: a trip on one service day, with its own state and capacity; what people ruled for a line, and the weather reported."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, json_column, one_of


class DepartureStatus(StrEnum):
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


DEPARTURE = Moves(
    "departure",
    {
        "scheduled": {"open", "closed", "cancelled"},
        "open": {"closed", "cancelled"},
        "closed": {"departed", "cancelled"},
        "departed": {"arrived"},
        "cancelled": {"scheduled"},  # by mistake, or the fog lifted: while it has not left
    },
)


class Departure(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("tenant_id", "trip_id", "service_date"),
        Index("ix_departure_day", "tenant_id", "service_date", "line_id"),
        Index("ix_departure_due", "tenant_id", "status", "starts_at"),
        one_of("status", DepartureStatus),
        *(at_least(c) for c in ("cap_g", "cap_ml")),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `D…`
    trip_id: int = Field(foreign_key="trip.id")
    line_id: int = Field(foreign_key="line.id")
    vehicle_id: int | None = Field(default=None, foreign_key="vehicle.id")
    service_date: date
    status: str = DepartureStatus.SCHEDULED
    cap_g: int = 0  # for goods, the passengers' share taken off
    cap_ml: int = 0
    cap_boxes: int | None = None  # None: boxes are not counted
    cap_chilled_ml: int | None = None  # None: as cap_ml
    tiers: list[str] = json_column(default_factory=list)
    delay_min: int = 0
    closes_at: datetime  # loading closes at the first stop; later stops close as long before their own departure
    starts_at: datetime
    ends_at: datetime
    note: str = ""
    ruling_id: int | None = Field(default=None, foreign_key="line_ruling.id")  # the closing of its line that cancelled it


class LineRuling(SQLModel, table=True):
    """What people decided for a line from day to day, whatever its calendar's season says; of several the newest counts. Never edited."""

    __tablename__ = "line_ruling"
    __table_args__ = (
        Index("ix_line_ruling_days", "tenant_id", "ends_on", "line_id"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    line_id: int = Field(foreign_key="line.id")
    runs: bool  # True: opened, False: closed
    starts_on: date
    ends_on: date
    reason: str
    ruled_by: str
    ruled_at: datetime


class WeatherReport(SQLModel, table=True):
    """Wind and visibility of one area from–until, as the harbour or a dispatcher said it; it stands until it is withdrawn."""

    __tablename__ = "weather_report"
    __table_args__ = (
        Index("ix_weather_report_until", "tenant_id", "ends_at"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("wind IS NOT NULL OR visibility_m IS NOT NULL", name="says_something"),
        CheckConstraint("wind BETWEEN 0 AND 17", name="wind_is_beaufort"),
        at_least("visibility_m"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `W…`
    area: str = ""  # as lines name it; empty: the whole county
    wind: int | None = None  # Beaufort
    visibility_m: int | None = None
    starts_at: datetime
    ends_at: datetime
    note: str = ""
    reported_by: str
    reported_at: datetime
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None
