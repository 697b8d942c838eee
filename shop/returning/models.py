"""Goods that came back 退货: a refunded parcel at its station, put on the shelf again or thrown away – once."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from core.tables import one_of


class Into(StrEnum):
    SHELF = "shelf"
    WASTE = "waste"


class ReturnedParcel(SQLModel, table=True):
    __tablename__ = "returned_parcel"
    __table_args__ = (one_of("goes_to", Into),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `RP…`, the cause of what moves
    parcel_id: int = Field(foreign_key="parcel.id", unique=True)
    goes_to: str
    settled_by: str
    settled_at: datetime
