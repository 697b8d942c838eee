"""Waves of a hub 波次: what must be sorted before which trunk, and what goes on by which run, in the order they close.

A wave is one leaving: a trunk's day with its cut-off, or a run that takes goods on at the hub with the end of its loading. Each
planned parcel stands in one of three places: here, still to come, or handed over.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func

from core import clock
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Parcel, ParcelStatus
from fulfillment.network.models import Line, StopTime, Trunk, Zone
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node

from .models import Custody

SHOWN = timedelta(hours=24)  # ahead; what has left stays for an hour, so that what was left behind is seen
PAST = timedelta(hours=1)
ON_THE_WAY = (
    ParcelStatus.EXPECTED, ParcelStatus.PACKED, ParcelStatus.MOVING, ParcelStatus.AT_HUB, ParcelStatus.ON_TRUNK, ParcelStatus.DELIVERED,
)  # fmt: skip


@dataclass
class Wave:
    """`code` is the trunk's or the departure's, `kind` trunk or run; `zones` counts what is not handed over by where it goes."""

    kind: str
    code: str
    name: str
    closes_at: datetime
    leaves_at: datetime
    plate: tuple[str, int] | None = None  # number and ink of a run's line
    here: int = 0
    coming: int = 0
    done: int = 0
    grams: int = 0  # here and to come
    zones: Counter[str] = field(default_factory=Counter)

    @property
    def is_over(self) -> bool:
        return self.closes_at < clock.now()

    @property
    def left_behind(self) -> int:
        """Still here though it has closed."""
        return self.here if self.is_over else 0


def waves_of(session: Session, hub: Node) -> list[Wave]:
    """The waves of a hub with planned parcels, first to close first; two queries however many parcels."""
    return sorted([*_trunks(session, hub), *_runs(session, hub)], key=lambda wave: (wave.closes_at, wave.code))


def _trunks(session: Session, hub: Node) -> list[Wave]:
    now = clock.now()
    here, done = col(Custody.holder_code) == hub.code, col(Parcel.status).in_((ParcelStatus.ON_TRUNK, ParcelStatus.DELIVERED))
    place = case((done, "done"), (here, "here"), else_="coming")
    rows = session.execute(
        sql_select(
            col(Trunk.code), col(Trunk.name), col(Trunk.cutoff_min), col(Trunk.dep_min), col(Parcel.trunk_at),
            func.coalesce(col(Zone.name), col(Parcel.zone)), place, func.count(), func.sum(col(Parcel.grams)),
        )
        .join_from(Parcel, Trunk, col(Trunk.id) == col(Parcel.trunk_id))
        .outerjoin(Zone, and_(col(Zone.code) == col(Parcel.zone), col(Zone.tenant_id) == col(Parcel.tenant_id)))
        .outerjoin(Custody, and_(col(Custody.parcel_code) == col(Parcel.code), col(Custody.ended_at).is_(None)))
        .where(
            col(Parcel.tenant_id) == hub.tenant_id, col(Trunk.hub_id) == hub.id, col(Parcel.status).in_(ON_THE_WAY),
            col(Parcel.trunk_at) > now - PAST, col(Parcel.trunk_at) <= now + SHOWN,
        )
        .group_by(
            col(Trunk.code), col(Trunk.name), col(Trunk.cutoff_min), col(Trunk.dep_min), col(Parcel.trunk_at), col(Zone.name),
            col(Parcel.zone), place,
        )
    )  # fmt: skip
    waves: dict[tuple[str, datetime], Wave] = {}
    for code, name, cutoff, dep, leaves_at, zone, where, parcels, grams in rows:
        closes_at = leaves_at - timedelta(minutes=dep - cutoff)
        _add(waves.setdefault((code, leaves_at), Wave("trunk", code, name, closes_at, leaves_at)), where, zone, parcels, grams)
    return list(waves.values())


def _runs(session: Session, hub: Node) -> list[Wave]:
    now = clock.now()
    onward = col(Custody.holder_code) == hub.code
    place = case((onward, "here"), (_has_ridden(), "done"), else_="coming")
    last = sql_select(
        col(StopTime.trip_id).label("trip_id"), col(StopTime.position).label("position"), col(Node.name).label("name")
    ).join_from(StopTime, Node, col(Node.id) == col(StopTime.node_id)).subquery()  # fmt: skip
    rows = session.execute(
        sql_select(
            col(Departure.code), col(Departure.service_date), col(Departure.delay_min), col(Line.number), col(Line.ink), col(Line.name),
            col(Line.close_min), col(StopTime.dep_min), last.c.name, place, func.count(), func.sum(col(Parcel.grams)),
        )
        .join_from(PlannedLeg, Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, and_(col(StopTime.trip_id) == col(Departure.trip_id), col(StopTime.position) == col(PlannedLeg.board)))
        .join(last, and_(last.c.trip_id == col(Departure.trip_id), last.c.position == col(PlannedLeg.alight)))
        .outerjoin(Custody, and_(col(Custody.parcel_code) == col(Parcel.code), col(Custody.ended_at).is_(None)))
        .where(
            col(PlannedLeg.tenant_id) == hub.tenant_id, col(PlannedLeg.voided_at).is_(None), col(StopTime.node_id) == hub.id,
            col(Departure.status) != DepartureStatus.CANCELLED, col(Parcel.status).in_(ON_THE_WAY),
            col(Departure.ends_at) > now - PAST, col(Departure.starts_at) <= now + SHOWN,
        )
        .group_by(
            col(Departure.code), col(Departure.service_date), col(Departure.delay_min), col(Line.number), col(Line.ink), col(Line.name),
            col(Line.close_min), col(StopTime.dep_min), last.c.name, place,
        )
    )  # fmt: skip
    waves: dict[str, Wave] = {}
    for code, day, delay, number, ink, name, close_min, dep_min, to, where, parcels, grams in rows:
        leaves_at = clock.on(day, dep_min + delay)
        if leaves_at <= now - PAST:
            continue
        wave = waves.setdefault(code, Wave("run", code, name, leaves_at - timedelta(minutes=close_min), leaves_at, (number, ink)))
        _add(wave, where, to, parcels, grams)
    return list(waves.values())


def _has_ridden() -> ColumnElement[bool]:
    """Whether a departure has held the parcel, be it under way or behind."""
    ridden = sql_select(col(Custody.id)).where(
        col(Custody.parcel_code) == col(Parcel.code), col(Custody.holder_code) == col(Departure.code)
    )
    return ridden.correlate(Parcel, Departure).exists()


def _add(wave: Wave, where: str, to: str, parcels: int, grams: int) -> None:
    setattr(wave, where, getattr(wave, where) + parcels)
    if where != "done":
        wave.grams += int(grams)
        wave.zones[to] += parcels
