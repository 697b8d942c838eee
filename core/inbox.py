"""The inbox: every incoming notice is a row before it is work. (provider, event id) is unique for ever."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, UniqueConstraint

from core import clock
from core.outbox import emit
from core.upsert import Upsert


class Inbox(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index("ix_inbox_open", "received_at", sqlite_where=text("processed_at IS NULL"), postgresql_where=text("processed_at IS NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    provider: str
    event_id: str
    kind: str = ""
    body: str  # exactly what was signed
    received_at: datetime
    processed_at: datetime | None = None
    attempts: int = 0
    outcome: str = ""
    error: str = ""


_ADD = Upsert(Inbox, lambda insert: insert.on_conflict_do_nothing(index_elements=["provider", "event_id"]).returning(insert.table.c.id))


def receive(session: Session, *, tenant_id: int, provider: str, event_id: str, kind: str, body: str) -> int | None:
    """Keep a verified notice and ask for its work; returns its row id, or None when the same notice was received before."""
    values = {
        "tenant_id": tenant_id, "provider": provider, "event_id": event_id, "kind": kind, "body": body,
        "received_at": clock.now(), "attempts": 0, "outcome": "", "error": "",
    }  # fmt: skip
    kept: int | None = _ADD.run(session, values).scalar_one_or_none()
    if kept is not None:
        emit(session, f"inbox.{provider}", tenant_id=tenant_id, key=event_id, payload={"inbox_id": kept})
    return kept
