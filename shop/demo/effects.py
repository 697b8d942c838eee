"""What follows from a replayed moment, at once and in the same transaction: the handlers of due outbox rows.

The relay does this for a living shop, one transaction a row; history has the database to itself. Work that speaks to the
outside (refunds) or takes many rows at once (indexing) is left for the relay, after the history.
"""

from sqlalchemy import Table, bindparam, select, update
from sqlmodel import Session, col

from core import clock
from core.outbox import Outbox
from core.tasks import Event
from core.tasks.registry import batches, handlers

COLUMNS = (Outbox.id, Outbox.tenant_id, Outbox.topic, Outbox.version, Outbox.key, Outbox.payload, Outbox.created_at)
_outbox: Table = Outbox.__table__  # type: ignore[attr-defined]
_DONE = update(_outbox).where(_outbox.c.id == bindparam("row")).values(done_at=bindparam("now"))


def follow(session: Session, *, after_id: int) -> int:
    """Let every effect since row `after_id` happen, and what follows from it; returns the last row seen."""
    while session.info.pop("emitted", False):
        session.flush()
        done = []
        due = select(*(col(c) for c in COLUMNS)).where(col(Outbox.id) > after_id, col(Outbox.done_at).is_(None))
        for event in [Event(*row) for row in session.execute(due.order_by(col(Outbox.id)))]:
            after_id = event.id
            listeners = [h for h in handlers.get(event.topic, ()) if h.accepts(event)]
            if event.topic in batches or any(h.ask for h in listeners):
                continue
            for listener in listeners:
                listener.effect(session, event)
            done.append({"row": event.id, "now": clock.now()})
        if done:
            session.connection().execute(_DONE, done)
    return after_id
