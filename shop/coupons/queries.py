"""Coupons as their keepers see them."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock
from core.paging import make_cursor, read_cursor

from .models import Coupon, CouponUse

A_PAGE = 30


class Kept(NamedTuple):
    """A coupon, and what it has taken off orders that stand."""

    coupon: Coupon
    given_fen: int

    @property
    def last_day(self) -> date:
        return clock.business_date(self.coupon.ends_at - timedelta(seconds=1))


def coupons(session: Session, *, tenant_id: int, cursor: str | None = None) -> tuple[list[Kept], str | None]:
    """The newest first, and where the next page begins; one query."""
    given = func.coalesce(func.sum(CouponUse.off_fen), 0)
    query = (
        select(Coupon, given)
        .outerjoin(CouponUse, (col(CouponUse.coupon_id) == col(Coupon.id)) & col(CouponUse.released_at).is_(None))
        .where(Coupon.tenant_id == tenant_id)
        .group_by(col(Coupon.id))
        .order_by(col(Coupon.id).desc())
        .limit(A_PAGE + 1)
    )
    if after := read_cursor(cursor, int):
        query = query.where(col(Coupon.id) < after[0])
    rows = [Kept(coupon, int(fen)) for coupon, fen in session.exec(query)]
    return rows[:A_PAGE], make_cursor(rows[A_PAGE - 1].coupon.id) if len(rows) > A_PAGE else None
