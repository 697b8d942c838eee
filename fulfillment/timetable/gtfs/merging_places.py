"""A feed's stops and the county's places: the same by code, else by the code on the stop's post, else a new place is made.

A place the county knows keeps its name, kind and position unless our own x_nodes.txt speaks of it; a new stop is a pier where
a ferry calls, else a stop without a counter. A place that trades stays what it is.
"""

from typing import Any

from sqlmodel import Session, select

from supply.counties.models import Township
from supply.stations.models import Node, NodeKind, Station

from .codes import Codes
from .columns import table_of
from .extras import Extras
from .feed import Feed, Stop
from .merging import existing, merge, merge_extras, resolve
from .report import Report


def merge_places(session: Session, feed: Feed, extras: Extras, codes: Codes, report: Report) -> dict[str, int]:
    """Townships and nodes; node keys by stop id, platforms included. Of use only if the report has no errors."""
    merge_extras(session, Township, extras, codes, report)
    known = existing(session, Node, codes.tenant_id)
    trading = set(session.exec(select(Station.code).where(Station.tenant_id == codes.tenant_id)).all())
    piers = _piers(feed)
    matched = {stop.id: _code(stop, known, codes, report) for stop in feed.stops.values()}
    rows: list[tuple[int, dict[str, Any]]] = []
    served: list[tuple[int, dict[str, Any]]] = []
    for stop in feed.stops.values():
        code = matched[stop.id]
        values: dict[str, Any] = {"code": code}
        there = known.get((code,))
        if (extra := extras.of(Node).get((stop.id,))) is not None:
            values |= {"name": stop.name, "lat": stop.lat, "lon": stop.lon} | (resolve(codes, Node, extra, report) or {}) | {"code": code}
            if code in trading and there and values.get("kind", there["kind"]) != there["kind"]:
                report.warning(
                    "trades", "x_nodes.txt", extra.line, "kind", f"{code!r} is a station that trades; it stays a {there['kind']}"
                )
                values.pop("kind")
            if (by := values.pop("served_by_id", "")) != "":
                served.append((extra.line, {"code": code, "served_by": by}))
        elif there is None:
            values |= {"name": stop.name, "lat": stop.lat, "lon": stop.lon}
        elif there["lat"] is None:
            values |= {"lat": stop.lat, "lon": stop.lon}
        if there is None:
            values.setdefault("kind", NodeKind.PIER.value if stop.id in piers else NodeKind.STOP.value)
        rows.append((stop.line, values))
    _leave_out_strangers(feed, extras, report)
    merge(session, Node, codes.tenant_id, rows, report, codes)
    _serve(session, served, {code for (code,) in known}, codes, report)
    ids = codes.ids(Node)
    keys = {stop: ids.get(code, 0) for stop, code in matched.items()}
    return keys | {platform: keys[station] for platform, station in feed.parents.items()}


def _piers(feed: Feed) -> set[str]:
    ferries = {route.id for route in feed.routes.values() if route.kind == "ferry"}
    return {call.stop for trip in feed.trips if trip.route in ferries for call in trip.calls}


def _code(stop: Stop, known: dict[tuple[Any, ...], Any], codes: Codes, report: Report) -> str:
    code = codes.own(Node, stop.id)
    if (code,) in known or not stop.code or (stop.code,) not in known:
        return code
    report.note("matched", "stops.txt", stop.line, "stop_code", f"{stop.id!r} is the place {stop.code!r} of the county")
    return stop.code


def _leave_out_strangers(feed: Feed, extras: Extras, report: Report) -> None:
    for (code,), row in extras.of(Node).items():
        if code not in feed.stops:
            report.warning("no_such_stop", "x_nodes.txt", row.line, "code", f"stops.txt has no {code!r}; the line was left out")


def _serve(session: Session, served: list[tuple[int, dict[str, Any]]], before: set[str], codes: Codes, report: Report) -> None:
    """Which place serves which, once all of them are there."""
    rows = []
    for line, row in served:
        by = row["served_by"]
        target = codes.id_of(Node, by) if by is not None else None
        if by is not None and target is None:
            report.error("unknown_reference", "x_nodes.txt", line, "served_by", f"no place has the code {by!r}")
        rows.append((line, {"code": row["code"], "served_by_id": target}))
    if report.failed or not rows:
        return
    table = table_of(Node).name
    counted = report.changes[table]
    changed = {code for (code,) in merge(session, Node, codes.tenant_id, rows, report, codes)} & before
    report.changes[table] = counted._replace(changed=counted.changed + len(changed), same=max(0, counted.same - len(changed)))
