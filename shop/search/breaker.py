"""A breaker: after one failure, fail at once for some seconds, then let a single caller try again."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from .engine import IndexMissing, SearchUnavailable

T = TypeVar("T")


class Breaker:
    def __init__(self, *, rest: float = 5.0, ticks: Callable[[], float] = time.monotonic) -> None:
        self._rest = rest
        self._ticks = ticks
        self._lock = threading.Lock()
        self._open_until: float | None = None

    def call(self, ask: Callable[[], T]) -> T:
        """`ask()`, or SearchUnavailable without asking while the breaker is open. A missing index is an answer, not a failure."""
        self._pass()
        try:
            answer = ask()
        except IndexMissing:
            self._open_until = None
            raise
        except SearchUnavailable:
            self._open_until = self._ticks() + self._rest
            raise
        self._open_until = None
        return answer

    def _pass(self) -> None:
        with self._lock:
            if self._open_until is None:
                return
            if self._ticks() < self._open_until:
                raise SearchUnavailable("search did not answer a moment ago")
            self._open_until = self._ticks() + self._rest  # this caller tries, the others wait for its outcome
