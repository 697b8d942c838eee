"""The county's roads of some service days, read once: what the planner and the promise compute on, and how it is said.

Minutes count from the first day's midnight. A stop's `dep` in the instance is its cut-off: loading closes `close_min`
before the vehicle leaves. Positions are those of the printed timetable; indexes count a trip's stops from 0.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import clock
from core.settings import settings
from fulfillment.disruptions.closures import STATION, Span, Spans, spans
from fulfillment.network.changing import asked_s, minutes_of
from fulfillment.network.models import Line, ServiceCalendar, StopTime, TrunkZone
from fulfillment.network.models import Trunk as TrunkRow
from fulfillment.promise.stamp import stamp, timetable_changed_here
from fulfillment.timetable.calendar import runs_on
from fulfillment.timetable.models import Departure as DepartureRow
from fulfillment.timetable.models import DepartureStatus
from supply.counties.profile_rules import HubRules
from supply.stations.models import Node as NodeRow

from .instance import Capacity, Departure, Instance, Node, Parcel, Stop, Trunk, Zone

KEPT = 2  # timetables of a first day
DAYS = 4  # a plan looks ahead; read at once, so that promises of the same day look at the same
NEEDED = (
    "id", "code", "trip_id", "line_id", "service_date", "status", "cap_g", "cap_ml", "cap_boxes", "cap_chilled_ml", "tiers", "delay_min",
)  # fmt: skip


_Stop = tuple[int, str, int, int]  # position, node, arrival and departure minute


class LineFacts(NamedTuple):
    """What of its line every departure repeats."""

    code: str
    number: str
    name: str
    kind: str
    fee_fen: int
    close_min: int


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
    stops: Sequence[_Stop]

    @property
    def calls(self) -> tuple[Call, ...]:
        """Made when asked for: a board reads thousands of rides and tells a few."""
        return tuple(Call(p, n, self.begin + timedelta(minutes=a), self.begin + timedelta(minutes=d)) for p, n, a, d in self.stops)

    def index(self, position: int) -> int:
        return next(i for i, stop in enumerate(self.stops) if stop[0] == position)

    def calls_at(self, *positions: int) -> bool:
        """Whether it opens its doors at these stops: none of them is closed."""
        return {stop[0] for stop in self.stops}.issuperset(positions)

    def span(self, board: int, alight: int) -> tuple[int, int] | None:
        """Indexes of the open calls around a ride between two positions; None where no stretch of it is left."""
        first = max((i for i, stop in enumerate(self.stops) if stop[0] <= board), default=0)
        last = min((i for i, stop in enumerate(self.stops) if stop[0] >= alight), default=len(self.stops) - 1)
        return (first, last) if first < last else None


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
    lane: str = ""  # of the province, which other counties feed too


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
    ends: tuple[tuple[int, int], ...]  # departures and trunks up to the end of each day

    def of_days(self, days: int) -> "Roads":
        """The first of these days alone."""
        rides, lanes = self.ends[days - 1]
        departures, trunks = self.departures[:rides], self.trunks[:lanes]
        return replace(
            self,
            last=self.first + timedelta(days=days - 1),
            departures=departures,
            trunks=trunks,
            rides={d.id: self.rides[d.id] for d in departures},
            trunk_days={t.id: self.trunk_days[t.id] for t in trunks},
            ends=self.ends[:days],
        )

    def minute(self, instant: datetime) -> float:
        return (instant - self.start).total_seconds() / 60

    def instant(self, minute: float) -> datetime:
        return self.start + timedelta(minutes=minute)

    def stop_index(self, ride: Ride, label: str) -> int:
        """Which call a leg's `node` or `node#i` names."""
        node, _, index = label.partition("#")
        return int(index) if index else next(i for i, stop in enumerate(ride.stops) if stop[1] == node)


_Kept = dict[tuple[str, int, date], tuple[int, dict[int, Roads]]]  # number of the timetable, roads by how many days
_kept: _Kept = {}


def read_roads(session: Session, tenant_id: int, first: date, days: int) -> Roads:
    """Departures that carry goods, and trunks, of `days` service days from `first` on; treat them as they are: others hold them too.

    Six queries, or one where this timetable was read before and has not changed. A session that changed departures keeps
    roads of its own: what it sees may yet be rolled back.
    """
    key, number = (settings.url, tenant_id, first), stamp(session, tenant_id).timetable
    kept: _Kept = session.info.setdefault("roads", {}) if timetable_changed_here(session) else _kept
    known, by_days = kept.get(key, (number, {}))
    if known != number or max(by_days, default=0) < days:
        longest = max(days, DAYS)
        by_days = {longest: _read(session, tenant_id, first, longest)}
    if days not in by_days:
        by_days = {**by_days, days: by_days[max(by_days)].of_days(days)}
    kept.pop(key, None)
    kept[key] = number, by_days
    for oldest in list(kept)[:-KEPT]:
        kept.pop(oldest, None)
    return by_days[days]


