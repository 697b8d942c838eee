"""What every search engine of the shop can do, and the shapes it speaks in.

An engine is a cache of the database: hits give ids and highlights, price and stock on a page always come from the database. Only `rebuild`
makes an index; an engine without one raises IndexMissing until it is rebuilt. `apply` and `rebuild` are called one at a time (the index
queue); searching goes on meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from markupsafe import Markup

from core.errors import JishiError

from .highlight import Segment, markup
from .text import Run, query_terms

FACETS = ("category", "station", "storage")
MOST_HITS = 250  # the longest page and what service.SLACK looks beside it
DEEPEST = 10_000
_LARGEST = 2**53


class SearchUnavailable(JishiError):
    """The engine cannot answer now; the caller falls back to the database."""

    code, status = "search_unavailable", 503


class IndexMissing(SearchUnavailable):
    """There is no index, or one of an older shape: rebuild it."""

    code = "search_index_missing"


class Sort(StrEnum):
    """The order of answers."""

    RELEVANCE = "relevance"
    PRICE = "price"
    PRICE_DOWN = "-price"
    SALES = "sales"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A product as search sees it; keyed by the product's public code."""

    id: str
    tenant: int
    name: str
    category: str
    station: str  # public code
    station_name: str
    township: str
    story: str  # and the grower's words
    spec: str
    price_fen: int  # of the cheapest variant
    sellable: bool
    months: tuple[int, ...]  # in season, 1–12
    storage: str
    sales: int
    created_ts: int  # seconds since 1970, UTC
    version: int


class Stamp(NamedTuple):
    """What invariant I13 compares with the database."""

    version: int
    price_fen: int
    sellable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question. `in_season` is a month, 1–12, that the product must be of, `off_season` one that it must not; prices are in fen, both
    ends included; None asks nothing.

    Without `highlight` hits come without their names: whoever asks so shows the database's.
    """

    tenant: int
    text: str = ""
    station: str | None = None
    category: str | None = None
    storage: str | None = None
    in_season: int | None = None
    off_season: int | None = None
    sellable: bool | None = None
    price_from: int | None = None
    price_to: int | None = None
    sort: Sort = Sort.RELEVANCE
    facets: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 24
    highlight: bool = True

    @property
    def window(self) -> tuple[int, int]:
        """(offset, limit) inside what an engine is willing to walk."""
        return min(max(self.offset, 0), DEEPEST), min(max(self.limit, 0), MOST_HITS)

    @property
    def prices(self) -> tuple[int | None, int | None]:
        """(from, to), held inside the integers every engine can store."""
        low, high = (None if p is None else min(max(p, -_LARGEST), _LARGEST) for p in (self.price_from, self.price_to))
        return low, high

    def terms(self) -> tuple[Run, ...] | None:
        """The terms to find; () browses everything; None when nothing can match (only punctuation, or a filter no document can hold)."""
        if not {self.in_season, self.off_season} <= {None, *range(1, 13)} or not all(
            _storable(v) for v in (self.station, self.category, self.storage)
        ):
            return None
        found = query_terms(self.text)
        return found if found or not self.text.strip() else None


class Hit(NamedTuple):
    id: str
    name: tuple[Segment, ...]  # empty unless highlights were asked for
    score: float  # comparable within one result only; 0 when another order was asked for

    @property
    def markup(self) -> Markup:
        """The name as safe HTML with <mark> around what answers the query."""
        return markup(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`exact` is false when nothing held every term and the nearest are shown instead; `took_ms` is the engine's own time."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    engine: str
    exact: bool = True
    took_ms: float = 0.0


class Health(NamedTuple):
    """`documents` is None without an index; `waiting` counts changes accepted but not yet searchable."""

    ok: bool
    engine: str
    documents: int | None
    waiting: int
    detail: str


class SearchEngine(Protocol):
    """All but `health` raise SearchUnavailable; no query, however strange, raises anything else."""

    name: str

    def search(self, query: Query) -> Result: ...

    def suggest(self, text: str, *, tenant: int, limit: int = 8) -> list[str]:
        """Names that complete `text` (Chinese, pinyin or initials), best first, without doubles."""

    def apply(self, upserts: Sequence[Document], deletes: Sequence[str] = ()) -> None:
        """Put these documents in place of those with the same id, and drop `deletes`; searchable when it returns. Safe to repeat."""

    def count(self) -> int: ...

    def versions(self) -> dict[str, Stamp]:
        """Every indexed document's stamp, by id."""

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Fill a new index from `documents`, then put it in place of the old one in one step. Returns how many there are."""

    def health(self) -> Health: ...


def _storable(value: str | None) -> bool:
    return value is None or (len(value) <= 200 and value.isprintable())
