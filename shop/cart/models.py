"""Baskets: one per session, moved to the member at sign-in. A basket holds no price; prices are read when shown."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least


class Cart(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    sign_in_id: int | None = Field(default=None, foreign_key="sign_in.id", unique=True)
    user_id: int | None = Field(default=None, foreign_key="app_user.id", unique=True)
    touched_at: datetime


class CartLine(SQLModel, table=True):
    __tablename__ = "cart_line"
    __table_args__ = (UniqueConstraint("cart_id", "variant_id"), at_least("quantity", 1))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    cart_id: int = Field(foreign_key="cart.id", index=True)
    variant_id: int = Field(foreign_key="variant.id")
    quantity: int
    link_code: str | None = None  # the order link it came through
    added_at: datetime
