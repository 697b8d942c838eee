"""Parcels that wait at a station for their receivers: a number on the shelf, and a code that is told to nobody else.

The code is used once: with it, or without it by the master's word and reason, the stay ends. After five wrong tries it opens nothing.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from core.tables import at_least, one_of

TRIES = 5
OPEN = "ended_at IS NULL"


class Ended(StrEnum):
    FETCHED = "fetched"  # with its code
    CONFIRMED = "confirmed"  # without it, by the master's word
    RETURNED = "returned"
    LEFT = "left"  # scans say it is not there any more


class Stay(SQLModel, table=True):
    __tablename__ = "shelf_stay"
    __table_args__ = (
        Index("uq_shelf_stay_parcel", "parcel_code", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("uq_shelf_stay_shelf", "station_id", "shelf", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        one_of("ended_how", ("", *Ended)),
        at_least("shelf", 1),
        at_least("wrong"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `SH…`, binds the seal to its row
    parcel_code: str = Field(index=True)
    station_id: int = Field(foreign_key="station.node_id")
    shelf: int
    secret_sealed: str  # four digits; the pick-up code is the shelf's number and these
    wrong: int = 0  # tries
    since: datetime
    reminded_at: datetime | None = None
    ended_at: datetime | None = None
    ended_how: str = ""
    ended_by: str = ""
    ended_key: str = ""  # of the form that ended it: sent twice it is answered alike
    reason: str = ""  # of the master's word

    @property
    def is_locked(self) -> bool:
        return self.wrong >= TRIES
