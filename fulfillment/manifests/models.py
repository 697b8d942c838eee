"""Manifests 交接清单: what is loaded on one departure at one stop. A changed load is a new revision; the old one is void."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import json_column


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
    signed_out_by: str = ""
    signed_in_by: str = ""


class ManifestBox(SQLModel, table=True):
    """A turnover box that a manifest names for what goes to one stop in one tier; written with the manifest, never changed."""

    __tablename__ = "manifest_box"
    __table_args__ = (UniqueConstraint("manifest_id", "box_id"),)

    id: int | None = Field(default=None, primary_key=True)
    manifest_id: int = Field(foreign_key="manifest.id")
    box_id: int = Field(foreign_key="box.id", index=True)
    alight: int  # stop position on the trip
    tier: str
