"""Finding products: the engine says which and in what order, the database says price and stock.

When the engine cannot answer, the database's own plain search does, and the page says so.
"""

from dataclasses import dataclass, field, replace

from markupsafe import Markup
from sqlmodel import Session, delete

from core import clock, db
from core.paging import make_cursor, read_cursor
from shop.catalogue.offers import Card
from shop.catalogue.queries import cards
from supply.counties.models import County

from .choose import engine
from .documents import all_documents, documents_of
from .engine import DEEPEST, FACETS, IndexMissing, Query, Result, SearchUnavailable
from .models import IndexState
from .queries import plain_search

SLACK = 24  # places that a product may move between two pages without being missed or met again
ANCHORS = 3  # products a page's end is known by: one of them may be gone


@dataclass(frozen=True, slots=True)
class Found:
    """A page of answers. `names` are safe HTML with marks, by product code, if asked for; `is_plain` says the engine was not there."""

    cards: list[Card]
    names: dict[str, Markup]
    total: int
    facets: dict[str, dict[str, int]]
    engine: str
    exact: bool
    is_plain: bool
    next: str | None = field(default=None)


def find(session: Session, query: Query, *, cursor: str | None = None) -> Found:
    """Ask one question and read live cards for its answers. Raises Refused on a foreign cursor; never for an engine."""
    read = read_cursor(cursor, int, str)
    result, is_plain, onward = _page(session, replace(query, facets=FACETS), *(read or (0, "")))
    live = cards(session, [hit.id for hit in result.hits], tenant_id=query.tenant)
    more = make_cursor(onward, " ".join(hit.id for hit in result.hits[-ANCHORS:])) if onward < min(result.total, DEEPEST) else None
    facets = {name: dict(counts) for name, counts in result.facets.items()}
    names = {hit.id: hit.markup for hit in result.hits} if query.highlight else {}
    return Found(live, names, result.total, facets, result.engine, result.exact, is_plain, more)


def _page(session: Session, query: Query, offset: int, ended_with: str) -> tuple[Result, bool, int]:
    """One page, and where the next one begins. It goes on behind the last of the products `ended_with` that is still there.

    Engines know places only by number, and what is published or withdrawn between two pages moves them all: so a page after the
    first looks a little to both sides of its number for the product that the one before ended with. When more than SLACK places
    were lost or won meanwhile, or none of the named is left, the number decides.
    """
    before = min(SLACK, offset) if ended_with else 0
    start = min(offset, DEEPEST) - before
    result, is_plain = _ask(session, replace(query, offset=start, limit=query.limit + before + (SLACK if ended_with else 0)))
    places = {hit.id: place for place, hit in enumerate(result.hits)}
    begin = next((places[id] + 1 for id in reversed(ended_with.split()) if id in places), before)
    hits = result.hits[begin : begin + query.limit]
    return replace(result, hits=hits), is_plain, start + begin + query.limit


def _ask(session: Session, query: Query) -> tuple[Result, bool]:
    try:
        return engine().search(query), False
    except SearchUnavailable:
        return plain_search(session, query, clock.today()), True


def suggestions(session: Session, county: County, text: str, *, limit: int = 8) -> list[str]:
    """Names that complete what was typed; from the database when the engine is down."""
    try:
        return engine().suggest(text, tenant=county.id, limit=limit)
    except SearchUnavailable:
        if not text.strip():
            return []
        found = plain_search(session, Query(tenant=county.id, text=text, limit=limit), clock.today())
        return list(dict.fromkeys(segment.text for hit in found.hits for segment in hit.name))


def index_products(codes: list[str]) -> None:
    """Bring these products' documents up to date in the engine. Without an index, make one."""
    with db.reading() as session:
        documents = documents_of(session, codes)
    gone = sorted(set(codes) - {document.id for document in documents})
    try:
        engine().apply(documents, gone)
    except IndexMissing:
        rebuild()


def rebuild() -> int:
    """Build the whole index anew and put it in place in one step; searching goes on meanwhile. Returns how many documents."""
    with db.reading() as session:
        count = engine().rebuild(all_documents(session))
    name, now = engine().name, clock.now()

    def remember(session: Session) -> None:
        session.execute(delete(IndexState))
        session.add(IndexState(tenant_id=0, engine=name, rebuilt_at=now, documents=count))

    db.run_write(remember)
    return count
