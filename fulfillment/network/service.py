"""A county's carriage comes into the installation: from the profile's files to rows, in bulk."""

from collections import defaultdict

from sqlmodel import Session

from supply.counties.loading import ids_by, insert_rows
from supply.counties.profile_rows import Profile, StopRow
from supply.stations.models import Node, NodeKind

from .models import DoorRound, FreightTariff, Line, Place, ServedArea, ServiceCalendar, StopTime, Trip, Trunk, TrunkZone, Vehicle, Zone

CALLED_AFTER = ("驿站", "服务站", "村组点", "站")  # what a node's name says beyond its village's


def load_network(session: Session, profile: Profile, tenant_id: int) -> None:
    """Lines, vehicles, calendars, trips with stop times, trunks, zones and the tariff of a county whose nodes are loaded."""
    nodes = ids_by(session, Node, tenant_id)
    _load_rolling_stock(session, profile, tenant_id)
    calendars = ids_by(session, ServiceCalendar, tenant_id)
    _load_timetable(session, profile, tenant_id, nodes, calendars)
    _load_trunks(session, profile, tenant_id, nodes, calendars)
    _load_tariff(session, profile, tenant_id)
    _load_served(session, profile, tenant_id, nodes)


def _load_rolling_stock(session: Session, profile: Profile, tenant_id: int) -> None:
    lines = [
        {
            "code": line.code, "number": line.number, "name": line.name, "kind": line.kind, "mode": line.mode, "ink": line.color,
            "position": position, "fee_fen": line.fee_fen, "close_min": line.close_min, "max_wind": line.max_wind,
            "operator": line.operator, "published": line.published, "min_visibility_m": line.min_visibility_m, "area": line.area,
            "goods_windows": [list(window) for window in line.goods_windows],
        }
        for position, line in enumerate(profile.lines)
    ]  # fmt: skip
    vehicles = [
        {
            "code": v.code, "plate": v.name, "kind": v.kind, "seats": v.seats, "energy": v.energy, "bay_g": v.cap_g, "bay_ml": v.cap_ml,
            "boxes": v.boxes, "chilled_ml": v.chilled_ml, "tiers": list(v.tiers),
            "bays": [list(bay) for bay in v.bays],
        }
        for v in profile.vehicles
    ]  # fmt: skip
    calendars = [
        {
            "code": c.code, "weekdays": sum(1 << n for n, runs in enumerate(c.weekdays) if runs), "months": list(c.months),
            "starts_on": c.starts, "ends_on": c.ends,
            "added": [d.isoformat() for d in c.also], "removed": [d.isoformat() for d in c.without],
            "seasons": [[*season.first, *season.last] for season in c.seasons],
            "market": [int(c.market.lunar), *c.market.digits] if c.market else [], "every_days": c.every_days,
        }
        for c in profile.calendars
    ]  # fmt: skip
    for table, rows in ((Line, lines), (Vehicle, vehicles), (ServiceCalendar, calendars)):
        insert_rows(session, table, tenant_id, rows)


def _load_timetable(session: Session, profile: Profile, tenant_id: int, nodes: dict[str, int], calendars: dict[str, int]) -> None:
    lines, vehicles = ids_by(session, Line, tenant_id), ids_by(session, Vehicle, tenant_id)
    patterns = {pattern.code: pattern for pattern in profile.patterns}
    trips = [
        {
            "code": t.code, "line_id": lines[patterns[t.pattern].line], "calendar_id": calendars[t.calendar],
            "vehicle_id": vehicles[t.vehicle],
            "direction": patterns[t.pattern].direction, "block": t.block, "passenger_pct": t.passenger_pct,
        }
        for t in profile.trips
    ]  # fmt: skip
    insert_rows(session, Trip, tenant_id, trips)
    trip_ids = ids_by(session, Trip, tenant_id)
    stops: dict[str, list[StopRow]] = defaultdict(list)
    for stop in profile.stops:
        stops[stop.pattern].append(stop)
    times = [
        {
            "trip_id": trip_ids[t.code], "position": position, "node_id": nodes[stop.node],
            "arr_min": t.departs + stop.arr_min, "dep_min": t.departs + stop.dep_min, "on_request": stop.on_request,
        }
        for t in profile.trips
        for position, stop in enumerate(stops[t.pattern])
    ]  # fmt: skip
    insert_rows(session, StopTime, tenant_id, times)


def _load_trunks(session: Session, profile: Profile, tenant_id: int, nodes: dict[str, int], calendars: dict[str, int]) -> None:
    shared = {row.trunk: row for row in profile.shared_lanes}
    trunks = [
        {
            "code": k.code, "carrier": k.carrier, "name": k.name, "mode": k.mode, "hub_id": nodes[k.hub], 
            "calendar_id": calendars[k.calendar],
            "cutoff_min": k.cutoff, "dep_min": k.departs, "cap_g": k.cap_g, "max_wind": k.max_wind, "tiers": list(k.tiers),
            "min_visibility_m": k.min_visibility_m, "area": k.area,
            "lane": shared[k.code].lane if k.code in shared else "", "lane_cap_g": shared[k.code].cap_g if k.code in shared else 0,
        }
        for k in profile.trunks
    ]  # fmt: skip
    insert_rows(session, Trunk, tenant_id, trunks)
    ids = ids_by(session, Trunk, tenant_id)
    lanes = [
        {"trunk_id": ids[z.trunk], "zone": z.zone, "base_fen": z.base_fen, "per_kg_fen": z.per_kg_fen, "hours": z.hours}
        for z in profile.trunk_zones
    ]
    insert_rows(session, TrunkZone, tenant_id, lanes)


def _load_tariff(session: Session, profile: Profile, tenant_id: int) -> None:
    for table, rows in ((Zone, profile.zones), (Place, profile.places), (FreightTariff, profile.freight)):
        insert_rows(session, table, tenant_id, [row._asdict() for row in rows])


def _load_served(session: Session, profile: Profile, tenant_id: int, nodes: dict[str, int]) -> None:
    """What serves which address: every node its own village, a township station its town, and what the profile says beyond."""
    served = {
        (node.township, "" if whole else _village(node.name)): node.code
        for whole in (True, False)
        for node in profile.nodes
        if (node.kind == NodeKind.TOWNSHIP if whole else node.kind != NodeKind.HUB)
    }
    served |= {(area.town, area.village): area.node for area in profile.areas}
    areas = [{"town": town, "village": village, "node_id": nodes[code]} for (town, village), code in served.items()]
    insert_rows(session, ServedArea, tenant_id, areas)
    doors = [
        {
            "node_id": nodes[d.node], "kind": d.kind, "first_min": d.first, "last_min": d.last, "every_min": d.every_min,
            "minutes": d.minutes,
        }
        for d in profile.doors
    ]  # fmt: skip
    insert_rows(session, DoorRound, tenant_id, doors)


def _village(name: str) -> str:
    return next((name.removesuffix(word) for word in CALLED_AFTER if name.endswith(word) and name != word), name)
