"""Scans, append-only and idempotent, and the custody derived from them: at most one open holder per parcel."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import one_of


class Action(StrEnum):
    PACK = "pack"  # at the station that packed it
    STOW = "stow"  # put into a turnover box, at a node or aboard
    LOAD = "load"  # station or hub → vehicle, or whoever goes to the doors
    UNLOAD = "unload"  # vehicle → node
    RECEIVE = "receive"  # node takes over (hub, township)
    UNSTOW = "unstow"  # taken out of its box; of a box: everything
    DISPATCH = "dispatch"  # hub → trunk carrier
    DELIVER = "deliver"
    RETURN = "return"
    LOSE = "lose"


class Scan(SQLModel, table=True):
    """Of a parcel, of a turnover box with all that is in it, or of both: the parcel is put into the box."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "event_id"),
        Index("ix_scan_parcel", "parcel_code", "occurred_at"),
        Index("ix_scan_box", "box", sqlite_where=text("box <> ''"), postgresql_where=text("box <> ''")),
        Index("ix_scan_device", "tenant_id", "device", "seq"),
        one_of("action", Action),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    event_id: str  # made by the device
    device: str
    seq: int
    action: str
    parcel_code: str  # empty: of a box
    box: str = ""  # the box's code
    place: str  # code of a node, a departure, a trunk or a door round
    by: str  # user code
    device_at: datetime
    occurred_at: datetime  # corrected by the device's offset, never later than receipt
    received_at: datetime
    flags: str = ""  # clock_skew, missing_scan, …


class Custody(SQLModel, table=True):
    """Who answered for a parcel from when to when; rebuilt from the parcel's scans, whatever order they came in."""

    __table_args__ = (
        Index(
            "uq_custody_open", "parcel_code", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_custody_parcel", "parcel_code"),
        Index("ix_custody_box", "box", sqlite_where=text("box <> ''"), postgresql_where=text("box <> ''")),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    parcel_code: str
    holder_kind: str  # station | departure | hub | carrier | courier
    holder_code: str
    giver_code: str = ""  # the holder before
    box: str = ""  # the turnover box it lies in, or last lay in with this holder; empty: by itself
    began_at: datetime
    ended_at: datetime | None = None
    scan_event: str
