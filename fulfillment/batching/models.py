"""Plans kept: one run for a day (and wave), each parcel's legs, and who could not be placed and why."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import json_column, one_of

PLAN_STATES = ("solving", "optimal", "feasible", "empty", "failed")


class BatchPlan(SQLModel, table=True):
    __tablename__ = "batch_plan"
    __table_args__ = (one_of("status", PLAN_STATES), UniqueConstraint("tenant_id", "service_date", "wave", "turn"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `B…`
    service_date: date
    wave: str = ""  # HHMM of a trunk cut-off, empty for the whole day
    turn: int | None = None  # of a wave that was planned by itself: the first time, the second, …; None when somebody asked
    status: str = "solving"
    asked_by: str = ""
    because: str = ""  # a cancelled departure's code, or `missed`; empty for a day or a wave somebody asked for
    asked_at: datetime
    finished_at: datetime | None = None
    placed: int = 0
    late: int = 0
    unplaced: int = 0
    cost_fen: int = 0
    bound_fen: int = 0
    gap: float = 0.0
    seconds: float = 0.0
    facts: dict[str, Any] = json_column(default_factory=dict)


class PlannedLeg(SQLModel, table=True):
    """A parcel's place on a departure between two stop positions; a replaced leg keeps its row, voided."""

    __tablename__ = "planned_leg"
    __table_args__ = (
        Index(
            "uq_planned_leg_active", "parcel_id", "position", unique=True,
            sqlite_where=text("voided_at IS NULL"), postgresql_where=text("voided_at IS NULL"),
        ),
        Index("ix_planned_leg_departure", "departure_id"),
        Index("ix_planned_leg_plan", "plan_id"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    plan_id: int = Field(foreign_key="batch_plan.id")
    parcel_id: int = Field(foreign_key="parcel.id")
    position: int
    departure_id: int = Field(foreign_key="departure.id")
    board: int  # stop position on the trip
    alight: int
    voided_at: datetime | None = None


class LaneDay(SQLModel, table=True):
    """A lane of the province on one day: its room, and the price that the counties' wishes have brought it to."""

    __tablename__ = "lane_day"

    lane: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    cap_g: int = Field(sa_type=BigInteger)
    fen_per_kg: float = 0.0
    round: int = 0


class LaneShare(SQLModel, table=True):
    """What one county may send by a lane on one day, has planned, and would send at the present price; no plan passes its share."""

    __tablename__ = "lane_share"
    __table_args__ = (CheckConstraint("planned_g <= share_g", name="within_share"),)

    lane: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    tenant_id: int = Field(primary_key=True)
    share_g: int = Field(default=0, sa_type=BigInteger)
    planned_g: int = Field(default=0, sa_type=BigInteger)
    wanted_g: int = Field(default=0, sa_type=BigInteger)
    mean_g: float = 0.0  # of the rounds' wishes
    heard: bool = False  # whether the wish is news since the last round


class Unplaced(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("plan_id", "parcel_id"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    plan_id: int = Field(foreign_key="batch_plan.id")
    parcel_id: int = Field(foreign_key="parcel.id")
    reason: str
