"""Manifests 交接清单: what is loaded on one departure at one stop. A changed load is a new revision; the old one is void.

Who gives and who takes sign a revision; what they found otherwise stands in their signature, which never changes.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least, json_column, one_of


class SignedAs(StrEnum):
    """Which side of a hand-over signs."""

    GIVEN = "given"  # by who loads the departure: a station, a hub
    TAKEN = "taken"  # by its driver
    RECEIVED = "received"  # where some of it is set down: by the station or hub there


class Manifest(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("departure_id", "stop", "revision"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `M…`
    departure_id: int = Field(foreign_key="departure.id")
    stop: int  # stop position on the trip
    revision: int = 1
    rows: list[Any] = json_column(default_factory=list)  # [parcel code, alight, tier, grams, box_milli]
    digest: str  # sha-256 over rows and named boxes; never changes (I14)
    issued_at: datetime
    voided_at: datetime | None = None


class ManifestBox(SQLModel, table=True):
    """A turnover box that a manifest names for what goes to one stop in one tier; written with the manifest, never changed."""

    __tablename__ = "manifest_box"
    __table_args__ = (UniqueConstraint("manifest_id", "box_id"),)

    id: int | None = Field(default=None, primary_key=True)
    manifest_id: int = Field(foreign_key="manifest.id")
    box_id: int = Field(foreign_key="box.id", index=True)
    alight: int  # stop position on the trip
    tier: str


class ManifestSignature(SQLModel, table=True):
    """One side's word on what it gave or took: the first stands. Missing and extra are codes of parcels and turnover boxes.

    On a revision that changes nothing for that side it stands again, word for word, with the revision that was signed.
    """

    __tablename__ = "manifest_signature"
    __table_args__ = (UniqueConstraint("manifest_id", "side", "stop"), one_of("side", SignedAs), at_least("parcels"), at_least("boxes"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    manifest_id: int = Field(foreign_key="manifest.id")
    side: str
    stop: int  # where it was signed: the boarding stop, of `received` the one where it was set down
    by: str  # user code
    signed_at: datetime
    parcels: int  # counted: those listed, without the missing, with the extra
    boxes: int
    missing: list[str] = json_column(default_factory=list)
    extra: list[str] = json_column(default_factory=list)
    reason: str = ""
    signed_revision: int | None = None  # of a word that went on from there; None: this manifest itself was signed
