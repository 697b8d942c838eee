"""What must hold between contracted zones: each has nodes and ends after it began, and a node is one firm's on any day."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations

from .profile_rows import ContractRow, ContractZoneRow
from .profile_tables import TABLES, Line


def check_contracts(lines: Sequence[Line], errors: list[str]) -> None:
    """Add a fault for every zone without nodes, every one that ends before it starts, and every pair that overlaps."""
    for line in lines:
        zone: ContractZoneRow = line.row
        if not zone.nodes:
            errors.append(_say(line, "nodes", "is empty: a zone has at least one node"))
        if zone.starts and zone.ends and zone.ends < zone.starts:
            errors.append(_say(line, "ends", "is before starts"))
    for one, other in combinations(lines, 2):
        shared = [node for node in other.row.nodes if node in one.row.nodes]
        if shared and meet(one.row, other.row):
            errors.append(_say(other, "nodes", f"{', '.join(shared)} belongs to {one.row.code} of line {one.number} on the same days"))


def meet(one: ContractZoneRow | ContractRow, other: ContractZoneRow | ContractRow) -> bool:
    """Whether there is a day on which both are in force."""
    first = max(_known((one.starts, other.starts)), default=date.min)
    last = min(_known((one.ends, other.ends)), default=date.max)
    return first <= last


def _known(days: Iterable[date | None]) -> list[date]:
    return [day for day in days if day is not None]


def _say(line: Line, column: str, fault: str) -> str:
    return f"{TABLES['contract_zones'].file}:{line.number}: column {column!r}: {fault}"
