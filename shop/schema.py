"""The database's shape: which revision it is at, and bringing it to the newest. Two processes may try at once; one does it."""

import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from core import db
from core.settings import ROOT, settings

LOCK = 0x6A697368  # "jish": one advisory lock for the shape of a PostgreSQL database
_known_current: set[str] = set()


@lru_cache(maxsize=1)
def head() -> str:
    """The newest revision, read from the files (Alembic itself takes longer to import than a warm start may)."""
    revisions, olders = set(), set()
    for path in (ROOT / "migrations/versions").glob("*.py"):
        source = path.read_text()
        found = re.search(r"^revision(?:: str)? = ['\"](\w+)['\"]", source, re.M)
        older = re.search(r"^down_revision.* = ['\"](\w+)['\"]", source, re.M)
        revisions |= {found[1]} if found else set()
        olders |= {older[1]} if older else set()
    (newest,) = revisions - olders
    return newest


def revision(connection: Connection) -> str | None:
    """The revision a database is at; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def here() -> str | None:
    """The revision of the installation's database; None when there is none, and looking does not make one."""
    if settings.is_sqlite and not Path(settings.url.removeprefix("sqlite:///")).exists():
        return None
    with db.engine(writes=False).connect() as connection:
        return revision(connection)


def is_current() -> bool:
    """Whether the installation's database is at the newest revision; a yes is remembered."""
    if settings.url not in _known_current:
        if here() != head():
            return False
        _known_current.add(settings.url)
    return True


def need_current() -> None:
    """End the command with a plain word where there is no database of this version."""
    if not is_current():
        where = settings.home.resolve() if settings.is_sqlite else "the database"
        raise SystemExit(f"{where}: no data of this version here; run jishi migrate, or make run for the demonstration")


def upgrade(target: str = "head") -> bool:
    """Bring the database to a revision, the newest unless named, and re-apply its triggers; False when it was there already."""
    wanted = head() if target == "head" else target
    if here() == wanted:
        return False
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.url, poolclass=NullPool)
    try:
        with _alone(), engine.connect() as connection:
            if (at := revision(connection)) == wanted:
                return False
            empty = at is None and not inspect(connection).get_table_names()
            connection.rollback()
            if empty and target == "head":
                _make(connection, wanted)
            else:
                _migrate(connection, wanted)
            connection.commit()
    finally:
        engine.dispose()
    db.dispose()
    return True


def _make(connection: Connection, wanted: str) -> None:
    """The newest shape in an empty database at once, as all revisions together make it (a test compares the two)."""
    from core.triggers import apply_triggers
    from shop.tables import metadata

    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # whole or not at all, and written once
    metadata.create_all(connection, checkfirst=False)
    apply_triggers(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": wanted})


def _migrate(connection: Connection, wanted: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)


@contextmanager
def _alone() -> Iterator[None]:
    """Only one migration at a time: a file lock beside SQLite, an advisory lock in PostgreSQL."""
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.is_sqlite:
        with (settings.home / "migrate.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    engine = create_engine(settings.url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
    engine.dispose()


def wipe() -> None:
    """Throw the database, the index and the files away: only ever asked for by name (`jishi demo --fresh`)."""
    db.dispose()
    _known_current.discard(settings.url)
    if settings.is_sqlite:
        for path in settings.home.glob("jishi.db*"):
            path.unlink()
    else:
        engine = create_engine(settings.url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
    for name in ("files", "search"):
        shutil.rmtree(settings.home / name, ignore_errors=True)
