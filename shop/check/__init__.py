"""`jishi check`: every invariant the database and JISHI_HOME can show, a line each with its count."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session, col, func, select

import shop.invariants
import shop.tables  # every table a rule may read, whoever names it
import shop.wiring
from core import clock, db, readiness
from core.inbox import Inbox
from core.outbox import Outbox
from core.tasks.registry import batches

FRESH = timedelta(seconds=60)  # younger work is on its way, not late
NOTICE = timedelta(minutes=10)


class Line(NamedTuple):
    code: str
    words: str
    broken: int
    examples: list[str]


def standing(session: Session) -> Iterator[Line]:
    """How the invariants stand; each takes as long as the history is, so no statement of theirs is cut off."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET statement_timeout = 0"))
    for found in shop.invariants.check(session):
        yield Line(found.invariant.code, found.invariant.words, found.count, found.broken)


def late(session: Session) -> Iterator[Line]:
    """What should have been done by now."""
    waiting = readiness.waiting(session, older_than=FRESH)
    unread = (col(Inbox.processed_at).is_(None), col(Inbox.received_at) < clock.now() - NOTICE)
    open_notices = select(func.count()).select_from(Inbox).where(*unread)
    dead = session.exec(select(Outbox.topic, Outbox.key).where(col(Outbox.dead_at).is_not(None)).order_by(col(Outbox.id))).all()
    yield Line("I7", "no notice is unprocessed after 10 minutes", session.exec(open_notices).one(), [])
    yield Line("I8", "the outbox is not behind by more than 60 s", waiting.pop("outbox", 0), [])
    yield Line("I8", "no effect was given up", len(dead), [f"{topic} {key}" for topic, key in dead[:5]])
    yield Line("I13", "the search index is not behind by more than 60 s", _unindexed(session), [])
    for name, count in waiting.items():
        yield Line("I8", f"{name} is not behind by more than 60 s", count, [])


def _unindexed(session: Session) -> int:
    """Events of the index that wait for more than a minute."""
    waiting = (col(Outbox.done_at).is_(None), col(Outbox.available_at) < clock.now() - FRESH, col(Outbox.topic).in_(batches))
    return session.exec(select(func.count()).select_from(Outbox).where(*waiting)).one()


def report() -> int:
    """Print a line per invariant and per kind of lateness; 1 when any is broken."""
    with db.reading() as session:
        return show([*standing(session), *late(session)])


def show(found: list[Line]) -> int:
    """Print lines in the order of their codes; 1 when any is broken."""
    for line in sorted(found, key=lambda each: (int(each.code[1:]), each.words)):
        print(f"{line.code:<4} {'BROKEN' if line.broken else 'holds ':<7}{line.broken:>6}  {line.words}")
        for example in line.examples:
            print(f"{'':20}{example}")
    broken = sum(1 for line in found if line.broken)
    print(f"{broken} invariants broken" if broken else "all invariants hold")
    return 1 if broken else 0
