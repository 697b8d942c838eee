"""From a feed's standard tables to a Feed: stops, routes and what concerns the feed as a whole.

A fault that leaves a meaning open is an error; what can be read in one way only is read so, with a warning.
"""

import math

from .archive import Archive
from .feed import STANDARD, Feed, Route, Stop
from .reading_services import read_services
from .reading_transfers import read_transfers
from .reading_trips import read_trips
from .report import Report
from .tables import Row, Tables

IGNORED = frozenset({
    "shapes.txt", "fare_attributes.txt", "fare_rules.txt", "fare_media.txt", "fare_products.txt", "fare_leg_rules.txt", "levels.txt",
    "fare_transfer_rules.txt", "areas.txt", "stop_areas.txt", "networks.txt", "route_networks.txt", "timeframes.txt", "pathways.txt",
    "translations.txt", "attributions.txt", "location_groups.txt", "location_group_stops.txt", "booking_rules.txt",
})  # fmt: skip
OWN_CLOCK = "Asia/Shanghai"
OWN_AGENCY = "jishi-county"  # lines that name no operator

STOP, STATION = "0", "1"  # location_type
BASIC_KINDS = {"3": ("bus", "road"), "11": ("bus", "road"), "4": ("ferry", "sea")}
EXTENDED_KINDS = {2: ("coach", "road"), 7: ("bus", "road"), 8: ("bus", "road"), 10: ("ferry", "sea"), 12: ("ferry", "sea")}  # by hundreds


def read_feed(archive: Archive, report: Report) -> Feed:
    """Everything that the standard tables say; of use only if the report has no errors afterwards."""
    tables, feed = Tables(archive, report), Feed()
    _say_files(tables, report)
    agencies = _agencies(tables, report)
    _read_stops(tables, feed, report)
    _read_routes(tables, feed, agencies, report)
    read_services(tables, feed, report)
    read_trips(tables, feed, report)
    read_transfers(tables, feed, report)
    return feed


def _say_files(tables: Tables, report: Report) -> None:
    for name in ("stops.txt", "routes.txt", "trips.txt", "stop_times.txt"):
        if name not in tables.names:
            report.error("file_missing", name, 0, "", "the file is missing")
    if not tables.names & {"calendar.txt", "calendar_dates.txt"}:
        report.error("file_missing", "calendar.txt", 0, "", "neither calendar.txt nor calendar_dates.txt is there")
    for name in sorted(tables.names - set(STANDARD)):
        if name in IGNORED:
            report.note("ignored", name, 0, "", "the table is not used")
        elif not name.startswith("x_"):
            report.warning("unknown_file", name, 0, "", "the table is not known; it was not read")


def _agencies(tables: Tables, report: Report) -> dict[str, str]:
    """Names by id; the only agency may have none."""
    found: dict[str, str] = {}
    for row in tables.rows("agency.txt", needs=("agency_name",)):
        if row["agency_id"] in found:
            report.error("duplicate", row.file, row.line, "agency_id", f"{row['agency_id']!r} is there twice")
        found[row["agency_id"]] = "" if row["agency_id"] == OWN_AGENCY else row["agency_name"]
        if row["agency_timezone"] != OWN_CLOCK:
            report.warning(
                "other_clock", row.file, row.line, "agency_timezone",
                f"times of {row['agency_timezone'] or 'no time zone'} were taken as they stand, as the county's clock shows them",
            )  # fmt: skip
    if not found:
        report.warning("no_agency", "agency.txt", 0, "", "no agency is named; the lines have no operator")
    return found


def _read_stops(tables: Tables, feed: Feed, report: Report) -> None:
    seen: set[str] = set()
    parent_of: dict[str, Row] = {}
    skipped: set[str] = set()
    for row in tables.rows("stops.txt", needs=("stop_id",)):
        stop_id, kind = row["stop_id"], row["location_type"] or STOP
        if stop_id in seen:
            report.error("duplicate", row.file, row.line, "stop_id", f"{stop_id!r} is there twice")
            continue
        seen.add(stop_id)
        if kind not in (STOP, STATION):
            skipped.add(stop_id)
            report.note(
                "not_a_stop", row.file, row.line, "location_type", f"{stop_id!r} is an entrance or a part of a platform; it was left out"
            )
            continue
        if not row["stop_name"]:
            report.warning("no_name", row.file, row.line, "stop_name", f"{stop_id!r} has no name; its id is shown instead")
        if row["parent_station"] and kind == STOP:
            parent_of[stop_id] = row
        feed.stops[stop_id] = Stop(stop_id, row["stop_code"], row["stop_name"] or stop_id, *_position(row, report), row.line)
    for stop_id, row in parent_of.items():
        parent = row["parent_station"]
        if parent not in feed.stops or parent in parent_of:
            report.error("unknown_reference", row.file, row.line, "parent_station", f"no station has the id {parent!r}")
            continue
        feed.parents[stop_id] = parent
        report.note("platform", row.file, row.line, "parent_station", f"{stop_id!r} is a platform of {parent!r}; the station is one place")
        feed.stops.pop(stop_id)


def _position(row: Row, report: Report) -> tuple[float | None, float | None]:
    """Latitude and longitude, or neither."""
    if not row["stop_lat"] and not row["stop_lon"]:
        report.warning("no_position", row.file, row.line, "stop_lat", f"{row['stop_id']!r} has no position; it is not on the map")
        return None, None
    try:
        lat, lon = float(row["stop_lat"]), float(row["stop_lon"])
        if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
            raise ValueError
    except ValueError:
        report.error("bad_value", row.file, row.line, "stop_lat", f"{row['stop_lat']!r}, {row['stop_lon']!r} is no position on earth")
        return None, None
    return lat, lon


def _read_routes(tables: Tables, feed: Feed, agencies: dict[str, str], report: Report) -> None:
    only = next(iter(agencies.values())) if len(agencies) == 1 else ""
    for row in tables.rows("routes.txt", needs=("route_id", "route_type")):
        route_id, agency = row["route_id"], row["agency_id"]
        if route_id in feed.routes:
            report.error("duplicate", row.file, row.line, "route_id", f"{route_id!r} is there twice")
        if agency and agency not in agencies:
            report.error("unknown_reference", row.file, row.line, "agency_id", f"no agency has the id {agency!r}")
        number, name = row["route_short_name"], row["route_long_name"]
        if not number and not name:
            report.warning("no_name", row.file, row.line, "route_short_name", f"{route_id!r} has neither number nor name; its id is shown")
        feed.routes[route_id] = Route(
            route_id, number or name or route_id, name or number or route_id, agencies.get(agency, only) if agency else only,
            *_kind(row, report), row.line,
        )  # fmt: skip


def _kind(row: Row, report: Report) -> tuple[str, str]:
    """Line kind and mode of a route_type, the extended types by their hundreds."""
    text = row["route_type"]
    if not text.isdecimal() or len(text) > 4:
        report.error("bad_value", row.file, row.line, "route_type", f"{text!r} is not a route type")
        return "bus", "road"
    if known := BASIC_KINDS.get(text) or EXTENDED_KINDS.get(int(text) // 100):
        return known
    report.warning("no_such_kind", row.file, row.line, "route_type", f"lines of type {text} are not known here; it was taken as a bus line")
    return "bus", "road"
