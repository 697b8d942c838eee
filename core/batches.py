"""A long list is asked for in parts: a statement takes so many parameters and no more (PostgreSQL 65,535, SQLite 32,766)."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T", bound=Any)
MOST = 1000


def batches(values: Iterable[T], most: int = MOST) -> Iterator[list[T]]:
    """Each of the values once, in their order, at most so many at a time; nothing where there are none."""
    ordered = sorted(set(values))
    for start in range(0, len(ordered), most):
        yield ordered[start : start + most]
