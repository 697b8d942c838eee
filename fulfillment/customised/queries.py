"""What is asked for, as groups of those who can ride together. A fixed number of queries for any number of requests."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, and_, col, select

from core import clock
from core.permissions import Actor
from fulfillment.network.models import Line, StopTime, Vehicle
from fulfillment.timetable.models import Departure
from supply.stations.models import Node

from .fleet import Fleet, fleet
from .gathering import Asked, Gathered, gather
from .models import SpecialRun, TripRequest, TripRequestStatus
from .roads import RideMap, Road, ride_map
from .service import DAYS_AHEAD, places

SHOWN = 50  # of one's own requests


class Group(NamedTuple):
    """Those of one day who can ride together, with the vehicles that could take them at the suggested time."""

    day: date
    gathered: Gathered
    requests: list[TripRequest]
    names: dict[int, Node]
    vehicles: list[Vehicle]

    @property
    def key(self) -> str:
        """Names exactly these requests."""
        return ",".join(sorted(r.code for r in self.requests))

    @property
    def calls(self) -> list[tuple[Node, int]]:
        return [(self.names[node], minute) for node, minute in self.gathered.calls(self.gathered.suggested)]


class Mine(NamedTuple):
    """A request as its asker sees it: how many ride along, and its run once there is one."""

    request: TripRequest
    start: Node
    goal: Node
    people: int  # requests gathered with it, itself included
    seats: int
    run: "RunFacts | None"
    boards_at: datetime | None  # at their own stop, as things stand


class RunFacts(NamedTuple):
    run: SpecialRun
    departure: Departure
    plate: str


def asked_of(row: TripRequest, road: Road) -> Asked:
    return Asked(row.code, road, row.earliest_min, row.latest_min, row.seats)


def open_requests(session: Session, tenant_id: int, days: Sequence[date]) -> list[TripRequest]:
    return list(
        session.exec(
            select(TripRequest)
            .where(
                TripRequest.tenant_id == tenant_id, TripRequest.status == TripRequestStatus.ASKED, col(TripRequest.service_date).in_(days)
            )
            .order_by(col(TripRequest.service_date), col(TripRequest.id))
        ).all()
    )  # fmt: skip


def gathered_groups(session: Session, tenant_id: int) -> list[Group]:
    """Every open group from today on, by day."""
    today = clock.today()
    days = [today.fromordinal(today.toordinal() + n) for n in range(DAYS_AHEAD + 1)]
    rows = open_requests(session, tenant_id, days)
    if not rows:
        return []
    rides, vehicles = ride_map(session, tenant_id), fleet(session, tenant_id, {r.service_date for r in rows})
    names = places(session, {r.from_id for r in rows} | {r.to_id for r in rows})
    found = []
    for day in sorted({r.service_date for r in rows}):
        mine = [r for r in rows if r.service_date == day]
        found += [_group(day, each, mine, names, vehicles) for each in gather_rows(mine, rides, vehicles)]
    return found


def gather_rows(rows: Sequence[TripRequest], rides: RideMap, vehicles: Fleet) -> list[Gathered]:
    """One day's requests by the kind of vehicle they need; a way that the timetable no longer knows is left to wait."""
    by_mode: dict[str, list[Asked]] = {}
    for row in rows:
        if road := rides.road(row.from_id, row.to_id):
            by_mode.setdefault(road.mode, []).append(asked_of(row, road))
    return [group for mode, asked in sorted(by_mode.items()) for group in gather(asked, vehicles.largest(mode))]


def _group(day: date, gathered: Gathered, rows: list[TripRequest], names: dict[int, Node], vehicles: Fleet) -> Group:
    codes = {a.code for a in gathered.asked}
    start, road = gathered.suggested, gathered.road
    free = vehicles.free(road.mode, gathered.seats, day, start, start + road.takes)
    return Group(day, gathered, [r for r in rows if r.code in codes], names, free)


