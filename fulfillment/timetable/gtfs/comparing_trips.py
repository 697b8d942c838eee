"""A feed's runs against the county's: which are new, which have other stops or times, which only other facts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from fulfillment.network.models import Line, ServiceCalendar, StopTime, Trip
from supply.stations.models import Node, NodeKind

from .codes import Codes
from .columns import columns_of, defaults_of, table_of, x_file
from .extras import Extras
from .feed import Feed, FeedTrip
from .merging import resolve
from .report import Report

STOP_EXTRAS = tuple(c.attribute for c in columns_of(StopTime) if c.attribute not in ("trip_id", "position"))
STOP_COLUMNS = ("node_id", "arr_min", "dep_min", *STOP_EXTRAS)

StopRow = tuple[Any, ...]  # in the order of STOP_COLUMNS


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is to be: columns of Trip and its stops; `there` is the key of the row it takes over from."""

    facts: dict[str, Any]
    stops: list[StopRow]
    there: int | None = None


@dataclass
class Comparison:
    new: list[Run] = field(default_factory=list)
    replaced: list[Run] = field(default_factory=list)
    touched: list[Run] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    same: int = 0

    @property
    def ended(self) -> list[int]:
        """Trips whose rows stand no longer."""
        return [*self.withdrawn, *(run.there or 0 for run in self.replaced)]


def compare_trips(
    session: Session, feed: Feed, extras: Extras, codes: Codes, nodes: Mapping[str, int], report: Report, *, withdraw: bool
) -> Comparison:
    """Nothing is written. `withdraw`: runs of the feed's lines that it does not name are to end; otherwise they stay."""
    found, current = Comparison(), _current(session, codes.tenant_id)
    stops = _stops(session, codes.tenant_id, {row["id"] for row in current.values()})
    hubs = _hubs(session, codes.tenant_id)
    without_vehicle: dict[str, int] = defaultdict(int)
    for trip in feed.trips:
        there = current.get(trip.id)
        old = stops.get(there["id"], []) if there else []
        run = Run(
            facts=_facts(trip, there, extras, codes, nodes, hubs, report),
            stops=[_stop(trip, n, old, extras, nodes) for n in range(len(trip.calls))],
            there=there["id"] if there else None,
        )
        if there is None:
            found.new.append(run)
            without_vehicle[trip.route] += run.facts["vehicle_id"] is None
        elif run.stops != old or run.facts["line_id"] != there["line_id"]:
            found.replaced.append(run)
        elif any(there[name] != value for name, value in run.facts.items()):
            found.touched.append(run)
        else:
            found.same += 1
    _say_strangers(feed, extras, report)
    for route, n in without_vehicle.items():
        if n:
            words = f"{n} new runs of {route!r} have no vehicle that we know of; they carry no goods"
            report.warning("no_vehicle", "trips.txt", 0, "", words)
    _left_out(found, feed, codes, current, report, withdraw=withdraw)
    return found


def _current(session: Session, tenant_id: int) -> dict[str, Mapping[str, Any]]:
    table = table_of(Trip)
    rows = session.execute(select(*table.columns).where(table.c.tenant_id == tenant_id, table.c.runs_until.is_(None))).mappings()
    return {row["code"]: dict(row) for row in rows}


def _stops(session: Session, tenant_id: int, trips: set[int]) -> dict[int, list[StopRow]]:
    table = table_of(StopTime)
    columns = [table.c[name] for name in STOP_COLUMNS]
    rows = session.execute(
        select(table.c.trip_id, *columns).where(table.c.tenant_id == tenant_id).order_by(table.c.trip_id, table.c.position)
    )
    found: dict[int, list[StopRow]] = defaultdict(list)
    for trip, *stop in rows:
        if trip in trips:
            found[trip].append(tuple(stop))
    return found


def _hubs(session: Session, tenant_id: int) -> set[int]:
    table = table_of(Node)
    return set(session.execute(select(table.c.id).where(table.c.tenant_id == tenant_id, table.c.kind == NodeKind.HUB)).scalars())


def _facts(
    trip: FeedTrip, there: Mapping[str, Any] | None, extras: Extras, codes: Codes, nodes: Mapping[str, int], hubs: set[int], report: Report
) -> dict[str, Any]:
    """What the feed does not say stays as it is; of a new run it is the model's default."""
    own = defaults_of(Trip) | {c.attribute: there[c.attribute] for c in columns_of(Trip) if there is not None}
    if Trip in extras.rows:
        own = defaults_of(Trip)
        if (extra := extras.of(Trip).get((trip.id,))) is not None:
            own |= resolve(codes, Trip, extra, report) or {}
    own = {name: value for name, value in own.items() if name not in ("runs_from", "runs_until")}
    towards = "in" if nodes[trip.calls[-1].stop] in hubs and nodes[trip.calls[0].stop] not in hubs else "out"
    return own | {
        "code": trip.id,
        "line_id": codes.id_of(Line, trip.route),
        "calendar_id": codes.id_of(ServiceCalendar, trip.service),
        "direction": trip.direction or own.get("direction") or towards,
        "block": trip.block,
    }


def _stop(trip: FeedTrip, n: int, old: list[StopRow], extras: Extras, nodes: Mapping[str, int]) -> StopRow:
    call = trip.calls[n]
    own = {name: default for name, default in defaults_of(StopTime).items() if name in STOP_EXTRAS}
    if StopTime in extras.rows:
        if (extra := extras.of(StopTime).get((trip.id, call.sequence))) is not None:
            own |= {name: extra.values[name] for name in STOP_EXTRAS if name in extra.values}
    elif n < len(old) and old[n][0] == nodes[call.stop]:
        own = dict(zip(STOP_EXTRAS, old[n][3:], strict=True))
    if call.open:  # where nobody may board, the feed cannot say whether one has to wave
        own["on_request"] = call.on_request
    return (nodes[call.stop], call.arr_min, call.dep_min, *(own[name] for name in STOP_EXTRAS))


def _say_strangers(feed: Feed, extras: Extras, report: Report) -> None:
    runs = {trip.id for trip in feed.trips}
    for (code,), row in extras.of(Trip).items():
        if code not in runs:
            report.warning("no_such_trip", x_file(Trip), row.line, "code", f"the feed has no run {code!r}; the line was left out")
    calls = {(trip.id, call.sequence) for trip in feed.trips for call in trip.calls} if StopTime in extras.rows else set()
    for name, row in extras.of(StopTime).items():
        if name not in calls:
            report.warning(
                "no_such_stop", x_file(StopTime), row.line, "position", f"{name[0]!r} has no stop {name[1]}; the line was left out"
            )


def _left_out(
    found: Comparison, feed: Feed, codes: Codes, current: Mapping[str, Mapping[str, Any]], report: Report, *, withdraw: bool
) -> None:
    """Runs of the feed's lines that the feed does not name."""
    named = {trip.id for trip in feed.trips}
    lines = {codes.id_of(Line, route): route for route in feed.routes}
    rest: dict[str, list[int]] = defaultdict(list)
    for code, row in current.items():
        if code not in named and row["line_id"] in lines:
            rest[lines[row["line_id"]]].append(row["id"])
    for route, trips in rest.items():
        if withdraw:
            found.withdrawn += trips
            report.note("withdrawn", "trips.txt", 0, "", f"{len(trips)} runs of {route!r} are not in the feed; they end")
        else:
            words = f"{len(trips)} runs of {route!r} are not in the feed; they go on, --withdraw would end them"
            report.warning("left_out", "trips.txt", 0, "", words)
