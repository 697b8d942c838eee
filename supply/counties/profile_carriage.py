"""What must hold between contracts of carriage: each covers one thing its firm has, and nothing is priced twice on a day."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise

from .profile_contracts import meet
from .profile_kinds import Basis
from .profile_rows import ContractRow, LineRow
from .profile_tables import TABLES, Line, Read

WHOLE_SHARE = 10_000
RUNS = (Basis.TRIP, Basis.VEHICLE_MONTH)


def check_carriage(tables: Mapping[str, Read], errors: list[str]) -> None:
    """Add every fault of `contracts.csv`; what refers to rows that are not there is named elsewhere."""
    contracts = tables["contracts"].lines
    lines = {line.row.code: line.row for line in tables["lines"].lines}
    calls = _calls(tables)
    zones = {line.row.code for line in tables["contract_zones"].lines}
    for each in contracts:
        errors += [_say(each, *fault) for fault in (*_cover_faults(each.row, lines, calls), *_price_faults(each.row))]
        if each.row.code in zones:
            errors.append(_say(each, "code", f"{each.row.code} is a zone of contract_zones.csv"))
    for one, other in combinations(contracts, 2):
        is_same = one.row.cover == other.row.cover and (one.row.firm == other.row.firm or one.row.node is not None)
        if is_same and meet(one.row, other.row):
            errors.append(_say(other, "starts", f"{one.row.code} of line {one.number} covers the same on the same days"))


def _calls(tables: Mapping[str, Read]) -> Mapping[str, set[str]]:
    """The nodes that a line calls at, by its code."""
    line_of = {pattern.row.code: pattern.row.line for pattern in tables["patterns"].lines}
    calls: dict[str, set[str]] = defaultdict(set)
    for stop in tables["stops"].lines:
        calls[line_of.get(stop.row.pattern, "")].add(stop.row.node)
    return calls


def _cover_faults(row: ContractRow, lines: Mapping[str, LineRow], calls: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    if "/" in row.firm:
        yield "firm", "has a slash: it stands in addresses"
    if (row.line is None) == (row.node is None) and (row.line is not None or row.kind is None):
        yield "line", "name one thing: a line, a node, or a kind"
    if row.line is not None and row.kind is not None:
        yield "kind", "is the line's own"
    if (row.from_node is None) != (row.to_node is None) or (row.from_node and row.line is None):
        yield "from_node", "a stretch of a line has from_node and to_node"
    if row.line is not None and row.line in lines:
        if lines[row.line].operator != row.firm:
            yield "firm", f"{row.line} is run by {lines[row.line].operator or 'nobody'}"
        for column, node in (("from_node", row.from_node), ("to_node", row.to_node)):
            if node is not None and node not in calls[row.line]:
                yield column, f"{row.line} does not call at {node}"
    elif row.line is None and row.node is None and not any(line.operator == row.firm and line.kind == row.kind for line in lines.values()):
        yield "kind", f"{row.firm} runs no line of the kind {row.kind}"


def _price_faults(row: ContractRow) -> Iterator[tuple[str, str]]:
    if row.ends is not None and row.ends < row.starts:
        yield "ends", "is before starts"
    if row.basis == Basis.FREIGHT_SHARE and (row.price > WHOLE_SHARE or row.tiers):
        yield "price", "a share has at most 10000 basis points, and no tiers"
    if row.basis in RUNS and row.node is not None:
        yield "basis", "only lines run"
    if any(after <= before for (before, _), (after, _) in pairwise(row.tiers)):
        yield "tiers", "stand in order"
    if row.minimum_fen is not None and row.cap_fen is not None and row.cap_fen < row.minimum_fen:
        yield "cap_fen", "is less than minimum_fen"


def _say(line: Line, column: str, fault: str) -> str:
    return f"{TABLES['contracts'].file}:{line.number}: column {column!r}: {fault}"
