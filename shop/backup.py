"""`jishi backup` and `jishi restore`: the archive, the schema around it, and the proof that what came back is whole."""

import shutil
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError

from core import backup as archive
from core import db, restoring
from core.errors import JishiError
from core.settings import settings
from shop import schema


def backup(path: Path) -> str:
    """Write the archive; a line that says what it holds."""
    if (revision := schema.here()) is None:
        raise SystemExit("there is no database to back up")
    manifest = archive.write(path, revision=revision)
    return f"{path}: {path.stat().st_size / 1e6:.1f} MB, revision {manifest['revision']}, {manifest['files']} files, {manifest['made_at']}"


def restore(path: Path) -> int:
    """Fill an empty installation from an archive and run every invariant on it; the exit code.

    When it fails or is killed before it says so, the installation is as empty as before and it can be tried again.
    """
    try:
        manifest = restoring.examine(path)
        if not schema.knows(manifest["revision"]):
            raise restoring.NotRestorable(f"{path} is at revision {manifest['revision']}, which this version does not know")
        with schema.alone():
            if not restoring.is_empty():
                raise restoring.NotRestorable("there is a database here already; restore into an empty JISHI_HOME or database")
            _fill(path, manifest)
    except JishiError as refused:
        print(refused.detail)
        return 1
    except (OSError, DBAPIError, psycopg.Error) as broken:
        why = str(getattr(broken, "orig", broken)).splitlines()
        print(f"not restored, and nothing was left behind: {why[0] if why else type(broken).__name__}")
        return 1
    return _prove()


def _fill(path: Path, manifest: dict[str, Any]) -> None:
    """Files, rows, then the secret and the mode; the database, which makes the installation one, appears last."""
    with restoring.home_of(path, manifest) as settle:
        if settings.is_sqlite:
            with restoring.beside(path) as draft:
                schema.upgrade_copy(draft)
                settle()
        else:
            with schema.filling(manifest["revision"]) as connection:
                restoring.copy_rows(path, manifest, connection)
                settle()


def _prove() -> int:
    """Index anew, then every invariant. What was waiting when the backup was made goes on waiting and is not a fault."""
    from shop.check import show, standing
    from shop.search.engine import SearchUnavailable
    from shop.search.service import rebuild

    db.dispose()
    shutil.rmtree(settings.home / "search", ignore_errors=True)
    try:
        print(f"{rebuild()} products indexed")
    except SearchUnavailable as away:
        print(f"restored, but the search does not answer: {away}. Run jishi reindex when it does")
    with db.reading() as session:
        return show(list(standing(session)))
