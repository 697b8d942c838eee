"""Every test gets its own home; a test that asks for `database` runs on SQLite and on PostgreSQL, each time on an empty, migrated
installation, and leaves it only if the invariants hold: those that read a table it wrote to, and all of them once a module."""

import shutil
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, Dialect, Engine, event
from sqlmodel import Session

import shop.invariants
import shop.wiring  # the shop as it runs: who earns and who hears of what does not depend on the test
from core import db
from core.auth import passwords
from core.settings import Settings, settings
from core.triggers import apply_triggers
from shop.tables import metadata
from tests import remembered
from tests.servers import postgres, standing

# Every day the same examples, so that a change is judged by what it changed; `make soak` looks for new ones.
# An example may be slow on a busy machine: that is no fault of what it tests.
patient = hypothesis.settings(deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
hypothesis.settings.register_profile("everyday", patient, max_examples=150, derandomize=True)
hypothesis.settings.register_profile("soak", patient, max_examples=10_000)
hypothesis.settings.load_profile("everyday")

LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # what a password costs in a shop is a test of its own (test_login)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A JISHI_HOME of its own, with a fixed secret and no service set."""
    folder = tmp_path / "home"
    folder.mkdir()
    own = {"home": folder, "secret_key": "a secret for tests only, long enough"}
    for name, declared in Settings.model_fields.items():  # whatever the caller's environment says
        monkeypatch.setattr(settings, name, own.get(name, declared.default))
    monkeypatch.setattr(passwords, "_hasher", LIGHT)
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
        remembered.begin()
        yield "sqlite"
        _hold_invariants(request.node.nodeid.partition("::")[0])
        db.dispose()
        return
    url = standing.take(_postgres_template)
    monkeypatch.setattr(settings, "database_url", url)
    remembered.begin()
    yield "postgresql"
    known = False
    try:
        known = _hold_invariants(request.node.nodeid.partition("::")[0])
    finally:
        standing.give_back(url, known=known)


_checked_in_full: set[str] = set()


def _hold_invariants(module: str) -> bool:
    """All invariants after a module's first test and where another process may have written, else those of the touched tables.

    Answers whether all that was done to the database is known.
    """
    written = remembered.end()
    touched = written if module in _checked_in_full else None
    _checked_in_full.add(module)
    with db.reading() as session:
        broken = [f"{f.invariant.code} {f.invariant.words}: {f.broken}" for f in shop.invariants.check(session, touched=touched) if f.count]
    assert not broken, "\n".join(broken)
    return written is not None


_spoken: dict[tuple[str, Any], tuple[Dialect, dict[Any, Any]]] = {}


@event.listens_for(Engine, "engine_connect")
def _speak(connection: Connection) -> None:
    """Each test has its own engines; what one of them compiled is compiled for all. Compiling is a third of a test otherwise."""
    own = connection.dialect
    dialect, compiled = _spoken.setdefault((own.name, own._on_connect_isolation_level), (own, {}))
    connection.dialect, connection.engine._compiled_cache = dialect, compiled


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """One writing transaction for the whole test, committed at its end so that the invariants see what it wrote."""
    with db.writing() as opened:
        yield opened
