"""What a station must do next; every query is bounded by the station's open work, not by its history."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Consignment, ConsignmentStatus, Parcel, ParcelStatus
from fulfillment.consignments.queries import Job, jobs, to_relabel
from fulfillment.network.models import Line, StopTime, Trip
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import HORIZON_DAYS
from supply.stations.models import Station

LEAVING = ("scheduled", "open", "closed")
HERE = (ConsignmentStatus.AWAITING_PACK, ConsignmentStatus.PACKED)


class Leaving(NamedTuple):
    """A run that stops here on its way to the hub; `closes_at` is when loading ends.

    `parcels` are those the plan puts on it here, `promised` those not planned yet whose buyers were told this bus.
    """

    code: str
    number: str
    line: str
    ink: int
    leaves_at: datetime
    closes_at: datetime
    parcels: int
    packed: int
    promised: int

    @property
    def wanted(self) -> int:
        return self.parcels + self.promised


class Work(NamedTuple):
    waiting: list[Job]
    waiting_count: int
    packed_here: int
    relabel: int


def leaving(session: Session, station: Station, *, limit: int = 4) -> list[Leaving]:
    """The next runs with a bay from this station towards the hub: first the one that has work to wait for, then the rest by time.

    Runs with work of all opened days are named before empty ones, which are those of today and tomorrow.
    """
    now, today = clock.now(), clock.today()
    rows = session.exec(
        select(Departure, Line, StopTime)
        .join(Trip, col(Trip.id) == col(Departure.trip_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, col(StopTime.trip_id) == col(Trip.id))
        .where(
            Departure.tenant_id == station.tenant_id, col(Departure.service_date).between(today, today + timedelta(days=HORIZON_DAYS)),
            col(Trip.direction).in_(("in", "loop")),
            StopTime.node_id == station.node_id, Departure.cap_g > 0, col(Departure.status).in_(LEAVING),
        )
    ).all()  # fmt: skip
    loads = _loads(session, [(departure.id or 0, stop.position) for departure, _, stop in rows])
    promised = _promised(session, station)
    runs = []
    for departure, line, stop in rows:
        planned_at = clock.on(departure.service_date, stop.dep_min)
        at = planned_at + timedelta(minutes=departure.delay_min)
        load = loads.get((departure.id or 0, stop.position), (0, 0))
        run = Leaving(
            departure.code, line.number, line.name, line.ink, at, at - timedelta(minutes=line.close_min), *load, promised.pop(planned_at, 0)
        )  # two runs of one minute: the promise is told of one
        if at > now:
            runs.append(run)
    soon = sorted(runs, key=lambda run: (run.leaves_at, run.code))
    busy = [run for run in soon if run.wanted][:limit]
    near = clock.midnight(today + timedelta(days=2))
    empty = [run for run in soon if not run.wanted and run.leaves_at < near]
    shown = sorted(busy + empty[: limit - len(busy)], key=lambda run: (run.leaves_at, run.code))
    return sorted(shown, key=lambda run: run is not busy[0]) if busy else shown


def _promised(session: Session, station: Station) -> dict[datetime, int]:
    """Parcels that have no place on a bus yet, by the time their buyers were told they leave."""
    placed = select(PlannedLeg.id).where(col(PlannedLeg.parcel_id) == col(Parcel.id), col(PlannedLeg.voided_at).is_(None))
    rows = session.exec(
        select(col(Consignment.ships_at), func.count(col(Parcel.id)))
        .join(Parcel, col(Parcel.consignment_id) == col(Consignment.id))
        .where(
            Consignment.tenant_id == station.tenant_id, Consignment.station_id == station.node_id,
            col(Consignment.status).in_(HERE), col(Parcel.status).in_((ParcelStatus.EXPECTED, ParcelStatus.PACKED)),
            col(Consignment.ships_at) > clock.now(), ~placed.exists(),
        )
        .group_by(col(Consignment.ships_at))
    )  # fmt: skip
    return {at: int(count) for at, count in rows if at is not None}


def _loads(session: Session, stops: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, int]]:
    """(parcels, of which packed) by (departure, boarding stop)."""
    rows = session.exec(
        select(col(PlannedLeg.departure_id), col(PlannedLeg.board), col(Parcel.status), func.count(col(Parcel.id)))
        .join(Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .where(col(PlannedLeg.departure_id).in_([d for d, _ in stops]), col(PlannedLeg.voided_at).is_(None))
        .group_by(col(PlannedLeg.departure_id), col(PlannedLeg.board), col(Parcel.status))
    )
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for departure, board, status, count in rows:
        parcels, packed = found.get((departure, board), (0, 0))
        found[departure, board] = (parcels + count, packed + (count if status != ParcelStatus.EXPECTED else 0))
    return found


def work(session: Session, station: Station, *, limit: int = 6) -> Work:
    """Consignments to pack, those whose bus leaves first first, and parcels packed that wait for theirs (and need a new label)."""
    mine = (Consignment.tenant_id == station.tenant_id, Consignment.station_id == station.node_id)
    waiting = (*mine, Consignment.status == ConsignmentStatus.AWAITING_PACK)
    count = session.exec(select(func.count(col(Consignment.id))).where(*waiting)).one()
    packed = session.exec(
        select(func.count(col(Parcel.id))).where(
            Parcel.tenant_id == station.tenant_id, Parcel.station_id == station.node_id, Parcel.status == ParcelStatus.PACKED
        )
    ).one()
    return Work(jobs(session, station)[:limit], count, packed, to_relabel(session, station) if packed else 0)
