"""Which engine this installation uses: Meilisearch when JISHI_MEILI_URL is set, else the embedded one under JISHI_HOME."""

from functools import lru_cache
from pathlib import Path

from core.settings import settings

from .embedded import EmbeddedEngine
from .engine import SearchEngine


def engine() -> SearchEngine:
    """The engine the settings name; one per process and address, safe to share between threads."""
    return _engine(settings.meili_url, settings.meili_key, settings.home)


@lru_cache(maxsize=8)
def _engine(url: str | None, key: str | None, home: Path) -> SearchEngine:
    if not url:
        return EmbeddedEngine(home.resolve() / "search" / "all")
    from .meili import MeiliEngine  # the client is only loaded where it is used

    return MeiliEngine(url, key)
