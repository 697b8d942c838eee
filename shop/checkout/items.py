"""What a buyer wants, priced and sized from live rows: one query, whatever the number of lines.

A line's price is the order link's when the line came through an open one, else the lowest live listing's. Stock is the
origin station's. A product out of its months is sold out, not hidden.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, and_, bindparam, or_
from sqlmodel import Session, col, select

from core import clock, i18n
from core.auth.models import User
from core.errors import JishiError, Refused
from shop.channels.models import Channel, ChannelKind
from shop.links.models import OrderLink, OrderLinkItem
from shop.listings.models import Listing, ListingPrice, ListingStatus
from supply.growers.models import Grower
from supply.products.models import Product, Storage, Variant
from supply.stations.models import Station
from supply.stock.models import StockLevel
from supply.stock.service import SoldOut

from .errors import NotForSale

_ = i18n.gettext
MOST_LINES = 50
MOST_UNITS = 999  # of one variant in one order


@dataclass(frozen=True, slots=True)
class Item:
    """A variant's public code, how many, and the order link it came through."""

    sku: str
    qty: int
    link: str | None = None


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """An open order link as it stands now."""

    id: int
    code: str
    seller_id: int
    seller_code: str
    seller_phone_index: str
    commission_bp: int
    left: int
    prices: Mapping[int, int]  # variant id → fen


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line as it would be sold now; weights in grams per unit, money in fen."""

    sku: str
    qty: int
    variant_id: int
    product_code: str
    name: str
    spec: str
    picture: str
    category: str
    station_id: int
    station_code: str
    station_name: str
    grower_id: int
    grower_code: str
    level_id: int
    channel_id: int
    tier: str
    price_fen: int
    net_g: int
    gross_g: int
    ml: int
    box_milli: int
    shelf_days: int
    left: int
    link: LinkTerms | None = None

    @property
    def goods_fen(self) -> int:
        return self.price_fen * self.qty

    @property
    def weighs_g(self) -> int:
        return self.gross_g * self.qty


@dataclass(frozen=True, slots=True)
class Unsold:
    """A basket line that cannot be bought now: what it is, and why in words."""

    sku: str
    qty: int
    product_code: str
    name: str
    spec: str
    picture: str
    station_code: str
    station_name: str
    why: JishiError


def merge(items: Iterable[Item]) -> list[Item]:
    """One item per variant, in the order first asked: the same line twice counts as its sum. Raises Refused."""
    kept: dict[str, Item] = {}
    for item in items:
        first = kept.get(item.sku)
        kept[item.sku] = replace(first, qty=first.qty + item.qty, link=first.link or item.link) if first else item
    if not kept:
        raise Refused(_("篮子是空的"), field="items")
    if len(kept) > MOST_LINES:
        raise Refused(_("一单最多 {n} 样").format(n=MOST_LINES), field="items")
    for item in kept.values():
        if not 1 <= item.qty <= MOST_UNITS:
            raise Refused(_("一样货一单要 1 到 {n} 件").format(n=MOST_UNITS), field="qty", sku=item.sku)
    return list(kept.values())


def priced(session: Session, items: list[Item], *, tenant_id: int, live_rides_as: str, today: date | None = None) -> list[PricedLine]:
    """The items as lines, grouped by origin station. Raises Refused (unknown), NotForSale, SoldOut."""
    today = today or clock.today()
    links = open_links(session, {item.link for item in items if item.link}, tenant_id=tenant_id)
    rows = _rows(session, [item.sku for item in items], tenant_id=tenant_id, today=today)
    lines = [_line(item, rows.get(item.sku, []), links, live_rides_as=live_rides_as, today=today) for item in items]
    _within_quota(lines)
    return sorted(lines, key=lambda line: line.station_code)


def each_priced(session: Session, items: list[Item], *, tenant_id: int, live_rides_as: str) -> list[PricedLine | Unsold]:
    """For showing a basket: every line as it would be sold now or why not, grouped by station. Forgotten codes are left out."""
    today = clock.today()
    links = open_links(session, {item.link for item in items if item.link}, tenant_id=tenant_id)
    rows = _rows(session, [item.sku for item in items], tenant_id=tenant_id, today=today)
    found: list[PricedLine | Unsold] = []
    for item in items:
        if not (known := rows.get(item.sku)):
            continue
        try:
            found.append(_line(item, known, links, live_rides_as=live_rides_as, today=today))
        except JishiError as why:
            row = known[0]
            found.append(
                Unsold(item.sku, item.qty, row.code, row.name, row.spec, row.picture, row.station_code, row.station_name, why)
            )  # fmt: skip
    return sorted(found, key=lambda line: line.station_code)


_LINKS = (
    select(
        OrderLink.id, OrderLink.code, OrderLink.seller_id, User.code, User.phone_index, OrderLink.commission_bp,  # type: ignore[call-overload]
        OrderLink.quota - OrderLink.sold, OrderLinkItem.variant_id, OrderLinkItem.price_fen,
    )
    .join(OrderLinkItem, col(OrderLinkItem.link_id) == col(OrderLink.id))
    .join(User, col(User.id) == col(OrderLink.seller_id))
    .where(
        col(OrderLink.tenant_id) == bindparam("tenant"), col(OrderLink.code).in_(bindparam("codes", expanding=True)),
        col(OrderLink.starts_at) <= bindparam("at"), col(OrderLink.ends_at) > bindparam("at"), col(OrderLink.closed_at).is_(None),
    )
)  # fmt: skip


def open_links(session: Session, codes: Collection[str | None], *, tenant_id: int, at: datetime | None = None) -> dict[str, LinkTerms]:
    """The order links among these codes that sell now. A link carries nothing in its address but its random code, so
    there is nothing in it to tamper with: seller, price and commission are read here."""
    if not codes:
        return {}
    at = at or clock.now()
    rows = session.connection().execute(_LINKS, {"tenant": tenant_id, "codes": list(codes), "at": at}).all()
    prices: dict[str, dict[int, int]] = {}
    for row in rows:
        prices.setdefault(row[1], {})[row[7]] = row[8]
    return {
        code: LinkTerms(id_, code, seller_id, seller_code, phone_index, commission_bp, left, prices[code])
        for id_, code, seller_id, seller_code, phone_index, commission_bp, left, _variant, _price in rows
    }


_TODAY = bindparam("today", type_=Date)
_LIVE = and_(
    col(Listing.product_id) == col(Product.id),
    col(Listing.status) == ListingStatus.PUBLISHED,
    or_(col(Listing.starts_on).is_(None), col(Listing.starts_on) <= _TODAY),
    or_(col(Listing.ends_on).is_(None), col(Listing.ends_on) >= _TODAY),
)
_OURS = and_(col(Channel.id) == col(Listing.channel_id), col(Channel.closed_at).is_(None), col(Channel.kind) != ChannelKind.MARKET)
_FREE = col(StockLevel.on_hand) - col(StockLevel.reserved) - col(StockLevel.allocated)
_FOR_SALE = (
    select(  # type: ignore[call-overload]
        Variant.sku, Variant.id, Variant.spec, Variant.net_g, Variant.gross_g, Variant.ml, Variant.box_milli,
        Product.code, Product.name, Product.picture, Product.category, Product.storage, Product.shelf_days, Product.months,
        Station.node_id, Station.code.label("station_code"), Station.name.label("station_name"), Station.closed_at,  # type: ignore[attr-defined]
        Grower.id.label("grower_id"), Grower.code.label("grower_code"),  # type: ignore[union-attr,attr-defined]
        StockLevel.id.label("level_id"), _FREE.label("free"), Channel.id.label("channel_id"), ListingPrice.price_fen,  # type: ignore[union-attr]
    )
    .join(Product, col(Product.id) == col(Variant.product_id))
    .join(Station, col(Station.node_id) == col(Product.station_id))
    .join(Grower, col(Grower.id) == col(Product.grower_id))
    .outerjoin(StockLevel, and_(col(StockLevel.variant_id) == col(Variant.id), col(StockLevel.place_id) == col(Product.station_id)))
    .outerjoin(Listing, _LIVE)
    .outerjoin(Channel, _OURS)
    .outerjoin(ListingPrice, and_(col(ListingPrice.listing_id) == col(Listing.id), col(ListingPrice.variant_id) == col(Variant.id)))
    .where(col(Variant.tenant_id) == bindparam("tenant"), col(Variant.sku).in_(bindparam("skus", expanding=True)))
)  # fmt: skip


def _rows(session: Session, skus: list[str], *, tenant_id: int, today: date) -> dict[str, list[Any]]:
    """Rows per sku, one for each live listing (or one without a price)."""
    rows: dict[str, list[Any]] = {}
    for row in session.connection().execute(_FOR_SALE, {"tenant": tenant_id, "skus": skus, "today": today}):
        rows.setdefault(row.sku, []).append(row)
    return rows


def _line(item: Item, rows: list[Any], links: Mapping[str, LinkTerms], *, live_rides_as: str, today: date) -> PricedLine:
    if not rows:
        raise Refused(_("没有这样货：{sku}").format(sku=item.sku[:40]), field="items", sku=item.sku[:40])
    for_sale = [r for r in rows if r.price_fen is not None and r.channel_id is not None]
    if not for_sale or rows[0].closed_at is not None:
        raise NotForSale(_("{name}（{spec}）已经下架").format(name=rows[0].name, spec=rows[0].spec), sku=item.sku)
    row = min(for_sale, key=lambda r: (r.price_fen, r.channel_id))
    left = row.free or 0
    if row.months and today.month not in row.months:
        raise SoldOut(_("{name}（{spec}）不在季").format(name=row.name, spec=row.spec), sku=item.sku, left=0)
    if row.level_id is None or left < item.qty:
        words = _("{name}（{spec}）只剩 {left} 件") if left else _("{name}（{spec}）已经卖完")
        raise SoldOut(words.format(name=row.name, spec=row.spec, left=left), sku=item.sku, left=left)
    link = links.get(item.link or "")
    if link is not None and row.id not in link.prices:
        link = None
    return PricedLine(
        sku=row.sku, qty=item.qty, variant_id=row.id, product_code=row.code, name=row.name, spec=row.spec, picture=row.picture,
        category=row.category, station_id=row.node_id, station_code=row.station_code, station_name=row.station_name,
        grower_id=row.grower_id, grower_code=row.grower_code, level_id=row.level_id, channel_id=row.channel_id,
        tier=live_rides_as if row.storage == Storage.LIVE else row.storage,
        price_fen=link.prices[row.id] if link else row.price_fen, net_g=row.net_g, gross_g=row.gross_g, ml=row.ml,
        box_milli=row.box_milli, shelf_days=row.shelf_days, left=left, link=link,
    )  # fmt: skip


def _within_quota(lines: list[PricedLine]) -> None:
    wanted: dict[int, int] = {}
    for line in lines:
        if line.link:
            wanted[line.link.id] = wanted.get(line.link.id, 0) + line.qty
            if wanted[line.link.id] > line.link.left:
                raise SoldOut(_("这场直播的名额只剩 {left} 件").format(left=line.link.left), sku=line.sku, left=line.link.left)
