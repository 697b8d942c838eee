"""Departures: a trip on one service day, with its own state and capacity."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
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
