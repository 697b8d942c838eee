"""The county's roads of some service days, read once: what the planner and the promise compute on, and how it is said.

Minutes count from the first day's midnight. A stop's `dep` in the instance is its cut-off: loading closes `close_min`
before the vehicle leaves. Positions are those of the printed timetable; indexes count a trip's stops from 0.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import clock
from fulfillment.network.models import Line, ServiceCalendar, StopTime, TrunkZone
from fulfillment.network.models import Trunk as TrunkRow
from fulfillment.timetable.calendar import runs_on
from fulfillment.timetable.models import Departure as DepartureRow
from fulfillment.timetable.models import DepartureStatus
from supply.counties.profile_rules import HubRules
from supply.stations.models import Node as NodeRow

from .instance import Capacity, Departure, Instance, Node, Parcel, Stop, Trunk, Zone

NEEDED = (
    "id", "code", "trip_id", "line_id", "service_date", "status", "cap_g", "cap_ml", "cap_boxes", "cap_chilled_ml", "tiers", "delay_min",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One stop of one departure as people know it."""

    position: int
    node: str
    arrives_at: datetime
    leaves_at: datetime


@dataclass(frozen=True, slots=True)
class Ride:
    """One departure with its line and calls."""

    id: int
    code: str
    line: str
    number: str
    line_name: str
    kind: str
    status: str
    begin: datetime  # the moment its minutes count from, a delay included
    stops: Sequence[tuple[int, str, int, int]]  # position, node, arrival and departure minute

    @property
    def calls(self) -> tuple[Call, ...]:
        """Made when asked for: a board reads thousands of rides and tells a few."""
        return tuple(Call(p, n, self.begin + timedelta(minutes=a), self.begin + timedelta(minutes=d)) for p, n, a, d in self.stops)

    def index(self, position: int) -> int:
        return next(i for i, stop in enumerate(self.stops) if stop[0] == position)


@dataclass(frozen=True, slots=True)
class TrunkDay:
    """One trunk on one day; `key` names it in an instance."""

    key: str
    id: int
    code: str
    name: str
    carrier: str
    mode: str
    hub: str
    cutoff_at: datetime
    leaves_at: datetime


@dataclass(frozen=True)
class Roads:
    start: datetime
    first: date
    last: date
    nodes: tuple[Node, ...]
    departures: tuple[Departure, ...]
    trunks: tuple[Trunk, ...]
    rides: dict[str, Ride]
    trunk_days: dict[str, TrunkDay]
    names: dict[str, str]  # node code → name
    node_codes: dict[int, str]

    def minute(self, instant: datetime) -> float:
        return (instant - self.start).total_seconds() / 60

    def instant(self, minute: float) -> datetime:
        return self.start + timedelta(minutes=minute)

    def stop_index(self, ride: Ride, label: str) -> int:
        """Which call a leg's `node` or `node#i` names."""
        node, _, index = label.partition("#")
        return int(index) if index else next(i for i, stop in enumerate(ride.stops) if stop[1] == node)


def read_roads(session: Session, tenant_id: int, first: date, days: int) -> Roads:
    """Departures that carry goods, and trunks, of `days` service days from `first` on; five queries."""
    last = first + timedelta(days=days - 1)
    nodes = session.exec(select(NodeRow.id, NodeRow.code, NodeRow.name, NodeRow.kind).where(NodeRow.tenant_id == tenant_id)).all()
    codes = {node_id or 0: code for node_id, code, _, _ in nodes}
    stops: dict[int, list[tuple[int, str, int, int]]] = defaultdict(list)
    every = sql_select(*(col(c) for c in (StopTime.trip_id, StopTime.position, StopTime.node_id, StopTime.arr_min, StopTime.dep_min)))
    every = every.where(col(StopTime.tenant_id) == tenant_id).order_by(col(StopTime.trip_id), col(StopTime.position))
    for trip, position, node, arr, dep in session.execute(every):
        stops[trip].append((position, codes[node], arr, dep))
    departures, rides = [], {}
    for row, line in _departures(session, tenant_id, first, last):
        shift = (row.service_date - first).days * 1440 + row.delay_min
        calls = stops[row.trip_id]
        departures.append(
            Departure(
                id=row.code,
                line=line.code,
                mode=line.kind,
                tiers=frozenset(row.tiers),
                fee_fen=line.fee_fen,
                stops=tuple(Stop(node, arr + shift, dep + shift - line.close_min) for _, node, arr, dep in calls),
                cap=Capacity(row.cap_g, row.cap_ml, row.cap_boxes, row.cap_chilled_ml),
            )
        )
        begin = clock.on(row.service_date, row.delay_min)
        rides[row.code] = Ride(row.id or 0, row.code, line.code, line.number, line.name, line.kind, row.status, begin, calls)
    trunks, trunk_days = _trunks(session, tenant_id, first, days, codes)
    return Roads(
        start=clock.midnight(first),
        first=first,
        last=last,
        nodes=tuple(Node(code, kind) for _, code, _, kind in nodes),
        departures=tuple(departures),
        trunks=trunks,
        rides=rides,
        trunk_days=trunk_days,
        names={code: name for _, code, name, _ in nodes},
        node_codes=codes,
    )


