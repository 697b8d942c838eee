"""Copies of rows that a process keeps, so that a page need not ask for what hardly ever changes.

What this process itself commits (`core.db.touched`) ends a copy at once; what others commit is seen within RECHECK_S.
"""

import time
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from core import db

RECHECK_S = 0.25
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Copy(NamedTuple, Generic[T]):
    value: T
    changes: int
    until: float


class Copies(Generic[K, T]):
    """Copies of one kind, named as its writers name it to `db.touched`. Meant for few keys: a county's, not a visitor's."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._kept: dict[K, Copy[T]] = {}

    def fresh(self, key: K) -> T | None:
        """The copy while it is good; nothing is read."""
        copy = self._kept.get(key)
        good = copy is not None and copy.changes == db.changes(self._what) and time.monotonic() < copy.until
        return copy.value if copy is not None and good else None

    def read(self, key: K, ask: Callable[[T | None], T]) -> T:
        """The copy, or what `ask` answers now. `ask` is given the last one if this process changed nothing since."""
        if (value := self.fresh(key)) is not None:
            return value
        changes = db.changes(self._what)  # before asking: a commit meanwhile ends the copy at once
        last = self._kept.get(key)
        value = ask(last.value if last is not None and last.changes == changes else None)
        self._kept[key] = Copy(value, changes, time.monotonic() + RECHECK_S)
        return value
