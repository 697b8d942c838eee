"""Disruptions 异常: an open row is the exception; every one has an owner and a deadline."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from core import clock
from core.tables import json_column, one_of

KINDS = (
    "departure_cancelled", "departure_late", "overfull", "missing_scan", "wrong_place", "damaged", "refused", "missing", "unplaced",
    "missed", "line_suspended", "station_closed",
)  # fmt: skip


class Disruption(SQLModel, table=True):
    __table_args__ = (one_of("kind", KINDS), UniqueConstraint("tenant_id", "kind", "subject_code", "cause"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `X…`
    kind: str
    subject_kind: str  # parcel | box | departure | line | station
    subject_code: str = Field(index=True)
    cause: str = ""  # what made it: a scan's event, a plan, a cancellation; opens it once
    words: str
    owner: str = ""  # role or user who must act
    opened_at: datetime
    deadline: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    outcome: str = ""


class Closure(SQLModel, table=True):
    """A line that does not run, a station that takes and gives nothing, or a departure that takes nothing more, from `begins_at` until
    before `ends_at`."""

    __table_args__ = (one_of("subject_kind", ("line", "station", "departure")),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `Z…`
    subject_kind: str
    subject_code: str = Field(index=True)
    begins_at: datetime
    ends_at: datetime | None = None  # None: until somebody says otherwise
    reason: str
    # what goes back when it is lifted: of a line the departures it cancelled, of a station the consignments collected elsewhere
    struck: list[str] = json_column(default_factory=list)
    instead: str = ""  # of a station: the one that takes and gives in its place
    carry_min: int = 0  # minutes from here to there
    room: dict[str, int | None] = json_column(default_factory=dict)  # of a departure: what it could carry before
    made_by: str = ""
    made_at: datetime
    lifted_at: datetime | None = None  # ended early; before `begins_at`: it never was. Of a station also when its time was over
    lifted_by: str = ""

    @property
    def is_over(self) -> bool:
        """Whether its own time is past."""
        return self.ends_at is not None and self.ends_at <= clock.now()
