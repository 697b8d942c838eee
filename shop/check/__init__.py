"""`jishi check`: every invariant the database and JISHI_HOME can show, a line each with its count."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

import shop.invariants
import shop.wiring
from core import clock, db, readiness
from core.inbox import Inbox
from core.outbox import Outbox

FRESH = timedelta(seconds=60)  # younger work is on its way, not late
NOTICE = timedelta(minutes=10)


class Line(NamedTuple):
    code: str
    words: str
    broken: int
    examples: list[str]


def lines(session: Session) -> Iterator[Line]:
    """How everything stands now: the invariants, then what is late."""
    for found in shop.invariants.check(session):
        yield Line(found.invariant.code, found.invariant.words, found.count, found.broken)
    late = readiness.waiting(session, older_than=FRESH)
    open_notices = (
        select(func.count()).select_from(Inbox).where(col(Inbox.processed_at).is_(None), Inbox.received_at < clock.now() - NOTICE)
    )
    dead = session.exec(select(Outbox.topic, Outbox.key).where(col(Outbox.dead_at).is_not(None)).order_by(col(Outbox.id))).all()
    yield Line("I7", "no notice is unprocessed after 10 minutes", session.exec(open_notices).one(), [])
    yield Line("I8", "the outbox is not behind by more than 60 s", late.pop("outbox", 0), [])
    yield Line("I8", "no effect was given up", len(dead), [f"{topic} {key}" for topic, key in dead[:5]])
    yield Line("I13", "the search index is not behind by more than 60 s", late.pop("index", 0), [])
    for name, count in late.items():
        yield Line("I8", f"{name} is not behind by more than 60 s", count, [])


def report() -> int:
    """Print a line per invariant; 1 when any is broken."""
    broken = 0
    with db.reading() as session:
        for line in sorted(lines(session), key=lambda each: (int(each.code[1:]), each.words)):
            broken += line.broken > 0
            print(f"{line.code:<4} {'BROKEN' if line.broken else 'holds ':<7}{line.broken:>6}  {line.words}")
            for example in line.examples:
                print(f"{'':20}{example}")
    print(f"{broken} invariants broken" if broken else "all invariants hold")
    return 1 if broken else 0
