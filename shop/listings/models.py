"""Listings publish a product in a channel with dates and prices; a product is for sale where a live listing says so."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import fen, one_of


class ListingStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


LISTING = Moves("listing", {"draft": {"published", "withdrawn"}, "published": {"withdrawn"}, "withdrawn": {"published"}})


class Listing(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("channel_id", "product_id"), one_of("status", ListingStatus))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `G…`
    channel_id: int = Field(foreign_key="channel.id")
    product_id: int = Field(foreign_key="product.id", index=True)
    status: str = ListingStatus.DRAFT
    starts_on: date | None = None
    ends_on: date | None = None
    published_at: datetime | None = None


class ListingPrice(SQLModel, table=True):
    __tablename__ = "listing_price"
    __table_args__ = (CheckConstraint("price_fen BETWEEN 1 AND 100000000", name="price_sane"),)

    listing_id: int = Field(primary_key=True, foreign_key="listing.id")
    variant_id: int = Field(primary_key=True, foreign_key="variant.id", index=True)
    tenant_id: int
    price_fen: int = fen()
