"""A backup taken while people buy holds one moment; restored elsewhere it is whole and goes on working, or nothing is there and it can
be tried again."""

import errno
import json
import shutil
import signal
import subprocess
import sys
import threading
import uuid
import zipfile

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import func, select

from core import audit, clock, codes, db, files, restoring
from core.auth.models import User
from core.backup import fingerprint
from core.ledger.models import Journal, Side
from core.ledger.service import open_account, post
from core.outbox import Outbox, emit
from core.settings import ROOT, settings
from core.tenant import Tenant
from shop import schema
from shop.backup import backup, restore
from tests.servers import postgres
from tests.servers.storefront import environment
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


@pytest.fixture
def archive(elsewhere, tmp_path, monkeypatch):
    """A backup with its own secret, a file and a row; the installation in use is another, empty one."""
    monkeypatch.setattr(settings, "secret_key", None)
    _sell(1)
    path = tmp_path / "all.jishi"
    backup(path)
    elsewhere()
    return path


def _left() -> list[str]:
    """What lies in the home, but for empty folders and locks."""
    return sorted(p.name for p in settings.home.rglob("*") if p.is_file() and p.suffix != ".lock")


def test_a_cut_off_or_damaged_backup_is_told_apart_before_anything_is_written(archive, tmp_path, capsys):
    whole, damaged = archive.read_bytes(), tmp_path / "damaged.jishi"
    middle = len(whole) // 2
    for data in (whole[:middle], whole[:-1], b"", whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]):
        damaged.write_bytes(data)
        assert restore(damaged) == 1
        assert str(damaged) in capsys.readouterr().out
        assert (_left(), restoring.is_empty()) == ([], True)
    assert restore(archive) == 0


def test_no_flipped_byte_of_a_backup_is_restored_as_something_else(archive, tmp_path):
    whole, flipped = archive.read_bytes(), tmp_path / "flipped.jishi"
    with zipfile.ZipFile(archive) as kept:
        entries = {name: kept.read(name) for name in kept.namelist()}
    for at in [*range(0, len(whole), len(whole) // 60), *range(len(whole) - 120, len(whole), 3)]:
        flipped.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            restoring.examine(flipped)
        except restoring.NotRestorable:
            continue
        with zipfile.ZipFile(flipped) as read:
            assert {name: read.read(name) for name in read.namelist()} == entries, at
    assert restore(archive) == 0


def test_a_backup_that_lacks_a_part_is_refused(archive, tmp_path):
    for left_out in ("manifest.json", "database.sqlite", "tables/journal.copy", "files/"):
        poorer = tmp_path / "poorer.jishi"
        with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(poorer, "w") as part:
            kept = [name for name in whole.namelist() if not name.startswith(left_out)]
            for name in kept:
                part.writestr(name, whole.read(name))
            is_poorer = len(kept) < len(whole.namelist())
        if is_poorer:
            assert restore(poorer) == 1, left_out
            assert (_left(), restoring.is_empty()) == ([], True)
    assert restore(archive) == 0


def test_a_full_disk_leaves_nothing_behind_and_the_next_try_works(archive, monkeypatch, capsys):
    for room in range(3):
        with monkeypatch.context() as full:
            written = iter(range(room))

            def write(source, target, _length, written=written):
                if next(written, None) is None:
                    raise OSError(errno.ENOSPC, "No space left on device")
                target.write(source.read())

            full.setattr(shutil, "copyfileobj", write)
            tried = restore(archive)
        if tried == 1:
            assert "No space left" in capsys.readouterr().out
            assert (_left(), restoring.is_empty()) == ([], True)
            assert not (settings.home / "secret").exists()
    db.dispose()
    assert tried == 0 or restore(archive) == 0
    assert _count(Journal) == 1


@pytest.mark.parametrize("step", ["core.restoring._write", "rows", "core.restoring._settle"])
def test_a_restore_that_was_killed_can_be_done_again_or_with_another_backup(archive, database, tmp_path, step):
    step = {"sqlite": "shop.schema.upgrade_copy", "postgresql": "core.restoring.copy_rows"}[database] if step == "rows" else step
    env = environment(settings.home, **({"JISHI_DATABASE_URL": settings.database_url} if settings.database_url else {}))
    killed = subprocess.run([sys.executable, "-c", KILLED, step, str(archive)], cwd=ROOT, env=env, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert restoring.is_empty()
    assert restore(_with_another_secret(archive, tmp_path)) == 0
    assert (settings.home / "secret").read_text() == "quite another secret, long enough too"
    assert _count(Journal) == 1
    assert not (settings.home / "restoring").exists()
    assert restore(archive) == 1, "now there is something here"


KILLED = """
import importlib, os, signal, sys
from shop.backup import restore
module, name = sys.argv[1].rsplit(".", 1)
module = importlib.import_module(module)
whole = getattr(module, name)
setattr(module, name, lambda *a, **k: (whole(*a, **k), os.kill(os.getpid(), signal.SIGKILL)))
from pathlib import Path
restore(Path(sys.argv[2]))
"""


def _with_another_secret(archive, tmp_path):
    """The same backup as if it came from another installation."""
    other, secret = tmp_path / "other.jishi", "quite another secret, long enough too"
    with pytest.MonkeyPatch.context() as patch, zipfile.ZipFile(archive) as source, zipfile.ZipFile(other, "w") as target:
        patch.setattr(settings, "secret_key", secret)
        for name in set(source.namelist()) - {"home/secret", "manifest.json"}:
            target.writestr(name, source.read(name))
        target.writestr("home/secret", secret)
        target.writestr("manifest.json", json.dumps({**json.loads(source.read("manifest.json")), "secret": fingerprint()}))
    return other
