"""The outbox: what must happen after a commit, written in that commit. The only queue of record.

A row is (tenant, topic, version, key, payload of facts). The relay leases due rows and hands them to Celery; a handler
does its effect and marks the row done in one transaction, so it may be delivered many times and takes effect once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, UniqueConstraint

from core import clock
from core.tables import json_column
from core.upsert import Upsert


class Outbox(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("tenant_id", "topic", "key"),
        Index("ix_outbox_due", "available_at", sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    topic: str
    version: int = 1
    key: str
    payload: dict[str, Any] = json_column(default_factory=dict)
    created_at: datetime
    available_at: datetime
    leased_until: datetime | None = None
    attempts: int = 0
    done_at: datetime | None = None
    dead_at: datetime | None = None
    error: str = ""


ignored: set[str] = set()  # topics nobody listens to, on purpose: their rows are a record and never work
_ADD = Upsert(
    Outbox, lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "topic", "key"]).returning(insert.table.c.id)
)


@dataclass(slots=True)
class FollowUps:
    """Rows of one transaction that this process does next itself: born with its lease, so nobody need find and send them.

    When the process is killed in between, they are sent again as soon as that lease has run out, like any other.
    """

    lease: datetime
    takes: Callable[[str], bool]  # a topic
    hand: Callable[["FollowUps"], object] | None = None  # called when the transaction has ended; None: its worker looks itself
    rows: list[tuple[int, str]] = field(default_factory=list)


_here: list[Callable[[], FollowUps]] = []


def work_here(begin: Callable[[], FollowUps] | None) -> None:
    """From now on this process does the rows it emits itself (`begin` makes a transaction's list of them), or no longer."""
    _here[:] = [begin] if begin else []


def _follow_ups(session: Session) -> FollowUps | None:
    if "follow_ups" not in session.info and _here:
        session.info["follow_ups"] = _here[0]()
    found: FollowUps | None = session.info.get("follow_ups")
    return found


def emit(
    session: Session,
    topic: str,
    *,
    tenant_id: int,
    key: str,
    payload: Mapping[str, Any] | None = None,
    version: int = 1,
    at: datetime | None = None,
) -> None:
    """Ask for an effect after this transaction commits; the same (topic, key) again is the same effect.

    `at` delays it (a due row, never a broker countdown).
    """
    now = clock.now()
    follow = _follow_ups(session)
    next_here = follow is not None and at is None and topic not in ignored and follow.takes(topic)
    values = {
        "tenant_id": tenant_id, "topic": topic, "version": version, "key": key, "payload": dict(payload or {}),
        "created_at": now, "available_at": at or now, "leased_until": follow.lease if follow and next_here else None, "attempts": 0,
        "done_at": now if topic in ignored else None, "error": "",
    }  # fmt: skip
    row_id = _ADD.run(session, values).scalar_one_or_none()
    if topic in ignored or row_id is None:
        return
    if follow and next_here:
        follow.rows.append((row_id, topic))
        return
    session.info["emitted"] = True  # the relay is nudged when this session commits


def emit_all(session: Session, topic: str, effects: Mapping[str, Mapping[str, Any]], *, tenant_id: int) -> None:
    """Ask for many effects of one topic, payloads by key, in one statement."""
    now, done = clock.now(), topic in ignored
    row = {
        "tenant_id": tenant_id, "topic": topic, "version": 1, "created_at": now, "available_at": now, "leased_until": None, "attempts": 0,
        "done_at": now if done else None, "error": "",
    }  # fmt: skip
    if rows := [{**row, "key": key, "payload": dict(payload)} for key, payload in effects.items()]:
        _ADD.run(session, rows)
        session.info["emitted"] = session.info.get("emitted", False) or not done
