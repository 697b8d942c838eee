"""Runs: trips.txt with their stop_times.txt, and frequencies.txt made into single runs."""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from .feed import Call, Feed, FeedTrip
from .interpolating import fill_times
from .report import Report
from .tables import Row, Tables
from .times import read_time

MOST_RUNS = 2000  # that one line of frequencies.txt may stand for
NOBODY, BY_REQUEST = "1", ("2", "3")  # pickup_type, drop_off_type
DIRECTIONS = {"0": "out", "1": "in", "": ""}


class RawCall(NamedTuple):
    """Seconds after midnight; None is to be filled in."""

    sequence: int
    stop: str
    times: tuple[int, int] | None  # arrival and departure
    on_request: bool
    open: bool
    line: int


def read_trips(tables: Tables, feed: Feed, report: Report) -> None:
    """Every run that calls at two stops or more, in the order of trips.txt."""
    rows = _trip_rows(tables, feed, report)
    calls = _calls(tables, feed, set(rows), report)
    starts = _frequencies(tables, set(rows), report)
    for trip_id, row in rows.items():
        mine = _in_order(calls.pop(trip_id, []), trip_id, report)
        if len(mine) < 2:
            report.warning("no_stops", row.file, row.line, "trip_id", f"{trip_id!r} calls at {len(mine)} stops; it was left out")
            feed.idle.add(trip_id)
            continue
        trip = FeedTrip(
            trip_id, trip_id, row["route_id"], row["service_id"], DIRECTIONS.get(row["direction_id"], ""), row["block_id"], mine, row.line
        )
        feed.trips += _repeated(trip, starts[trip_id]) if trip_id in starts else [trip]
    _unique_runs(feed, report)


def _trip_rows(tables: Tables, feed: Feed, report: Report) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for row in tables.rows("trips.txt", needs=("trip_id", "route_id", "service_id")):
        if row["trip_id"] in rows:
            report.error("duplicate", row.file, row.line, "trip_id", f"{row['trip_id']!r} is there twice")
        if row["route_id"] not in feed.routes:
            report.error("unknown_reference", row.file, row.line, "route_id", f"no route has the id {row['route_id']!r}")
        if row["service_id"] not in feed.services:
            report.error("unknown_reference", row.file, row.line, "service_id", f"no calendar has the id {row['service_id']!r}")
        if row["direction_id"] not in DIRECTIONS:
            report.error("bad_value", row.file, row.line, "direction_id", f"{row['direction_id']!r} is neither 0 nor 1")
        rows[row["trip_id"]] = row
    return rows


def _calls(tables: Tables, feed: Feed, known: set[str], report: Report) -> dict[str, list[RawCall]]:
    calls: dict[str, list[RawCall]] = defaultdict(list)
    half_minutes = 0
    for row in tables.rows("stop_times.txt", needs=("trip_id", "stop_id", "stop_sequence")):
        trip_id, stop = row["trip_id"], feed.parents.get(row["stop_id"], row["stop_id"])
        if trip_id not in known:
            report.error("unknown_reference", row.file, row.line, "trip_id", f"no trip has the id {trip_id!r}")
        if stop not in feed.stops:
            report.error("unknown_reference", row.file, row.line, "stop_id", f"no stop has the id {row['stop_id']!r}")
        if not row["stop_sequence"].isdecimal() or len(row["stop_sequence"]) > 9:
            report.error("bad_value", row.file, row.line, "stop_sequence", f"{row['stop_sequence']!r} is not a whole number")
            continue
        arrives, leaves = _time(row, "arrival_time", report), _time(row, "departure_time", report)
        half_minutes += any((t or 0) % 60 for t in (arrives, leaves))
        pickup, drop_off = row["pickup_type"] or "0", row["drop_off_type"] or "0"
        calls[trip_id].append(
            RawCall(
                int(row["stop_sequence"]), stop, _both(arrives, leaves), pickup in BY_REQUEST or drop_off in BY_REQUEST,
                not (pickup == drop_off == NOBODY), row.line,
            )
        )  # fmt: skip
    if half_minutes:
        report.warning(
            "seconds", "stop_times.txt", 0, "", f"{half_minutes} times have seconds; the timetable keeps whole minutes, rounded down"
        )
    return calls


