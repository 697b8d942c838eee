"""A backup taken while people buy holds one moment; restored elsewhere it is whole and goes on working."""

import threading
import uuid
import zipfile

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import func, select

from core import audit, clock, codes, db, files
from core.auth.models import User
from core.ledger.models import Journal, Side
from core.ledger.service import open_account, post
from core.outbox import Outbox, emit
from core.settings import settings
from core.tenant import Tenant
from shop import schema
from shop.backup import backup, restore
from tests.servers import postgres
from tests.trial import TRIAL


@pytest.fixture
def migrated(database):
    with db.engine().begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": schema.head()})
    with db.writing() as session:
        session.add(Tenant(code="x", name="x", created_at=clock.now()))
    return database


@pytest.fixture
def elsewhere(migrated, tmp_path, monkeypatch):
    """Called when the backup is made: another, empty installation."""
    names = []

    def go() -> None:
        db.dispose()
        monkeypatch.setattr(settings, "home", tmp_path / "elsewhere")
        if migrated == "postgresql":
            names.append(f"r_{uuid.uuid4().hex[:12]}")
            postgres.admin(f"CREATE DATABASE {names[0]}")
            monkeypatch.setattr(settings, "database_url", postgres.server_url() % names[0])

    return go


def _sell(n: int) -> None:
    """One acknowledged act: a journal, its outbox row and a file, in one transaction."""
    with db.writing() as session:
        till = open_account(session, "till:x", tenant_id=1, side=Side.DEBIT)
        owed = open_account(session, "owed:x", tenant_id=1, side=Side.CREDIT)
        post(session, f"k{n}", [(till.id, 100), (owed.id, -100)], tenant_id=1, kind=TRIAL, cause_kind="test", cause_code=f"T{n}")
        emit(session, "order.paid", tenant_id=1, key=f"k{n}")
        files.keep(session, f"label {n}".encode(), tenant_id=1, kind="application/pdf")


def _count(table) -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_a_backup_under_traffic_is_one_moment_and_works_where_it_is_restored(elsewhere, tmp_path):
    for n in range(10):
        _sell(n)
    stop, sold = threading.Event(), [10]

    def traffic() -> None:
        while not stop.is_set():
            _sell(sold[0])
            sold[0] += 1

    seller = threading.Thread(target=traffic)
    seller.start()
    acknowledged = sold[0]
    backup(tmp_path / "all.jishi")
    stop.set()
    seller.join()
    assert sold[0] > acknowledged, "there was no traffic"
    elsewhere()
    assert restore(tmp_path / "all.jishi") == 0
    assert acknowledged <= _count(Journal) <= sold[0]
    assert _count(Journal) == _count(Outbox) == _count(files.StoredFile)
    with db.reading() as session:
        for row in session.exec(select(files.StoredFile)):
            assert files.path_of(row.digest, row.kind).read_bytes().startswith(b"label ")
    _sell(10_000)  # keys go on behind the restored ones
    with pytest.raises(DBAPIError, match="append-only"), db.writing() as session:
        session.execute(text("DELETE FROM journal"))


def test_awkward_values_come_back_as_they_were(elsewhere, tmp_path):
    words = 'tab\there, "quotes", back\\slash, 𠮷 and ﷺ \\N'
    with db.writing() as session:
        session.add(User(code=codes.new_code("U"), name=words, phone_sealed="", phone_index="", created_at=clock.now()))
        audit.record(session, "x", tenant_id=1, actor="user:U1", subject=words, nested={"a": [1, None, words]})
    with db.reading() as session:
        before = session.exec(select(User)).one()
    backup(tmp_path / "all.jishi")
    elsewhere()
    assert restore(tmp_path / "all.jishi") == 0
    with db.reading() as session:
        after = session.exec(select(User)).one()
        assert (after.name, after.created_at, after.password_hash) == (words, before.created_at, None)
        assert session.exec(select(audit.AuditEntry)).one().facts == {"nested": {"a": [1, None, words]}}


def test_restoring_over_something_or_with_another_secret_or_from_rubbish_is_refused(elsewhere, tmp_path, monkeypatch, capsys):
    backup(tmp_path / "all.jishi")
    assert restore(tmp_path / "all.jishi") == 1
    assert "already" in capsys.readouterr().out
    (tmp_path / "rubbish").write_bytes(b"PK nothing")
    assert restore(tmp_path / "rubbish") == 1
    elsewhere()
    with monkeypatch.context() as changed:
        changed.setattr(settings, "secret_key", "quite another secret, long enough too")
        assert restore(tmp_path / "all.jishi") == 1
    assert "another secret" in capsys.readouterr().out
    assert restore(tmp_path / "all.jishi") == 0, "the refusals changed nothing"


def test_a_generated_secret_and_the_mode_travel_with_the_backup_and_the_file_is_private(elsewhere, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "secret_key", None)
    settings.remember_mode("demo")
    secret = settings.secret()
    path = tmp_path / "all.jishi"
    backup(path)
    assert path.stat().st_mode & 0o077 == 0
    assert zipfile.ZipFile(path).testzip() is None
    elsewhere()
    assert restore(path) == 0
    assert settings.secret() == secret
    assert (settings.home / "mode").read_text() == "demo"
