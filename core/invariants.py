"""What must always hold, as queries. `jishi check` runs them all; a writing test runs them on what it left behind.

    @invariant("I4", "stock adds up", tables=("stock_level", "stock_movement", "stock_hold"))
    def stock_adds_up(session: Session) -> Iterable[str]: ...   # one line per broken row, naming it by public code

    rule("I4", "nothing lies below zero", broken="SELECT id, on_hand FROM stock_level WHERE on_hand < 0")

A rule is SQL that both databases read and anybody can run by hand: it shares no code with what it watches over. Where two
sides must be the same rows, they are added up with opposite signs and what does not come to nothing is broken. A slice keeps
its own in `invariants.py`; `shop.invariants` imports them all.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, text
from sqlmodel import Session
from sqlmodel.sql.sqltypes import UTCDateTime

from core import clock

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
    """Register a probe under a code of the reliability rules (several probes may share a code).

    One that names no tables looks at the whole database: it runs when everything is checked, never for touched tables alone.
    """

    def keep(probe: Probe) -> Probe:
        _registry.append(Invariant(code, words, frozenset(tables), probe))
        return probe

    return keep


_READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")


def rule(code: str, words: str, *, broken: str, ago: timedelta | None = None) -> None:
    """Register one SELECT of what is broken, told by its columns; its tables are those it reads.

    `ago` is the age of the instant that the SELECT calls `:then`.
    """
    statement = text(re.sub(r":(?!then\b)", r"\:", broken))
    if ago is not None:
        statement = statement.bindparams(bindparam("then", type_=UTCDateTime()))

    def probe(session: Session) -> Iterable[str]:
        named = {} if ago is None else {"then": clock.now() - ago}
        return [" ".join(map(str, row)) for row in session.connection().execute(statement, named)]

    _registry.append(Invariant(code, words, frozenset(_READ.findall(broken)), probe))


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
