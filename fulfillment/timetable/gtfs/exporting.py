"""`jishi gtfs export`: a county's timetable as a feed any GTFS reader takes, and beside it our x_ tables, to the byte the same every time.

Goods ride lines that passengers may not board: mail vans, couriers and feeders that are not announced stand in the standard
tables with pickup and drop-off "not available", so that a map shows no traveller a mail van.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import select
from sqlmodel import Session

from core.settings import settings
from fulfillment.network.models import Line, ServiceCalendar, StopTime, Transfer, Trip
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_kinds import LineKind
from supply.stations.models import Node

from .columns import Model, exchanged_models, key_of, table_of, x_file, x_models
from .exporting_extras import extra_rows
from .extras import HUB_RULES
from .reading import OWN_AGENCY, OWN_CLOCK
from .reading_services import ADDED, DAYS, REMOVED
from .reading_transfers import ENDS
from .reading_trips import NOBODY
from .service_days import days_of, span_of, weekday_days
from .times import write_date, write_time

ROUTE_TYPES = {LineKind.FERRY: "4", LineKind.COACH: "200"}  # all others run on roads: 3
FOR_PASSENGERS = (LineKind.BUS, LineKind.COACH, LineKind.FERRY, LineKind.LOOP)
DIRECTION_IDS = {"out": "0", "in": "1"}  # x_trips.txt says any other
ON_REQUEST = "3"  # arrange with the driver
SAME_MOMENT = (1980, 1, 1, 0, 0, 0)  # of every file in the zip: the bytes depend on the timetable only

Rows = Iterable[Sequence[str]]
Mappings = list[Mapping[str, Any]]


def export_feed(session: Session, county: County, file: Path) -> dict[str, int]:
    """Write a county's feed; returns the rows of each table. Nothing is left at `file` if something fails."""
    counts: dict[str, int] = {}
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as zipped:
        for name, header, rows in sorted(_tables(session, county), key=lambda table: table[0]):
            text = io.StringIO(newline="")
            writer = csv.writer(text, lineterminator="\r\n")
            writer.writerow(header)
            every = list(rows)
            writer.writerows(every)
            counts[name] = len(every)
            zipped.writestr(_entry(name), text.getvalue().encode())
    file.write_bytes(made.getvalue())
    return counts


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, SAME_MOMENT)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
    return entry


def read_rows(session: Session, model: Model, tenant_id: int) -> Mappings:
    """A county's rows as the timetable stands: runs that ended are history."""
    table = table_of(model)
    query = select(*table.columns).where(table.c.tenant_id == tenant_id)
    if model is Trip:
        query = query.where(table.c.runs_until.is_(None))
    return [dict(row) for row in session.execute(query).mappings()]


def _tables(session: Session, county: County) -> Iterator[tuple[str, Sequence[str], Rows]]:
    rows = {model: read_rows(session, model, county.id) for model in exchanged_models()}
    trips = {row["id"] for row in rows[Trip]}
    rows[StopTime] = [row for row in rows[StopTime] if row["trip_id"] in trips]
    closed = _closed_lines(rows[Line])
    yield from _feed_itself(county, rows[Line])
    yield _stops(rows[Node])
    yield _routes(rows[Line])
    yield from _services(rows[ServiceCalendar])
    yield from _runs(rows, closed)
    yield _transfers(rows)
    codes = {model: {row["id"]: str(row["code"]) for row in found if "id" in row and "code" in row} for model, found in rows.items()}
    for model in x_models():
        yield x_file(model), *extra_rows(model, rows[model], codes)
    hub = policy_of(county).hub
    yield HUB_RULES, hub._fields, [["" if value is None else str(value) for value in hub]]


def _closed_lines(lines: Mappings) -> set[int]:
    return {row["id"] for row in lines if row["kind"] not in FOR_PASSENGERS or not row["published"]}


def _feed_itself(county: County, lines: Mappings) -> Iterator[tuple[str, Sequence[str], Rows]]:
    operators = sorted({row["operator"] for row in lines} - {""})
    agencies = [(OWN_AGENCY, county.name)] if any(not row["operator"] for row in lines) or not operators else []
    agencies += [(name, name) for name in operators]
    yield (
        "agency.txt", ("agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang"),
        [(key, name, settings.address, OWN_CLOCK, "zh") for key, name in agencies],
    )  # fmt: skip
    publisher = ("feed_publisher_name", "feed_publisher_url", "feed_lang")
    yield "feed_info.txt", publisher, [(county.brand, settings.address, "zh")]


