"""The migrations make exactly the tables of the code, with their triggers, once, on both databases."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import db
from core.checks import append_only_is_guarded
from core.settings import ROOT, settings
from shop import schema
from shop.tables import metadata
from tests.servers import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, home, monkeypatch):
    """An installation whose database exists and holds nothing."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    name = f"m_{uuid.uuid4().hex[:12]}"
    postgres.admin(f"CREATE DATABASE {name}")
    monkeypatch.setattr(settings, "database_url", postgres.server_url() % name)
    yield "postgresql"
    db.dispose()
    postgres.admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("way", ["at once", "revision by revision"])
def test_migrating_gives_the_tables_of_the_code(empty, way):
    assert not schema.is_current()
    assert schema.upgrade("head" if way == "at once" else schema.head())
    assert schema.is_current()
    assert not schema.upgrade()
    with db.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("way", ["at once", "revision by revision"])
def test_migrating_leaves_every_trigger_in_place(empty, way):
    schema.upgrade("head" if way == "at once" else schema.head())
    with db.reading() as session:
        assert append_only_is_guarded(session) == []
    with pytest.raises(DBAPIError, match="append-only"), db.writing() as session:
        session.execute(
            text(
                "INSERT INTO audit_entry (tenant_id, at, actor, role, act, subject, reason, facts) VALUES (1, '2026-05-23', 'a', '', 'b', 'c', '', '{}')"
            )
        )
        session.execute(text("DELETE FROM audit_entry"))


def test_two_processes_migrating_at_once_both_end_well(empty, home: Path):
    env = {"PATH": "/usr/bin:/bin", "JISHI_HOME": str(home), "JISHI_DEMO": "1", "JISHI_DATABASE_URL": settings.url}
    command = [sys.executable, "-m", "shop", "migrate"]
    running = [subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    said = [p.communicate(timeout=600)[0] for p in running]
    assert [p.returncode for p in running] == [0, 0], said
    assert sorted(s.split()[0] for s in said) == ["already", "migrated"], said
    assert schema.is_current()


def test_throwing_away_leaves_an_installation_that_can_be_migrated_again(empty, home: Path):
    schema.upgrade()
    (home / "files").mkdir()
    schema.wipe()
    assert not (home / "files").exists()
    assert not schema.is_current()
    assert schema.upgrade()