def _read(session: Session, tenant_id: int, first: date, days: int) -> Roads:
    last = first + timedelta(days=days - 1)
    places = sql_select(*(col(c) for c in (NodeRow.id, NodeRow.code, NodeRow.name, NodeRow.kind)), asked_s(tenant_id, col(NodeRow.code)))
    nodes = session.execute(places.where(col(NodeRow.tenant_id) == tenant_id)).all()
    codes = {node_id or 0: code for node_id, code, *_ in nodes}
    stops: dict[int, list[_Stop]] = defaultdict(list)
    every = sql_select(*(col(c) for c in (StopTime.trip_id, StopTime.position, StopTime.node_id, StopTime.arr_min, StopTime.dep_min)))
    every = every.where(col(StopTime.tenant_id) == tenant_id).order_by(col(StopTime.trip_id), col(StopTime.position))
    for trip, position, node, arr, dep in session.execute(every):
        stops[trip].append((position, codes[node], arr, dep))
    departures, rides, on_day = [], {}, Counter[date]()
    closed = spans(session, tenant_id, STATION, Span(clock.midnight(first), clock.midnight(last + timedelta(days=2))))
    for row, line in _departures(session, tenant_id, first, last):
        shift = (row.service_date - first).days * 1440 + row.delay_min
        begin = clock.on(row.service_date, row.delay_min)
        calls, closes = open_calls(stops[row.trip_id], begin, closed), shift - line.close_min
        if len(calls) < 2:
            continue
        on_day[row.service_date] += 1
        departures.append(
            Departure(
                id=row.code,
                line=line.code,
                mode=line.kind,
                tiers=frozenset(row.tiers),
                fee_fen=line.fee_fen,
                stops=tuple([Stop(node, arr + shift, dep + closes) for _, node, arr, dep in calls]),
                cap=Capacity(row.cap_g, row.cap_ml, row.cap_boxes, row.cap_chilled_ml),
            )
        )
        rides[row.code] = Ride(row.id, row.code, line.code, line.number, line.name, line.kind, row.status, begin, calls)
    trunks, trunk_days, trunks_up_to = _trunks(session, tenant_id, first, days, codes)
    every_day = [first + timedelta(days=n) for n in range(days)]
    up_to = accumulate(on_day[day] for day in every_day)
    return Roads(
        start=clock.midnight(first),
        first=first,
        last=last,
        nodes=tuple(Node(code, kind, minutes_of(seconds)) for _, code, _, kind, seconds in nodes),
        departures=tuple(departures),
        trunks=trunks,
        rides=rides,
        trunk_days=trunk_days,
        names={code: name for _, code, name, *_ in nodes},
        node_codes=codes,
        ends=tuple(zip(up_to, trunks_up_to, strict=True)),
    )


def open_calls(stops: Sequence[_Stop], begin: datetime, closed: Spans) -> Sequence[_Stop]:
    """The stops that are not closed when the vehicle leaves them; parcels ride past the others."""
    if not closed:
        return stops
    return [stop for stop in stops if not any(span.holds(begin + timedelta(minutes=stop[3])) for span in closed.get(stop[1], ()))]


def _departures(session: Session, tenant_id: int, first: date, last: date) -> list[tuple[Any, LineFacts]]:
    """By day, each with its line; plain rows: thousands of objects would cost more than the scan."""
    columns = [col(getattr(Line, name)) for name in ("id", *LineFacts._fields)]
    facts = session.execute(sql_select(*columns).where(col(Line.tenant_id) == tenant_id))
    lines = {line_id: LineFacts(*rest) for line_id, *rest in facts}
    asked = sql_select(*(col(getattr(DepartureRow, name)) for name in NEEDED)).where(
        col(DepartureRow.tenant_id) == tenant_id,
        col(DepartureRow.service_date).between(first, last),
        col(DepartureRow.status) != DepartureStatus.CANCELLED,
        col(DepartureRow.cap_g) > 0,
    )
    rows = session.execute(asked.order_by(col(DepartureRow.service_date), col(DepartureRow.id)))
    return [(row, lines[row.line_id]) for row in rows]


def _trunks(
    session: Session, tenant_id: int, first: date, days: int, codes: dict[int, str]
) -> tuple[tuple[Trunk, ...], dict[str, TrunkDay], list[int]]:
    """The trunks by day, and how many there are up to the end of each."""
    calendars = {c.id: c for c in session.exec(select(ServiceCalendar).where(ServiceCalendar.tenant_id == tenant_id))}
    zones: dict[int, dict[str, Zone]] = defaultdict(dict)
    for zone in session.exec(select(TrunkZone).where(TrunkZone.tenant_id == tenant_id)):
        zones[zone.trunk_id][zone.zone] = Zone(zone.base_fen, zone.per_kg_fen, zone.hours)
    trunks: list[Trunk] = []
    trunk_days: dict[str, TrunkDay] = {}
    up_to = []
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
                clock.on(day, row.cutoff_min), clock.on(day, row.dep_min), row.lane,
            )  # fmt: skip
        up_to.append(len(trunks))
    return tuple(trunks), trunk_days, up_to


def instance_of(
    roads: Roads, rules: HubRules, parcels: Sequence[Parcel], *, trunks: Sequence[Trunk] | None = None, now: float = -math.inf
) -> Instance:
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
        now=now,
    )
