"""A backup (`core.backup`) back into an empty installation: everything or nothing.

The whole archive is read and tested before anything is written. The database appears in one step at the very end (SQLite: a
file built beside and renamed; PostgreSQL: one transaction), and only with it is an installation no longer empty. What lies
in the home before that step is taken away again after a failure, and after a kill by the next try.
"""

import json
import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import error as Unreadable
from typing import IO, Any

from psycopg import sql
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from core import files
from core.backup import FORMAT, KEPT, dialect, fingerprint
from core.errors import JishiError
from core.settings import settings

CHUNK = 1 << 20
NAMED = {"format", "database", "revision", "secret", "tables", "files"}  # what a manifest says
DAMAGED = (OSError, EOFError, KeyError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile, Unreadable)


class NotRestorable(JishiError):
    """The archive and this installation do not fit each other, or the archive is damaged; nothing was changed."""

    code, status = "not_restorable", 409


def examine(path: Path) -> dict[str, Any]:
    """Read the whole archive, test every sum and return its manifest. Raises NotRestorable for anything that is not all of a backup."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = set(archive.namelist())
            manifest = json.loads(archive.read("manifest.json")) if damaged is None else {}
    except DAMAGED as wrong:
        raise NotRestorable(f"{path} is not a whole backup: {wrong}") from wrong
    if damaged is not None:
        raise NotRestorable(f"{path} is damaged: {damaged} is not what was written; use another copy of this backup")
    if not isinstance(manifest, dict) or not manifest.keys() >= NAMED:
        raise NotRestorable(f"{path} is not a backup of ours")
    if manifest["format"] != FORMAT:
        raise NotRestorable(f"{path} has format {manifest['format']}; this version reads format {FORMAT}")
    if manifest["database"] != dialect():
        raise NotRestorable(f"{path} holds a {manifest['database']} database, this installation uses {dialect()}")
    _need_all(path, manifest, names)
    return manifest


def _need_all(path: Path, manifest: dict[str, Any], names: set[str]) -> None:
    rows = {"database.sqlite"} if settings.is_sqlite else {f"tables/{table}.copy" for table in manifest["tables"]}
    if missing := sorted(rows - names):
        raise NotRestorable(f"{path} is not whole: {missing[0]} is missing")
    stored = [name for name in names if name.startswith("files/")]
    if len(stored) != manifest["files"]:
        raise NotRestorable(f"{path} is not whole: {manifest['files']} files were kept, {len(stored)} are there")
    root = files.folder().resolve()
    for name in stored:
        if not _place(root, name).is_relative_to(root):
            raise NotRestorable(f"{path} holds a file outside its folder: {name}")


def _place(root: Path, name: str) -> Path:
    return (root / name.removeprefix("files/")).resolve()


def database_file() -> Path:
    return Path(settings.url.removeprefix("sqlite:///"))


def is_empty() -> bool:
    """Whether there is no database here yet, so that a restore overwrites nothing."""
    if settings.is_sqlite and not database_file().exists():
        return True
    engine = create_engine(settings.url, poolclass=NullPool)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    engine.dispose()
    return not names


@contextmanager
def home_of(path: Path, manifest: dict[str, Any]) -> Iterator[Callable[[], None]]:
    """Put the stored files in place and lay the secret and the mode ready; what is yielded puts these in place too.

    Call it last, just before the database appears. Raises NotRestorable when the secret is another one; after any error the
    home is as it was.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    ready = settings.home / "restoring"
    _take_back(ready)
    added: list[Path] = []
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            has_own = settings.secret_key is not None or (settings.home / "secret").exists()
            if not (has_own or "home/secret" in names) or (has_own and manifest["secret"] != fingerprint()):
                raise NotRestorable("this installation has another secret: set the JISHI_SECRET_KEY the backup was made with")
            ready.mkdir(mode=0o700)
            for name in KEPT:
                if f"home/{name}" in names and not (name == "secret" and has_own):
                    _write(archive.open(f"home/{name}"), ready / name)
            root = files.folder().resolve()
            for name in sorted(n for n in names if n.startswith("files/")):
                if not (target := _place(root, name)).exists():
                    added.append(target)
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(archive.open(name), target, mode=0o644)
        yield lambda: _settle(ready)
    except BaseException:
        _take_back(ready)
        for target in added:
            target.unlink(missing_ok=True)
        raise
    shutil.rmtree(ready)


def _write(source: IO[bytes], target: Path, *, mode: int = 0o600) -> None:
    """Whole or not at all under its name, whatever stood there before."""
    draft = target.with_name(f"{target.name}.part")
    try:
        with source, open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            shutil.copyfileobj(source, out, CHUNK)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _settle(ready: Path) -> None:
    """A second name for each, so that whoever finds them both knows where it came from."""
    for path in ready.iterdir():
        (settings.home / path.name).unlink(missing_ok=True)
        os.link(path, settings.home / path.name)


def _take_back(ready: Path) -> None:
    """Undo `_settle` of a restore that did not come to its end."""
    for path in ready.iterdir() if ready.exists() else ():
        settled = settings.home / path.name
        if settled.exists() and settled.samefile(path):
            settled.unlink()
    shutil.rmtree(ready, ignore_errors=True)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """The database file, checked by SQLite itself, under another name; it takes its own at the end of the block."""
    target = database_file()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.restoring")
    _unlink(draft)
    try:
        with zipfile.ZipFile(path) as archive:
            _write(archive.open("database.sqlite"), draft)
        _need_sound(path, draft)
        yield draft
        _unlink(target)  # a journal left by a database of the past would be played into this one
        draft.replace(target)
    finally:
        _unlink(draft)


def _need_sound(path: Path, draft: Path) -> None:
    checked = sqlite3.connect(draft)
    try:
        (verdict,) = checked.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as wrong:
        verdict = str(wrong)
    finally:
        checked.close()
    if verdict != "ok":
        raise NotRestorable(f"{path}: the database in it is damaged: {verdict}")


def _unlink(database: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def copy_rows(path: Path, manifest: dict[str, Any], connection: Connection) -> None:
    """Rows into empty PostgreSQL tables of the same revision, in the caller's transaction; sequences go on where they were."""
    raw = connection.connection.cursor()
    raw.execute("SET LOCAL statement_timeout = 0; SET LOCAL timezone = 'UTC'; DELETE FROM alembic_version")
    with zipfile.ZipFile(path) as archive:
        for table, columns in manifest["tables"].items():
            command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
            with archive.open(f"tables/{table}.copy") as entry, raw.copy(command) as rows:
                while block := entry.read(CHUNK):
                    rows.write(block)
    owned = connection.execute(
        text(
            "SELECT s.relname, t.relname, a.attname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')"
            " JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
            " WHERE s.relkind = 'S'"
        )
    ).all()
    for sequence, table, column in owned:
        last = sql.SQL("SELECT setval({}, coalesce(max({}), 0) + 1, false) FROM {}")
        raw.execute(last.format(sql.Literal(sequence), sql.Identifier(column), sql.Identifier(table)))
