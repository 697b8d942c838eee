"""Housekeeping of the ground floor: the audit chain is sealed, rows past their keep are dropped."""

from datetime import timedelta

from sqlmodel import Session, col, delete

from core import audit, clock, db
from core.idempotency import IdempotencyKey
from core.outbox import Outbox
from core.tasks import every

KEYS = timedelta(days=7)
DONE = timedelta(days=90)  # far longer than anybody sends the same effect's key again


@every(20, "audit.seal")
def seal_audit() -> None:
    """Chain new audit rows until none is left."""
    while db.run_write(lambda session: audit.seal(session)):
        pass


@every(3600, "ground.sweep")
def sweep() -> None:
    """Drop idempotency keys after seven days and finished outbox rows after ninety."""

    def drop(session: Session) -> None:
        now = clock.now()
        session.exec(delete(IdempotencyKey).where(col(IdempotencyKey.created_at) < now - KEYS))
        session.exec(delete(Outbox).where(col(Outbox.done_at) < now - DONE))

    db.run_write(drop)
