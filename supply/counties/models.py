"""A county: a tenant with a data set. Everything else belongs to one."""

from datetime import date
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import json_column


class County(SQLModel, table=True):
    id: int = Field(primary_key=True, foreign_key="tenant.id")
    code: str = Field(unique=True)
    name: str  # 宁海
    region: str  # 浙江宁波宁海县
    brand: str  # 宁海集市
    tagline: str = ""
    policy: dict[str, Any] = json_column(default_factory=dict)
    """The profile's county.toml: default destination, hub times, freight, share and claim rules, exactly as loaded."""
    catalogue_version: int = 0
    """Raised in every transaction that changes what public pages show; cached pages are keyed by it."""


class Township(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str
    name: str
    population: int = 0


class ShareRule(SQLModel, table=True):
    """How a sold line's money is shared, by version with a start date; an order keeps the version it was placed under."""

    __tablename__ = "share_rule"
    __table_args__ = (UniqueConstraint("tenant_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    version: str
    starts_on: date
    consignment_bp: int  # the grower's part of goods sold 代销
    master_bp: int  # sale commission of the origin station's master
    platform_bp: int
    packing_fen: int  # per parcel packed, to the station's master, borne by transport
    inbound_fen: int  # per parcel handed over to a villager
    on_behalf_bp: int = 0  # off the platform's part, to the station that orders for a villager
