"""Work at intervals. Beat only calls; who runs is decided by a row, so two beats or ten workers run a tick once."""

import logging
from datetime import datetime, timedelta

from sqlmodel import Field, SQLModel, col, or_, select, update

from core import clock, db
from core.upsert import Upsert

from .registry import ticks

log = logging.getLogger("jishi.ticks")
LEASE = timedelta(seconds=120)  # a runner that was killed is replaced after this
SLACK = timedelta(seconds=60)


class TickRow(SQLModel, table=True):
    """When a tick is due again and who-knows-who runs it until when."""

    __tablename__ = "tick"

    name: str = Field(primary_key=True)
    due_at: datetime
    leased_until: datetime | None = None
    ran_at: datetime | None = None
    error: str = ""


_FIRST = Upsert(TickRow, lambda insert: insert.on_conflict_do_nothing(index_elements=["name"]))


def run_tick(name: str) -> bool:
    """Run a tick if it is due and nobody else runs it; True when this call ran it. Errors are kept on its row."""
    tick = ticks[name]
    now = clock.now()
    # a clock that was ahead and was put right leaves times behind that no tick of ours could have meant
    due = or_(col(TickRow.due_at) <= now, col(TickRow.due_at) > now + timedelta(seconds=tick.seconds) + SLACK)
    free = or_(col(TickRow.leased_until).is_(None), col(TickRow.leased_until) < now, col(TickRow.leased_until) > now + LEASE + SLACK)
    with db.reading() as session:
        row = session.exec(select(TickRow.name).where(TickRow.name == name)).first()
        if row is not None and session.exec(select(TickRow.name).where(TickRow.name == name, due, free)).first() is None:
            return False
    with db.writing() as session:
        if row is None:
            _FIRST.run(session, {"name": name, "due_at": now, "error": ""})
        taken = session.exec(update(TickRow).where(col(TickRow.name) == name, due, free).values(leased_until=now + LEASE))
        if not taken.rowcount:
            return False
    words = ""
    try:
        tick.run()
    except Exception as error:
        words = f"{type(error).__name__}: {error}"[:500]
        log.exception("tick %s failed", name)
    after = clock.now()
    again = max(now + timedelta(seconds=tick.seconds), after)
    with db.writing() as session:
        session.exec(update(TickRow).where(col(TickRow.name) == name).values(due_at=again, leased_until=None, ran_at=after, error=words))
    return not words
