"""The embedded engine: tantivy in a folder of the installation.

One writer at a time, held by a lock; readers in any process look at the pointer and the index's own meta file before every search and
reload when either changed, so a commit is seen by the next search everywhere.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import tantivy

from .embedded_query import QueryBuilder
from .embedded_schema import BY, create_index, entry, open_index
from .engine import FACETS, Document, Health, Hit, IndexMissing, Query, Result, SearchUnavailable, Sort, Stamp
from .generations import Generations
from .highlight import Segment, highlight
from .indexed import SHAPE
from .text import Run

T = TypeVar("T")

HEAP = 64_000_000  # bytes, of a rebuild; an apply takes tantivy's least
SMALL_HEAP = 15_000_000
ORDERS = {
    Sort.PRICE: (BY["price_fen"], tantivy.Order.Asc),
    Sort.PRICE_DOWN: (BY["price_fen"], tantivy.Order.Desc),
    Sort.SALES: (BY["sales"], tantivy.Order.Desc),
    Sort.NEW: (BY["created_ts"], tantivy.Order.Desc),
}


class Found(NamedTuple):
    hits: list[tuple[Any, tantivy.DocAddress]]
    total: int


class EmbeddedEngine:
    name = "embedded"

    def __init__(self, root: Path) -> None:
        self._generations = Generations(root, SHAPE)
        self._opening = threading.Lock()
        self._open: tuple[object, tantivy.Index] | None = None

    def search(self, query: Query) -> Result:
        terms = query.terms()
        if terms is None:
            self._current()
            return Result(engine=self.name)
        return self._reading(lambda index: _answer(index, query, terms))

    def suggest(self, text: str, *, tenant: int, limit: int = 8) -> list[str]:
        query = Query(tenant=tenant, text=text, limit=limit * 8)
        return self._reading(lambda index: _suggest(index, query))[:limit]

    def apply(self, upserts: Sequence[Document], deletes: Sequence[str] = ()) -> None:
        entries = {document.id: entry(document) for document in upserts}
        with self._generations.writing():
            index = self._current()
            _asked(lambda: _change(index, entries, deletes))

    def count(self) -> int:
        return self._current().searcher().num_docs

    def versions(self) -> dict[str, Stamp]:
        return self._reading(_versions)

    def rebuild(self, documents: Iterable[Document]) -> int:
        # The lock is taken before the first document is read: what changes meanwhile waits and is applied to the new index.
        with self._generations.writing():
            folder = _asked(self._generations.fresh)
            index = _asked(lambda: create_index(folder))
            writer = _asked(lambda: index.writer(HEAP, 1))
            for document in documents:
                _asked(partial(writer.add_document, entry(document)))
            _asked(lambda: _finish(writer))
            _asked(lambda: self._generations.point_to(folder))
        return self.count()

    def health(self) -> Health:
        try:
            return Health(True, self.name, self.count(), 0, "")
        except SearchUnavailable as error:
            return Health(False, self.name, None, 0, error.detail)

    def _reading(self, ask: Callable[[tantivy.Index], T]) -> T:
        """`ask` the current index. One that was opened while its files were being swept away may lack some: then it is opened anew."""
        for _ in range(2):
            index = self._current()
            try:
                return ask(index)
            except ValueError:
                self._open = None
        return _asked(lambda: ask(self._current()))

    def _current(self) -> tantivy.Index:
        """The current index, reloaded if it changed. The pointer may move between reading it and opening the folder: look twice."""
        for _ in range(3):
            if (folder := self._generations.current()) is None:
                break
            try:
                stat = os.stat(f"{folder}/meta.json")  # pathlib takes four times as long, and this is asked before every search
                seen = (folder, stat.st_mtime_ns, stat.st_size, stat.st_ino)
                held = self._open
                if held and held[0] == seen:
                    return held[1]
                return self._reload(folder, seen)
            except (OSError, ValueError):
                continue
        raise IndexMissing("there is no search index yet, or it cannot be read")

    def _reload(self, folder: Path, seen: object) -> tantivy.Index:
        with self._opening:
            index = open_index(folder)
            index.reload()
            self._open = (seen, index)
            _answer.cache_clear()  # the old index is not kept open by its answers
            return index


def _suggest(index: tantivy.Index, query: Query) -> list[str]:
    if not (terms := query.terms()):
        return []
    searcher, builder = index.searcher(), QueryBuilder(index.schema)
    found, _ = _exact_or_near(lambda exact: _page(searcher, builder.build(query, terms, exact=exact, names_only=True), query), terms)
    return list(dict.fromkeys(_read(bytes(searcher.doc(address).get_first("shown") or b""))[0] for _, address in found.hits))


def _versions(index: tantivy.Index) -> dict[str, Stamp]:
    searcher = index.searcher()
    if not searcher.num_docs:
        return {}
    addresses = [address for _, address in searcher.search(tantivy.Query.all_query(), searcher.num_docs).hits]
    columns = [searcher.fast_field_values(name, addresses) for name in ("version", "price_fen", "sellable")]
    ids = (searcher.doc(address).get_first("id") for address in addresses)
    return {id: Stamp(int(v or 0), int(p or 0), bool(s)) for id, v, p, s in zip(ids, *columns, strict=True)}


@lru_cache(maxsize=500)
def _answer(index: tantivy.Index, query: Query, terms: tuple[Run, ...]) -> Result:
    """What an index says to a question. The index of a changed folder is another one, so an answer is never older than its index."""
    began = time.perf_counter()
    searcher, builder = index.searcher(), QueryBuilder(index.schema)
    found, exact = _exact_or_near(lambda exact: _page(searcher, builder.build(query, terms, exact=exact), query), terms)
    facets = _counts(searcher, builder.build(query, terms, exact=exact), query.facets)
    hits = _hits(searcher, found, query, terms, exact)
    took = (time.perf_counter() - began) * 1000
    return Result(hits=hits, total=found.total, facets=facets, engine="embedded", exact=exact, took_ms=took)


def _change(index: tantivy.Index, entries: Mapping[str, tantivy.Document], deletes: Sequence[str]) -> None:
    writer = index.writer(SMALL_HEAP, 1)
    for gone in (*deletes, *entries):
        writer.delete_documents_by_term("id", gone)
    for document in entries.values():
        writer.add_document(document)
    _finish(writer)


def _finish(writer: tantivy.IndexWriter) -> None:
    writer.commit()
    writer.wait_merging_threads()


def _page(searcher: tantivy.Searcher, clause: tantivy.Query, query: Query) -> Found:
    offset, limit = query.window
    sort = query.sort if query.sort is not Sort.RELEVANCE or query.text.strip() else Sort.SALES
    if sort is Sort.RELEVANCE:
        answer = searcher.search(clause, max(limit, 1), offset=offset, weight_by_field="weight")
    else:
        by, order = ORDERS[sort]
        answer = searcher.search(clause, max(limit, 1), offset=offset, order_by_field=by, order=order)
    return Found(answer.hits[:limit], int(answer.count))  # type: ignore[attr-defined]  # missing in tantivy's stub


def _exact_or_near(ask: Callable[[bool], Found], terms: tuple[Run, ...]) -> tuple[Found, bool]:
    """The exact answer, or the near one when there is none: (answer, exact)."""
    exact = ask(True)
    if exact.total or not terms:
        return exact, True
    near = ask(False)
    return near, not near.total


def _hits(searcher: tantivy.Searcher, found: Found, query: Query, terms: tuple[Run, ...], exact: bool) -> tuple[Hit, ...]:
    hits = []
    scored = query.sort is Sort.RELEVANCE and bool(terms)
    for key, address in found.hits:
        document = searcher.doc(address)
        marked = _marked(bytes(document.get_first("shown") or b""), terms, exact) if query.highlight else ()
        hits.append(Hit(str(document.get_first("id")), marked, float(key) if scored else 0.0))
    return tuple(hits)


@lru_cache(maxsize=4000)
def _marked(shown: bytes, terms: tuple[Run, ...], exact: bool) -> tuple[Segment, ...]:
    name, syllables = _read(shown)
    return highlight(name, syllables, terms, exact=exact) if terms else (Segment(name, False),)


def _counts(searcher: tantivy.Searcher, clause: tantivy.Query, facets: tuple[str, ...]) -> dict[str, dict[str, int]]:
    wanted = {facet: {"terms": {"field": facet, "size": 1000}} for facet in facets if facet in FACETS}
    answer = searcher.aggregate(clause, wanted) if wanted else {}
    return {facet: {b["key"]: b["doc_count"] for b in answer[facet]["buckets"]} for facet in wanted}


def _read(shown: bytes) -> tuple[str, list[str]]:
    """A document's name and its syllables."""
    name, syllables = json.loads(shown)
    return name, syllables.split()


def _asked(ask: Callable[[], T]) -> T:
    """tantivy says ValueError for whatever goes wrong with files or locks."""
    try:
        return ask()
    except (ValueError, OSError) as error:
        raise SearchUnavailable(f"the search index does not answer: {error}") from error
