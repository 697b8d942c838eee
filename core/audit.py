"""Privileged acts, append-only. Rows are written unchained in the act's transaction; one sealer chains them later.

A row's hash covers the row and the hash before it, so a changed or missing row breaks the chain (invariant I16).
Triggers (core.triggers) refuse UPDATE and DELETE.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, func, select

from core import clock
from core.pii import mask_numbers
from core.tables import json_column


class AuditEntry(SQLModel, table=True):
    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    at: datetime
    actor: str
    role: str = ""
    act: str
    subject: str
    reason: str = ""
    facts: dict[str, Any] = json_column(default_factory=dict)


class AuditSeal(SQLModel, table=True):
    __tablename__ = "audit_seal"

    entry_id: int = Field(primary_key=True, foreign_key="audit_entry.id")
    digest: str


def record(session: Session, act: str, *, tenant_id: int, actor: str, subject: str, role: str = "", reason: str = "", **facts: Any) -> None:
    """Leave an audit row in the act's own transaction. Facts hold no personal data in full."""
    why = mask_numbers(reason)
    session.add(AuditEntry(tenant_id=tenant_id, at=clock.now(), actor=actor, role=role, act=act, subject=subject, reason=why, facts=facts))


def digest(entry: AuditEntry, before: str) -> str:
    body = [entry.id, entry.tenant_id, entry.at.isoformat(), entry.actor, entry.role, entry.act, entry.subject, entry.reason, entry.facts]
    return hashlib.sha256((before + json.dumps(body, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()


SETTLED = timedelta(seconds=30)  # longer than any transaction may stay open: a row with a lower id cannot commit later


def seal(session: Session, *, limit: int = 1000) -> int:
    """Chain settled rows that are not chained yet, in id order; returns how many. One sealer at a time (a worker task)."""
    last_id = session.exec(select(func.max(col(AuditSeal.entry_id)))).one() or 0
    before = session.exec(select(AuditSeal.digest).where(AuditSeal.entry_id == last_id)).first() or ""
    settled = (col(AuditEntry.id) > last_id, AuditEntry.at <= clock.now() - SETTLED)
    entries = session.exec(select(AuditEntry).where(*settled).order_by(col(AuditEntry.id)).limit(limit)).all()
    for entry in entries:
        before = digest(entry, before)
        session.add(AuditSeal(entry_id=entry.id or 0, digest=before))
    return len(entries)


def broken_seals(session: Session) -> list[int]:
    """Entry ids at which the chain does not verify: changed, removed, or slipped in below what is sealed."""
    bad, before = [], ""
    highest = session.exec(select(func.max(col(AuditSeal.entry_id)))).one() or 0
    rows = session.exec(
        select(AuditEntry, AuditSeal)
        .join(AuditSeal, col(AuditSeal.entry_id) == col(AuditEntry.id), isouter=True)
        .where(col(AuditEntry.id) <= highest)
        .order_by(col(AuditEntry.id))
    )
    for entry, sealed in rows:
        if sealed is None:
            bad.append(entry.id or 0)
            continue
        if digest(entry, before) != sealed.digest:
            bad.append(entry.id or 0)
        before = sealed.digest
    return bad
