"""Folders of the embedded index: one per generation, and a pointer file that names the current one.

root/pointer            "<shape>-<number>", replaced in one step
root/<shape>-<number>/  a tantivy index
root/writer.lock        held by the one process that writes
A crash leaves at most a folder nothing points to; the next rebuild sweeps it away.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .engine import SearchUnavailable

LOCK_WAIT = 60.0  # seconds; a rebuild of 50,000 products takes less than ten


class Generations:
    def __init__(self, root: Path, shape: str) -> None:
        self.root = root
        self.shape = shape
        self._pointer = str(root / "pointer")
        self._read: tuple[object, Path | None] = (None, None)

    def current(self) -> Path | None:
        """The folder the pointer names; None when there is none of this shape. Read again only when the pointer was replaced."""
        try:
            stat = os.stat(self._pointer)
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if self._read[0] != seen:
                self._read = (seen, self._named())
        except (OSError, UnicodeDecodeError):
            return None
        return self._read[1]

    def _named(self) -> Path | None:
        name = Path(self._pointer).read_text(encoding="utf-8").strip()
        shape, _, number = name.rpartition("-")
        return self.root / name if shape == self.shape and number.isdigit() else None

    def fresh(self) -> Path:
        """A new empty folder, later than all others. Call with the lock held."""
        numbers = [int(n) for p in self._folders() if (n := p.name.rpartition("-")[2]).isdigit()]
        folder = self.root / f"{self.shape}-{max(numbers, default=0) + 1}"
        folder.mkdir(parents=True)
        return folder

    def point_to(self, folder: Path) -> None:
        """Make `folder` the current one and remove the others; a reader that has one of them open keeps its files until it looks again."""
        new = self.root / "pointer.new"
        with new.open("w", encoding="utf-8") as file:
            file.write(folder.name)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.root / "pointer")
        for other in self._folders():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock, across threads and processes; the system frees it when a process dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "writer.lock").open("w") as lock:
            deadline = time.monotonic() + LOCK_WAIT
            while not _locked(lock.fileno()):
                if time.monotonic() > deadline:
                    raise SearchUnavailable("another process keeps the search index locked")
                time.sleep(0.02)
            yield

    def _folders(self) -> list[Path]:
        return [p for p in self.root.iterdir() if p.is_dir()]


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
