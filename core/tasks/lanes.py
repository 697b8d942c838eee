"""Lanes: work that must not overlap on one machine, such as writing an index. A file lock, so it holds across processes."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from core.settings import settings


@contextmanager
def alone_in(lane: str) -> Iterator[None]:
    """Wait until nobody else works in this lane; a killed process frees it."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / f"lane-{lane}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
