"""Cards as lines of the printed catalogue: what `components/entry.html` shows."""

from typing import NamedTuple

from markupsafe import Markup, escape

from core import clock, i18n
from core.web.templates import localised
from fulfillment.promise.service import Promise

from .offers import Card
from .pictures import picture_url
from .season import season_words

_ = i18n.gettext


class Entry(NamedTuple):
    href: str
    picture_url: str
    name: Markup
    fact: str
    place: str
    price_fen: int
    pack: str
    per_jin_fen: int | None
    promise_text: str
    state: str  # "off" when it cannot be bought now
    off_text: str


def entry(card: Card, promise: Promise | None = None, *, name: Markup | None = None) -> Entry:
    """One line; `name` with marks where a search found it. No stock count: lists may be some seconds old."""
    offer = card.cheapest
    on = card.in_stock
    off_text = "" if on else season_words(card.months, clock.today()) if not card.in_season else _("卖完了")
    return Entry(
        href=localised(f"/p/{card.code}"), picture_url=picture_url(card.picture, card.category, card.name), name=name or escape(card.name),
        fact=card.story, place=place_words(card), price_fen=offer.price_fen, pack=offer.spec, per_jin_fen=offer.per_jin_fen,
        promise_text=leaving(promise) if on and promise else "", state="" if on else "off", off_text=off_text,
    )  # fmt: skip


def place_words(card: Card) -> str:
    """`大佳何镇 · 葛家`."""
    village = card.station_name.removesuffix("驿站").removesuffix("服务站")
    return f"{card.township} · {village}" if card.township and card.township.removesuffix("镇") != village else card.station_name


def leaving(promise: Promise) -> str:
    """`今天 15:25 上车`."""
    at = clock.local(promise.ships_at)
    return _("{day} {time} 上车").format(day=i18n.day(promise.ships_at), time=f"{at:%H:%M}")
