"""Coupons 优惠券: so much off a basket that is worth enough, a counted number of times, so often a person.

A coupon is a draft until a second person opens it; open, it is never edited: another offer is another coupon. What it takes off an
order is the county's gift (`coupons` in the ledger): whoever grew, sold and carried the goods earns as if there were none.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, fen, one_of


class CouponState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    ENDED = "ended"


COUPON = Moves("coupon", {"draft": {"open", "ended"}, "open": {"ended"}})


class Coupon(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("tenant_id", "promo"),
        one_of("state", CouponState),
        at_least("uses", 1),
        at_least("per_person", 1),
        CheckConstraint("used >= 0 AND used <= uses", name="within_its_uses"),
        CheckConstraint("off_fen > 0 AND 2 * off_fen <= min_goods_fen", name="half_at_most"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("opened_by <> made_by OR opened_by = ''", name="second_person"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `CU…`
    promo: str  # as buyers type it: capital letters and digits
    title: str
    state: str = CouponState.DRAFT
    off_fen: int = fen()
    min_goods_fen: int = fen()  # goods worth at least so much
    uses: int
    per_person: int = 1
    used: int = 0
    is_listed: bool = True  # the checkout offers it to everybody; else only who knows its promo code has it
    starts_at: datetime
    ends_at: datetime
    made_by: str
    opened_by: str = ""
    created_at: datetime


class CouponUse(SQLModel, table=True):
    """One order's use; given back when the order ends unpaid or is cancelled, taken again when late money revives it."""

    __tablename__ = "coupon_use"
    __table_args__ = (UniqueConstraint("order_id"), Index("ix_coupon_use_person", "coupon_id", "phone_index"), at_least("off_fen", 1))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    coupon_id: int = Field(foreign_key="coupon.id")
    order_id: int = Field(foreign_key="orders.id")
    phone_index: str
    user_id: int | None = Field(default=None, foreign_key="app_user.id", index=True)
    off_fen: int = fen()
    used_at: datetime
    released_at: datetime | None = None
