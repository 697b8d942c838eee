"""/search – finding by words, kinds, stations and season. Works as a plain form; htmx adds completions while typing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from core import clock, i18n, limits
from core.db import Read
from core.permissions import Anybody
from core.web import page, quick
from core.web.templates import localised
from shop.catalogue.entries import entry
from shop.catalogue.fragments import fragment
from shop.catalogue.promised import promises_for
from shop.channels.queries import station_names
from supply.counties.deps import CurrentCounty
from supply.products.models import Storage

from . import service
from .engine import Query as Question
from .engine import Sort

router = APIRouter()
_ = i18n.gettext
PAGE = 24
STORAGES = i18n.marked({"ambient": "常温", "chilled": "冷藏", "frozen": "冷冻", "live": "鲜活"})
SEASONS = i18n.marked({"1": "当季", "0": "不当季"})
SAID = {"1": "1", "true": "1", "0": "0", "false": "0"}  # of `in_season`, whoever wrote the address
SORTS = i18n.marked(
    {Sort.RELEVANCE: "最合适", Sort.SALES: "卖得多", Sort.PRICE: "便宜在前", Sort.PRICE_DOWN: "贵的在前", Sort.NEW: "新上架"}
)
Word = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; `count` is empty where it is not counted."""

    href: str
    words: str
    count: int | str
    on: bool


class Group(NamedTuple):
    title: str
    options: list[Option]


@router.get("/search")
@quick
def index(
    request: Request, session: Read, county: CurrentCounty, actor: Anybody,
    q: Annotated[str, Query(max_length=10_000)] = "", station: Word = "", category: Word = "", storage: Word = "",
    in_season: Word = "", sort: Word = "", cursor: Annotated[str, Query(max_length=400)] = "",
) -> Response:  # fmt: skip
    """Unknown sorts and storages are left aside: an address typed by hand still finds something."""
    limits.hit_by_address(request, "search", "600/minute")
    q = q.strip()[:100]
    order = Sort(sort) if sort in set(Sort) else Sort.RELEVANCE
    kept = {"q": q, "station": station, "category": category, "storage": storage if storage in set(Storage) else "",
            "in_season": SAID.get(in_season.lower(), ""), "sort": order.value if order is not Sort.RELEVANCE else ""}  # fmt: skip
    month = clock.today().month
    question = Question(
        tenant=county.id, text=q, station=station or None, category=category or None, storage=kept["storage"] or None,
        in_season=month if kept["in_season"] == "1" else None, off_season=month if kept["in_season"] == "0" else None,
        sort=order, limit=PAGE,
    )  # fmt: skip
    found = service.find(session, question, cursor=cursor or None)
    promised = promises_for(session, county, found.cards)
    names = station_names(session, county)
    return page(
        request, "search/index.html", block="results", shared=True, q=q, found=found,
        narrowing=fragment(
            "search/facets.html", county, lambda: {"groups": _groups(found.facets, kept, names)}, *_said_of(found.facets, kept)
        ),
        entries=[entry(card, promised.get(card.id), name=found.names.get(card.code)) for card in found.cards],
        sorts=[(_at(kept, sort=s.value if s is not Sort.RELEVANCE else ""), _(words), s is order) for s, words in SORTS.items()],
        next_href=_at(kept, cursor=found.next) if found.next else None, first_href=_at(kept) if cursor else None,
        narrowed=[(_at(kept, **{name: ""}), words) for name, words in _chosen(kept, names)], clear_href=_at({"q": q}), kept=kept,
    )  # fmt: skip


@router.get("/search/suggest")
@quick
def suggest(
    request: Request, session: Read, county: CurrentCounty, actor: Anybody, q: Annotated[str, Query(max_length=10_000)] = ""
) -> Response:
    """The list under the search field; empty when nothing completes what was typed."""
    limits.hit_by_address(request, "search", "600/minute")
    names = service.suggestions(session, county, q) if q.strip() else []
    return page(request, "search/suggest.html", block="names", names=[(localised(f"/search?{urlencode({'q': n})}"), n) for n in names])


def _at(kept: Mapping[str, str], **changes: str | None) -> str:
    asked = "&".join(_said(name, value) for name, value in {**kept, **changes}.items() if value)
    return localised(f"/search?{asked}" if asked else "/search")


@lru_cache(maxsize=2000)
def _said(name: str, value: str) -> str:
    return urlencode({name: value})


def _chosen(kept: Mapping[str, str], names: Mapping[str, str]) -> list[tuple[str, str]]:
    said = {
        "station": names.get(kept["station"], kept["station"]), "category": kept["category"],
        "storage": _(STORAGES[kept["storage"]]) if kept["storage"] else "",
        "in_season": _(SEASONS[kept["in_season"]]) if kept["in_season"] else "",
    }  # fmt: skip
    return [(name, words) for name, words in said.items() if words]


def _said_of(facets: Mapping[str, Mapping[str, int]], kept: Mapping[str, str]) -> tuple[object, ...]:
    """Everything that the facets of an answer say."""
    return (*kept.values(), *(tuple(counts.items()) for counts in facets.values()))


def _groups(facets: Mapping[str, Mapping[str, int]], kept: Mapping[str, str], names: Mapping[str, str]) -> list[Group]:
    """Kinds, storage and stations with how many answers each would leave; a chosen one takes itself back."""

    def options(facet: str, words: Mapping[str, str] | None, most: int) -> list[Option]:
        counted = sorted(facets.get(facet, {}).items(), key=lambda pair: (pair[0] != kept[facet], -pair[1], pair[0]))[:most]
        return [
            Option(_at(kept, **{facet: "" if kept[facet] == value else value}), (words or {}).get(value, value), n, kept[facet] == value)
            for value, n in counted
        ]

    now = kept["in_season"] == "1"
    season = Option(_at(kept, in_season="" if now else "1"), _("只看当季"), "", now)
    groups = [
        Group(_("时令"), [season]),
        Group(_("种类"), options("category", None, 20)),
        Group(_("保存"), options("storage", {value: _(words) for value, words in STORAGES.items()}, 4)),
        Group(_("驿站"), options("station", names, 12)),
    ]
    return [group for group in groups if group.options]
