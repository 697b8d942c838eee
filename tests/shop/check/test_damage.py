"""Whatever is damaged by hand in a database, `jishi check` names the promise that is broken, and none that is not."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from core import db
from core.invariants import Invariant, check, registered
from core.settings import settings
from core.triggers import apply_triggers
from shop.orders.models import Order, OrderLine
from tests.county import SmallCounty

from .damages import DAMAGES
from .installation import live

SHOWN_ELSEWHERE = {
    "no account below zero that may not be",  # the table itself refuses it
    "the database refuses changes to append-only tables",
    "the search index shows the database's price, stock and version",
}
ONLY_SQLITE = {"no row refers to a row that is gone", "every instant is kept in UTC"}


@contextmanager
def unguarded(database: str) -> Iterator[Session]:
    """A transaction in which nothing is refused – no trigger, no foreign key – and of which nothing stays."""
    with db.new_session(writes=True) as session:
        if database == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
            for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


def broken_by(database: str, damage: str, names: dict[str, str], *, whole: bool) -> list[Invariant]:
    """The invariants that a damage breaks: of all, or of those that read the damaged tables."""
    touched = None if whole else set(re.findall(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", damage))
    with unguarded(database) as session:
        for statement in damage.split(";"):
            done = session.execute(text(statement), {name: code for name, code in names.items() if f":{name}" in statement})
            assert done.rowcount != 0, f"damages nothing: {statement}"
        if database == "sqlite":
            apply_triggers(session.connection())
        return [each.invariant for each in check(session, touched=touched) if each.count]


def codes(broken: list[Invariant]) -> str:
    return " ".join(sorted({each.code for each in broken}, key=lambda code: int(code[1:])))


def test_every_damage_is_named_by_the_promise_it_breaks(database: str, county_rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)
    names = live(county_rows)
    with db.reading() as session:
        line = session.exec(select(OrderLine.code).join(Order).where(Order.number == names["paid"])).one()
        names["one_less"] = json.dumps([[line, 1]])
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []
    here = {what: each for what, each in DAMAGES.items() if database == "sqlite" or "only SQLite" not in what}
    found = {what: broken_by(database, damage, names, whole="only SQLite" in what) for what, (_, damage) in here.items()}
    assert {what: codes(broken) for what, broken in found.items()} == {what: expected for what, (expected, _) in here.items()}
    never_broken = {each.words for each in registered()} - {each.words for broken in found.values() for each in broken}
    assert never_broken - ONLY_SQLITE == SHOWN_ELSEWHERE
