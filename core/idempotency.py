"""Idempotency keys: the same key and body get the first answer, the same key with another body is refused.

The row is written in the effect's transaction, so there is an answer exactly when there was an effect. Only answers
in the 200s are kept; rows live seven days.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, select

from core import clock
from core.errors import Refused
from core.tables import json_column


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
    code = "idempotency_key_reused"


Answer = tuple[int, dict[str, Any]]


def once(session: Session, *, tenant_id: int, actor: str, route: str, key: str | None, body: bytes, work: Callable[[], Answer]) -> Answer:
    """Run `work` once per (actor, route, key) and return its (status, answer); without a key it always runs.

    A second caller racing on the same key waits for the first one's commit and gets its answer.
    """
    if not key:
        return work()
    if len(key) > 200:
        raise Refused("Idempotency-Key 太长", field="Idempotency-Key")
    body_hash = sha256(body).hexdigest()
    row = IdempotencyKey(tenant_id=tenant_id, actor=actor, route=route, key=key, body_hash=body_hash, created_at=clock.now())
    known = select(IdempotencyKey).where(
        IdempotencyKey.tenant_id == tenant_id, IdempotencyKey.actor == actor, IdempotencyKey.route == route, IdempotencyKey.key == key
    )
    first = session.exec(known).first()
    if first is None:
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            first = session.exec(known).one()
    if first is not None:
        if first.body_hash != body_hash:
            raise KeyReused("这个 Idempotency-Key 已经用于另一份内容")
        return first.status, first.answer
    status, answer = work()
    row.status, row.answer = status, answer
    session.add(row)
    session.flush()
    return status, answer
