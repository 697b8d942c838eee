"""Idempotency keys: the same key and body get the first answer, the same key with another body is refused.

The row is written in the effect's transaction, so there is an answer exactly when there was an effect. Only answers
in the 200s are kept; rows live seven days.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import Table, bindparam, select, update
from sqlmodel import Field, Session, SQLModel, UniqueConstraint

from core import clock
from core.errors import Refused
from core.tables import json_column
from core.upsert import Upsert


class IdempotencyKey(SQLModel, table=True):
    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("tenant_id", "actor", "route", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    actor: str
    route: str  # method and path
    key: str
    body_hash: str
    status: int = 0
    answer: dict[str, Any] = json_column(default_factory=dict)
    created_at: datetime = Field(index=True)


class KeyReused(Refused):
    """The `Idempotency-Key` was used before with another body."""

    code = "idempotency_key_reused"


Answer = tuple[int, dict[str, Any]]
KEY_HEADER = "Idempotency-Key"
KeyHeader = Annotated[
    str | None,
    Header(
        alias=KEY_HEADER, max_length=200,
        description="Made by the client, one for each act. The same key and body again get the first answer; kept for seven days.",
    ),
]  # fmt: skip

_NAMED = ("tenant_id", "actor", "route", "key")
_table: Table = IdempotencyKey.__table__  # type: ignore[attr-defined]
_FIRST = Upsert(IdempotencyKey, lambda insert: insert.on_conflict_do_nothing(index_elements=_NAMED).returning(insert.table.c.id))
_KNOWN = select(_table.c.body_hash, _table.c.status, _table.c.answer).where(*(_table.c[name] == bindparam(name) for name in _NAMED))
_KEEP = update(_table).where(_table.c.id == bindparam("mine"))


def answered(session: Session, *, tenant_id: int, actor: str, route: str, key: str | None) -> bool:
    """Whether the act of this key was done before: what stands in its way now may be its own doing."""
    named = {"tenant_id": tenant_id, "actor": actor, "route": route, "key": key}
    return bool(key) and session.connection().execute(_KNOWN, named).one_or_none() is not None


def once(session: Session, *, tenant_id: int, actor: str, route: str, key: str | None, body: bytes, work: Callable[[], Answer]) -> Answer:
    """Run `work` once per (actor, route, key) and return its (status, answer); without a key it always runs.

    A second caller racing on the same key waits for the first one's commit and gets its answer.
    """
    if not key:
        return work()
    if len(key) > 200:
        raise Refused("这份内容的编号（Idempotency-Key）太长", field=KEY_HEADER)
    body_hash = sha256(body).hexdigest()
    named = {"tenant_id": tenant_id, "actor": actor, "route": route, "key": key}
    fresh = {**named, "body_hash": body_hash, "status": 0, "answer": {}, "created_at": clock.now()}
    mine = _FIRST.run(session, fresh).scalar_one_or_none()
    if mine is None:
        first = session.connection().execute(_KNOWN, named).one()
        if first.body_hash != body_hash:
            raise KeyReused("这一份刚才已经交过，内容却不一样；请刷新页面，看清楚再交")
        return first.status, first.answer
    status, answer = work()
    session.connection().execute(_KEEP, {"mine": mine, "status": status, "answer": answer})
    return status, answer