def _both(arrives: int | None, leaves: int | None) -> tuple[int, int] | None:
    """One time stands for both."""
    one = arrives if arrives is not None else leaves
    return None if one is None else (one, leaves if leaves is not None else one)


def _time(row: Row, column: str, report: Report) -> int | None:
    try:
        return read_time(row[column]) if row[column] else None
    except ValueError as fault:
        report.error("bad_value", row.file, row.line, column, str(fault))
        return None


def _in_order(raw: list[RawCall], trip_id: str, report: Report) -> tuple[Call, ...]:
    """A run's stops by their numbers, blank times between timed stops filled in."""
    raw.sort(key=lambda call: call.sequence)
    for before, call in pairwise(raw):
        if before.sequence == call.sequence:
            report.error("duplicate", "stop_times.txt", call.line, "stop_sequence", f"{trip_id!r} has the number {call.sequence} twice")
    if not raw:
        return ()
    for end in (raw[0], raw[-1]):
        if end.times is None:
            report.error("value_missing", "stop_times.txt", end.line, "arrival_time", f"{trip_id!r} has no time at its first or last stop")
            return ()
    if blank := [call.line for call in raw if call.times is None]:
        words = f"{len(blank)} blank times of {trip_id!r} were filled in evenly"
        report.note("interpolated", "stop_times.txt", blank[0], "arrival_time", words)
    times = fill_times([call.times for call in raw])
    earliest = 0
    for call, (arrives, leaves) in zip(raw, times, strict=True):
        if arrives < earliest or leaves < arrives:
            report.error("back_in_time", "stop_times.txt", call.line, "arrival_time", f"{trip_id!r} would go back in time here")
        earliest = max(earliest, leaves)
    return tuple(
        Call(call.sequence, call.stop, arrives // 60, leaves // 60, call.on_request, call.open, call.line)
        for call, (arrives, leaves) in zip(raw, times, strict=True)
    )


def _frequencies(tables: Tables, known: set[str], report: Report) -> dict[str, list[int]]:
    """Starts of the runs, seconds after midnight, per trip that is a pattern."""
    starts: dict[str, list[int]] = defaultdict(list)
    for row in tables.rows("frequencies.txt", needs=("trip_id", "start_time", "end_time", "headway_secs")):
        if row["trip_id"] not in known:
            report.error("unknown_reference", row.file, row.line, "trip_id", f"no trip has the id {row['trip_id']!r}")
        first, end = _time(row, "start_time", report), _time(row, "end_time", report)
        headway = int(row["headway_secs"]) if row["headway_secs"].isdecimal() and len(row["headway_secs"]) < 7 else 0
        if headway < 60:
            report.error("bad_value", row.file, row.line, "headway_secs", f"{row['headway_secs']!r} is not a number of seconds from 60 on")
            continue
        if first is None or end is None:
            continue
        runs = list(range(first, end, headway))
        if not runs or len(runs) > MOST_RUNS:
            report.error("bad_value", row.file, row.line, "end_time", f"stands for {len(runs)} runs of {row['trip_id']!r}")
            continue
        starts[row["trip_id"]] += runs
        if row["exact_times"] != "1":
            words = f"runs of {row['trip_id']!r} follow no printed time; {len(runs)} were made, the first at {row['start_time']}"
            report.warning("approximate", row.file, row.line, "exact_times", words)
    return starts


def _repeated(trip: FeedTrip, starts: list[int]) -> list[FeedTrip]:
    """The pattern's run once for each start; a block cannot be told for runs that nobody printed."""
    first = trip.calls[0].dep_min
    runs = []
    for start in sorted(set(starts)):
        later = start // 60 - first
        calls = tuple(c._replace(arr_min=max(0, c.arr_min + later), dep_min=c.dep_min + later) for c in trip.calls)
        runs.append(replace(trip, id=f"{trip.base}@{start // 3600:02}{start // 60 % 60:02}", block="", calls=calls))
    return runs


def _unique_runs(feed: Feed, report: Report) -> None:
    seen: dict[str, FeedTrip] = {}
    for trip in feed.trips:
        if trip.id in seen:
            report.error("duplicate", "frequencies.txt", 0, "start_time", f"two runs would be called {trip.id!r}")
        seen[trip.id] = trip
