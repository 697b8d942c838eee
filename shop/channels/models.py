"""Channels: what a buyer enters – a station's own shopfront, the county board, a fair, a livestream, an outside market."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from core.tables import one_of


class ChannelKind(StrEnum):
    STATION = "station"
    COUNTY = "county"
    FAIR = "fair"
    LIVE = "live"
    MARKET = "market"


class Channel(SQLModel, table=True):
    __table_args__ = (one_of("kind", ChannelKind),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # a station's channel has the station's code
    kind: str
    name: str
    station_id: int | None = Field(default=None, foreign_key="station.node_id", unique=True)
    opened_at: datetime
    closed_at: datetime | None = None
