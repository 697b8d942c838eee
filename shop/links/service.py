"""What happens to order links: a seller makes one, visitors click it, the seller closes it.

A link carries nothing in its address but its random code: seller, price, quota and commission are read here when an
order is placed (shop.checkout), so there is nothing in it to tamper with. The last link a buyer came through decides.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sqlmodel import Session, col, select, update

from core import audit, clock, i18n
from core.codes import new_code, new_token
from core.errors import Conflict, NotFound, Refused
from core.permissions import Actor
from core.pii import derived_key
from core.upsert import Upsert
from shop.catalogue.offers import offers, read_cards
from supply.counties.catalogue import raise_catalogue
from supply.products.models import Variant

from .models import LinkClick, OrderLink, OrderLinkItem

_ = i18n.gettext
LONGEST = timedelta(days=14)
LATEST_START = timedelta(days=60)
MOST_UNITS, MOST_ITEMS = 100_000, 20
MOST_COMMISSION_BP = 2_000  # it comes off the grower's side, which keeps most of the price
LEAST_OF_PRICE = 50  # percent of the listed price a live price may go down to
SLOT_S = 1_800  # one visitor counts once in half an hour
_CLICK = Upsert(
    LinkClick,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["link_id", "visitor", "slot"]).returning(insert.table.c.id),
)


class LinkUnknown(NotFound):
    """No such order link, or its numbers are not the caller's to read."""

    code = "link_unknown"


class Wanted(NamedTuple):
    """A variant of the link and its live price."""

    sku: str
    price_fen: int


def create_link(
    session: Session, seller: Actor, items: Sequence[Wanted], *, quota: int, commission_bp: int, starts_at: datetime, ends_at: datetime,
    session_name: str = "",
) -> OrderLink:  # fmt: skip
    """A new link of this seller. Raises Refused naming the field: goods, price, window, quota or commission beyond reason."""
    now = clock.now()
    if not 1 <= quota <= MOST_UNITS:
        raise Refused(_("名额要在 1 到 {n} 之间").format(n=MOST_UNITS), field="quota")
    if not 0 <= commission_bp <= MOST_COMMISSION_BP:
        raise Refused(_("佣金最高 {n}%").format(n=MOST_COMMISSION_BP // 100), field="commission_bp")
    if not now - timedelta(minutes=5) <= starts_at <= now + LATEST_START:
        raise Refused(_("开始的时刻从现在起，最远 60 天后"), field="starts_at")
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise Refused(_("结束要在开始之后，最长 14 天"), field="ends_at")
    prices = _priced(session, seller.tenant_id, items)
    link = OrderLink(
        tenant_id=seller.tenant_id, code=new_code("", 8), seller_id=seller.user_id or 0, session_name=session_name, quota=quota,
        commission_bp=commission_bp, starts_at=starts_at, ends_at=ends_at, created_at=now,
    )  # fmt: skip
    session.add(link)
    session.flush()
    for variant_id, fen in prices.items():
        session.add(OrderLinkItem(link_id=link.id or 0, variant_id=variant_id, tenant_id=link.tenant_id, price_fen=fen))
    session.flush()
    _changed(session, link, seller, "link.created", quota=quota, commission_bp=commission_bp)
    return link


def _priced(session: Session, tenant_id: int, items: Sequence[Wanted]) -> dict[int, int]:
    if not 1 <= len(items) <= MOST_ITEMS:
        raise Refused(_("一个链接放 1 到 {n} 样").format(n=MOST_ITEMS), field="items")
    found = read_cards(session, offers(Variant.tenant_id == tenant_id, col(Variant.sku).in_([item.sku for item in items])))
    listed = {offer.sku: offer for card in found.values() for offer in card.offers}
    prices: dict[int, int] = {}
    for item in items:
        offer = listed.get(item.sku)
        if offer is None:
            raise Refused(_("没有这样货，或者它不在架上"), field="sku")
        if offer.variant_id in prices:
            raise Refused(_("同一个规格只放一次"), field="sku")
        least = offer.price_fen * LEAST_OF_PRICE // 100
        if not max(1, least) <= item.price_fen <= offer.price_fen:
            words = _("直播价在 {low} 到 {high} 元之间")
            raise Refused(words.format(low=f"{least / 100:.2f}", high=f"{offer.price_fen / 100:.2f}"), field="price")
        prices[offer.variant_id] = item.price_fen
    return prices


def close_link(session: Session, link: OrderLink, seller: Actor) -> None:
    """Stop selling through it; what was ordered stays. Raises Conflict when it is closed already."""
    closed = session.exec(
        update(OrderLink)
        .where(col(OrderLink.id) == link.id, col(OrderLink.closed_at).is_(None))
        .values(closed_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )
    if not closed.rowcount:
        raise Conflict(_("这个链接已经停了"))
    _changed(session, link, seller, "link.closed")


def _changed(session: Session, link: OrderLink, seller: Actor, act: str, **facts: Any) -> None:
    role = "seller" if seller.has("seller") else "admin"
    audit.record(session, act, tenant_id=link.tenant_id, actor=seller.key, role=role, subject=link.code, **facts)
    raise_catalogue(session, link.tenant_id)  # the front page names tonight's sessions


def link_named(session: Session, code: str, *, tenant_id: int) -> OrderLink:
    """The link of this code, open or not. Raises LinkUnknown."""
    found = session.exec(select(OrderLink).where(OrderLink.tenant_id == tenant_id, OrderLink.code == code)).first()
    if found is None:
        raise LinkUnknown(_("没有这个下单链接，可能少抄了一个字"))
    return found


def own_link(session: Session, code: str, actor: Actor) -> OrderLink:
    """A link whose numbers the caller may see: the seller's own, any for an admin. Raises LinkUnknown."""
    link = link_named(session, code, tenant_id=actor.tenant_id)
    if link.seller_id != actor.user_id and not actor.has("admin"):
        raise LinkUnknown(_("没有这个下单链接，可能少抄了一个字"))
    return link


def fingerprint(told: str) -> str:
    """Names a visitor without saying who: a session, or an address and browser."""
    return hmac.new(derived_key("link clicks"), told.encode(), sha256).hexdigest()[:24]


def new_visitor() -> tuple[str, str]:
    """A visitor not met before: (visitor, the cookie that lets us know them again)."""
    visitor = new_token()[:24]
    return visitor, f"{visitor}.{fingerprint(visitor)}"


def known_visitor(cookie: str) -> str | None:
    """Whose cookie this is, if it is one of ours."""
    visitor, _dot, seal = cookie.partition(".")
    return visitor if visitor and hmac.compare_digest(seal.encode(), fingerprint(visitor).encode()) else None


def record_click(session: Session, link: OrderLink, visitor: str) -> bool:
    """Count a click, once per visitor and half hour; True when it counted."""
    now = clock.now()
    click = {"tenant_id": link.tenant_id, "link_id": link.id, "visitor": visitor, "slot": int(now.timestamp()) // SLOT_S, "at": now}
    return _CLICK.run(session, click).first() is not None
