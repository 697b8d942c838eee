"""The inbox: every incoming notice is a row before it is work. (provider, event id) is unique for ever."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col

from core import clock
from core.outbox import emit


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


def receive(session: Session, *, tenant_id: int, provider: str, event_id: str, kind: str, body: str) -> int | None:
    """Keep a verified notice and ask for its work; returns its row id, or None when the same notice was received before."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    kept = session.execute(
        insert(Inbox)
        .values(
            tenant_id=tenant_id, provider=provider, event_id=event_id, kind=kind, body=body,
            received_at=clock.now(), attempts=0, outcome="", error="",
        )
        .on_conflict_do_nothing(index_elements=["provider", "event_id"])
        .returning(col(Inbox.id))
    ).scalar_one_or_none()  # fmt: skip
    if kept is not None:
        emit(session, f"inbox.{provider}", tenant_id=tenant_id, key=event_id, payload={"inbox_id": kept})
    return kept
