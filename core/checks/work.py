"""I7, I8, I10: what was told or asked is kept, worked on once, and answered."""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, select

from core.idempotency import IdempotencyKey
from core.inbox import Inbox
from core.invariants import invariant, rule
from core.outbox import Outbox
from core.upkeep import DONE

KEPT = DONE - timedelta(days=1)  # younger work has its outbox row still: done rows are swept after that and a day


@invariant("I7", "a processed notice has an outcome", tables=("inbox",))
def notices_have_outcomes(session: Session) -> Iterable[str]:
    rows = session.exec(select(Inbox.provider, Inbox.event_id).where(col(Inbox.processed_at).is_not(None), Inbox.outcome == ""))
    return [f"{provider} {event_id}" for provider, event_id in rows]


rule(
    "I7",
    "every kept notice was asked to be worked on, and is until it was",
    ago=KEPT,
    broken="""
    SELECT n.provider, n.event_id FROM inbox n
    LEFT JOIN outbox w ON w.tenant_id = n.tenant_id AND w.topic = 'inbox.' || n.provider AND w.key = n.event_id
    WHERE (w.id IS NULL AND n.received_at > :then) OR (n.processed_at IS NULL AND (w.id IS NULL OR w.done_at IS NOT NULL))
    """,
)


@invariant("I8", "no effect is both done and given up", tables=("outbox",))
def effects_end_once(session: Session) -> Iterable[str]:
    rows = session.exec(select(Outbox.topic, Outbox.key).where(col(Outbox.done_at).is_not(None), col(Outbox.dead_at).is_not(None)))
    return [f"{topic} {key}" for topic, key in rows]


@invariant("I10", "every idempotency key has its answer", tables=("idempotency_key",))
def keys_have_answers(session: Session) -> Iterable[str]:
    rows = session.exec(
        select(IdempotencyKey.route, IdempotencyKey.key).where((col(IdempotencyKey.status) < 200) | (col(IdempotencyKey.status) >= 300))
    )
    return [f"{route} {key[:12]}…" for route, key in rows]
