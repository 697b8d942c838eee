"""Days replayed: the parcels that were ready on a day, on the timetable as it stands, as if nothing had moved yet.

The timetable is the printed one: no delays, nobody cancelled, no room taken by other days. A run is called `trip@day`, so that a change
means the run and not one day of it. A promise and a shelf life count from the same moment as they did.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import case
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core import clock
from fulfillment.batching.instance import Capacity, Departure, Instance, Parcel, Stop
from fulfillment.batching.roads import instance_of, read_roads
from fulfillment.consignments.models import Consignment, ParcelStatus
from fulfillment.consignments.models import Parcel as ParcelRow
from fulfillment.network.models import Line, ServiceCalendar, StopTime, Trip, Vehicle
from fulfillment.network.rules import hub_rules
from fulfillment.timetable.calendar import runs_on, stands_on
from fulfillment.timetable.service import rulings
from supply.counties.models import County
from supply.counties.service_days import lies_within
from supply.stations.models import Node

from .roadtimes import Spot

DAYS = 4  # service days that one day's parcels may ride
BACK = 28  # days of history that are looked at
MOST_PARCELS = 4000  # of one day; beyond it every so manieth stands for the rest


class Flow(NamedTuple):
    """A parcel that was sent; times in minutes after its day's midnight, `to` a node inside the county."""

    code: str
    origin: str
    to: str | None
    zone: str
    tier: str
    grams: int
    ml: int
    box_milli: int
    ready: float
    due: float
    shelf_min: float | None


class Timetable(NamedTuple):
    """Empty runs of several service days from `first` on, and where the places lie."""

    first: date
    roads: Instance
    spots: dict[str, Spot]


def timetable_of(session: Session, county: County, first: date, days: int = DAYS) -> Timetable:
    """The printed timetable on these days. Some fourteen queries for any number of days."""
    roads = read_roads(session, county.id, first, days)
    departures = _departures(session, county.id, first, days, roads.node_codes)
    instance = replace(instance_of(roads, hub_rules(county), ()), departures=departures)
    where = select(Node.code, Node.lat, Node.lon).where(Node.tenant_id == county.id, col(Node.lat).is_not(None), col(Node.lon).is_not(None))
    return Timetable(first, instance, {code: Spot(lat or 0.0, lon or 0.0) for code, lat, lon in session.exec(where)})


def _departures(session: Session, tenant_id: int, first: date, days: int, codes: dict[int, str]) -> tuple[Departure, ...]:
    lines = {line.id: line for line in session.exec(select(Line).where(Line.tenant_id == tenant_id))}
    calendars = {c.id: c for c in session.exec(select(ServiceCalendar).where(ServiceCalendar.tenant_id == tenant_id))}
    vehicles = {v.id: v for v in session.exec(select(Vehicle).where(Vehicle.tenant_id == tenant_id, col(Vehicle.bay_g) > 0))}
    calls: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    every = sql_select(*(col(c) for c in (StopTime.trip_id, StopTime.node_id, StopTime.arr_min, StopTime.dep_min)))
    every = every.where(col(StopTime.tenant_id) == tenant_id).order_by(col(StopTime.trip_id), col(StopTime.position))
    for trip, node, arr, dep in session.execute(every):
        calls[trip].append((codes[node], arr, dep))
    trips = session.exec(select(Trip).where(Trip.tenant_id == tenant_id).order_by(col(Trip.id))).all()
    goods = [t for t in trips if t.vehicle_id in vehicles and (stops := calls[t.id or 0]) and _takes_goods(lines[t.line_id], stops)]
    ruled = rulings(session, tenant_id, first, first + timedelta(days=days - 1))
    found = []
    for n in range(days):
        day = first + timedelta(days=n)
        for trip in goods:
            if stands_on(trip, day) and runs_on(calendars[trip.calendar_id], day, opened=ruled.get((trip.line_id, day))):
                found.append(_departure(trip, lines[trip.line_id], vehicles[trip.vehicle_id or 0], calls[trip.id or 0], day, n))
    return tuple(found)


def _takes_goods(line: Line, calls: Sequence[tuple[str, int, int]]) -> bool:
    """Whether the line takes goods at this hour."""
    return lies_within(line.goods_windows, calls[0][2], calls[-1][1])


def _departure(trip: Trip, line: Line, vehicle: Vehicle, calls: Sequence[tuple[str, int, int]], day: date, n: int) -> Departure:
    shift, closes = n * 1440, n * 1440 - line.close_min
    return Departure(
        id=f"{trip.code}@{day.isoformat()}",
        line=line.code,
        mode=line.kind,
        tiers=frozenset(vehicle.tiers),
        fee_fen=line.fee_fen,
        stops=tuple(Stop(node, arr + shift, dep + closes) for node, arr, dep in calls),
        cap=bay_of(vehicle, trip.passenger_pct),
    )


