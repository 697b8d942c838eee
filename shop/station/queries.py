"""What a station must do next; every query is bounded by the station's open work, not by its history."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Consignment, ConsignmentStatus, Parcel, ParcelStatus
from fulfillment.consignments.queries import Job, jobs
from fulfillment.network.models import Line, StopTime, Trip
from fulfillment.timetable.models import Departure
from supply.stations.models import Station

LEAVING = ("scheduled", "open", "closed")


class Leaving(NamedTuple):
    """A run that stops here on its way to the hub; `closes_at` is when loading ends, `parcels` what the plan puts on it here."""

    code: str
    number: str
    line: str
    ink: int
    leaves_at: datetime
    closes_at: datetime
    parcels: int
    packed: int


class Work(NamedTuple):
    waiting: list[Job]
    waiting_count: int
    packed_here: int


def leaving(session: Session, station: Station, *, limit: int = 4) -> list[Leaving]:
    """The next runs with a bay from this station towards the hub, today and tomorrow, soonest first."""
    now, today = clock.now(), clock.today()
    rows = session.exec(
        select(Departure, Line, StopTime)
        .join(Trip, col(Trip.id) == col(Departure.trip_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, col(StopTime.trip_id) == col(Trip.id))
        .where(
            Departure.tenant_id == station.tenant_id, col(Departure.service_date).in_([today, today + timedelta(days=1)]),
            Trip.direction == "in", StopTime.node_id == station.node_id, Departure.cap_g > 0, col(Departure.status).in_(LEAVING),
        )
    ).all()  # fmt: skip
    soon: list[tuple[datetime, Departure, Line, StopTime]] = []
    for departure, line, stop in rows:
        at = clock.on(departure.service_date, stop.dep_min + departure.delay_min)
        if at > now:
            soon.append((at, departure, line, stop))
    soon = sorted(soon, key=lambda row: (row[0], row[1].id))[:limit]
    loads = _loads(session, [(departure.id or 0, stop.position) for _, departure, _, stop in soon])
    return [
        Leaving(
            departure.code, line.number, line.name, line.ink, at, at - timedelta(minutes=line.close_min),
            *loads.get((departure.id or 0, stop.position), (0, 0)),
        )
        for at, departure, line, stop in soon
    ]  # fmt: skip


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
    """Consignments to pack, those whose bus leaves first first, and parcels packed that wait for theirs."""
    mine = (Consignment.tenant_id == station.tenant_id, Consignment.station_id == station.node_id)
    waiting = (*mine, Consignment.status == ConsignmentStatus.AWAITING_PACK)
    count = session.exec(select(func.count(col(Consignment.id))).where(*waiting)).one()
    packed = session.exec(
        select(func.count(col(Parcel.id))).where(
            Parcel.tenant_id == station.tenant_id, Parcel.station_id == station.node_id, Parcel.status == ParcelStatus.PACKED
        )
    ).one()
    return Work(jobs(session, station)[:limit], count, packed)
