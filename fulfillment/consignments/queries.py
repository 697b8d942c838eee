"""What a station packs: consignments with their lines, parcels, the bus each is for, and what its label says."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock, i18n
from core.errors import Conflict, NotFound
from core.pii import mask_phone
from fulfillment.batching.models import PlannedLeg
from fulfillment.network.models import Line, StopTime, Trunk
from fulfillment.network.words import behind_words, line_words
from fulfillment.timetable.models import Departure
from supply.stations.models import Station

from .labels import Label
from .models import Consignment, ConsignmentLine, ConsignmentStatus, Parcel, ParcelStatus
from .service import asked_of_packers, receiver

UNPACKED = (ParcelStatus.EXPECTED, ParcelStatus.CANCELLED)


class ConsignmentUnknown(NotFound):
    code = "consignment_unknown"


class NothingPacked(Conflict):
    """A label names what lies in a packed box."""

    code = "nothing_packed"


class Bus(NamedTuple):
    """A departure as it calls at the station; `planned_at` is by the timetable."""

    departure_id: int
    number: str
    ink: int
    name: str
    kind: str
    planned_at: datetime
    delay: timedelta

    @property
    def leaves_at(self) -> datetime:
        return self.planned_at + self.delay

    @property
    def behind(self) -> str:
        """What people call it, for standing behind 的."""
        return behind_words(line_words(self.number, self.kind))


class Relabel(NamedTuple):
    """A box that rides another bus than its label says. `was` is None where the label says the promised time."""

    parcel: Parcel
    was: Bus | None
    now: Bus


class Job(NamedTuple):
    """One consignment to pack; `buses` by parcel id, `printed` the buses on the labels by departure id."""

    consignment: Consignment
    lines: list[ConsignmentLine]
    parcels: list[Parcel]
    buses: Mapping[int, Bus]
    printed: Mapping[int, Bus]
    name: str
    phone: str
    note: str

    @property
    def left(self) -> int:
        return sum(p.status == ParcelStatus.EXPECTED for p in self.parcels)

    @property
    def packed(self) -> list[Parcel]:
        return [p for p in self.parcels if p.status not in UNPACKED]

    @property
    def bus(self) -> Bus | None:
        """The first that any of it rides."""
        return min((self.buses[p.id or 0] for p in self.parcels if p.id in self.buses), key=lambda b: b.leaves_at, default=None)

    @property
    def promised_at(self) -> datetime | None:
        """When it was promised to leave, while that can still be kept."""
        ships_at = self.consignment.ships_at
        return ships_at if ships_at and ships_at > clock.now() else None

    @property
    def leaves_at(self) -> datetime | None:
        return self.bus.leaves_at if self.bus else self.promised_at

    @property
    def turn(self) -> tuple[bool, datetime | None, int]:
        """What was to leave first comes first, whether its bus has gone or not."""
        wanted = self.bus.leaves_at if self.bus else self.consignment.ships_at
        return wanted is None, wanted, self.consignment.id or 0

    @property
    def relabel(self) -> list[Relabel]:
        """The boxes whose labels name another bus."""
        stale = []
        for parcel in self.packed:
            now = self.buses.get(parcel.id or 0)
            if now is None or parcel.status != ParcelStatus.PACKED or parcel.label_departure_id == now.departure_id:
                continue
            was = self.printed.get(parcel.label_departure_id or 0)
            if was is not None or self.consignment.ships_at != now.planned_at:
                stale.append(Relabel(parcel, was, now))
        return stale

    def contents(self, parcel: Parcel) -> list[tuple[ConsignmentLine, int]]:
        """What goes into this box."""
        by_code = {line.line_code: line for line in self.lines}
        return [(by_code[code], quantity) for code, quantity in parcel.contents]


def jobs(
    session: Session, station: Station, *, statuses: Collection[str] = (ConsignmentStatus.AWAITING_PACK,), limit: int = 60
) -> list[Job]:
    """A station's consignments in these states, the soonest bus first; six queries."""
    query = select(Consignment).where(
        Consignment.tenant_id == station.tenant_id, Consignment.station_id == station.node_id, col(Consignment.status).in_(statuses)
    )
    rows = session.exec(query.order_by(col(Consignment.ships_at), col(Consignment.id)).limit(limit)).all()
    return sorted(_jobs(session, station, list(rows)), key=lambda job: job.turn)


def find_job(session: Session, stations: Collection[Station], code: str) -> tuple[Station, Job]:
    """A consignment of one of these stations, and which one. Raises ConsignmentUnknown, also for another station's."""
    by_node = {station.node_id: station for station in stations}
    row = session.exec(
        select(Consignment).where(
            col(Consignment.tenant_id).in_({station.tenant_id for station in stations}),
            col(Consignment.station_id).in_(by_node),
            Consignment.code == code,
        )
    ).first()
    if row is None:
        raise ConsignmentUnknown("没有这张发货单")
    here = by_node[row.station_id]
    return here, _jobs(session, here, [row])[0]


