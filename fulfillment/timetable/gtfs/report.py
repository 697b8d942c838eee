"""What an import found: errors (nothing is changed), warnings (what was done instead) and notes, each with its place in the feed."""

from collections import Counter
from enum import StrEnum
from typing import Any, NamedTuple


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


KEPT = {Severity.ERROR: 50, Severity.WARNING: 50, Severity.NOTE: 5}  # findings of one kind that are listed; more are only counted


class Finding(NamedTuple):
    """`line` counts from 1, the header included; 0 is the whole file. `column` is a name, "" the whole line."""

    severity: Severity
    code: str
    file: str
    line: int
    column: str
    words: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{self.severity}: {place}: {self.words}" if place else f"{self.severity}: {self.words}"


class Change(NamedTuple):
    """How many rows of one table an import added, changed, left as they were and took away."""

    added: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0


class Report:
    """Findings in the order they were made; of each kind, file and column only the first are kept, all are counted."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.changes: dict[str, Change] = {}
        self._counts: Counter[tuple[Severity, str, str, str]] = Counter()

    def error(self, code: str, file: str, line: int, column: str, words: str) -> None:
        self._add(Finding(Severity.ERROR, code, file, line, column, words))

    def warning(self, code: str, file: str, line: int, column: str, words: str) -> None:
        self._add(Finding(Severity.WARNING, code, file, line, column, words))

    def note(self, code: str, file: str, line: int, column: str, words: str) -> None:
        self._add(Finding(Severity.NOTE, code, file, line, column, words))

    def _add(self, finding: Finding) -> None:
        kind = (*finding[:3], finding.column)
        self._counts[kind] += 1
        if self._counts[kind] <= KEPT[finding.severity]:
            self.findings.append(finding)

    def count(self, severity: Severity) -> int:
        return sum(n for (kind, *_), n in self._counts.items() if kind == severity)

    @property
    def failed(self) -> bool:
        return self.count(Severity.ERROR) > 0

    @property
    def changed(self) -> bool:
        return any(c.added or c.changed or c.removed for c in self.changes.values())

    def unlisted(self) -> list[str]:
        """A sentence for each kind of which more were found than are listed."""
        return [
            f"{severity}: {file}{':' if column else ''}{column}: {n - KEPT[severity]} more of the same kind ({code}) are not listed"
            for (severity, code, file, column), n in self._counts.items()
            if n > KEPT[severity]
        ]

    def as_json(self) -> dict[str, Any]:
        """Lists per severity, counts of all findings, and what changed per table."""
        return {
            "applied": not self.failed,
            **{f"{s}s": [f._asdict() | {"severity": str(f.severity)} for f in self.findings if f.severity == s] for s in Severity},
            "counts": {f"{s}s": self.count(s) for s in Severity},
            "changes": {table: change._asdict() for table, change in self.changes.items()},
        }
