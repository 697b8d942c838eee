"""A breaker: after one failure, fail at once for some seconds, then let a single caller try again."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Breaker:
    def __init__(
        self, failure: type[Exception], *, answers: tuple[type[Exception], ...] = (), rest: float = 5.0,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`failure` opens it and is what callers get while it is open; `answers` are exceptions that are no failures."""
        self._failure = failure
        self._answers = answers
        self._rest = rest
        self._ticks = ticks
        self._lock = threading.Lock()
        self._open_until: float | None = None

    def call(self, ask: Callable[[], T]) -> T:
        """`ask()`, or the failure without asking while the breaker is open."""
        self._pass()
        try:
            answer = ask()
        except self._answers:
            self._open_until = None
            raise
        except self._failure:
            self._open_until = self._ticks() + self._rest
            raise
        self._open_until = None
        return answer

    def _pass(self) -> None:
        with self._lock:
            if self._open_until is None:
                return
            if self._ticks() < self._open_until:
                raise self._failure("it did not answer a moment ago")
            self._open_until = self._ticks() + self._rest  # this caller tries, the others wait for its outcome
