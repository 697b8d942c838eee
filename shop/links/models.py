"""Order links 下单链接: seller × variants × price × quota × window × commission, one short URL. Clicks are counted apart."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least, fen


class OrderLink(SQLModel, table=True):
    __tablename__ = "order_link"
    __table_args__ = (
        CheckConstraint("sold BETWEEN 0 AND quota", name="quota_kept"),
        CheckConstraint("commission_bp BETWEEN 0 AND 5000", name="commission_in_range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # 8 characters and a check character
    seller_id: int = Field(foreign_key="app_user.id", index=True)
    session_name: str = ""
    quota: int  # units over all its variants
    sold: int = 0  # held or paid; given back by cancellation and expiry
    commission_bp: int
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    closed_at: datetime | None = None


class OrderLinkItem(SQLModel, table=True):
    __tablename__ = "order_link_item"

    link_id: int = Field(primary_key=True, foreign_key="order_link.id")
    variant_id: int = Field(primary_key=True, foreign_key="variant.id")
    tenant_id: int
    price_fen: int = fen(gt=0)


class LinkClick(SQLModel, table=True):
    """A distinct click: once per visitor and half hour."""

    __tablename__ = "link_click"
    __table_args__ = (UniqueConstraint("link_id", "visitor", "slot"), at_least("slot"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    link_id: int = Field(foreign_key="order_link.id")
    visitor: str
    slot: int  # half hours since the epoch
    at: datetime
