"""Every test gets its own home; a test that asks for `database` runs on SQLite and on PostgreSQL, each on a fresh copy
of an empty, migrated installation, and leaves it only if the invariants hold: those that read a table it wrote to, and all of them once a module."""

import re
import shutil
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Dialect, Engine, event
from sqlmodel import Session

import shop.invariants
import shop.wiring  # the shop as it runs: who earns and who hears of what does not depend on the test
from core import db
from core.settings import Settings, settings
from core.triggers import apply_triggers
from shop.tables import metadata
from tests.servers import postgres

# Every day the same examples, so that a change is judged by what it changed; `make soak` looks for new ones.
# An example may be slow on a busy machine: that is no fault of what it tests.
patient = hypothesis.settings(deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
hypothesis.settings.register_profile("everyday", patient, max_examples=150, derandomize=True)
hypothesis.settings.register_profile("soak", patient, max_examples=10_000)
hypothesis.settings.load_profile("everyday")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A JISHI_HOME of its own, with a fixed secret and no service set."""
    folder = tmp_path / "home"
    folder.mkdir()
    own = {"home": folder, "secret_key": "a secret for tests only, long enough"}
    for name, declared in Settings.model_fields.items():  # whatever the caller's environment says
        monkeypatch.setattr(settings, name, own.get(name, declared.default))
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
    _touched.clear()
    if request.param == "sqlite":
        shutil.copy(_sqlite_template(str(tmp_path_factory.getbasetemp())), home / "jishi.db")
        yield "sqlite"
        _hold_invariants(request.node.nodeid.partition("::")[0])
        db.dispose()
        return
    name = f"t_{uuid.uuid4().hex[:12]}"
    postgres.admin(f"CREATE DATABASE {name} TEMPLATE {_postgres_template()}")
    monkeypatch.setattr(settings, "database_url", postgres.server_url() % name)
    yield "postgresql"
    _hold_invariants(request.node.nodeid.partition("::")[0])
    db.dispose()
    postgres.admin(f"DROP DATABASE {name} WITH (FORCE)")


WRITES = re.compile(r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.I)
_touched: set[str] = set()
_checked_in_full: set[str] = set()


@event.listens_for(Engine, "before_cursor_execute")
def _note_writes(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if found := WRITES.match(statement):
        _touched.add(found[1])


def _hold_invariants(module: str) -> None:
    """All invariants after a module's first test and where other processes wrote, else those of the touched tables."""
    touched = set(_touched) if module in _checked_in_full and _touched else None
    _checked_in_full.add(module)
    _touched.clear()
    with _speaking() as session:
        broken = [f"{f.invariant.code} {f.invariant.words}: {f.broken}" for f in shop.invariants.check(session, touched=touched) if f.count]
    assert not broken, "\n".join(broken)


_spoken: dict[str, tuple[Dialect, dict[Any, Any]]] = {}


def _speaking() -> Session:
    """A session for checking: each test has its own engine, but what one of them compiled is compiled for all."""
    engine = db.engine(writes=False)
    engine.connect().close()  # a new engine's dialect learns of its server
    dialect, compiled = _spoken.setdefault(engine.dialect.name, (engine.dialect, {}))
    return Session(Engine(engine.pool, dialect, engine.url).execution_options(compiled_cache=compiled))


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """One writing transaction for the whole test, committed at its end so that the invariants see what it wrote."""
    with db.writing() as opened:
        yield opened
