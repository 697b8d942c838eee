"""Privileged acts, append-only. Rows are written unchained in the act's transaction; one sealer chains them later.

A row's hash covers the row and the hash before it, so a changed or missing row breaks the chain (invariant I16).
Triggers (core.triggers) refuse UPDATE and DELETE. Where the chain ends stands outside it, signed with the installation's
secret: who can write to the database alone can neither cut the chain's end off nor chain other rows. What a database can never
show is that everything of it is gone – entries, seals and head – or is that of an earlier day: that takes a copy elsewhere.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, func, select

from core import clock
from core.pii import derived_key, mask_numbers
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


class AuditHead(SQLModel, table=True):
    """The chain's end, one row: the last sealed entry, its digest, and our signature under both."""

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True)
    entry_id: int
    digest: str
    signature: str


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
    if entries:
        last_id = entries[-1].id or 0
        session.merge(AuditHead(entry_id=last_id, digest=before, signature=_signature(last_id, before)))
    return len(entries)


def _signature(entry_id: int, digest: str) -> str:
    return hmac.new(derived_key("audit head"), f"{entry_id}:{digest}".encode(), hashlib.sha256).hexdigest()


def broken_seals(session: Session) -> list[int]:
    """Entry ids at which the chain does not verify: changed, removed, or slipped in below what is sealed."""
    before = ""
    gone = select(AuditSeal.entry_id).outerjoin(AuditEntry, col(AuditEntry.id) == col(AuditSeal.entry_id))
    bad = list(session.exec(gone.where(col(AuditEntry.id).is_(None)).order_by(col(AuditSeal.entry_id))))
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


def broken_head(session: Session) -> list[str]:
    """In words, why the chain does not end where its head says; nothing when it does, or when nothing was ever sealed."""
    head = session.exec(select(AuditHead)).one_or_none()
    last = session.exec(select(AuditSeal).order_by(col(AuditSeal.entry_id).desc()).limit(1)).first()
    if head is None:
        return [f"sealed up to entry {last.entry_id}, and no head"] if last else []
    if not hmac.compare_digest(head.signature, _signature(head.entry_id, head.digest)):
        return [f"the head at entry {head.entry_id} is not ours"]
    if last is None or (last.entry_id, last.digest) != (head.entry_id, head.digest):
        return [f"the head is at entry {head.entry_id}, the last seal at {last.entry_id if last else 'none'}"]
    return []
