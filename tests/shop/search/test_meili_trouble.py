"""Meilisearch down, failing, slow, wiped, behind or locked: the shop is told at once and in one way, and comes back by itself."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.breaker import Breaker
from shop.search.engine import IndexMissing, Query, SearchUnavailable
from shop.search.meili import MeiliEngine
from tests.gateways.meilisearch import KEY, FakeMeilisearch

from .catalogue import catalogue

TEA = Query(tenant=1, text="茶")


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def engine(server: FakeMeilisearch, ticks: Ticks) -> MeiliEngine:
    engine = MeiliEngine(
        server.url,
        KEY,
        timeout=0.2,
        send_wait=0.2,
        apply_wait=0.1,
        breaker=Breaker(SearchUnavailable, answers=(IndexMissing,), rest=5, ticks=ticks),
    )
    MeiliEngine(server.url, KEY).rebuild(catalogue())
    return engine


@pytest.mark.parametrize("trouble", [FakeMeilisearch.down, FakeMeilisearch.failing, FakeMeilisearch.slow])
def test_without_an_answer_search_is_unavailable_and_comes_back(
    engine: MeiliEngine, server: FakeMeilisearch, ticks: Ticks, trouble: Callable[[FakeMeilisearch], None]
) -> None:
    trouble(server)
    for ask in (lambda: engine.search(TEA), lambda: engine.suggest("茶", tenant=1), engine.count, engine.versions):
        with pytest.raises(SearchUnavailable):
            ask()
    with pytest.raises(SearchUnavailable):
        engine.apply(catalogue())
    with pytest.raises(SearchUnavailable):
        engine.rebuild(catalogue())
    assert not engine.health().ok
    server.up()
    ticks.now = 6
    assert engine.search(TEA).total == 2
    assert engine.health().ok


def test_after_a_failure_nobody_asks_for_a_while(engine: MeiliEngine, server: FakeMeilisearch, ticks: Ticks) -> None:
    server.failing()
    with pytest.raises(SearchUnavailable):
        engine.search(TEA)
    asked = len(server.requests)
    for _ in range(10):
        with pytest.raises(SearchUnavailable):
            engine.search(TEA)
        with pytest.raises(SearchUnavailable):
            engine.suggest("茶", tenant=1)
    assert len(server.requests) == asked
    ticks.now = 6
    with pytest.raises(SearchUnavailable):
        engine.search(TEA)
    assert len(server.requests) == asked + 1


def test_a_wiped_server_is_missing_its_index_until_rebuilt(engine: MeiliEngine, server: FakeMeilisearch) -> None:
    server.wipe()
    with pytest.raises(IndexMissing):
        engine.search(TEA)
    with pytest.raises(IndexMissing):
        engine.apply(catalogue()[:1])
    assert server.indexes == {}  # a change must not make a half-filled index with default settings
    engine.rebuild(catalogue())
    assert engine.search(TEA).total == 2  # at once: a missing index does not open the breaker


def test_a_server_that_is_behind_still_answers_and_says_so(engine: MeiliEngine, server: FakeMeilisearch) -> None:
    server.behind()
    with pytest.raises(SearchUnavailable, match="behind"):
        engine.apply([replace(catalogue()[7], name="葛家荷叶饮", category="饮料", version=2)])
    assert engine.search(TEA).total == 2
    assert engine.health().waiting == 1
    assert engine.versions()["P08"].version == 1
    server.catch_up()
    assert engine.health().waiting == 0
    assert engine.versions()["P08"].version == 2
    assert engine.search(TEA).total == 1


def test_a_rebuild_that_the_server_does_not_finish_leaves_the_old_index(server: FakeMeilisearch) -> None:
    engine = MeiliEngine(server.url, KEY, rebuild_wait=0.1)
    engine.rebuild(catalogue())
    server.behind()
    with pytest.raises(SearchUnavailable, match="behind"):
        engine.rebuild(catalogue()[:1])
    assert engine.search(Query(tenant=1)).total == len(catalogue())
    server.catch_up()
    assert engine.rebuild(catalogue()[:1]) == 1


def test_a_wrong_key_is_unavailable_not_an_error_page(server: FakeMeilisearch, engine: MeiliEngine) -> None:
    locked_out = MeiliEngine(server.url, "not the key")
    with pytest.raises(SearchUnavailable, match="invalid_api_key"):
        locked_out.search(TEA)
    assert not locked_out.health().ok


def test_an_answer_that_makes_no_sense_is_unavailable(
    engine: MeiliEngine, server: FakeMeilisearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for nonsense in ({}, [], None, {"hits": [{}], "estimatedTotalHits": 1}, {"hits": 3, "estimatedTotalHits": "many"}):
        monkeypatch.setattr(server, "answer", lambda *_, nonsense=nonsense: (200, nonsense))
        with pytest.raises(SearchUnavailable):
            MeiliEngine(server.url, KEY).search(TEA)


def test_a_catalogue_of_several_batches_is_rebuilt_and_read_back_whole(server: FakeMeilisearch) -> None:
    engine = MeiliEngine(server.url, KEY)
    many = [replace(catalogue()[0], id=f"B{i:04d}", version=i) for i in range(2500)]
    assert engine.rebuild(many) == 2500
    stamps = engine.versions()
    assert {id: stamp.version for id, stamp in stamps.items()} == {d.id: d.version for d in many}


def test_a_search_asks_once_when_it_finds_something(engine: MeiliEngine, server: FakeMeilisearch) -> None:
    before = len(server.requests)
    engine.search(TEA)
    assert len(server.requests) == before + 1
    engine.search(Query(tenant=1, text="枇把"))  # nothing exact: all near readings go in one request
    assert [path for _, path in server.requests[before + 2 :]] == ["/multi-search"]
