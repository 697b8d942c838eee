"""People and order links for tests of buying."""

from datetime import timedelta

from sqlmodel import Session

from core import clock, pii
from core.auth.models import User
from core.codes import new_code
from shop.links.models import OrderLink, OrderLinkItem
from tests.county import SmallCounty


def make_user(session: Session, phone: str, name: str) -> User:
    code = new_code("U")
    sealed = pii.seal(phone, f"app_user.phone:{code}")
    user = User(code=code, name=name, phone_sealed=sealed, phone_index=pii.blind_index(phone), created_at=clock.now())
    session.add(user)
    session.flush()
    return user


def make_link(session: Session, county: SmallCounty, seller: User, prices: dict[str, int], *, quota: int, commission_bp: int) -> OrderLink:
    now = clock.now()
    link = OrderLink(
        tenant_id=county.id, code=new_code("", 8), seller_id=seller.id, quota=quota, commission_bp=commission_bp,
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), created_at=now,
    )  # fmt: skip
    session.add(link)
    session.flush()
    for name, price_fen in prices.items():
        session.add(OrderLinkItem(link_id=link.id, variant_id=county.variants[name].id, tenant_id=county.id, price_fen=price_fen))
    session.flush()
    return link
