"""The zip file of a feed, opened with care: nothing is unpacked to disk, sizes are checked before anything is inflated.

`zipfile` inflates no more than a member's declared size and checks its sum, so a lying header is a broken file, not a bomb.
"""

import codecs
import io
import zlib
from pathlib import Path
from typing import TextIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from .report import Report

MOST_BYTES = 400 << 20  # of all tables together, inflated: a province's buses, not a county's
MOST_RATIO = 400  # tables of text deflate 5 to 30 times
MOST_MEMBERS = 200
BLOCK = 1 << 20
BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)  # RuntimeError: encrypted


class Archive:
    """Text tables of a feed by file name."""

    def __init__(self, zipped: ZipFile, members: dict[str, ZipInfo], encodings: dict[str, str]) -> None:
        self._zip, self._members, self._encodings = zipped, members, encodings

    @property
    def names(self) -> list[str]:
        return sorted(self._members)

    def open(self, name: str) -> TextIO:
        """A table as text, a byte order mark taken off."""
        raw = self._zip.open(self._members[name])
        return io.TextIOWrapper(raw, encoding=self._encodings[name], newline="")

    def close(self) -> None:
        self._zip.close()


def open_archive(file: Path, report: Report, *, wanted: frozenset[str]) -> Archive | None:
    """The feed's tables; None with an error in the report when the file cannot be used. `wanted` are the tables that will be read."""
    try:
        zipped = ZipFile(file)
    except (BadZipFile, ValueError, EOFError):
        report.error("not_a_zip", file.name, 0, "", "is not a zip file, or a broken one")
        return None
    except OSError as fault:
        report.error("not_there", str(file), 0, "", f"cannot be read: {fault.strerror or fault}")
        return None
    members = _members(zipped, report)
    encodings = {}
    for name in sorted(members):
        if name in wanted and not report.failed:
            encodings[name] = _encoding(zipped, members[name], name, report)
    if report.failed:
        zipped.close()
        return None
    return Archive(zipped, members, encodings)


def _members(zipped: ZipFile, report: Report) -> dict[str, ZipInfo]:
    files = [m for m in zipped.infolist() if not m.is_dir() and m.filename.lower().endswith(".txt") and "__MACOSX" not in m.filename]
    if len(files) > MOST_MEMBERS:
        report.error("too_large", "", 0, "", f"the zip file holds {len(files)} tables; a feed has fewer than {MOST_MEMBERS}")
    if sum(m.file_size for m in files) > MOST_BYTES:
        report.error("too_large", "", 0, "", f"the tables are larger than {MOST_BYTES >> 20} MB together")
    folder = _folder(files, report)
    found: dict[str, ZipInfo] = {}
    for member in files:
        where, _, name = member.filename.lower().rpartition("/")
        if where != folder:
            continue
        if name in found:
            report.error("twice_in_zip", name, 0, "", "is in the zip file twice")
        if member.file_size > BLOCK and member.file_size > MOST_RATIO * max(1, member.compress_size):
            report.error("too_large", name, 0, "", "inflates out of all proportion; it was not opened")
        found[name] = member
    return found


def _folder(files: list[ZipInfo], report: Report) -> str:
    """Where the feed's stops lie: the root, else the one folder that has them. A name's case says nothing."""
    homes = {where for where, _, name in (m.filename.lower().rpartition("/") for m in files) if name == "stops.txt"}
    if "" in homes or not homes:
        return ""
    if len(homes) > 1:
        names = ", ".join(repr(home) for home in sorted(homes)[:5])
        report.error("several_feeds", "", 0, "", f"there is a feed in each of the folders {names}; give one as a zip file of its own")
        return ""
    folder = homes.pop()
    report.warning("in_a_folder", "", 0, "", f"the tables lie in a folder {folder!r} of the zip file; they were read from there")
    return folder


def _encoding(zipped: ZipFile, member: ZipInfo, name: str, report: Report) -> str:
    """UTF-8 as GTFS asks; else GB 18030, as Chinese spreadsheets write; else UTF-16 by its mark. The whole table is tried."""
    try:
        with zipped.open(member) as raw:
            start = raw.read(2)
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and _decodes(zipped, member, "utf-16"):
            report.warning("encoding", name, 0, "", "is written in UTF-16, not UTF-8; it was read as that")
            return "utf-16"
        if _decodes(zipped, member, "utf-8-sig"):
            return "utf-8-sig"
        if _decodes(zipped, member, "gb18030"):
            report.warning("encoding", name, 0, "", "is not UTF-8; it was read as GB 18030, look whether the names are right")
            return "gb18030"
        report.error("encoding", name, 0, "", "is not text in UTF-8")
    except BROKEN as fault:
        report.error("broken_file", name, 0, "", f"cannot be read from the zip file: {fault}")
    return "utf-8-sig"


def _decodes(zipped: ZipFile, member: ZipInfo, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with zipped.open(member) as raw:
        try:
            while block := raw.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True