def _jobs(session: Session, station: Station, rows: list[Consignment]) -> list[Job]:
    ids = [c.id for c in rows]
    lines: dict[int, list[ConsignmentLine]] = defaultdict(list)
    for line in session.exec(select(ConsignmentLine).where(col(ConsignmentLine.consignment_id).in_(ids)).order_by(col(ConsignmentLine.id))):
        lines[line.consignment_id].append(line)
    parcels: dict[int, list[Parcel]] = defaultdict(list)
    for parcel in session.exec(select(Parcel).where(col(Parcel.consignment_id).in_(ids)).order_by(col(Parcel.position))):
        parcels[parcel.consignment_id].append(parcel)
    every = [p for own in parcels.values() for p in own]
    buses, printed = _planned(session, [p.id or 0 for p in every]), _printed(session, station, {p.label_departure_id for p in every})
    jobs = []
    for consignment in rows:
        to = receiver(consignment)
        own, goods = parcels[consignment.id or 0], lines[consignment.id or 0]
        jobs.append(Job(consignment, goods, own, buses, printed, to.masked_name, mask_phone(to.phone), asked_of_packers(consignment)))
    return jobs


def _planned(session: Session, parcel_ids: Collection[int]) -> dict[int, Bus]:
    """The first planned ride of each parcel."""
    query = (
        select(col(PlannedLeg.parcel_id), Line, Departure, StopTime)
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(PlannedLeg.board)))
        .where(col(PlannedLeg.parcel_id).in_(parcel_ids), col(PlannedLeg.voided_at).is_(None), PlannedLeg.position == 0)
    )
    return {parcel_id: _bus(line, run, stop) for parcel_id, line, run, stop in session.exec(query)}


def _printed(session: Session, station: Station, departure_ids: Collection[int | None]) -> dict[int, Bus]:
    """Departures as they call at this station."""
    query = (
        select(Line, Departure, StopTime)
        .join(Departure, col(Departure.line_id) == col(Line.id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.node_id) == station.node_id))
        .where(col(Departure.id).in_([row_id for row_id in departure_ids if row_id is not None]))
    )
    return {run.id or 0: _bus(line, run, stop) for line, run, stop in session.exec(query)}


def _bus(line: Line, run: Departure, stop: StopTime) -> Bus:
    planned_at = clock.on(run.service_date, stop.dep_min)
    return Bus(run.id or 0, line.number, line.ink, line.name, line.kind, planned_at, timedelta(minutes=run.delay_min))


def to_relabel(session: Session, station: Station) -> int:
    """How many boxes that wait at a station ride another bus than their labels say."""
    boxes = select(col(Parcel.consignment_id)).where(
        Parcel.tenant_id == station.tenant_id, Parcel.station_id == station.node_id, Parcel.status == ParcelStatus.PACKED
    )
    rows = session.exec(select(Consignment).where(col(Consignment.id).in_(boxes))).all()
    return sum(len(job.relabel) for job in _jobs(session, station, list(rows)))


def labels_of(session: Session, job: Job, station: Station, *, parcel: str = "") -> list[Label]:
    """Labels of the packed parcels of a job, or of one of them. Raises NothingPacked."""
    packed = [p for p in job.packed if parcel in ("", p.code)]
    if not packed:
        raise NothingPacked("还没打包，打好包再打印面单")
    given = [p.trunk_id for p in packed if p.trunk_id is not None]
    trunks = dict(session.exec(select(col(Trunk.id), col(Trunk.name)).where(col(Trunk.id).in_(given))).all())
    with i18n.speaking("zh"):  # printed once for everybody who takes it in hand
        return [
            Label(
                p, job.consignment, station.name, [f"{line.name} {line.spec} × {n}" for line, n in job.contents(p)],
                _road(job, p), len(job.parcels), _stops(job, p, trunks),
            )
            for p in packed
        ]  # fmt: skip


def _road(job: Job, parcel: Parcel) -> str:
    """The bus it is planned on, else the promised time; days by date, because a label is read on another day."""
    if bus := job.buses.get(parcel.id or 0):
        return f"{_stamp(bus.planned_at)} {line_words(bus.number, bus.kind)}"
    return f"{_stamp(job.promised_at)} 的车" if job.promised_at else "等排车"


def _stops(job: Job, parcel: Parcel, trunks: Mapping[int | None, str]) -> list[tuple[str, str]]:
    """The promise's four stops in its own words, those that are known."""
    bus = job.buses.get(parcel.id or 0)
    leaves_at = bus.planned_at if bus else job.promised_at
    known = [
        (job.consignment.order_by, "前下单"),
        (leaves_at, line_words(bus.number, bus.kind) if bus else "班车"),
        (parcel.trunk_at, trunks.get(parcel.trunk_id, "邮车")),
    ]
    stops = [(_stamp(at), word) for at, word in known if at is not None]
    arrives = job.consignment.deliver_by
    return [*stops, (f"{clock.local(arrives):%m-%d}", "送达")] if arrives else stops


def _stamp(at: datetime) -> str:
    return f"{clock.local(at):%m-%d %H:%M}"
