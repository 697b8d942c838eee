"""What follows from a replayed moment, at once and in the same transaction: the handlers of due outbox rows.

The relay does this for a living shop, one transaction a row; history has the database to itself. Work that speaks to the
outside (refunds) or takes many rows at once (indexing) is left for the relay, after the history.
"""

from sqlmodel import Session, col, select, update

from core import clock
from core.outbox import Outbox
from core.tasks import Event
from core.tasks.registry import batches, handlers


def follow(session: Session, *, after_id: int) -> int:
    """Let every effect since row `after_id` happen, and what follows from it; returns the last row seen."""
    while rows := session.exec(select(Outbox).where(col(Outbox.id) > after_id).order_by(col(Outbox.id))).all():
        done = []
        for row in rows:
            after_id = row.id or 0
            event = Event(after_id, row.tenant_id, row.topic, row.version, row.key, row.payload, row.created_at)
            listeners = [h for h in handlers.get(row.topic, ()) if h.accepts(event)]
            if row.topic in batches or any(h.ask for h in listeners):
                continue
            for listener in listeners:
                listener.effect(session, event)
            done.append(row.id)
        session.exec(
            update(Outbox).where(col(Outbox.id).in_(done)).values(done_at=clock.now()).execution_options(synchronize_session=False)
        )
    return after_id
