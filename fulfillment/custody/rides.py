"""The rides a plan gave a parcel, and which of them are still ahead of it.

A ride is behind once its departure has held the parcel, and also once the parcel lies where a later ride (or this one) was to
set it down: a load scan that was never made does not bring a parcel back onto the bus it came by.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from core import clock
from fulfillment.batching.models import PlannedLeg
from fulfillment.network.models import Line, StopTime
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node


class Ride(NamedTuple):
    """One planned leg; `to` is the node where it ends. A replaced one has its `voided_at`."""

    departure: str
    number: str
    kind: str
    name: str
    board: int
    alight: int
    to: str
    starts_at: datetime
    ends_at: datetime  # of the departure, as late as it is
    runs: bool
    voided_at: datetime | None


class Holder(NamedTuple):
    """Whoever held the parcel, oldest first in a list: kind is station, departure, hub or carrier."""

    kind: str
    code: str


def planned_rides(session: Session, parcel_ids: Collection[int], *, replaced: bool = False) -> dict[int, list[Ride]]:
    """Each parcel's rides in their order, by parcel id; replaced ones too if asked for. One query."""
    query = (
        sql_select(
            col(PlannedLeg.parcel_id), col(Departure.code), col(Line.number), col(Line.kind), col(Line.name),
            col(PlannedLeg.board), col(PlannedLeg.alight), col(Node.code), col(Departure.starts_at), col(Departure.ends_at),
            col(Departure.delay_min), col(Departure.status), col(PlannedLeg.voided_at),
        )
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(PlannedLeg.alight)))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .where(col(PlannedLeg.parcel_id).in_(parcel_ids))
        .order_by(col(PlannedLeg.parcel_id), col(PlannedLeg.position), col(PlannedLeg.id))
    )  # fmt: skip
    if not replaced:
        query = query.where(col(PlannedLeg.voided_at).is_(None))
    found: dict[int, list[Ride]] = defaultdict(list)
    for parcel_id, code, number, kind, name, board, alight, to, starts_at, ends_at, delay, status, voided_at in session.execute(query):
        late = timedelta(minutes=delay)
        runs = status != DepartureStatus.CANCELLED
        found[parcel_id].append(Ride(code, number, kind, name, board, alight, to, starts_at + late, ends_at + late, runs, voided_at))
    return found


def rides_ahead(rides: Iterable[Ride], held: Sequence[Holder]) -> list[Ride]:
    """What of the standing plan is still to be boarded, given everyone who has held the parcel."""
    if held and held[-1].kind in ("carrier", "courier"):
        return []
    plan = [ride for ride in rides if ride.voided_at is None]
    lies = next((h.code for h in reversed(held) if h.kind in ("station", "hub")), "")
    ridden = {h.code for h in held if h.kind == "departure"}
    behind = max((n for n, ride in enumerate(plan, 1) if ride.to == lies or ride.departure in ridden), default=0)
    return plan[behind:]


def to_board(rides: Iterable[Ride], held: Sequence[Holder]) -> list[Ride]:
    """Those ahead that may still be boarded: runs that are cancelled or have reached their end are no plan any more."""
    return [ride for ride in rides_ahead(rides, held) if ride.runs and ride.ends_at > clock.now()]