def _departures(session: Session, tenant_id: int, first: date, last: date) -> list[tuple[DepartureRow, Line]]:
    asked = (
        select(DepartureRow, Line)
        .join(Line, col(Line.id) == col(DepartureRow.line_id))
        .where(
            DepartureRow.tenant_id == tenant_id,
            col(DepartureRow.service_date).between(first, last),
            DepartureRow.status != DepartureStatus.CANCELLED,
            DepartureRow.cap_g > 0,
        )
        .order_by(col(DepartureRow.id))
    )
    columns = [col(getattr(DepartureRow, name)) for name in NEEDED]
    lines = {line.id: line for line in session.exec(select(Line).where(Line.tenant_id == tenant_id))}
    rows = session.execute(asked.with_only_columns(*columns))  # plain rows: thousands of objects would cost more than the scan
    return [(row, lines[row.line_id]) for row in rows]  # type: ignore[misc]


def _trunks(
    session: Session, tenant_id: int, first: date, days: int, codes: dict[int, str]
) -> tuple[tuple[Trunk, ...], dict[str, TrunkDay]]:
    calendars = {c.id: c for c in session.exec(select(ServiceCalendar).where(ServiceCalendar.tenant_id == tenant_id))}
    zones: dict[int, dict[str, Zone]] = defaultdict(dict)
    for zone in session.exec(select(TrunkZone).where(TrunkZone.tenant_id == tenant_id)):
        zones[zone.trunk_id][zone.zone] = Zone(zone.base_fen, zone.per_kg_fen, zone.hours)
    trunks, trunk_days = [], {}
    rows = session.exec(select(TrunkRow).where(TrunkRow.tenant_id == tenant_id).order_by(col(TrunkRow.id))).all()
    for n in range(days):
        day = first + timedelta(days=n)
        for row in rows:
            if not runs_on(calendars[row.calendar_id], day):
                continue
            key, hub = f"{row.code}@{day.isoformat()}", codes[row.hub_id]
            shift = n * 1440
            trunks.append(
                Trunk(
                    key,
                    row.carrier,
                    hub,
                    row.cutoff_min + shift,
                    row.dep_min + shift,
                    row.cap_g,
                    frozenset(row.tiers),
                    zones[row.id or 0],
                )
            )
            trunk_days[key] = TrunkDay(
                key, row.id or 0, row.code, row.name, row.carrier, row.mode, hub,
                clock.on(day, row.cutoff_min), clock.on(day, row.dep_min),
            )  # fmt: skip
    return tuple(trunks), trunk_days


def instance_of(roads: Roads, rules: HubRules, parcels: Sequence[Parcel], *, trunks: Sequence[Trunk] | None = None) -> Instance:
    """The planning problem of these parcels on these roads, by the county's rules."""
    return Instance(
        county="",
        start=roads.start,
        horizon_min=((roads.last - roads.first).days + 1) * 1440,
        transfer_min=rules.transfer_min,
        hub_sort_min=rules.hub_sort_min,
        handover_fee_fen=rules.handover_fee_fen,
        late_fen_per_day=rules.late_fen_per_day,
        unserved_fen=rules.unserved_fen,
        max_handovers=rules.max_handovers,
        nodes=roads.nodes,
        departures=roads.departures,
        trunks=tuple(roads.trunks if trunks is None else trunks),
        parcels=tuple(parcels),
    )
