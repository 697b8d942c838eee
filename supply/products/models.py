"""Products and their variants (规格, SKU)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from core.tables import at_least, json_column, one_of


class Storage(StrEnum):
    """How goods are kept."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"
    LIVE = "live"  # rides as chilled unless the profile says otherwise


class Product(SQLModel, table=True):
    __table_args__ = (one_of("storage", Storage), at_least("shelf_days", 1))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # public id, `P…`
    name: str
    category: str = Field(index=True)
    station_id: int = Field(foreign_key="station.node_id", index=True)  # origin
    grower_id: int = Field(foreign_key="grower.id")
    story: str = ""
    storage: str
    shelf_days: int
    months: list[int] = json_column(default_factory=list)  # 1–12, in season
    picture: str = ""
    sales: int = 0  # units sold and paid, for sorting
    version: int = 1  # raised by every change that search must see
    created_at: datetime


class Variant(SQLModel, table=True):
    __table_args__ = (
        at_least("net_g", 1),
        at_least("ml", 1),
        at_least("box_milli", 1),
        CheckConstraint("gross_g >= net_g", name="gross_holds_net"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    product_id: int = Field(foreign_key="product.id", index=True)
    sku: str = Field(unique=True)  # public code, `K…`
    spec: str  # 5斤装
    net_g: int
    gross_g: int
    ml: int
    box_milli: int
    position: int = 0
