"""`jishi backup` and `jishi restore`: the archive, the schema around it, and the proof that what came back is whole."""

import shutil
from pathlib import Path

from core import backup as archive
from core import db
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
    """Fill an empty installation from an archive and run every invariant on it; the exit code."""
    try:
        manifest = archive.read_manifest(path)
        if not archive.is_empty():
            raise archive.NotRestorable("there is a database here already; restore into an empty JISHI_HOME or database")
        archive.read_home(path, manifest)
        if settings.is_sqlite:
            archive.read_sqlite(path)
        else:
            schema.upgrade(manifest["revision"])
            archive.read_postgresql(path, manifest)
    except JishiError as refused:
        print(refused.detail)
        return 1
    shutil.rmtree(settings.home / "search", ignore_errors=True)
    schema.upgrade()
    return _prove()


def _prove() -> int:
    """Index anew, then every invariant. What was waiting when the backup was made goes on waiting and is not a fault."""
    from shop.check import show, standing
    from shop.search.service import rebuild

    print(f"{rebuild()} products indexed")
    with db.reading() as session:
        return show(list(standing(session)))
