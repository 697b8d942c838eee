"""Cards as lines of the printed catalogue: what `components/entry.html` shows."""

from datetime import date, datetime
from functools import lru_cache
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
    on, today = card.in_stock, clock.today()
    off_text = "" if on else season_words(card.months, today) if not card.in_season else _("卖完了")
    return Entry(
        href=localised(f"/p/{card.code}"), picture_url=picture_url(card.picture, card.category, card.name), name=name or escape(card.name),
        fact=card.story, place=_place_words(card.township, card.station_name), price_fen=offer.price_fen, pack=offer.spec,
        per_jin_fen=offer.per_jin_fen,
        promise_text=_leaving(promise.ships_at, promise.by_sea, today, i18n.locale()) if on and promise else "",
        state="" if on else "off", off_text=off_text,
    )  # fmt: skip


@lru_cache(maxsize=1000)
def _place_words(township: str, station: str) -> str:
    """`大佳何镇 · 葛家`."""
    village = station.removesuffix("驿站").removesuffix("服务站")
    return f"{township} · {village}" if township and township.removesuffix("镇") != village else station


@lru_cache(maxsize=1000)
def _leaving(ships_at: datetime, by_sea: bool, today: date, locale: str) -> str:
    """`今天 15:25 上车`; the day it is said on and the page's language only keep the sayings apart."""
    words = _("{day} {time} 上船") if by_sea else _("{day} {time} 上车")
    return words.format(day=i18n.day(ships_at), time=f"{clock.local(ships_at):%H:%M}")
