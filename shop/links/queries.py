"""Order links as buyers and sellers see them."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock
from core.auth.models import User
from core.permissions import Actor
from shop.catalogue.offers import Card, Offer, offers, read_cards
from shop.orders.models import LineShare, Order, OrderLine, PaymentStatus
from supply.products.models import Variant

from .models import LinkClick, OrderLink, OrderLinkItem

PAID = (PaymentStatus.PAID, PaymentStatus.PART_REFUNDED)


class LinkItem(NamedTuple):
    """One thing the link sells: the live card and offer, and the link's own price."""

    card: Card
    offer: Offer
    price_fen: int


class OpenLink(NamedTuple):
    """A link as its landing page shows it. `state`: soon, open, gone (quota or stock), over."""

    link: OrderLink
    seller: str
    items: list[LinkItem]
    left: int
    state: str


class Stats(NamedTuple):
    """Distinct clicks; paid orders, units, goods and commission in fen."""

    clicks: int = 0
    orders: int = 0
    units: int = 0
    goods_fen: int = 0
    commission_fen: int = 0


def landing(session: Session, link: OrderLink) -> OpenLink:
    """The link with its goods, live. Three queries."""
    rows = session.exec(select(OrderLinkItem.variant_id, OrderLinkItem.price_fen).where(OrderLinkItem.link_id == link.id))
    prices = dict(rows.all())
    cards = read_cards(session, offers(col(Variant.id).in_(prices)))
    items = [LinkItem(card, offer, prices[offer.variant_id]) for card in cards.values() for offer in card.offers]
    stock = sum(item.offer.available for item in items if item.card.in_stock)
    left = min(link.quota - link.sold, stock)
    seller = session.exec(select(User.name).where(User.id == link.seller_id)).one()
    return OpenLink(link, seller, items, max(left, 0), _state(link, left, clock.now()))


def _state(link: OrderLink, left: int, now: datetime) -> str:
    if link.closed_at is not None or link.ends_at <= now:
        return "over"
    if link.starts_at > now:
        return "soon"
    return "open" if left > 0 else "gone"


def offered(session: Session, sku: str, *, tenant_id: int) -> tuple[Card, Offer] | None:
    """A variant on sale now, by its code."""
    cards = read_cards(session, offers(Variant.tenant_id == tenant_id, Variant.sku == sku))
    return next(((card, offer) for card in cards.values() for offer in card.offers), None)


def links_of(session: Session, seller: Actor, *, before: int | None = None, most: int = 100) -> list[OrderLink]:
    """A seller's links, newest first; `before` is the id a page ended at."""
    mine = select(OrderLink).where(OrderLink.tenant_id == seller.tenant_id, OrderLink.seller_id == seller.user_id)
    if before is not None:
        mine = mine.where(col(OrderLink.id) < before)
    return list(session.exec(mine.order_by(col(OrderLink.id).desc()).limit(most)))


def stats_of(session: Session, link_ids: Collection[int]) -> dict[int, Stats]:
    """Each link's numbers. Three queries, however many links."""
    clicked = session.exec(
        select(LinkClick.link_id, func.count(col(LinkClick.id)))
        .where(col(LinkClick.link_id).in_(link_ids))
        .group_by(col(LinkClick.link_id))
    )
    clicks = dict(clicked.all())
    paid = (col(OrderLine.link_id).in_(link_ids), col(Order.payment_status).in_(PAID))
    orders, units, goods = func.count(func.distinct(OrderLine.order_id)), func.sum(OrderLine.quantity), func.sum(OrderLine.goods_fen)
    sold = session.exec(
        select(OrderLine.link_id, orders, units, goods)
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(*paid)
        .group_by(col(OrderLine.link_id))
    ).all()
    shares = session.exec(
        select(OrderLine.link_id, func.sum(LineShare.amount_fen))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(LineShare, col(LineShare.line_id) == col(OrderLine.id))
        .where(*paid, LineShare.role == "seller")
        .group_by(col(OrderLine.link_id))
    )
    earned = dict(shares.all())
    by_link = {link_id: (int(n), int(pieces), int(fen)) for link_id, n, pieces, fen in sold}
    return {i: Stats(int(clicks.get(i, 0)), *by_link.get(i, (0, 0, 0)), int(earned.get(i, 0) or 0)) for i in link_ids}
