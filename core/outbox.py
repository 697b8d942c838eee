"""The outbox: what must happen after a commit, written in that commit. The only queue of record.

A row is (tenant, topic, version, key, payload of facts). The relay leases due rows and hands them to Celery; a handler
does its effect and marks the row done in one transaction, so it may be delivered many times and takes effect once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, UniqueConstraint

from core import clock
from core.tables import json_column


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
    values = {
        "tenant_id": tenant_id, "topic": topic, "version": version, "key": key, "payload": dict(payload or {}),
        "created_at": now, "available_at": at or now, "attempts": 0, "error": "",
    }  # fmt: skip
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(Outbox).values(**values).on_conflict_do_nothing(index_elements=["tenant_id", "topic", "key"]))
    session.info["emitted"] = True  # the relay is nudged when this session commits
