"""What must always hold, as queries. `jishi check` runs them all; a writing test runs them on what it left behind.

    @invariant("I4", "stock adds up", tables=("stock_level", "stock_movement", "stock_hold"))
    def stock_adds_up(session: Session) -> Iterable[str]: ...   # one line per broken row, naming it by public code

A slice keeps its own in `invariants.py`; `shop.invariants` imports them all.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from sqlmodel import Session

Probe = Callable[[Session], Iterable[str]]


@dataclass(frozen=True)
class Invariant:
    code: str
    words: str
    tables: frozenset[str]
    probe: Probe


@dataclass(frozen=True)
class Finding:
    """How one invariant stands: `broken` names up to `limit` rows, `count` all of them."""

    invariant: Invariant
    count: int
    broken: list[str]


_registry: list[Invariant] = []


def invariant(code: str, words: str, *, tables: Collection[str]) -> Callable[[Probe], Probe]:
    """Register a probe under a code of the reliability rules (several probes may share a code)."""

    def keep(probe: Probe) -> Probe:
        _registry.append(Invariant(code, words, frozenset(tables), probe))
        return probe

    return keep


def registered() -> list[Invariant]:
    return sorted(_registry, key=lambda i: (int(i.code[1:]), i.words))


def check(session: Session, *, touched: Collection[str] | None = None, limit: int = 5) -> list[Finding]:
    """Run every invariant, or only those that read one of the `touched` tables."""
    found = []
    for each in registered():
        if touched is not None and not each.tables & set(touched):
            continue
        lines = list(each.probe(session))
        found.append(Finding(each, len(lines), lines[:limit]))
    return found
