"""What must hold between the rows of a profile's files: references, stations, times, bays, specs.

A row with a fault of its own is judged no further; what refers to it is, so that all faults come at once and none twice.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from supply.products.weights import stated_grams
from supply.stations.models import NodeKind

from .profile_carriage import check_carriage
from .profile_contracts import check_contracts
from .profile_rules import CountyProfile
from .profile_subsidies import unknown_names
from .profile_tables import TABLES, Line, Read

Tables = Mapping[str, Read]

REFERENCES = (
    ("nodes", "township", "townships", "name"),
    ("nodes", "served_by", "nodes", "code"),
    ("nodes", "services", "services", "code"),
    ("patterns", "line", "lines", "code"),
    ("stops", "pattern", "patterns", "code"),
    ("stops", "node", "nodes", "code"),
    ("trips", "pattern", "patterns", "code"),
    ("trips", "calendar", "calendars", "code"),
    ("trips", "vehicle", "vehicles", "code"),
    ("trunks", "hub", "nodes", "code"),
    ("trunks", "calendar", "calendars", "code"),
    ("trunk_zones", "trunk", "trunks", "code"),
    ("trunk_zones", "zone", "zones", "code"),
    ("shared_lanes", "trunk", "trunks", "code"),
    ("places", "zone", "zones", "code"),
    ("freight", "zone", "zones", "code"),
    ("contract_zones", "nodes", "nodes", "code"),
    ("contracts", "line", "lines", "code"),
    ("contracts", "from_node", "nodes", "code"),
    ("contracts", "to_node", "nodes", "code"),
    ("contracts", "node", "nodes", "code"),
    ("areas", "node", "nodes", "code"),
    ("doors", "node", "nodes", "code"),
    ("products", "township", "townships", "name"),
    ("products", "station", "nodes", "name"),
    ("templates", "townships", "townships", "name"),
)


PER_PRODUCT = {"category": "category", "storage": "storage", "season_months": "months", "shelf_days": "shelf_days"}
"""Columns that all specs of one product share, with the field each becomes."""


def faults_between(county: CountyProfile | None, tables: Tables) -> list[str]:
    """Every fault; without `county.toml` what depends on it is not judged."""
    errors: list[str] = []
    _check_references(tables, errors)
    _check_nodes(county, tables, errors)
    _check_timetable(tables, errors)
    _check_vehicles(tables, errors)
    check_contracts(tables["contract_zones"].lines, errors)
    _check_subsidies(county, tables, errors)
    check_carriage(tables, errors)
    _check_products(tables, errors)
    return errors


def _say(table: str, line: Line, column: str, fault: str) -> str:
    return f"{TABLES[table].file}:{line.number}: column {column!r}: {fault}"


def _check_references(tables: Tables, errors: list[str]) -> None:
    for table, column, target, target_column in REFERENCES:
        if not tables[target].whole:
            continue
        known = tables[target].named(target_column)
        for line in tables[table].lines:
            value = getattr(line.row, column)
            named: Iterable[str] = value if isinstance(value, tuple) else () if value is None else (value,)
            missing = [name for name in named if name not in known and name != "*"]
            errors += [_say(table, line, column, f"{name!r} is not in {TABLES[target].file}") for name in missing]


def _check_subsidies(county: CountyProfile | None, tables: Tables, errors: list[str]) -> None:
    if not all(tables[name].whole for name in ("nodes", "lines", "zones", "products", "templates")):
        return
    known = {name: tables[name].named("code") for name in ("nodes", "lines", "zones")}
    known["categories"] = tables["products"].named("category") | tables["templates"].named("category")
    for rule in (county.subsidies if county else None) or ():
        faults = unknown_names(rule, known)
        errors += [f"county.toml: [[subsidies]] {rule.code}: {name}: {fault}" for name, fault in faults.items()]


def _check_nodes(county: CountyProfile | None, tables: Tables, errors: list[str]) -> None:
    kinds: dict[str, NodeKind] = {line.row.code: line.row.kind for line in tables["nodes"].lines}
    names: dict[str, int] = {}
    for line in tables["nodes"].lines:
        node = line.row
        if county is not None and not node.code.startswith(f"{county.prefix}-"):
            errors.append(_say("nodes", line, "code", f"{node.code!r} must begin with {county.prefix}-"))
        if node.trades and (first := names.setdefault(node.name, line.number)) != line.number:
            errors.append(_say("nodes", line, "name", f"{node.name} already stands in line {first}"))
        if node.trades and not node.master:
            errors.append(_say("nodes", line, "master", "a station needs its master's name"))
        if node.closes <= node.opens:
            errors.append(_say("nodes", line, "closes", "is not after opens"))
        if kinds.get(node.served_by, NodeKind.HUB) not in (NodeKind.HUB, NodeKind.TOWNSHIP, NodeKind.STATION):
            errors.append(_say("nodes", line, "served_by", f"{node.served_by} is neither a hub nor a station"))
        if node.kind is NodeKind.STATION and node.served_by is None:
            errors.append(_say("nodes", line, "served_by", "a village must name the station or hub that serves it"))
    for line in tables["trunks"].lines:
        if kinds.get(line.row.hub, NodeKind.HUB) is not NodeKind.HUB:
            errors.append(_say("trunks", line, "hub", f"{line.row.hub} is not a hub"))
        if line.row.departs < line.row.cutoff:
            errors.append(_say("trunks", line, "departs", "is before the cut-off"))
        if not line.row.tiers:
            errors.append(_say("trunks", line, "tiers", "is empty"))


def _check_timetable(tables: Tables, errors: list[str]) -> None:
    stops: dict[str, list[Line]] = {line.row.code: [] for line in tables["patterns"].lines}
    guessed = {row.get("pattern", "") for row in tables["stops"].spoilt}  # runs with a stop nobody could read
    for line in tables["stops"].lines:
        stops.get(line.row.pattern, []).append(line)
        if line.row.dep_min < line.row.arr_min:
            errors.append(_say("stops", line, "dep_min", "leaves before it arrives"))
    for pattern in tables["patterns"].lines:
        run = stops[pattern.row.code]
        if pattern.row.code in guessed or not tables["stops"].whole:
            continue
        if len(run) < 2:
            errors.append(_say("patterns", pattern, "code", "has fewer than two stops"))
        elif run[0].row.arr_min or run[0].row.dep_min:
            errors.append(_say("stops", run[0], "dep_min", "a trip starts at its first stop at minute 0"))
        for end in (run[:1], run[-1:]):
            errors += [
                _say("stops", stop, "on_request", "a trip starts and ends at a stop it always calls at")
                for stop in end
                if stop.row.on_request
            ]
        for before, after in pairwise(run):
            if after.row.seq <= before.row.seq:
                errors.append(_say("stops", after, "seq", "stops of a pattern must stand in order"))
            if after.row.arr_min <= before.row.dep_min:
                errors.append(_say("stops", after, "arr_min", "is not after leaving the stop before"))
            if after.row.node == before.row.node:
                errors.append(_say("stops", after, "node", "the same stop twice in a row"))
    for line in tables["calendars"].lines:
        if line.row.ends < line.row.starts:
            errors.append(_say("calendars", line, "ends", "is before starts"))


def _check_vehicles(tables: Tables, errors: list[str]) -> None:
    for line in tables["vehicles"].lines:
        vehicle = line.row
        if vehicle.has_bay and not (vehicle.cap_g and vehicle.cap_ml and vehicle.tiers):
            errors.append(_say("vehicles", line, "has_bay", "a bay needs cap_g, cap_ml and tiers"))
        if not vehicle.has_bay and (vehicle.cap_g or vehicle.cap_ml or vehicle.boxes or vehicle.chilled_ml or vehicle.tiers):
            errors.append(_say("vehicles", line, "has_bay", "without a bay nothing can be carried: caps must be 0 and tiers empty"))
        if vehicle.chilled_ml is not None and vehicle.chilled_ml > vehicle.cap_ml:
            errors.append(_say("vehicles", line, "chilled_ml", "is more than cap_ml"))
        if vehicle.bays:
            _check_bays(line, errors)


def _check_bays(line: Line, errors: list[str]) -> None:
    bays, vehicle = line.row.bays, line.row
    names = [bay.name for bay in bays]
    if len(set(names)) != len(names):
        errors.append(_say("vehicles", line, "bays", "names a bay twice"))
    if vehicle.boxes is None or sum(bay.boxes for bay in bays) < vehicle.boxes:
        errors.append(_say("vehicles", line, "bays", "holds fewer boxes than the vehicle carries"))
    if any(tier != "ambient" for tier in vehicle.tiers) and not any(bay.cold for bay in bays):
        errors.append(_say("vehicles", line, "bays", "has no cold bay for a vehicle that keeps cold"))
    if "ambient" in vehicle.tiers and all(bay.cold for bay in bays):
        errors.append(_say("vehicles", line, "bays", "has cold bays only"))


def _check_products(tables: Tables, errors: list[str]) -> None:
    places = {line.row.name: line.row for line in tables["nodes"].lines}
    townships = {name: node.township for name, node in places.items() if node.trades}
    first: dict[tuple[str, str], Any] = {}
    for line in tables["products"].lines:
        product = line.row
        if product.station in places and townships.get(product.station) != product.township:
            errors.append(_say("products", line, "township", f"{product.station} does not trade in {product.township}"))
        same = first.setdefault((product.station, product.product), product)
        for column, field in PER_PRODUCT.items():
            if getattr(same, field) != getattr(product, field):
                errors.append(_say("products", line, column, f"differs from the other specs of {product.product}"))
    for table in ("products", "templates"):
        for line in tables[table].lines:
            if line.row.gross_g < line.row.net_g:
                errors.append(_say(table, line, "gross_g", "is less than net_g"))
            stated = stated_grams(line.row.spec)
            if stated is not None and stated != line.row.net_g:
                errors.append(_say(table, line, "net_g", f"is {line.row.net_g}, but {line.row.spec} is {stated} g"))
