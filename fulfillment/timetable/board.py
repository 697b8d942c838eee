"""Departures as people look at them: line, calls, room and load. Four queries for any number of departures."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core import clock
from fulfillment.batching.loads import LegLoad, SegmentLoad, by_segment, fullest, leg_loads
from fulfillment.batching.models import PlannedLeg
from fulfillment.network.models import Line, StopTime, Trip
from fulfillment.network.words import line_words
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.counties.service_days import lies_within
from supply.stations.models import Node

Printed = tuple[int, str, str, int, int, bool]  # position, node, name, arrival and departure minute, on request
NAMED = 500  # so many rows are asked for by their ids, more by their days


class Call(NamedTuple):
    position: int
    node: str
    name: str
    arrives_at: datetime
    leaves_at: datetime
    closes_at: datetime
    on_request: bool = False  # called at only if somebody or something boards or alights there


class Run(NamedTuple):
    """One departure: the row, its line and direction, its calls, the fullest stretch and the planned legs."""

    departure: Departure
    line: Line
    direction: str
    calls: list[Call]
    load: SegmentLoad
    legs: list[LegLoad]

    @property
    def called(self) -> str:
        """`8 路班车 7:20` in the page's language."""
        return f"{line_words(self.line.number, self.line.kind)} {clock.local(self.leaves_at):%H:%M}"

    def percent(self, carried: int, room: int | None) -> int | None:
        """None where the kind is not counted or nothing may be carried."""
        return None if not room else round(100 * carried / room)

    @property
    def weight(self) -> int | None:
        return self.percent(self.load.grams, self.departure.cap_g)

    @property
    def boxes(self) -> int | None:
        return self.percent(self.load.boxes, self.departure.cap_boxes)

    @property
    def cold(self) -> int | None:
        if "chilled" not in self.departure.tiers:
            return None
        room = self.departure.cap_ml if self.departure.cap_chilled_ml is None else self.departure.cap_chilled_ml
        return self.percent(self.load.chilled_ml, room)

    @property
    def fullness(self) -> int:
        return max((p for p in (self.weight, self.boxes, self.cold) if p is not None), default=0)

    @property
    def no_goods(self) -> bool:
        """At the peak it carries passengers only: it does not run whole within its line's windows for goods."""
        midnight = clock.midnight(self.departure.service_date) + timedelta(minutes=self.departure.delay_min)
        first, last = ((at - midnight) // timedelta(minutes=1) for at in (self.calls[0].leaves_at, self.calls[-1].arrives_at))
        return not lies_within(self.line.goods_windows, first, last)

    def passes(self, call: Call) -> bool:
        """Whether the vehicle need not stop: nobody called it and nothing is planned on or off here."""
        return call.on_request and not self.boarding(call.position) and not self.alighting(call.position)

    @property
    def leaves_at(self) -> datetime:
        return self.calls[0].leaves_at

    def call(self, position: int) -> Call:
        return next(c for c in self.calls if c.position == position)

    def boarding(self, position: int) -> int:
        return sum(leg.parcels for leg in self.legs if leg.board == position)

    def alighting(self, position: int) -> int:
        return sum(leg.parcels for leg in self.legs if leg.alight == position)

    @property
    def parcels(self) -> int:
        return sum(leg.parcels for leg in self.legs)


def runs_of_day(session: Session, tenant_id: int, day: date, *, line: str | None = None) -> list[Run]:
    """All departures of a service day by time; `line` is a line's code."""
    query = select(Departure, Line, col(Trip.direction)).where(Departure.tenant_id == tenant_id, Departure.service_date == day)
    if line is not None:
        query = query.where(Line.code == line)
    return _runs(session, tenant_id, query)


def goods_runs(session: Session, tenant_id: int, begin: datetime, end: datetime, *, empty: bool = False) -> list[Run]:
    """What can take goods and leaves its first stop from `begin` until before `end`, late or not; empty runs only if asked for."""
    leaving = or_(col(Departure.starts_at) >= begin, col(Departure.delay_min) > 0)
    query = select(Departure, Line, col(Trip.direction)).where(*_room_between(tenant_id, begin, end), leaving)
    if not empty:
        query = query.where(or_(_has_goods(), col(Departure.status) == DepartureStatus.CANCELLED))
    return [run for run in _runs(session, tenant_id, query) if begin <= run.leaves_at < end]


def next_goods_run(session: Session, tenant_id: int, after: datetime, until: datetime, *, empty: bool = False) -> datetime | None:
    """When the next run that takes goods is to leave; one without goods counts only if asked for."""
    query = select(func.min(Departure.starts_at)).where(
        *_room_between(tenant_id, after, until), col(Departure.starts_at) >= after, col(Departure.status) != DepartureStatus.CANCELLED
    )
    return session.exec(query if empty else query.where(_has_goods())).one()


def _room_between(tenant_id: int, begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Runs with room for goods that start before `end`, on the service days that reach into this time."""
    days = col(Departure.service_date).between(clock.business_date(begin) - timedelta(days=1), clock.business_date(end))
    return (col(Departure.tenant_id) == tenant_id, days, col(Departure.starts_at) < end, col(Departure.cap_g) > 0)


def _has_goods() -> ColumnElement[bool]:
    return select(PlannedLeg.id).where(PlannedLeg.departure_id == Departure.id, col(PlannedLeg.voided_at).is_(None)).exists()


def find_run(session: Session, tenant_id: int, code: str) -> Run | None:
    query = select(Departure, Line, col(Trip.direction)).where(Departure.tenant_id == tenant_id, Departure.code == code)
    return next(iter(_runs(session, tenant_id, query)), None)


def runs_named(session: Session, tenant_id: int, codes: Collection[str]) -> list[Run]:
    """These departures, by time."""
    query = select(Departure, Line, col(Trip.direction)).where(Departure.tenant_id == tenant_id, col(Departure.code).in_(codes))
    return _runs(session, tenant_id, query)


def runs_of_lines(session: Session, tenant_id: int, day: date, lines: Collection[str]) -> list[Run]:
    """What a driver of these lines drives today."""
    query = select(Departure, Line, col(Trip.direction)).where(
        Departure.tenant_id == tenant_id, Departure.service_date == day, col(Line.code).in_(lines), Departure.cap_g > 0
    )
    return _runs(session, tenant_id, query)


def runs_at(session: Session, tenant_id: int, day: date, node: str) -> list[Run]:
    """The day's departures that call at a node."""
    here = select(Node.id).where(Node.tenant_id == tenant_id, Node.code == node)
    calling = select(StopTime.trip_id).where(StopTime.tenant_id == tenant_id, col(StopTime.node_id).in_(here))
    query = select(Departure, Line, col(Trip.direction)).where(
        Departure.tenant_id == tenant_id, Departure.service_date == day, col(Departure.trip_id).in_(calling)
    )
    return _runs(session, tenant_id, query, loaded=False)


def _runs(session: Session, tenant_id: int, query, *, loaded: bool = True) -> list[Run]:  # type: ignore[no-untyped-def]
    joined = query.join(Line, col(Line.id) == col(Departure.line_id)).join(Trip, col(Trip.id) == col(Departure.trip_id))
    rows = session.exec(joined.order_by(col(Departure.starts_at), col(Departure.id))).all()
    calls = _calls(session, tenant_id, {d.trip_id for d, _, _ in rows})
    loads: dict[int, list[LegLoad]] = {}
    if rows and loaded:
        days = [d.service_date for d, _, _ in rows]
        few = [d.id or 0 for d, _, _ in rows] if len(rows) <= NAMED else None
        for load in leg_loads(session, tenant_id, first=min(days), last=max(days), departure_ids=few):
            loads.setdefault(load.departure_id, []).append(load)
    runs = []
    for departure, line, direction in rows:
        legs = loads.get(departure.id or 0, [])
        runs.append(
            Run(departure, line, direction, _at(departure, line, calls[departure.trip_id]), fullest(by_segment(legs).values()), legs)
        )
    return runs


def _calls(session: Session, tenant_id: int, trip_ids: Collection[int]) -> dict[int, list[Printed]]:
    calls: dict[int, list[Printed]] = {}
    columns = (
        col(c) for c in (StopTime.trip_id, StopTime.position, Node.code, Node.name, StopTime.arr_min, StopTime.dep_min, StopTime.on_request)
    )
    query = (
        sql_select(*columns)
        .join_from(StopTime, Node, col(Node.id) == col(StopTime.node_id))
        .where(col(StopTime.tenant_id) == tenant_id)
        .order_by(col(StopTime.trip_id), col(StopTime.position))
    )
    if len(trip_ids) <= NAMED:
        query = query.where(col(StopTime.trip_id).in_(trip_ids))
    for trip, *call in session.execute(query):
        calls.setdefault(trip, []).append(tuple(call))
    return calls


def _at(departure: Departure, line: Line, calls: list[Printed]) -> list[Call]:
    first = calls[0][4]
    begin = departure.starts_at + timedelta(minutes=departure.delay_min - first)
    closes = timedelta(minutes=line.close_min)
    return [
        Call(p, code, name, begin + timedelta(minutes=arr), begin + timedelta(minutes=dep), begin + timedelta(minutes=dep) - closes, asked)
        for p, code, name, arr, dep, asked in calls
    ]
