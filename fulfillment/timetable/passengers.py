"""What runs for people: the lines that carry them, as each run stands now, struck out ones too; unless asked for, announced lines alone.

Read as columns, not rows: a search reads every run of two days. Three queries for any number of runs.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fulfillment.network.models import Line, StopTime, Trip
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node

from .stops import CARRIES_PEOPLE

NAMED = 500  # so many trips are asked for by their ids, more by their county


class LineFace(NamedTuple):
    code: str
    number: str
    name: str
    ink: int
    kind: str
    is_announced: bool = True  # if not, its times are the county's own estimate
    close_min: int = 0  # minutes before it leaves a stop from which on nothing more is taken there


class Halt(NamedTuple):
    """A call of a run as things stand, delay included."""

    position: int
    node: str
    name: str
    arrives_at: datetime
    leaves_at: datetime
    on_request: bool


class Ride(NamedTuple):
    code: str
    line: LineFace
    direction: str
    day: date
    status: str
    delay_min: int
    note: str
    halts: list[Halt]

    @property
    def is_cancelled(self) -> bool:
        return self.status == DepartureStatus.CANCELLED

    @property
    def towards(self) -> str:
        return self.halts[-1].name

    @property
    def delay(self) -> timedelta:
        return timedelta(minutes=self.delay_min)


class Passing(NamedTuple):
    """A run as it calls at one stop."""

    ride: Ride
    halt: Halt

    @property
    def planned_at(self) -> datetime:
        return self.halt.leaves_at - self.ride.delay


def rides(
    session: Session, tenant_id: int, first: date, last: date, *,
    at_node: int | None = None, line: str | None = None, announced: bool = True,
) -> list[Ride]:  # fmt: skip
    """The runs of service days `first` … `last` by their time; only those that call at a node, or of a line by its code.

    announced: False brings the lines that no timetable announces too.
    """
    columns = (
        Departure.code, Departure.trip_id, Departure.service_date, Departure.status, Departure.delay_min, Departure.note,
        Departure.starts_at, Trip.direction, Line.code, Line.number, Line.name, Line.ink, Line.kind, Line.published,
        Line.close_min,
    )  # fmt: skip
    query = (
        sql_select(*(col(c) for c in columns))
        .join_from(Departure, Line, col(Line.id) == col(Departure.line_id))
        .join(Trip, col(Trip.id) == col(Departure.trip_id))
        .where(
            col(Departure.tenant_id) == tenant_id, col(Departure.service_date).between(first, last), col(Line.kind).in_(CARRIES_PEOPLE),
        )
        .order_by(col(Departure.starts_at), col(Departure.id))
    )  # fmt: skip
    if announced:
        query = query.where(col(Line.published).is_(True))
    if at_node is not None:
        here = select(StopTime.trip_id).where(StopTime.tenant_id == tenant_id, StopTime.node_id == at_node)
        query = query.where(col(Departure.trip_id).in_(here))
    if line is not None:
        query = query.where(col(Line.code) == line)
    rows = session.execute(query).all()
    calls = _calls(session, tenant_id, {row[1] for row in rows})
    made = []
    for code, trip, day, status, delay, note, starts_at, direction, *line_facts in rows:
        if halts := _halts(calls.get(trip, []), starts_at + timedelta(minutes=delay)):
            made.append(Ride(code, LineFace(*line_facts), direction, day, status, delay, note, halts))
    return made


def _calls(session: Session, tenant_id: int, trips: Collection[int]) -> dict[int, list[tuple[int, str, str, int, int, bool]]]:
    if not trips:
        return {}
    columns = (StopTime.trip_id, StopTime.position, Node.code, Node.name, StopTime.arr_min, StopTime.dep_min, StopTime.on_request)
    query = (
        sql_select(*(col(c) for c in columns))
        .join_from(StopTime, Node, col(Node.id) == col(StopTime.node_id))
        .where(col(StopTime.tenant_id) == tenant_id)
        .order_by(col(StopTime.trip_id), col(StopTime.position))
    )
    if len(trips) <= NAMED:
        query = query.where(col(StopTime.trip_id).in_(trips))
    calls: dict[int, list[tuple[int, str, str, int, int, bool]]] = {}
    for trip, *call in session.execute(query):
        calls.setdefault(trip, []).append(tuple(call))
    return calls


def _halts(calls: list[tuple[int, str, str, int, int, bool]], leaves: datetime) -> list[Halt]:
    if len(calls) < 2:
        return []
    begin = leaves - timedelta(minutes=calls[0][4])
    return [Halt(p, code, name, begin + timedelta(minutes=a), begin + timedelta(minutes=d), asked) for p, code, name, a, d, asked in calls]


def passing(found: Collection[Ride], node: str, since: datetime | None = None) -> list[Passing]:
    """Where these runs take people up at a stop, by time as things stand; without those that have gone by before `since`."""
    calls = [Passing(r, h) for r in found for h in r.halts[:-1] if h.node == node and (since is None or h.leaves_at >= since)]
    return sorted(calls, key=lambda p: (p.halt.leaves_at, p.ride.line.number))
