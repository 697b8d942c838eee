"""Housekeeping of the ground floor: the audit chain is sealed, rows past their keep are dropped, SQLite knows its tables."""

from datetime import timedelta

from sqlmodel import Session, col, delete

from core import audit, clock, db
from core.idempotency import IdempotencyKey
from core.outbox import Outbox
from core.settings import settings
from core.tasks import every

KEYS = timedelta(days=7)
DONE = timedelta(days=90)  # far longer than anybody sends the same effect's key again
LOOKED_AT = 1_000  # rows of an index that are enough to know it; milliseconds however long the table is


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


@every(3600, "ground.statistics")
def keep_statistics() -> None:
    """PostgreSQL keeps its own from hour to hour."""
    if settings.is_sqlite:
        gather_statistics()


def gather_statistics() -> None:
    """Tell the database how many rows share a key: hourly on SQLite, and on either after much was loaded at once.

    Without it SQLite takes a county's id for rarer than two dozen codes and reads a county's whole table for a list; PostgreSQL, which
    would find out by itself a minute later, may until then join thousands of rows as if they were one. On SQLite gathered from nothing
    each time: to other connections that is a changed schema, and a changed schema is all that makes them read statistics again.
    """
    with db.writing() as session:
        connection = session.connection()
        if settings.is_sqlite:
            connection.exec_driver_sql(f"PRAGMA analysis_limit={LOOKED_AT}")
            connection.exec_driver_sql("DROP TABLE IF EXISTS sqlite_stat1")
        else:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("ANALYZE")
