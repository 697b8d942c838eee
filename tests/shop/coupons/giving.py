"""Coupons of the small county, open."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from core import clock
from shop.coupons import service
from shop.coupons.models import Coupon
from tests.county import SmallCounty


def coupon(session: Session, county: SmallCounty, promo: str = "XIAOMAN10", **more: Any) -> Coupon:
    """Ten yuan off thirty, once a person, a hundred of them, from yesterday on for a week; opened by a second person."""
    now = clock.now()
    terms: dict[str, Any] = {
        "title": "小满尝鲜", "off_fen": 1000, "min_goods_fen": 3000, "uses": 100, "per_person": 1, "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=6), "is_listed": True, "by": "UONE",
    }  # fmt: skip
    made = service.draft(session, tenant_id=county.id, promo=promo, **{**terms, **more})
    service.open_it(session, made, by="UTWO")
    return made
