"""The ground floor's own invariants: histories are legal, the audit chain holds, keys have answers, nothing personal lies open."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, cast, inspect, literal, text
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from core.audit import AuditEntry, broken_seals
from core.idempotency import IdempotencyKey
from core.inbox import Inbox
from core.invariants import invariant
from core.ledger.models import Journal
from core.outbox import Outbox
from core.pii import mask_numbers
from core.status import StatusEvent, known
from core.triggers import APPEND_ONLY

SEEN_BY_STAFF: tuple[tuple[Any, str], ...] = (
    (StatusEvent, "note"), (AuditEntry, "facts"), (AuditEntry, "reason"), (Outbox, "payload"), (Outbox, "error"), (Inbox, "error"),
    (Inbox, "outcome"),
)  # fmt: skip


@invariant("I7", "a processed notice has an outcome", tables=("inbox",))
def notices_have_outcomes(session: Session) -> Iterable[str]:
    rows = session.exec(select(Inbox.provider, Inbox.event_id).where(col(Inbox.processed_at).is_not(None), Inbox.outcome == ""))
    return [f"{provider} {event_id}" for provider, event_id in rows]


@invariant("I7", "every kept notice was asked to be worked on once", tables=("inbox", "outbox"))
def notices_have_work(session: Session) -> Iterable[str]:
    topic = literal("inbox.", String) + col(Inbox.provider)
    asked = select(Outbox.id).where(col(Outbox.topic) == topic, col(Outbox.key) == col(Inbox.event_id)).exists()
    rows = session.exec(select(Inbox.provider, Inbox.event_id).where(col(Inbox.processed_at).is_(None), ~asked))
    return [f"{provider} {event_id}" for provider, event_id in rows]


@invariant("I8", "no effect is both done and given up", tables=("outbox",))
def effects_end_once(session: Session) -> Iterable[str]:
    rows = session.exec(select(Outbox.topic, Outbox.key).where(col(Outbox.done_at).is_not(None), col(Outbox.dead_at).is_not(None)))
    return [f"{topic} {key}" for topic, key in rows]


@invariant("I9", "status moves are legal", tables=("status_event",))
def moves_are_legal(session: Session) -> Iterable[str]:
    step = [col(StatusEvent.kind), col(StatusEvent.source), col(StatusEvent.target)]
    rows = session.execute(sa_select(*step, func.min(StatusEvent.subject), func.count()).group_by(*step))
    for kind, source, target, subject, times in rows:
        moves = known.get(kind)
        if moves is None or target not in moves.states or (source is not None and not moves.allows(source, target)):
            yield f"{kind}: {source} → {target}, {times} times, first of all {subject}"


@invariant("I9", "each move starts where the one before ended", tables=("status_event",))
def moves_are_a_path(session: Session) -> Iterable[str]:
    own = (col(StatusEvent.tenant_id), col(StatusEvent.kind), col(StatusEvent.subject))
    before = func.lag(col(StatusEvent.target)).over(partition_by=own, order_by=col(StatusEvent.id)).label("before")
    steps = sa_select(*own[1:], col(StatusEvent.source), col(StatusEvent.target), before).subquery()
    broken = steps.c.before.is_not(None) & (steps.c.source.is_(None) | (steps.c.source != steps.c.before))
    rows = session.execute(sa_select(steps).where(broken))
    return [f"{kind} {subject}: {before} before {source} → {target}" for kind, subject, source, target, before in rows]


@invariant("I10", "every idempotency key has its answer", tables=("idempotency_key",))
def keys_have_answers(session: Session) -> Iterable[str]:
    rows = session.exec(
        select(IdempotencyKey.route, IdempotencyKey.key).where((col(IdempotencyKey.status) < 200) | (col(IdempotencyKey.status) >= 300))
    )
    return [f"{route} {key[:12]}…" for route, key in rows]


@invariant("I15", "no full phone number in notes, audit, messages or errors", tables=("status_event", "audit_entry", "outbox", "inbox"))
def no_open_phones(session: Session) -> Iterable[str]:
    for table, column in SEEN_BY_STAFF:
        words = cast(getattr(table, column), String)
        for row_id, found in session.execute(sa_select(table.id, words).where(_eleven_digits(session, words))):
            if mask_numbers(found) != found:
                yield f"{table.__tablename__}.{column} of row {row_id}"


def _eleven_digits(session: Session, words: ColumnElement[str]) -> ColumnElement[bool]:
    """A first, coarse look inside the database, so that few rows travel."""
    if session.get_bind().dialect.name == "sqlite":
        return words.op("GLOB")("*1[3-9]" + "[0-9]" * 9 + "*")
    return words.op("~")("1[3-9][0-9]{9}")


@invariant("I16", "the audit chain verifies", tables=("audit_entry", "audit_seal"))
def audit_chain_holds(session: Session) -> Iterable[str]:
    return [f"audit entry {entry_id}" for entry_id in broken_seals(session)]


@invariant("I16", "the database refuses changes to append-only tables", tables=APPEND_ONLY)
def append_only_is_guarded(session: Session) -> Iterable[str]:
    present = set(inspect(session.connection()).get_table_names())
    if session.get_bind().dialect.name == "sqlite":
        names = {n for (n,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))}
        wanted = {f"{t}_{end}" for t in APPEND_ONLY if t in present for end in ("no_update", "no_delete", "no_replace")}
    else:
        names = {n for (n,) in session.execute(text("SELECT tgname FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal"))}
        wanted = {f"{t}_append_only" for t in APPEND_ONLY if t in present}
    return sorted(wanted - names)


@invariant("I19", "a journal's business day is its instant's day in Shanghai", tables=("journal",))
def business_days_are_shanghais(session: Session) -> Iterable[str]:
    if session.get_bind().dialect.name == "sqlite":
        there: ColumnElement[str] = func.date(col(Journal.posted_at), "+8 hours")
    else:
        there = cast(func.date(func.timezone("Asia/Shanghai", col(Journal.posted_at))), String)
    rows = session.exec(select(Journal.key).where(there != cast(Journal.business_date, String)))
    return list(rows)


@invariant("I19", "every instant is kept in UTC", tables=("journal",))
def instants_are_utc(session: Session) -> Iterable[str]:
    """PostgreSQL knows the zone of every instant; on SQLite UTCDateTime writes UTC and refuses naive values."""
    if session.get_bind().dialect.name == "sqlite":
        return []
    rows = session.execute(
        text(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'"
        )
    )
    return [name for (name,) in rows]
