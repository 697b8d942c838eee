"""Both engines, each filled with the small catalogue; Meilisearch through the official client over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.search.embedded import EmbeddedEngine
from shop.search.engine import SearchEngine
from shop.search.meili import MeiliEngine
from tests.gateways.meilisearch import KEY, FakeMeilisearch

from .catalogue import catalogue, neighbour


@pytest.fixture
def server() -> Iterator[FakeMeilisearch]:
    fake = FakeMeilisearch()
    yield fake
    fake.down()


@pytest.fixture(params=["embedded", "meilisearch"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> SearchEngine:
    """An engine whose index has never been built."""
    if request.param == "embedded":
        return EmbeddedEngine(tmp_path / "search")
    return MeiliEngine(request.getfixturevalue("server").url, KEY)


@pytest.fixture
def engine(empty_engine: SearchEngine) -> SearchEngine:
    empty_engine.rebuild([*catalogue(), neighbour()])
    return empty_engine
