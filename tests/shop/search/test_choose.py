"""The engine follows the settings."""

from pathlib import Path

import pytest

from core.settings import settings
from shop.search.choose import engine
from shop.search.embedded import EmbeddedEngine
from shop.search.engine import Query
from shop.search.meili import MeiliEngine
from tests.gateways.meilisearch import KEY, FakeMeilisearch

from .catalogue import catalogue


def test_embedded_under_home_unless_meilisearch_is_named(tmp_path: Path, server: FakeMeilisearch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "home", tmp_path)
    monkeypatch.setattr(settings, "meili_url", None)
    chosen = engine()
    assert isinstance(chosen, EmbeddedEngine)
    assert chosen is engine()
    chosen.rebuild(catalogue())
    assert (tmp_path / "search" / "all" / "pointer").exists()
    monkeypatch.setattr(settings, "meili_url", server.url)
    monkeypatch.setattr(settings, "meili_key", KEY)
    remote = engine()
    assert isinstance(remote, MeiliEngine)
    remote.rebuild(catalogue()[:1])
    assert remote.search(Query(tenant=1)).engine == "meilisearch"
