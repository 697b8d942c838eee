"""Rows of a feed's tables: header and fields checked, values trimmed, each row knowing its line."""

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .archive import Archive
from .report import Report

MOST_ROWS = 1_000_000
LONGEST = 2000  # characters of a field
CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")  # a quoted field may hold line ends; no name of ours does


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; a column that is missing or empty reads as ""."""

    file: str
    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


class Tables:
    """An archive's tables row by row; what is wrong with a line goes to the report, and the line is left out."""

    def __init__(self, archive: Archive, report: Report) -> None:
        self._archive, self.report = archive, report
        self.names = set(archive.names)

    def columns(self, file: str) -> list[str]:
        """The header's names, for tables whose columns mean something by being there; [] without the file."""
        if file not in self.names:
            return []
        with self._archive.open(file) as text:
            return [name.strip() for name in next(csv.reader(text), [])]

    def rows(self, file: str, *, needs: Collection[str] = ()) -> Iterator[Row]:
        """Every sound row. `needs` are columns the table must have and each row must fill."""
        if file not in self.names:
            return
        with self._archive.open(file) as text:
            reader = csv.reader(text, strict=True)
            try:
                header = [name.strip() for name in next(reader, [])]
                if not self._sound_header(file, header, needs):
                    return
                for number, fields in enumerate(reader, 1):
                    if number > MOST_ROWS:
                        self.report.error("too_large", file, reader.line_num, "", f"has more than {MOST_ROWS} rows")
                        return
                    if row := self._row(file, reader.line_num, header, fields, needs):
                        yield row
            except csv.Error as fault:
                self.report.error("not_csv", file, reader.line_num, "", f"the line cannot be read as comma-separated values: {fault}")

    def _sound_header(self, file: str, header: list[str], needs: Collection[str]) -> bool:
        if not any(header):
            self.report.error("no_header", file, 1, "", "has no header line")
            return False
        twice = sorted({name for name in header if name and header.count(name) > 1})
        for name in twice:
            self.report.error("column_twice", file, 1, name, "the column is there twice")
        missing = [name for name in needs if name not in header]
        for name in missing:
            self.report.error("column_missing", file, 1, name, "the column is missing")
        return not twice and not missing

    def _row(self, file: str, line: int, header: list[str], fields: list[str], needs: Collection[str]) -> Row | None:
        if not any(field.strip() for field in fields):
            return None
        if any(field.strip() for field in fields[len(header) :]):
            self.report.error("too_many_fields", file, line, "", f"has {len(fields)} fields, the header {len(header)}")
            return None
        values = {name: CONTROLS.sub(" ", field).strip() for name, field in zip(header, fields, strict=False) if name}
        sound = True
        for name, value in values.items():
            if len(value) > LONGEST:
                self.report.error("too_long", file, line, name, f"has {len(value)} characters")
                sound = False
        for name in needs:
            if not values.get(name):
                self.report.error("value_missing", file, line, name, "is empty")
                sound = False
        return Row(file, line, values) if sound else None
