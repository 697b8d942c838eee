"""One outbox row becomes its effect: done mark and effect in one transaction, so that many deliveries change things once.

The row lock (PostgreSQL) or the single writer (SQLite) makes a second delivery wait and then find the row done. Topics
with an `ask` are claimed first by the lease they were sent with, so two copies never talk to the outside at once.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, update
from sqlmodel import Session, col, select

from core import clock, db
from core.inbox import Inbox
from core.outbox import FollowUps, Outbox, ignored
from core.pii import mask_numbers

from .lanes import alone_in
from .registry import Event, Handler, batches, handlers

log = logging.getLogger("jishi.tasks")
PAUSES = (2, 5, 15, 60, 300, 900, 3600)  # seconds before the next of eight tries
TRIES = len(PAUSES) + 1
CLAIM = timedelta(seconds=120)  # longer than any outside call may take
LEASE = timedelta(seconds=30)  # of a row that was sent to a worker
SOON = timedelta(seconds=10)  # of a row whose own process does it next: if that process dies, so soon somebody else may
_outbox: Table = Outbox.__table__  # type: ignore[attr-defined]
_COLUMNS = [_outbox.c[n] for n in ("id", "tenant_id", "topic", "version", "key", "payload", "created_at", "attempts")]
_DO = (
    update(_outbox)
    .where(_outbox.c.id == bindparam("row"), _outbox.c.done_at.is_(None), _outbox.c.dead_at.is_(None))
    .values(done_at=bindparam("now"), leased_until=None, error="")
    .returning(*_COLUMNS)
)


class NobodyListens(LookupError):
    """No handler takes this topic in this version: an older worker met a newer row. It is tried again, then kept."""


def _open(*more: Any) -> ColumnElement[bool]:
    return and_(col(Outbox.done_at).is_(None), col(Outbox.dead_at).is_(None), *more)


def _take(session: Session, where: ColumnElement[bool], values: dict[str, Any]) -> list[Event]:
    rows = session.execute(update(Outbox).where(where).values(**values).returning(*_COLUMNS).execution_options(synchronize_session=False))
    return sorted((Event(*row) for row in rows), key=lambda e: e.id)


def handle(outbox_id: int, topic: str, lease: datetime | None = None, *, raising: bool = False) -> int:
    """Take one row's effect if it is still to be taken, then at once those of the rows it emitted; returns how many took effect.

    The emitted rows are born with a lease of this worker's: when it is killed in between, they are sent again like any
    other. Failures are recorded on the row; `raising` lets one through after recording it (tests, replay by hand).
    """
    waiting, done = [(outbox_id, topic, lease)], 0
    follow = FollowUps(clock.now() + SOON, is_single)
    for row_id, name, held in waiting:  # grows while it is walked
        done += _handle(row_id, name, held, follow, raising=raising)
        waiting += [(*row, follow.lease) for row in follow.rows]
        follow.rows.clear()
    return done


def is_single(topic: str) -> bool:
    """Rows of a lane wait for others of their kind."""
    return topic not in batches


def _handle(outbox_id: int, topic: str, lease: datetime | None, follow: FollowUps, *, raising: bool) -> bool:
    try:
        asked = any(h.ask for h in handlers.get(topic, ()))
        answers: dict[int, Any] = {}
        if asked:
            with db.writing() as session:
                mine = _open(col(Outbox.id) == outbox_id, col(Outbox.leased_until) == lease)
                claimed = _take(session, mine, {"leased_until": clock.now() + CLAIM})
            if not claimed:
                return False
            answers = {i: h.ask(claimed[0]) for i, h in enumerate(_listeners(claimed[0])) if h.ask}
        return db.run_write(lambda session: _effect(session, outbox_id, answers, follow))
    except Exception as error:
        follow.rows.clear()
        _failed(outbox_id, error)
        if raising:
            raise
        return False


def _effect(session: Session, outbox_id: int, answers: dict[int, Any], follow: FollowUps) -> bool:
    follow.rows.clear()  # of a try that was rolled back
    follow.lease = clock.now() + SOON
    session.info["follow_ups"] = follow
    row = session.connection().execute(_DO, {"row": outbox_id, "now": clock.now()}).one_or_none()
    if row is None:
        return False
    event = Event(*row)
    for i, listener in enumerate(_listeners(event)):
        listener.effect(session, event, *([answers[i]] if listener.ask else []))
    return True


def _listeners(event: Event) -> list[Handler]:
    willing = [h for h in handlers.get(event.topic, ()) if h.accepts(event)]
    if not willing and event.topic not in ignored:
        raise NobodyListens(f"nobody listens to {event.topic} version {event.version}")
    return willing


def handle_together(lane: str, outbox_ids: Sequence[int], lease: datetime | None, *, raising: bool = False) -> int:
    """Do one lane's batch: the work first, then all its rows are marked done. Returns how many rows were done.

    If it fails while there are several rows, each is tried alone so that one poisonous row does not hold the others.
    """
    with alone_in(lane):
        return _batch(outbox_ids, lease, raising=raising)


def _batch(outbox_ids: Sequence[int], lease: datetime | None, *, raising: bool) -> int:
    with db.writing() as session:
        mine = _open(col(Outbox.id).in_(outbox_ids), col(Outbox.leased_until) == lease)
        events = _take(session, mine, {"leased_until": clock.now() + CLAIM})
    if not events:
        return 0
    try:
        _work(events)
    except Exception as error:
        if len(events) == 1:
            _failed(events[0].id, error)
            if raising:
                raise
            return 0
        return sum(_alone(event, raising=raising) for event in events)
    return len(events)


def _work(events: list[Event]) -> None:
    for topic_work in dict.fromkeys(batches[e.topic].work for e in events):
        topic_work([e for e in events if batches[e.topic].work is topic_work])
    done = {"done_at": clock.now(), "leased_until": None, "error": ""}
    db.run_write(lambda session: _take(session, _open(col(Outbox.id).in_([e.id for e in events])), done))


def _alone(event: Event, *, raising: bool) -> int:
    try:
        _work([event])
    except Exception as error:
        _failed(event.id, error)
        if raising:
            raise
        return 0
    return 1


def _failed(outbox_id: int, error: Exception) -> None:
    """Record a failure: the next try later, or the dead letter. A busy or lost database is nobody's fault and costs no try."""
    words = mask_numbers(f"{type(error).__name__}: {error}")[:500]
    transient = db.is_transient(error)
    log.log(logging.WARNING if transient else logging.ERROR, "outbox row %s: %s", outbox_id, words)
    now = clock.now()

    def record(session: Session) -> None:
        row = session.exec(select(Outbox).where(Outbox.id == outbox_id, _open())).first()
        if row is None:
            return
        tries = row.attempts + (not transient)
        values: dict[str, Any] = {"attempts": tries, "error": words, "leased_until": None}
        if tries >= TRIES:
            values["dead_at"] = now
        else:
            values["available_at"] = now + timedelta(seconds=1 if transient else PAUSES[tries - 1])
        session.exec(update(Outbox).where(col(Outbox.id) == outbox_id).values(**values))
        if row.topic.startswith("inbox."):
            session.exec(update(Inbox).where(col(Inbox.id) == row.payload.get("inbox_id")).values(attempts=tries, error=words))

    try:
        db.run_write(record)
    except Exception as again:  # the lease runs out by itself and the relay sends the row again
        log.warning("outbox row %s: the failure could not be recorded: %s", outbox_id, type(again).__name__)


def replay(session: Session, outbox_ids: Sequence[int] | None = None) -> int:
    """Give dead letters eight more tries, from now; all of them when no ids are named. Returns how many."""
    wanted = (
        col(Outbox.dead_at).is_not(None) if outbox_ids is None else and_(col(Outbox.dead_at).is_not(None), col(Outbox.id).in_(outbox_ids))
    )
    fresh = {"dead_at": None, "attempts": 0, "available_at": clock.now(), "leased_until": None}
    session.info["emitted"] = True
    return len(_take(session, wanted, fresh))
