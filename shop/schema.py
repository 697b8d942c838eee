"""The database's shape: which revision it is at, and bringing it to the newest. Two processes may try at once; one does it.

A database that is not ours, newer than this version or made with another secret ends the command in one line; nothing is changed.
"""

import fcntl
import hmac
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.pool import NullPool

from core import db, secret_mark
from core.settings import ROOT, settings

LOCK = 0x6A697368  # "jish": one advisory lock for the shape of a PostgreSQL database
_known_current: set[str] = set()


@lru_cache(maxsize=1)
def _steps() -> dict[str, str | None]:
    """Every revision of this version and the one before it, read from the files (Alembic takes longer to import than a warm start may)."""
    steps: dict[str, str | None] = {}
    for path in (ROOT / "migrations/versions").glob("*.py"):
        source = path.read_text()
        found = re.search(r"^revision(?:: str)? = ['\"](\w+)['\"]", source, re.M)
        older = re.search(r"^down_revision.* = ['\"](\w+)['\"]", source, re.M)
        if found:
            steps[found[1]] = older[1] if older else None
    return steps


def head() -> str:
    """The newest revision."""
    (newest,) = set(_steps()) - set(_steps().values())
    return newest


def place() -> str:
    """The database as messages name it, without its password."""
    return _path().as_posix() if settings.is_sqlite else make_url(settings.url).render_as_string(hide_password=True)


def _path() -> Path:
    return Path(settings.url.removeprefix("sqlite:///"))


def knows(revision: str) -> bool:
    """Whether this version can bring a database at that revision to the newest."""
    return revision in _steps()


def revision(connection: Connection) -> str | None:
    """The revision a database is at; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def here() -> str | None:
    """The revision of the installation's database; None when there is none, and looking does not make one."""
    with _looking() as connection:
        return revision(connection) if connection else None


@contextmanager
def _looking() -> Iterator[Connection | None]:
    """A connection to look only, None where there is no database. A file is not opened as ours before we know that it is."""
    if not settings.is_sqlite:
        with db.engine(writes=False).connect() as connection:
            yield connection
    elif not _path().exists():
        yield None
    else:
        with create_engine(settings.url, poolclass=NullPool).connect() as connection:
            yield connection


def is_current() -> bool:
    """Whether the installation's database is at the newest revision; a yes is remembered."""
    if settings.url not in _known_current:
        if here() != head():
            return False
        _known_current.add(settings.url)
    return True


def need_current() -> None:
    """End the command with a plain word where there is no database of this version, or one that another secret was used with."""
    if not is_current():
        _refuse_newer(here())
        where = settings.home.resolve() if settings.is_sqlite else "the database"
        raise SystemExit(f"{where}: no data of this version here; run jishi migrate, or make run for the demonstration")
    need_own_secret()


def need_own_secret() -> None:
    """End the command where the database's sealed data was sealed with another secret; nothing is read or written then."""
    with _looking() as connection:
        known = secret_mark.kept(connection) if connection else None
    if known is None or (settings.has_secret and hmac.compare_digest(known, secret_mark.mark())):
        return
    wrong = "is not the one" if settings.has_secret else "is not set: set the one"
    raise SystemExit(f"{place()}: JISHI_SECRET_KEY {wrong} this database was made with; nothing sealed in it could be read")


def has_county() -> bool:
    """Whether a county is loaded here."""
    with _looking() as connection:
        return bool(connection and inspect(connection).has_table("tenant") and connection.execute(text("SELECT 1 FROM tenant")).first())


def _refuse_newer(at: str | None) -> None:
    if at is not None and not knows(at):
        raise SystemExit(f"{place()}: made by a newer jishi (revision {at}; this version ends at {head()}); nothing was changed")


def _refuse_foreign(connection: Connection) -> None:
    if tables := inspect(connection).get_table_names():
        raise SystemExit(f"{place()}: holds tables that are not jishi's ({tables[0]}); give jishi a database of its own")


def need_ours() -> None:
    """End the command at a database that is newer than this version or somebody else's; an empty one and none are fine."""
    with _looking() as connection:
        if connection and (at := revision(connection)) is not None:
            _refuse_newer(at)
        elif connection:
            _refuse_foreign(connection)


def upgrade(target: str = "head") -> bool:
    """Bring the database to a revision, the newest unless named, and re-apply its triggers; False when it was there already.

    Ends the command at a database that is not ours, is newer than this version or was made with another secret.
    """
    wanted = head() if target == "head" else target
    _refuse_newer(at := here())
    need_own_secret()
    if at == wanted:
        return False
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.url, poolclass=NullPool)
    try:
        with alone(), engine.connect() as connection:
            if (at := revision(connection)) == wanted:
                return False
            if at is None:
                _refuse_foreign(connection)
            connection.rollback()
            if at is None and target == "head":
                _make(connection, wanted)
            else:
                _migrate(connection, wanted)
            if target == "head":  # a restore brings the mark of its own
                secret_mark.keep(connection)
            connection.commit()
    finally:
        engine.dispose()
    db.dispose()
    return True


@contextmanager
def filling(at: str) -> Iterator[Connection]:
    """An empty PostgreSQL database at a revision, for the caller to fill, then brought to the newest: one transaction, all or nothing."""
    engine = create_engine(settings.url, poolclass=NullPool)
    try:
        with engine.connect() as connection, connection.begin():
            _migrate(connection, at)
            yield connection
            if at != head():
                _migrate(connection, head())
    finally:
        engine.dispose()
    db.dispose()


def upgrade_copy(path: Path) -> None:
    """Bring an SQLite file that nobody serves yet to the newest revision."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        at = revision(connection)
        connection.rollback()
        if at != head():
            _migrate(connection, head())
        connection.commit()
    engine.dispose()


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
def alone() -> Iterator[None]:
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
