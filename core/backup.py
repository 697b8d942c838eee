"""The whole installation as one file, taken while it runs: database, files, secret, mode.

The database is read in one snapshot (SQLite: VACUUM INTO; PostgreSQL: COPY of every table inside one REPEATABLE READ
transaction), the files after it: they are only ever added, so each one the snapshot names is there. The search index is
a cache and is not kept. The archive holds the secret and is readable by its owner alone; keep it like the secret.
"""

import json
import os
import sqlite3
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from core import clock, files, pii
from core.errors import JishiError
from core.settings import settings

FORMAT = 1
KEPT = ("secret", "mode", "demo.json")
CHUNK = 1 << 20


class NotRestorable(JishiError):
    """The archive and this installation do not fit each other; nothing was changed."""

    code, status = "not_restorable", 409


def dialect() -> str:
    return "sqlite" if settings.is_sqlite else "postgresql"


def _fingerprint() -> str:
    """Tells two secrets apart without telling either."""
    return sha256(pii.derived_key("backup-fingerprint")).hexdigest()[:16]


def write(path: Path, *, revision: str) -> dict[str, Any]:
    """Write the archive (a zip) and return its manifest. An unfinished archive never carries the asked-for name."""
    draft = path.with_name(f"{path.name}.part")
    manifest: dict[str, Any] = {
        "format": FORMAT, "database": dialect(), "revision": revision, "made_at": clock.now().isoformat(), "secret": _fingerprint(),
    }  # fmt: skip
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
                manifest["tables"] = _write_sqlite(archive, draft) if settings.is_sqlite else _write_postgresql(archive)
                manifest["files"] = _write_files(archive)
                for name in KEPT:
                    if (settings.home / name).exists():
                        archive.write(settings.home / name, f"home/{name}")
                archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write_sqlite(archive: zipfile.ZipFile, draft: Path) -> dict[str, Any]:
    copy = draft.with_name(f"{draft.name}.db")
    copy.unlink(missing_ok=True)
    try:
        source = sqlite3.connect(settings.url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
        source.execute("VACUUM INTO ?", (str(copy),))
        source.close()
        copy.chmod(0o600)
        archive.write(copy, "database.sqlite")
    finally:
        copy.unlink(missing_ok=True)
    return {}


def _write_postgresql(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Every table as COPY text, in an order that satisfies foreign keys; returns the columns of each."""
    tables = _tables_in_order()
    with psycopg.connect(_plain_url(), options="-c statement_timeout=0 -c timezone=UTC") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.cursor() as cursor:
            for table, columns in tables.items():
                command = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
                with archive.open(f"tables/{table}.copy", "w", force_zip64=True) as entry, cursor.copy(command) as rows:
                    for block in rows:
                        entry.write(block)
    return tables


def _plain_url() -> str:
    return settings.url.replace("postgresql+psycopg://", "postgresql://")


def _tables_in_order() -> dict[str, list[str]]:
    engine = create_engine(settings.url, poolclass=NullPool)
    with engine.connect() as connection:
        found = inspect(connection)
        order = [name for name, _ in found.get_sorted_table_and_fkc_names() if name]
        tables = {name: [str(c["name"]) for c in found.get_columns(name)] for name in order}
    engine.dispose()
    return tables


def _write_files(archive: zipfile.ZipFile) -> int:
    """Stored files as they are: pictures and PDFs do not compress further."""
    root, count = files.folder(), 0
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.name.count(".") == 1:  # drafts carry a second dot
            archive.write(path, f"files/{path.relative_to(root)}", zipfile.ZIP_STORED)
            count += 1
    return count


def read_manifest(path: Path) -> dict[str, Any]:
    """The archive's manifest. Raises NotRestorable for anything that is not an archive of ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = dict(json.loads(archive.read("manifest.json")))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as wrong:
        raise NotRestorable(f"{path} is not a backup: {wrong}") from wrong
    if manifest.get("format") != FORMAT:
        raise NotRestorable(f"{path} has format {manifest.get('format')}; this version reads format {FORMAT}")
    if manifest["database"] != dialect():
        raise NotRestorable(f"{path} holds a {manifest['database']} database, this installation uses {dialect()}")
    return manifest


def is_empty() -> bool:
    """Whether there is no database here yet, so that a restore overwrites nothing."""
    if settings.is_sqlite and not Path(settings.url.removeprefix("sqlite:///")).exists():
        return True
    engine = create_engine(settings.url, poolclass=NullPool)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    engine.dispose()
    return not names


def read_home(path: Path, manifest: dict[str, Any]) -> None:
    """Put the secret, the mode and the stored files in place. Raises NotRestorable when the secret is another one."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        has_own = settings.secret_key is not None or (settings.home / "secret").exists()
        if (has_own or "home/secret" not in names) and manifest["secret"] != _fingerprint():
            raise NotRestorable("this installation has another secret: set the JISHI_SECRET_KEY the backup was made with")
        for name in KEPT:
            if f"home/{name}" in names and not (name == "secret" and has_own):
                (settings.home / name).write_bytes(archive.read(f"home/{name}"))
                (settings.home / name).chmod(0o600)
        root = files.folder().resolve()
        for name in sorted(n for n in names if n.startswith("files/")):
            target = (root / name.removeprefix("files/")).resolve()
            if not target.is_relative_to(root):
                raise NotRestorable(f"{path} holds a file outside its folder: {name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))


def read_sqlite(path: Path) -> None:
    """The database file, checked by SQLite itself before it takes its name."""
    target = Path(settings.url.removeprefix("sqlite:///"))
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.restoring")
    with zipfile.ZipFile(path) as archive, archive.open("database.sqlite") as source, draft.open("wb") as out:
        while block := source.read(CHUNK):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    checked = sqlite3.connect(draft)
    (verdict,) = checked.execute("PRAGMA integrity_check").fetchone()
    checked.close()
    if verdict != "ok":
        draft.unlink()
        raise NotRestorable(f"{path}: the database in it is damaged: {verdict}")
    draft.replace(target)


def read_postgresql(path: Path, manifest: dict[str, Any]) -> None:
    """Rows into empty tables of the same revision, in one transaction; sequences go on where they were."""
    with zipfile.ZipFile(path) as archive, psycopg.connect(_plain_url(), options="-c statement_timeout=0 -c timezone=UTC") as connection:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM alembic_version")
            for table, columns in manifest["tables"].items():
                command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
                with archive.open(f"tables/{table}.copy") as entry, cursor.copy(command) as rows:
                    while block := entry.read(CHUNK):
                        rows.write(block)
        connection.commit()
    _continue_sequences()


def _continue_sequences() -> None:
    engine = create_engine(settings.url, poolclass=NullPool)
    with engine.begin() as connection:
        owned = connection.execute(
            text(
                "SELECT s.relname, t.relname, a.attname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')"
                " JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
                " WHERE s.relkind = 'S'"
            )
        ).all()
        raw = connection.connection.cursor()
        for sequence, table, column in owned:
            last = sql.SQL("SELECT setval({}, coalesce(max({}), 0) + 1, false) FROM {}")
            raw.execute(last.format(sql.Literal(sequence), sql.Identifier(column), sql.Identifier(table)))
    engine.dispose()
