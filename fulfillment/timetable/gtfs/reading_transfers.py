"""transfers.txt: where, and between which runs, people change, and how long that takes."""

from collections import defaultdict
from itertools import product

from .feed import Feed, FeedTransfer
from .reading_trips import MOST_RUNS
from .report import Report
from .tables import LONGEST, Row, Tables

ENDS = ("from_stop_id", "to_stop_id", "from_route_id", "to_route_id", "from_trip_id", "to_trip_id")  # what names a row
KINDS = ("0", "1", "2", "3", "4", "5")
LONGEST_S = 86_400  # who waits longer does not change, but stays
TIMED = 2  # needs min_transfer_time
SAME_VEHICLE = (4, 5)  # says something of two runs, wherever they meet


def read_transfers(tables: Tables, feed: Feed, report: Report) -> None:
    """Every transfer, one of a run that `frequencies.txt` repeats once for each of its runs."""
    runs: dict[str, list[str]] = defaultdict(list)
    for trip in feed.trips:
        runs[trip.base].append(trip.id)
    seen: set[tuple[str, ...]] = set()
    for row in tables.rows("transfers.txt"):
        name = tuple(row[column] for column in ENDS)
        if name in seen:
            report.error("duplicate", row.file, row.line, "from_stop_id", f"the transfer {_said(name)} is there twice")
        seen.add(name)
        if len("".join(name).encode()) > LONGEST:
            report.error("too_long", row.file, row.line, "", f"names its stops, routes and trips with more than {LONGEST} bytes")
        kind, min_s = _kind(row, report), _min_s(row, report)
        if not _leads_somewhere(row, feed, runs, kind, report):
            continue
        if kind == TIMED and min_s is None:
            report.warning("no_time", row.file, row.line, "min_transfer_time", "asks for time and does not say how long; it was kept so")
        if (pairs := _pairs(row, runs, report)) is not None:
            stops, routes = (row["from_stop_id"], row["to_stop_id"]), (row["from_route_id"], row["to_route_id"])
            feed.transfers += [FeedTransfer(stops, routes, trips, kind, min_s, row.line) for trips in pairs]


def _said(name: tuple[str, ...]) -> str:
    return "/".join(filter(None, name)) or "of everything"


def _kind(row: Row, report: Report) -> int:
    text = row["transfer_type"] or "0"
    if text not in KINDS:
        report.error("bad_value", row.file, row.line, "transfer_type", f"{text!r} is not a transfer type from 0 to 5")
        return 0
    return int(text)


def _min_s(row: Row, report: Report) -> int | None:
    text = row["min_transfer_time"]
    if not text:
        return None
    if not text.isdecimal() or len(text) > 5 or int(text) > LONGEST_S:
        report.error("bad_value", row.file, row.line, "min_transfer_time", f"{text!r} is not a number of seconds from 0 to a day")
        return None
    return int(text)


def _leads_somewhere(row: Row, feed: Feed, runs: dict[str, list[str]], kind: int, report: Report) -> bool:
    """Whether everything it needs is named and everything named is there; an error says what is not. A trip left out takes it along."""
    for column in ENDS[4:] if kind in SAME_VEHICLE else ENDS[:2]:
        if not row[column]:
            report.error("value_missing", row.file, row.line, column, f"is empty; a transfer of type {kind} needs it")
    known = {"stop": feed.stops.keys() | feed.parents.keys(), "route": feed.routes.keys(), "trip": runs.keys() | feed.idle}
    idle = False
    for column in ENDS:
        what = column.split("_")[1]
        if row[column] and row[column] not in known[what]:
            report.error("unknown_reference", row.file, row.line, column, f"no {what} has the id {row[column]!r}")
        idle = idle or (what == "trip" and row[column] in feed.idle)
    if idle:
        report.warning("no_such_trip", row.file, row.line, "from_trip_id", "names a trip that was left out, and was left out with it")
    return not idle


def _pairs(row: Row, runs: dict[str, list[str]], report: Report) -> list[tuple[str, str]] | None:
    before, after = (runs.get(row[column], [row[column]]) for column in ENDS[4:])
    if len(before) * len(after) > MOST_RUNS:
        report.error("bad_value", row.file, row.line, "from_trip_id", f"stands for {len(before) * len(after)} pairs of runs")
        return None
    return list(product(before, after))
