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
from sqlmodel import Session, SQLModel

import shop.invariants
from core import clock, outbox
from core.tenant import forget_tenants
from shop.tables import metadata

Made = TypeVar("Made")
WRITES = re.compile(r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.I)
READS = re.compile(r"\s*(?:SELECT|WITH|VALUES|EXPLAIN|SHOW|SET LOCAL|PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.I)
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


class Kept(NamedTuple):
    """All there is after one making."""

    shape: Any  # what `build` returned, with names in the place of rows
    rows: list[tuple[Table, list[dict[str, Any]]]]  # in the order in which they can be inserted
    instants: list[tuple[dict[str, Any], str]]  # those of the making, by row and column
    last: dict[Table, int]  # number given in a table
    marks: dict[str, Any]  # what the session knows of its own changes


class Named(NamedTuple):
    """A row by its class and primary key: the object itself ends with the first test's session."""

    kind: Any
    key: tuple[Any, ...]


_kept: dict[Any, Kept] = {}


def remembered(session: Session, name: tuple[Any, ...], build: Callable[[], Made]) -> Made:
    """What `build` makes of objects, lists and dicts of them in tuples, with all the rows it flushes in the session's transaction."""
    if not Written.fresh or session.new or outbox._here:  # a worker in this process follows up what it emits itself
        return build()
    key = (*name, clock.today(), clock._fixed.get())
    if key not in _kept:
        began = clock.now()
        made = build()
        session.flush()
        _kept[key] = _keep(session, made, began, clock.now())
        return made
    kept = _kept[key]
    _put_back(session, kept)
    kinds = {named.kind for named in _names(kept.shape)}
    found = {Named(kind, inspect(row).identity): row for kind in kinds for row in session.scalars(select(kind))}
    again: Made = _shaped(kept.shape, found.__getitem__)
    return again


def _keep(session: Session, made: Any, began: datetime, ended: datetime) -> Kept:
    broken = [found.invariant.words for found in shop.invariants.check(session) if found.count]
    assert not broken, broken
    tables = [table for table in metadata.sorted_tables if table.name in Written.tables | Written.back]
    rows = [(t, [dict(row) for row in session.execute(select(t).order_by(*t.primary_key)).mappings()]) for t in tables]
    rows = [(table, lines) for table, lines in rows if lines]
    instants = [(r, n) for _, lines in rows for r in lines for n, v in r.items() if isinstance(v, datetime) and began <= v <= ended]
    last = {t: max(row[t.autoincrement_column.name] for row in lines) for t, lines in rows if t.autoincrement_column is not None}
    marks = {name: deepcopy(mark) for name, mark in session.info.items() if isinstance(mark, bool | set)}
    return Kept(_shaped(made, lambda row: Named(type(row), inspect(row).identity)), rows, instants, last, marks)


def _put_back(session: Session, kept: Kept) -> None:
    now, connection = clock.now(), session.connection()
    for row, name in kept.instants:
        row[name] = now
    for table, lines in kept.rows:
        connection.execute(insert(table), lines)
    if connection.dialect.name == "postgresql":
        counted = (f"setval(pg_get_serial_sequence('\"{t.name}\"', '{t.autoincrement_column.name}'), {n})" for t, n in kept.last.items())
        connection.execute(text(f"SELECT {', '.join(counted)}"))
    Written.tables, Written.back = set(), {table.name for table, _ in kept.rows}
    forget_tenants()
    for name in [name for name, known in session.info.items() if isinstance(known, dict)]:
        del session.info[name]  # read before the rows were there
    for name, mark in kept.marks.items():
        session.info[name] = mark | session.info.get(name, set()) if isinstance(mark, set) else mark


def _names(shape: Any) -> list[Named]:
    found: list[Named] = []
    _shaped(shape, found.append)
    return found


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
