"""What was done stays written: the database refuses to change it, and a copy changed behind its back does not verify."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import func, select

from core import audit, clock, db, upkeep
from core.tasks.registry import ticks


class Undo(Exception):
    """Rolls the copy back."""


def _acts(count: int) -> None:
    """Done long enough ago to be sealed."""
    with clock.at(clock.now() - audit.SETTLED), db.writing() as session:
        for n in range(count):
            audit.record(session, "role.grant", tenant_id=1, actor="user:U1", subject=f"U{n}", granted="helper")


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'user:U2'", "DELETE FROM audit_entry", "DELETE FROM audit_seal"])
def test_the_database_refuses_to_change_what_was_written(database, statement):
    _acts(2)
    upkeep.seal_audit()
    with pytest.raises(DBAPIError, match="append-only"), db.writing() as session:
        session.execute(text(statement))
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(audit.AuditEntry)).one() == 2


def test_the_sealer_runs_by_itself_and_chains_what_is_new(database):
    assert ticks["audit.seal"].seconds <= 60
    for count in (3, 2):
        _acts(count)
        ticks["audit.seal"].run()
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(audit.AuditSeal)).one() == 5
        assert audit.broken_seals(session) == []


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE audit_entry SET actor = 'user:U9' WHERE id = 2", [2]),
        ("UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE id = 1", [1]),
        ("DELETE FROM audit_seal WHERE entry_id = 2; DELETE FROM audit_entry WHERE id = 2", [3]),
    ],
)
def test_a_copy_changed_behind_its_back_does_not_verify(database, tampering, found):
    _acts(4)
    upkeep.seal_audit()
    with pytest.raises(Undo), db.writing() as session:
        for table in ("audit_entry", "audit_seal"):
            guards = [f"DROP TRIGGER {table}_no_{act}" for act in ("update", "delete")]
            for guard in guards if database == "sqlite" else [f"ALTER TABLE {table} DISABLE TRIGGER USER"]:
                session.execute(text(guard))
        for statement in tampering.split("; "):
            session.execute(text(statement))
        assert audit.broken_seals(session) == found
        raise Undo


def test_what_may_still_be_overtaken_waits_for_its_seal(database):
    """A row of a transaction that is still open may have a lower id: sealing past it would leave it out for ever."""
    with db.writing() as session:
        audit.record(session, "role.grant", tenant_id=1, actor="user:U1", subject="U1")
    upkeep.seal_audit()
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(audit.AuditSeal)).one() == 0