def bay_of(vehicle: Vehicle, passenger_pct: int) -> Capacity:
    """What passengers leave of a vehicle's bay."""
    kept = 100 - passenger_pct

    def part(whole: int | None) -> int | None:
        return None if whole is None else whole * kept // 100

    return Capacity(vehicle.bay_g * kept // 100, vehicle.bay_ml * kept // 100, part(vehicle.boxes), part(vehicle.chilled_ml))


def day_of(timetable: Timetable, n: int, flows: Sequence[Flow], hold_fen_per_h: float, days: int = DAYS) -> Instance:
    """The problem of one day's parcels on day `n` of a timetable and the days after it; minutes count from its midnight."""
    roads, back = timetable.roads, -1440.0 * n
    ends = [(timetable.first + timedelta(days=n + k)).isoformat() for k in range(days)]
    return replace(
        roads,
        start=roads.start + timedelta(days=n),
        horizon_min=days * 1440,
        departures=tuple(_moved(d, back) for d in roads.departures if d.id[-10:] in ends),
        trunks=tuple(replace(t, cutoff=t.cutoff + back, dep=t.dep + back) for t in roads.trunks if t.id[-10:] in ends),
        parcels=tuple(_parcel(f, hold_fen_per_h) for f in thinned(flows)),
    )


def _moved(departure: Departure, minutes: float) -> Departure:
    if not minutes:
        return departure
    return replace(departure, stops=tuple(Stop(s.node, s.arr + minutes, s.dep + minutes) for s in departure.stops))


def _parcel(flow: Flow, hold_fen_per_h: float) -> Parcel:
    return Parcel(
        id=flow.code, origin=flow.origin, ready=flow.ready, zone=None if flow.to else flow.zone, to=flow.to, tier=flow.tier, g=flow.grams,
        ml=flow.ml, box_milli=flow.box_milli, due=flow.due, hold_fen_per_h=hold_fen_per_h, shelf_min=flow.shelf_min,
    )  # fmt: skip


def thinned(flows: Sequence[Flow], most: int = MOST_PARCELS) -> list[Flow]:
    """Of too many, every so manieth as heavy as those it stands for, so that vehicles are as full as they were."""
    if len(flows) <= most:
        return list(flows)
    step = -(-len(flows) // most)
    return [f._replace(grams=f.grams * step, ml=f.ml * step, box_milli=f.box_milli * step) for f in flows[::step]]


def counts_back(session: Session, county: County, last: date, days: int = BACK) -> dict[date, int]:
    """How many parcels were ready on each of `days` days up to `last`; one row of sums."""
    every = [last - timedelta(days=n) for n in range(days)]
    sums = [func.sum(case((col(ParcelRow.ready_at).between(clock.midnight(d), _last_moment(d)), 1), else_=0)) for d in every]
    within = (ParcelRow.tenant_id == county.id, ParcelRow.status != ParcelStatus.CANCELLED, ParcelRow.ready_at >= clock.midnight(every[-1]))
    row = session.execute(sql_select(*sums).where(*within, ParcelRow.ready_at <= _last_moment(last))).one()  # type: ignore[arg-type]
    return {day: int(n) for day, n in zip(every, row, strict=True) if n}


def _last_moment(day: date):  # type: ignore[no-untyped-def]
    return clock.midnight(day + timedelta(days=1)) - timedelta(microseconds=1)


def flows_of(session: Session, county: County, day: date) -> list[Flow]:
    """The parcels that were ready on a day, by when; one query."""
    begin, end = clock.midnight(day), clock.midnight(day + timedelta(days=1))
    here, there = Node.__table__.alias("here"), Node.__table__.alias("there")  # type: ignore[attr-defined]
    columns = [
        getattr(ParcelRow, name) for name in ("code", "zone", "tier", "grams", "ml", "box_milli", "ready_at", "due_at", "shelf_until")
    ]
    asked = (
        sql_select(*columns, here.c.code, there.c.code)
        .join(Consignment, col(Consignment.id) == col(ParcelRow.consignment_id))
        .join(here, here.c.id == col(ParcelRow.station_id))
        .outerjoin(there, there.c.id == col(Consignment.to_node_id))
        .where(
            col(ParcelRow.tenant_id) == county.id, col(ParcelRow.status) != ParcelStatus.CANCELLED,
            col(ParcelRow.ready_at) >= begin, col(ParcelRow.ready_at) < end,
        )
        .order_by(col(ParcelRow.ready_at), col(ParcelRow.id))
    )  # fmt: skip
    return [
        Flow(
            code, origin, to, zone, tier, grams, ml, milli, (ready - begin).total_seconds() / 60, (due - begin).total_seconds() / 60,
            None if shelf is None else max(0.0, (shelf - ready).total_seconds() / 60),
        )
        for code, zone, tier, grams, ml, milli, ready, due, shelf, origin, to in session.execute(asked)
    ]  # fmt: skip


def day_before(counts: dict[date, int], day: date) -> date | None:
    """Whose parcels a day is tried with: its own, else those of the last same weekday that had any, else of the last day that had any."""
    if counts.get(day):
        return day
    past = sorted((d for d in counts if d < day), reverse=True)
    return next((d for d in past if d.weekday() == day.weekday()), past[0] if past else None)


def typical_days(counts: dict[date, int]) -> dict[int, date]:
    """For every weekday (0 is Monday) that had parcels, the day with the middle number of them, the later one of equals."""
    by_weekday: dict[int, list[tuple[int, date]]] = defaultdict(list)
    for day, n in counts.items():
        by_weekday[day.weekday()].append((n, day))
    return {weekday: sorted(days)[len(days) // 2][1] for weekday, days in sorted(by_weekday.items())}
