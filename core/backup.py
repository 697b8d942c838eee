"""The whole installation as one file, taken while it runs: database, files, secret, mode.

The database is read in one snapshot (SQLite: VACUUM INTO; PostgreSQL: COPY of every table inside one REPEATABLE READ
transaction), the files after it: they are only ever added, so each one the snapshot names is there. The search index is
a cache and is not kept. The archive holds the secret and is readable by its owner alone; keep it like the secret.
`core.restoring` is the way back.
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
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from core import clock, files, pii
from core.settings import settings

FORMAT = 1
KEPT = ("secret", "mode", "demo.json")


def dialect() -> str:
    return "sqlite" if settings.is_sqlite else "postgresql"


def fingerprint() -> str:
    """Tells two secrets apart without telling either."""
    return sha256(pii.derived_key("backup-fingerprint")).hexdigest()[:16]


def write(path: Path, *, revision: str) -> dict[str, Any]:
    """Write the archive (a zip) and return its manifest. An unfinished archive never carries the asked-for name."""
    draft = path.with_name(f"{path.name}.part")
    manifest: dict[str, Any] = {
        "format": FORMAT, "database": dialect(), "revision": revision, "made_at": clock.now().isoformat(), "secret": fingerprint(),
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
    with psycopg.connect(plain_url(), options="-c statement_timeout=0 -c timezone=UTC") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.cursor() as cursor:
            for table, columns in tables.items():
                command = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
                with archive.open(f"tables/{table}.copy", "w", force_zip64=True) as entry, cursor.copy(command) as rows:
                    for block in rows:
                        entry.write(block)
    return tables


def plain_url() -> str:
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