def mine(session: Session, actor: Actor) -> list[Mine]:
    """One's own requests, the newest first."""
    rows = list(
        session.exec(
            select(TripRequest)
            .where(TripRequest.tenant_id == actor.tenant_id, TripRequest.user_id == actor.user_id)
            .order_by(col(TripRequest.id).desc())
            .limit(SHOWN)
        ).all()
    )
    names = places(session, {r.from_id for r in rows} | {r.to_id for r in rows})
    runs = runs_of(session, {r.run_id for r in rows if r.run_id is not None})
    along, boards = _along(session, actor.tenant_id, rows), _boarding(session, [r.id or 0 for r in rows if r.run_id is not None])
    return [
        Mine(
            r, names[r.from_id], names[r.to_id], *along.get(r.code, (1, r.seats)), runs.get(r.run_id) if r.run_id else None,
            boards.get(r.id or 0),
        )
        for r in rows
    ]  # fmt: skip


def _boarding(session: Session, ids: list[int]) -> dict[int, datetime]:
    """When the runs of these requests take them up, by request id; one query."""
    if not ids:
        return {}
    rows = session.execute(
        sql_select(*(col(c) for c in (TripRequest.id, TripRequest.service_date, StopTime.dep_min, Departure.delay_min)))
        .join(SpecialRun, col(SpecialRun.id) == col(TripRequest.run_id))
        .join(Departure, col(Departure.id) == col(SpecialRun.departure_id))
        .join(StopTime, and_(col(StopTime.trip_id) == col(Departure.trip_id), col(StopTime.node_id) == col(TripRequest.from_id)))
        .where(col(TripRequest.id).in_(ids))
    )
    return {row_id or 0: clock.on(day, minute) + timedelta(minutes=delay) for row_id, day, minute, delay in rows}


def _along(session: Session, tenant_id: int, rows: Sequence[TripRequest]) -> dict[str, tuple[int, int]]:
    """How many requests and seats are gathered with each of these that wait."""
    days = sorted({r.service_date for r in rows if r.status == TripRequestStatus.ASKED and r.service_date >= clock.today()})
    if not days:
        return {}
    waiting = open_requests(session, tenant_id, days)
    rides, vehicles = ride_map(session, tenant_id), fleet(session, tenant_id, ())  # how large they are, not when they run
    groups = [g for day in days for g in gather_rows([r for r in waiting if r.service_date == day], rides, vehicles)]
    return {a.code: (len(g.asked), g.booked) for g in groups for a in g.asked}


def runs_of(session: Session, ids: set[int]) -> dict[int, RunFacts]:
    """Special runs by id with their departures and plates; one query."""
    if not ids:
        return {}
    rows = session.exec(
        select(SpecialRun, Departure, Vehicle)
        .join(Departure, col(Departure.id) == col(SpecialRun.departure_id))
        .outerjoin(Vehicle, col(Vehicle.id) == col(Departure.vehicle_id))
        .where(col(SpecialRun.id).in_(ids))
    )
    return {run.id or 0: RunFacts(run, d, v.plate if v else "") for run, d, v in rows}


class Confirmed(NamedTuple):
    """A special run as the dispatcher sees it: who rides, and whether enough still do."""

    facts: RunFacts
    line: Line
    people: int
    seats: int

    @property
    def too_few(self) -> bool:
        return self.seats < self.facts.run.least


def confirmed_runs(session: Session, tenant_id: int) -> list[Confirmed]:
    """The special runs from today on, by time; two queries."""
    rows = session.exec(
        select(SpecialRun, Departure, Vehicle, Line)
        .join(Departure, col(Departure.id) == col(SpecialRun.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .outerjoin(Vehicle, col(Vehicle.id) == col(Departure.vehicle_id))
        .where(SpecialRun.tenant_id == tenant_id, Departure.service_date >= clock.today())
        .order_by(col(Departure.starts_at), col(SpecialRun.id))
    ).all()
    aboard: dict[int, list[TripRequest]] = {}
    riding = select(TripRequest).where(
        TripRequest.tenant_id == tenant_id, TripRequest.status == TripRequestStatus.CONFIRMED,
        col(TripRequest.run_id).in_([run.id for run, *_ in rows]),
    )  # fmt: skip
    for request in session.exec(riding):
        aboard.setdefault(request.run_id or 0, []).append(request)
    found = []
    for run, departure, vehicle, line in rows:
        on = aboard.get(run.id or 0, [])
        found.append(Confirmed(RunFacts(run, departure, vehicle.plate if vehicle else ""), line, len(on), sum(r.seats for r in on)))
    return found
