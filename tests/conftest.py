"""Every test gets its own home; a test that asks for `database` runs on SQLite and on PostgreSQL, each on a fresh copy
of an empty, migrated installation, and leaves it only if every invariant holds on what it wrote."""

import shutil
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from sqlmodel import Session

import shop.invariants
from core import db
from core.settings import settings
from core.triggers import apply_triggers
from shop.tables import metadata
from tests.servers import postgres


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A JISHI_HOME of its own, with a fixed secret and no service set."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name, value in {"home": folder, "secret_key": "a secret for tests only, long enough", "database_url": None}.items():
        monkeypatch.setattr(settings, name, value)
    yield folder
    db.dispose()


def _build(url: str) -> None:
    engine = db.make_engine(url, writes=True)
    metadata.create_all(engine)
    with engine.begin() as connection:
        apply_triggers(connection)
    engine.dispose()


@lru_cache(maxsize=1)
def _sqlite_template(folder: str) -> Path:
    path = Path(folder) / f"template-{uuid.uuid4().hex}.db"
    _build(f"sqlite:///{path}")
    return path


@lru_cache(maxsize=1)
def _postgres_template() -> str:
    name = f"template_{uuid.uuid4().hex[:12]}"
    postgres.admin(f"CREATE DATABASE {name}")
    _build(postgres.server_url() % name)
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The name of the database engine in use; the installation is empty and migrated."""
    if request.param == "sqlite":
        shutil.copy(_sqlite_template(str(tmp_path_factory.getbasetemp())), home / "jishi.db")
        yield "sqlite"
        _hold_invariants()
        db.dispose()
        return
    name = f"t_{uuid.uuid4().hex[:12]}"
    postgres.admin(f"CREATE DATABASE {name} TEMPLATE {_postgres_template()}")
    monkeypatch.setattr(settings, "database_url", postgres.server_url() % name)
    yield "postgresql"
    _hold_invariants()
    db.dispose()
    postgres.admin(f"DROP DATABASE {name} WITH (FORCE)")


def _hold_invariants() -> None:
    with db.reading() as session:
        broken = [f"{f.invariant.code} {f.invariant.words}: {f.broken}" for f in shop.invariants.check(session) if f.count]
    assert not broken, "\n".join(broken)


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """One writing transaction for the whole test, committed at its end so that the invariants see what it wrote."""
    with db.writing() as opened:
        yield opened
