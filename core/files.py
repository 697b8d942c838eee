"""Files: content-addressed under `JISHI_HOME/files`, each with a row, served from /files/ so that they can do no harm.

The bytes are on disk before the row commits and are never changed, so a row without its file cannot be; a file without
a row may be (its transaction was rolled back) and is harmless. A file's address is its content's hash and ending.

A private file lies apart, under its tenant, where /files/ does not look: the slice it belongs to knows who may see it and sends it
itself (`sent`). It is dropped when nobody needs it.
"""

import hashlib
import os
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, select

from core import clock
from core.errors import NotFound, Refused
from core.permissions import Nobody
from core.settings import settings

ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/svg+xml": "svg", "application/pdf": "pdf", "text/csv": "csv",
}  # fmt: skip
KINDS = {ending: kind for kind, ending in ENDINGS.items()}
HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=31536000, immutable",
}
HERE_ONLY = {**HARMLESS, "Cache-Control": "private, max-age=600"}
SETTLED = timedelta(hours=1)  # a file kept again so lately may have a row that is not committed yet


class StoredFile(SQLModel, table=True):
    """One content of one tenant."""

    __tablename__ = "stored_file"
    __table_args__ = (UniqueConstraint("tenant_id", "digest", "is_private"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    digest: str = Field(index=True)
    kind: str  # media type
    size: int
    name: str = ""
    is_private: bool = False
    created_at: datetime

    @property
    def address(self) -> str:
        """Where everybody may read it; a private file has none."""
        assert not self.is_private
        return f"/files/{self.digest}.{ENDINGS[self.kind]}"

    @property
    def path(self) -> Path:
        return private_path(self.tenant_id, self.digest, self.kind) if self.is_private else path_of(self.digest, self.kind)


def folder() -> Path:
    """Where the bytes lie."""
    if settings.files_url and not settings.files_url.startswith("file://"):
        raise ValueError(f"JISHI_FILES_URL {settings.files_url!r} is not supported: file:///path, or leave it unset")
    return Path(settings.files_url.removeprefix("file://")) if settings.files_url else settings.home / "files"


def path_of(digest: str, kind: str) -> Path:
    return folder() / digest[:2] / f"{digest}.{ENDINGS[kind]}"


def private_path(tenant_id: int, digest: str, kind: str) -> Path:
    return folder() / "private" / str(tenant_id) / f"{digest}.{ENDINGS[kind]}"


def keep(session: Session, data: bytes, *, tenant_id: int, kind: str, name: str = "", is_private: bool = False) -> StoredFile:
    """Keep bytes under their hash; the same content again is the same file. Refuses kinds that are not served."""
    if kind not in ENDINGS:
        raise Refused("这种文件不收", field="file")
    digest = hashlib.sha256(data).hexdigest()[:40]
    same = (StoredFile.tenant_id == tenant_id, StoredFile.digest == digest, StoredFile.is_private == is_private)
    known = session.exec(select(StoredFile).where(*same)).first()
    path = private_path(tenant_id, digest, kind) if is_private else path_of(digest, kind)
    if path.exists():
        os.utime(path)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        with draft.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    if known is not None:
        return known
    row = StoredFile(
        tenant_id=tenant_id, digest=digest, kind=kind, size=len(data), name=name[:200], created_at=clock.now(), is_private=is_private
    )
    session.add(row)
    session.flush()
    return row


def sent(row: StoredFile) -> FileResponse:
    """A private file for somebody who may see it."""
    return FileResponse(row.path, media_type=row.kind, headers=HERE_ONLY)


def drop(path: Path) -> None:
    """Remove the bytes of a private file whose row is gone; one that was kept anew meanwhile stays."""
    with suppress(FileNotFoundError):
        if clock.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC) > SETTLED:
            path.unlink()


router = APIRouter(include_in_schema=False)


@router.get("/files/{name}")
def read_file(request: Request, name: str, _: Nobody) -> Response:
    """A stored file by its unguessable name, with headers that let a browser show it and nothing more."""
    match = re.fullmatch(r"([0-9a-f]{40})\.([a-z]{3,4})", name)
    path = path_of(match[1], KINDS[match[2]]) if match and match[2] in KINDS else None
    if path is None or not path.is_file():
        raise NotFound("没有这个文件")
    if request.headers.get("if-none-match") == f'"{name}"':
        return Response(status_code=304, headers=HARMLESS)
    return FileResponse(path, media_type=KINDS[path.suffix[1:]], headers={**HARMLESS, "ETag": f'"{name}"'})
