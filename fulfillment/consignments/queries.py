"""What a station packs: consignments with their lines, parcels, the bus each is for."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from core.errors import NotFound
from core.pii import mask_name, mask_phone
from fulfillment.batching.models import PlannedLeg
from fulfillment.network.models import Line, StopTime
from fulfillment.timetable.models import Departure
from supply.stations.models import Station

from .labels import Label
from .models import Consignment, ConsignmentLine, ConsignmentStatus, Parcel
from .service import receiver


class ConsignmentUnknown(NotFound):
    code = "consignment_unknown"


class Bus(NamedTuple):
    number: str
    ink: int
    name: str
    leaves_at: datetime


class Job(NamedTuple):
    """One consignment to pack."""

    consignment: Consignment
    lines: list[ConsignmentLine]
    parcels: list[Parcel]
    bus: Bus | None
    name: str
    phone: str

    @property
    def left(self) -> int:
        return sum(p.status == "expected" for p in self.parcels)

    @property
    def leaves_at(self) -> datetime | None:
        return self.bus.leaves_at if self.bus else self.consignment.ships_at


def jobs(
    session: Session, station: Station, *, statuses: Collection[str] = (ConsignmentStatus.AWAITING_PACK,), limit: int = 60
) -> list[Job]:
    """A station's consignments in these states, the soonest bus first; five queries."""
    query = select(Consignment).where(
        Consignment.tenant_id == station.tenant_id, Consignment.station_id == station.node_id, col(Consignment.status).in_(statuses)
    )
    rows = session.exec(query.order_by(col(Consignment.ships_at), col(Consignment.id)).limit(limit)).all()
    return sorted(_jobs(session, list(rows)), key=lambda j: (j.leaves_at is None, j.leaves_at, j.consignment.id))


def find_job(session: Session, station: Station, code: str) -> Job:
    """Raises ConsignmentUnknown, also for another station's."""
    row = session.exec(
        select(Consignment).where(
            Consignment.tenant_id == station.tenant_id, Consignment.station_id == station.node_id, Consignment.code == code
        )
    ).first()
    if row is None:
        raise ConsignmentUnknown("没有这张发货单")
    return _jobs(session, [row])[0]


def _jobs(session: Session, rows: list[Consignment]) -> list[Job]:
    ids = [c.id for c in rows]
    lines: dict[int, list[ConsignmentLine]] = defaultdict(list)
    for line in session.exec(select(ConsignmentLine).where(col(ConsignmentLine.consignment_id).in_(ids)).order_by(col(ConsignmentLine.id))):
        lines[line.consignment_id].append(line)
    parcels: dict[int, list[Parcel]] = defaultdict(list)
    for parcel in session.exec(select(Parcel).where(col(Parcel.consignment_id).in_(ids)).order_by(col(Parcel.position))):
        parcels[parcel.consignment_id].append(parcel)
    buses = _buses(session, [p.id or 0 for own in parcels.values() for p in own])
    jobs = []
    for consignment in rows:
        own, to = parcels[consignment.id or 0], receiver(consignment)
        bus = min((buses[p.id or 0] for p in own if p.id in buses), key=lambda b: b.leaves_at, default=None)
        jobs.append(Job(consignment, lines[consignment.id or 0], own, bus, mask_name(to.name), mask_phone(to.phone)))
    return jobs


def _buses(session: Session, parcel_ids: Collection[int]) -> dict[int, Bus]:
    """The first planned ride of each parcel."""
    query = (
        select(col(PlannedLeg.parcel_id), Line, Departure, StopTime)
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(PlannedLeg.board)))
        .where(col(PlannedLeg.parcel_id).in_(parcel_ids), col(PlannedLeg.voided_at).is_(None), PlannedLeg.position == 0)
    )
    return {
        parcel_id: Bus(line.number, line.ink, line.name, clock.on(run.service_date, stop.dep_min) + timedelta(minutes=run.delay_min))
        for parcel_id, line, run, stop in session.exec(query)
    }


def labels_of(job: Job, station: Station) -> list[Label]:
    """Labels of the packed parcels of a job."""
    by_code = {line.line_code: line for line in job.lines}
    road = f"{clock.local(job.bus.leaves_at):%H:%M} {job.bus.number} 路" if job.bus else "自送共配中心"
    return [
        Label(
            parcel, job.consignment, station.name,
            [f"{by_code[code].name} {by_code[code].spec} × {n}" for code, n in parcel.contents], road, len(job.parcels),
        )
        for parcel in job.parcels
        if parcel.status not in ("expected", "cancelled")
    ]  # fmt: skip
