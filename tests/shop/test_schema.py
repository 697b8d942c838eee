"""Which databases a command touches: ours, of this version or older, made with this secret. Any other is named and left as it was."""

import hashlib
import uuid

import pytest
from sqlalchemy import text

from core import clock, db, secret_mark
from core.settings import settings
from core.tenant import Tenant
from shop import schema
from tests.servers import postgres

OTHER = "quite another secret, long enough too"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, home, monkeypatch):
    if request.param == "sqlite":
        yield "sqlite"
        return
    name = f"s_{uuid.uuid4().hex[:12]}"
    postgres.admin(f"CREATE DATABASE {name}")
    monkeypatch.setattr(settings, "database_url", postgres.server_url() % name)
    yield "postgresql"
    db.dispose()
    postgres.admin(f"DROP DATABASE {name} WITH (FORCE)")


def _run(*statements: str) -> None:
    with db.engine().begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    db.dispose()
    schema._known_current.clear()


@pytest.mark.parametrize("act", [schema.need_current, schema.upgrade])
def test_another_secret_is_refused_before_anything_is_read_or_written(empty, monkeypatch, act):
    schema.upgrade()
    act()
    monkeypatch.setattr(settings, "secret_key", OTHER)
    with pytest.raises(SystemExit, match="JISHI_SECRET_KEY is not the one"):
        act()
    monkeypatch.setattr(settings, "secret_key", None)
    with pytest.raises(SystemExit, match="JISHI_SECRET_KEY is not set"):
        act()
    assert not (settings.home / "secret").exists(), "looking makes no secret"


def test_the_mark_tells_secrets_apart_and_holds_nothing_of_them(empty, monkeypatch):
    schema.upgrade()
    with db.engine(writes=False).connect() as connection:
        kept = secret_mark.kept(connection)
    assert kept == secret_mark.mark()
    monkeypatch.setattr(settings, "secret_key", OTHER)
    assert secret_mark.mark() != kept


@pytest.mark.parametrize("act", [schema.need_current, schema.need_ours, schema.upgrade])
def test_a_newer_database_is_left_to_the_newer_version(empty, act):
    schema.upgrade()
    _run("UPDATE alembic_version SET version_num = 'zzzz'")
    with pytest.raises(SystemExit, match=r"made by a newer jishi \(revision zzzz"):
        act()
    assert schema.here() == "zzzz"


@pytest.mark.parametrize("act", [schema.need_ours, schema.upgrade])
def test_somebody_elses_database_is_left_as_it_was(empty, act):
    _run("CREATE TABLE shelf (id INTEGER)")
    before = _digest()
    with pytest.raises(SystemExit, match=r"not jishi's \(shelf\)"):
        act()
    assert _digest() == before
    with db.engine(writes=False).connect() as connection:
        assert schema.revision(connection) is None


def _digest() -> str:
    return hashlib.sha256((settings.home / "jishi.db").read_bytes()).hexdigest() if settings.is_sqlite else ""


def test_a_county_is_seen_where_there_is_one(empty):
    assert not schema.has_county()
    schema.upgrade()
    assert not schema.has_county()
    with db.writing() as session:
        session.add(Tenant(code="x", name="x", created_at=clock.now()))
    assert schema.has_county()