def _stops(nodes: Mappings) -> tuple[str, Sequence[str], Rows]:
    header = ("stop_id", "stop_name", "stop_lat", "stop_lon", "location_type")
    rows = sorted(nodes, key=lambda row: str(row["code"]))
    return "stops.txt", header, [(n["code"], n["name"], _degrees(n["lat"]), _degrees(n["lon"]), "0") for n in rows]


def _degrees(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _routes(lines: Mappings) -> tuple[str, Sequence[str], Rows]:
    header = ("route_id", "agency_id", "route_short_name", "route_long_name", "route_type", "route_sort_order")
    rows = sorted(lines, key=lambda row: (row["position"], str(row["code"])))
    return (
        "routes.txt", header,
        [
            (r["code"], r["operator"] or OWN_AGENCY, r["number"], r["name"], ROUTE_TYPES.get(r["kind"], "3"), str(max(0, r["position"])))
            for r in rows
        ],
    )  # fmt: skip


def _services(calendars: Mappings) -> Iterator[tuple[str, Sequence[str], Rows]]:
    """Weekdays within the span; every other day that runs, or does not, one by one: months have no place in calendar.txt."""
    weeks, dates = [], []
    for row in sorted(calendars, key=lambda row: str(row["code"])):
        code, mask = row["code"], row["weekdays"]
        first, last = span_of(row["starts_on"], row["ends_on"])
        weeks.append((code, *("1" if mask >> n & 1 else "0" for n in range(7)), write_date(first), write_date(last)))
        days, usual = days_of(ServiceCalendar(**row)), weekday_days(mask, first, last)
        removed = (usual - days) | {d for d in map(date.fromisoformat, row["removed"]) if d not in days}
        added = (days - usual) | {d for d in map(date.fromisoformat, row["added"]) if d in days}
        single = [(day, ADDED) for day in added] + [(day, REMOVED) for day in removed]
        dates += [(code, write_date(day), kind) for day, kind in sorted(single)]
    yield "calendar.txt", ("service_id", *DAYS, "start_date", "end_date"), weeks
    yield "calendar_dates.txt", ("service_id", "date", "exception_type"), dates


def _runs(rows: Mapping[Model, Mappings], closed: set[int]) -> Iterator[tuple[str, Sequence[str], Rows]]:
    lines, calendars, nodes = ({row["id"]: row for row in rows[model]} for model in (Line, ServiceCalendar, Node))
    calls: dict[int, Mappings] = defaultdict(list)
    for row in sorted(rows[StopTime], key=lambda row: row["position"]):
        calls[row["trip_id"]].append(row)
    trips = sorted((row for row in rows[Trip] if calls[row["id"]]), key=lambda row: str(row["code"]))
    yield (
        "trips.txt", ("route_id", "service_id", "trip_id", "trip_headsign", "direction_id", "block_id"),
        [
            (
                lines[t["line_id"]]["code"], calendars[t["calendar_id"]]["code"], t["code"], nodes[calls[t["id"]][-1]["node_id"]]["name"],
                DIRECTION_IDS.get(t["direction"], ""), t["block"],
            )
            for t in trips
        ],
    )  # fmt: skip
    header = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence", "pickup_type", "drop_off_type")
    yield "stop_times.txt", header, (_call(t, c, nodes, closed=t["line_id"] in closed) for t in trips for c in calls[t["id"]])


def _call(trip: Mapping[str, Any], call: Mapping[str, Any], nodes: Mapping[int, Mapping[str, Any]], *, closed: bool) -> Sequence[str]:
    boarding = NOBODY if closed else ON_REQUEST if call["on_request"] else "0"
    return (
        trip["code"], write_time(call["arr_min"]), write_time(call["dep_min"]), nodes[call["node_id"]]["code"], str(call["position"]),
        boarding, boarding,
    )  # fmt: skip


def _transfers(rows: Mapping[Model, Mappings]) -> tuple[str, Sequence[str], Rows]:
    """Those of runs that trips.txt does not name any more are left out."""
    called = {row["trip_id"] for row in rows[StopTime]}
    runs = {"", *(row["code"] for row in rows[Trip] if row["id"] in called)}
    kept = (row for row in rows[Transfer] if row["from_trip"] in runs and row["to_trip"] in runs)
    told = [
        (*(row[name] for name in key_of(Transfer)), str(row["kind"]), "" if row["min_s"] is None else str(row["min_s"])) for row in kept
    ]
    return "transfers.txt", (*ENDS, "transfer_type", "min_transfer_time"), sorted(told)
