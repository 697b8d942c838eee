"""Disruptions 异常: an open row is the exception; every one has an owner and a deadline."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import one_of

KINDS = (
    "departure_cancelled", "departure_late", "overfull", "missing_scan", "wrong_place", "damaged", "refused", "missing", "unplaced",
    "missed",
)  # fmt: skip


class Disruption(SQLModel, table=True):
    __table_args__ = (one_of("kind", KINDS), UniqueConstraint("tenant_id", "kind", "subject_code", "cause"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `X…`
    kind: str
    subject_kind: str  # parcel | departure
    subject_code: str = Field(index=True)
    cause: str = ""  # what made it: a scan's event, a plan, a cancellation; opens it once
    words: str
    owner: str = ""  # role or user who must act
    opened_at: datetime
    deadline: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    outcome: str = ""
