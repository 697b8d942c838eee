"""The Meilisearch engine, by the official client.

Three seconds for an answer that a visitor waits for, with a breaker in front, so that a dead server costs one of them three seconds and
the others nothing; a minute for a thousand documents. Changes wait for the server's task, and a server that lags behind is
SearchUnavailable to the caller that writes, who tries again later.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import meilisearch
import requests
from meilisearch.errors import MeilisearchApiError, MeilisearchError

from core.breaker import Breaker

from .engine import FACETS, Document, Health, Hit, IndexMissing, Query, Result, SearchUnavailable, Stamp
from .highlight import Segment, highlight
from .indexed import SHAPE
from .meili_requests import NAME_ATTRIBUTES, SETTINGS, entry, exact_text, near_texts, quoted, search_parameters
from .text import Run, query_runs

T = TypeVar("T")

BATCH = 1000


class Found(NamedTuple):
    id: str
    name: str
    syllables: list[str]
    score: float

    def marked(self, terms: tuple[Run, ...], *, exact: bool) -> tuple[Segment, ...]:
        return highlight(self.name, self.syllables, terms, exact=exact)


class Answer(NamedTuple):
    hits: list[Found]
    total: int
    facets: dict[str, dict[str, int]]

    @classmethod
    def of(cls, sent: dict[str, Any]) -> "Answer":
        hits = [Found(h["id"], h["name"], h["syllables"].split(), float(h["_rankingScore"])) for h in sent["hits"]]
        return cls(hits, int(sent["estimatedTotalHits"]), sent.get("facetDistribution") or {})


class MeiliEngine:
    name = "meilisearch"

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 3.0,
        send_wait: float = 60.0,
        apply_wait: float = 10.0,
        rebuild_wait: float = 300.0,
        breaker: Breaker | None = None,
    ) -> None:
        """All in seconds: `timeout` for one answer, `send_wait` for the answer to a batch of documents, which nobody sits waiting for,
        `apply_wait` for a change to be done, `rebuild_wait` for one step of a rebuild."""
        self._address = (url.rstrip("/"), key)
        self._timeout = timeout
        self._send_wait = send_wait
        self._apply_wait = apply_wait
        self._rebuild_wait = rebuild_wait
        self._breaker = breaker or Breaker(SearchUnavailable, answers=(IndexMissing,))
        self._local = threading.local()
        self._uid = f"jishi_products_{SHAPE}"
        self._next = f"{self._uid}_next"

    def search(self, query: Query) -> Result:
        began = time.perf_counter()
        terms = query.terms()
        if terms is None:
            return Result(engine=self.name)
        answer, exact = self._ask(query, terms, search_parameters(query))
        hits = []
        for found in answer.hits:
            marked = found.marked(terms, exact=exact) if terms else (Segment(found.name, False),)
            hits.append(Hit(found.id, marked if query.highlight else (), found.score if terms else 0.0))
        return Result(
            hits=tuple(hits),
            total=answer.total,
            facets={facet: answer.facets.get(facet, {}) for facet in query.facets if facet in FACETS},
            engine=self.name,
            exact=exact,
            took_ms=(time.perf_counter() - began) * 1000,
        )

    def suggest(self, text: str, *, tenant: int, limit: int = 8) -> list[str]:
        query = Query(tenant=tenant, text=text, limit=limit * 8)
        terms = query.terms()
        if not terms:
            return []
        answer, _ = self._ask(query, terms, search_parameters(query) | {"attributesToSearchOn": NAME_ATTRIBUTES})
        return list(dict.fromkeys(found.name for found in answer.hits))[:limit]

    def apply(self, upserts: Sequence[Document], deletes: Sequence[str] = ()) -> None:
        # Meilisearch would make a missing index by itself, without our settings: ask first.
        index = self._index(self._uid)
        _read(index.fetch_info)
        tasks = []
        if deletes:
            gone = ", ".join(quoted(id) for id in deletes)
            tasks.append(_read(lambda: index.delete_documents(filter=f"id IN [{gone}]")).task_uid)
        if upserts:
            entries = [entry(document) for document in upserts]
            tasks.append(_read(lambda: self._bulk(self._uid).add_documents(entries, primary_key="id")).task_uid)
        self._wait(tasks, self._apply_wait)

    def count(self) -> int:
        return _read(lambda: self._index(self._uid).get_stats().number_of_documents)

    def versions(self) -> dict[str, Stamp]:
        stamps: dict[str, Stamp] = {}
        while True:
            page = self._page(len(stamps))
            stamps |= page
            if len(page) < BATCH:
                return stamps

    def rebuild(self, documents: Iterable[Document]) -> int:
        client = self._client()
        self._drop_next()
        self._do(lambda: client.create_index(self._next, {"primaryKey": "id"}))
        self._do(lambda: self._index(self._next).update_settings(SETTINGS))
        for batch in _batches(documents):
            self._do(partial(self._bulk(self._next).add_documents, batch, primary_key="id"))
        if not self._exists():
            self._do(lambda: client.create_index(self._uid, {"primaryKey": "id"}))
        self._do(lambda: client.swap_indexes([{"indexes": [self._uid, self._next]}]))
        self._drop_next()
        return self.count()

    def health(self) -> Health:
        try:
            documents = self.count() if self._exists() else None
            waiting = _read(lambda: self._client().get_tasks({"statuses": "enqueued,processing", "limit": "1"}).total)
        except SearchUnavailable as error:
            return Health(False, self.name, None, 0, error.detail)
        return Health(documents is not None, self.name, documents, waiting, "" if documents is not None else "the index is missing")

    def _ask(self, query: Query, terms: tuple[Run, ...], parameters: dict[str, Any]) -> tuple[Answer, bool]:
        """The exact answer, or when it is empty the best near one: (answer, exact)."""
        index = self._index(self._uid)
        exact = self._breaker.call(lambda: _read(lambda: Answer.of(index.search(exact_text(terms), parameters))))
        if not terms or exact.total:
            return exact, True
        sounds, shorter = _read(lambda: near_texts(terms, query_runs(query.text)))
        if not sounds and not shorter:
            return exact, True
        asked = [{"indexUid": self._uid, "q": text, **parameters} for text in (*sounds, *shorter)]
        answers = self._breaker.call(lambda: _read(lambda: [Answer.of(a) for a in self._client().multi_search(asked)["results"]]))
        # a reading by sound is the likeliest; of the others the one the fewest share
        best = next((answer for answer in answers[: len(sounds)] if answer.total), None)
        best = best or min((answer for answer in answers if answer.total), key=lambda answer: answer.total, default=None)
        return (exact, True) if best is None else (best, False)

    def _page(self, offset: int) -> dict[str, Stamp]:
        asked = {"offset": offset, "limit": BATCH, "fields": ["id", "version", "price_fen", "sellable"]}
        page = _read(lambda: self._bulk(self._uid).get_documents(asked).results)
        return {d.id: Stamp(d.version, d.price_fen, d.sellable) for d in page}

    def _exists(self) -> bool:
        try:
            _read(self._index(self._uid).fetch_info)
        except IndexMissing:
            return False
        return True

    def _drop_next(self) -> None:
        task = _read(lambda: self._client().delete_index(self._next))
        self._wait([task.task_uid], self._rebuild_wait, missing_is_fine=True)

    def _do(self, ask: Callable[[], Any]) -> None:
        self._wait([_read(ask).task_uid], self._rebuild_wait)

    def _wait(self, tasks: Sequence[int], seconds: float, *, missing_is_fine: bool = False) -> None:
        deadline = time.monotonic() + seconds
        for uid in tasks:
            while (task := _read(partial(self._client().get_task, uid))).status in ("enqueued", "processing"):
                if time.monotonic() > deadline:
                    raise SearchUnavailable(f"Meilisearch is behind: task {uid} is still {task.status}")
                time.sleep(0.02)
            code = (task.error or {}).get("code", "")
            if task.status != "succeeded" and not (missing_is_fine and code == "index_not_found"):
                raise SearchUnavailable(f"Meilisearch task {uid} {task.status}: {code}")

    def _index(self, uid: str) -> meilisearch.index.Index:
        return self._client().index(uid)

    def _bulk(self, uid: str) -> meilisearch.index.Index:
        """The index for a thousand documents at a time, there or back: a busy machine may need longer for those than a visitor waits."""
        return self._client(self._send_wait).index(uid)

    def _client(self, seconds: float | None = None) -> meilisearch.Client:
        # The client changes its own header dictionary at every call: one for each thread.
        clients: dict[float, meilisearch.Client] = self._local.__dict__.setdefault("clients", {})
        patience = self._timeout if seconds is None else seconds
        if patience not in clients:
            url, key = self._address
            clients[patience] = meilisearch.Client(url, key, timeout=patience)  # type: ignore[arg-type]  # requests takes fractions
        return clients[patience]


def _read(ask: Callable[[], T]) -> T:
    """`ask()`; whatever a server, a proxy or the network can do wrong is SearchUnavailable."""
    try:
        return ask()
    except MeilisearchApiError as error:
        if error.code == "index_not_found":
            raise IndexMissing("Meilisearch has no index yet") from error
        raise SearchUnavailable(f"Meilisearch answered {error.status_code}: {error.code}") from error
    except (MeilisearchError, requests.RequestException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SearchUnavailable(f"Meilisearch does not answer: {type(error).__name__}") from error


def _batches(documents: Iterable[Document]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(documents)
    while batch := [entry(document) for document in islice(waiting, BATCH)]:
        yield batch
