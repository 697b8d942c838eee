"""Nodes of the county's network, and the stations among them that trade."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import json_column, one_of


class NodeKind(StrEnum):
    HUB = "hub"
    TOWNSHIP = "township"  # 乡镇服务站
    STATION = "station"  # 村级驿站
    HAMLET = "hamlet"
    PIER = "pier"
    LOCKER = "locker"
    WAREHOUSE = "warehouse"
    STOP = "stop"  # a request or passing stop without a counter


class Node(SQLModel, table=True):
    """A place parcels can be; `code` comes from the profile, prefixed with the county's (`nh-gejia`), unique everywhere."""

    __table_args__ = (one_of("kind", NodeKind),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)
    name: str
    kind: str
    township_id: int | None = Field(default=None, foreign_key="township.id")
    served_by_id: int | None = Field(default=None, foreign_key="node.id")  # the township station serving it, maybe of another township
    lat: float | None = None
    lon: float | None = None


class Station(SQLModel, table=True):
    """驿站: a node that trades, with a master, a story and a signature product (一村一品)."""

    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    node_id: int = Field(primary_key=True, foreign_key="node.id")
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # the node's code
    name: str  # 葛家驿站
    master_name: str = ""
    master_id: int | None = Field(default=None, foreign_key="app_user.id")
    story: str = ""
    signature: str = ""
    opens_min: int = 0  # minutes after midnight
    closes_min: int = 1440
    is_flagship: bool = False
    services: list[str] = json_column(default_factory=list)
    picture: str = ""
    closed_at: datetime | None = None


class VillageService(SQLModel, table=True):
    """Registry of the convenience services (便民服务) a station may offer."""

    __tablename__ = "village_service"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str
    name: str
    fee_fen: int = 0  # what a villager pays for one
    unit: str = ""
    about: str = ""
    county_fee_fen: int = 0  # what the county pays the master for one that the villager has for nothing
