"""A coupon of the demonstration, made by one of finance and opened by the other: the checkout offers it."""

from datetime import timedelta

from sqlmodel import Session

from core import clock
from core.auth.service import find_user
from shop.coupons import service

from .subsidies import FIRST, SECOND


def offer_coupon(session: Session, tenant_id: int) -> None:
    """For a month from today on."""
    one, two = (find_user(session, phone) for phone in (FIRST, SECOND))
    assert one is not None
    assert two is not None
    today = clock.midnight(clock.today())
    coupon = service.draft(
        session, tenant_id=tenant_id, promo="CHANGXIAN10", title="尝鲜", off_fen=1_000, min_goods_fen=10_000, uses=500, per_person=1,
        starts_at=today, ends_at=today + timedelta(days=30), is_listed=True, by=one.code,
    )  # fmt: skip
    service.open_it(session, coupon, by=two.code)
