"""What a test wrote, and rows that are made once and put back as they were: the small county stands under most tests.

A test's database is `fresh` until this process writes to it. `remembered` builds on a fresh one only once a process; later it inserts the
rows that came of it, table by table, and hands out the same objects as their session's own. Instants of the making become now.
"""

import re
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Engine, Table, event, insert, inspect, select, text
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, SQLModel

import shop.invariants
from core import clock, outbox
from core.tenant import forget_tenants
from shop.tables import metadata

Made = TypeVar("Made")
Rows = list[tuple[Table, list[dict[str, Any]]]]
WRITES = re.compile(r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.I)
READS = re.compile(r"\s*(?:SELECT|WITH|VALUES|EXPLAIN|SHOW|SET|PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.I)
PROCESSES = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec"}


class Written:
    """By this process since the test's database was made."""

    tables: set[str] = set()
    back: set[str] = set()  # put back as they were when all invariants held
    fresh = False  # nothing at all, not even what was remembered
    unread = False  # something that this module does not understand, or another process that may have written


def begin() -> None:
    """A test has an empty database."""
    Written.tables, Written.back, Written.fresh, Written.unread = set(), set(), True, False


def end() -> set[str] | None:
    """The tables that the test wrote to, None where it cannot be known."""
    tables = None if Written.unread else Written.tables
    Written.tables, Written.fresh, Written.unread = set(), False, False
    return tables


@event.listens_for(Engine, "before_cursor_execute")
def _note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if found := WRITES.match(statement):
        Written.tables.add(found[1])
        Written.fresh = False
    elif not READS.match(statement):
        Written.fresh, Written.unread = False, True


def _hear(happening: str, _: Any) -> None:
    if happening in PROCESSES:
        Written.unread = True


sys.addaudithook(_hear)
_remembered: dict[Any, tuple[Any, Rows, dict[str, int], dict[str, Any], tuple[datetime, datetime]]] = {}


def remembered(session: Session, name: tuple[Any, ...], build: Callable[[], Made]) -> Made:
    """What `build` makes of objects, lists and dicts of them in tuples, with all the rows it flushes in the session's transaction."""
    if not Written.fresh or session.new or outbox._here:  # a worker in this process follows up what it emits itself
        return build()
    key = (*name, clock.today(), clock._fixed.get())
    if key in _remembered:
        return _put_back(session, key)
    began = clock.now()
    made = build()
    session.flush()
    tables = [table for table in metadata.sorted_tables if table.name in Written.tables | Written.back]
    rows: Rows = [(t, [dict(row) for row in session.execute(select(t).order_by(*t.primary_key)).mappings()]) for t in tables]
    last = {t.name: max(r[t.autoincrement_column.name] for r in rs) for t, rs in rows if rs and t.autoincrement_column is not None}
    broken = [found.invariant.words for found in shop.invariants.check(session) if found.count]
    assert not broken, broken
    marks = {name: deepcopy(mark) for name, mark in session.info.items() if isinstance(mark, bool | set)}
    _remembered[key] = (_named(made), rows, last, marks, (began, clock.now()))
    return made


def _put_back(session: Session, key: Any) -> Any:
    made, rows, last, marks, (began, ended) = _remembered[key]
    now = clock.now()
    connection = session.connection()
    found: dict[tuple[str, Any], dict[str, Any]] = {}
    for table, kept in rows:
        fit = [{n: now if isinstance(v, datetime) and began <= v <= ended else deepcopy(v) for n, v in row.items()} for row in kept]
        if fit:
            connection.execute(insert(table), fit)
        found |= {(table.name, tuple(row[c.name] for c in table.primary_key)): row for row in fit}
    if connection.dialect.name == "postgresql" and last:
        counted = ", ".join(
            f"setval(pg_get_serial_sequence('\"{t.name}\"', '{t.autoincrement_column.name}'), {last[t.name]})"
            for t, _ in rows
            if t.name in last
        )
        connection.execute(text(f"SELECT {counted}"))
    Written.tables, Written.back = set(), {table.name for table, _ in rows}
    forget_tenants()
    for name in [name for name, known in session.info.items() if isinstance(known, dict)]:
        del session.info[name]  # read before the rows were there
    for name, mark in marks.items():
        session.info[name] = mark | session.info.get(name, set()) if isinstance(mark, set) else mark
    return _again(session, made, found)


class Named(NamedTuple):
    """A row by its class and primary key: the object itself ends with the first test's session."""

    kind: Any
    key: tuple[Any, ...]


def _named(made: Any) -> Any:
    return _shaped(made, lambda row: Named(type(row), inspect(row).identity))


def _again(session: Session, made: Any, found: dict[tuple[str, Any], dict[str, Any]]) -> Any:
    def own(row: Named) -> Any:
        if (known := session.identity_map.get(session.identity_key(row.kind, row.key))) is not None:
            return known
        one = row.kind(**found[row.kind.__tablename__, row.key])
        make_transient_to_detached(one)
        session.add(one)
        return one

    return _shaped(made, own)


def _shaped(made: Any, each: Callable[[Any], Any]) -> Any:
    """The same shape of tuples, lists and dicts with other rows in it."""
    if isinstance(made, SQLModel | Named):
        return each(made)
    if isinstance(made, dict):
        return {name: _shaped(part, each) for name, part in made.items()}
    if isinstance(made, list):
        return [_shaped(part, each) for part in made]
    if isinstance(made, tuple):
        return type(made)(*(_shaped(part, each) for part in made))
    return made
