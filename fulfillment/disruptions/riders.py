"""Whom a disruption concerns: parcels that were still to ride, board or be set down where it strikes."""

from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, not_, or_, select

from core import clock
from fulfillment.batching.from_database import WAITING
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.settled import settled
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.custody.models import Custody
from fulfillment.network.models import StopTime
from fulfillment.network.rules import hub_rules
from fulfillment.timetable.models import Departure
from supply.counties.models import County
from supply.stations.models import Node

from .closures import Span


def riders_of(session: Session, county: County, departures: Collection[str]) -> list[int]:
    """Parcels planned onto one of these and not yet past it, nor in the hub already for a trunk that has closed."""
    query = _planned(session, county).where(col(Departure.code).in_(departures), ~_was_on())
    return [row or 0 for row in session.exec(query.distinct().order_by(col(Parcel.id)))]


def boarding(session: Session, county: County, departure: str, *, position: int, parcels: Collection[str] = ()) -> list[int]:
    """Those still to board it from a stop on (or of these parcels): who is aboard already stays."""
    query = _planned(session, county).where(
        Departure.code == departure, PlannedLeg.board >= position, ~_was_on(), ~_is_on(),
        *([col(Parcel.code).in_(parcels)] if parcels else ()),
    )  # fmt: skip
    return [row or 0 for row in session.exec(query.distinct().order_by(col(Parcel.id)))]


def ever_aboard(session: Session, departure: str, parcels: Collection[str]) -> set[str]:
    """Which of these parcels the departure has or had."""
    held = select(Custody.parcel_code).where(Custody.holder_code == departure, col(Custody.parcel_code).in_(parcels))
    return set(session.exec(held).all())


def not_aboard(session: Session, county: County, departure: str, parcel: str) -> list[int]:
    """The parcel, with a road or none, while it waits and the departure does not carry it."""
    on_it = select(Custody.parcel_code).where(Custody.holder_code == departure, col(Custody.ended_at).is_(None))
    query = select(col(Parcel.id)).where(
        Parcel.tenant_id == county.id, Parcel.code == parcel, col(Parcel.status).in_(WAITING), col(Parcel.code).not_in(on_it),
        not_(in_the_bag(session, county)),
    )  # fmt: skip
    return [row or 0 for row in session.exec(query)]


def callers_at(session: Session, county: County, node: str, span: Span) -> list[int]:
    """Parcels to be handed over at a node while its doors are closed, and those that end there and have no road yet."""
    at = select(Node.id).where(Node.tenant_id == county.id, Node.code == node)
    query = (
        _planned(session, county, col(Parcel.id), col(Departure.service_date), col(Departure.delay_min), col(StopTime.dep_min))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & col(StopTime.node_id).in_(at))
        .where(or_(col(StopTime.position) == PlannedLeg.board, col(StopTime.position) == PlannedLeg.alight), ~_was_on())
    )
    met = {
        parcel_id
        for parcel_id, day, late, minute in session.exec(query)
        if span.holds(clock.on(day, minute + late))
    }  # fmt: skip
    return sorted(met)


def bound_for(session: Session, county: County, node: str) -> list[int]:
    """Waiting parcels that end at a node."""
    query = (
        select(col(Parcel.id))
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .join(Node, col(Node.id) == col(Consignment.to_node_id))
        .where(Parcel.tenant_id == county.id, Node.code == node, col(Parcel.status).in_(WAITING))
    )
    return [row or 0 for row in session.exec(query.order_by(col(Parcel.id)))]


def void_unridden(session: Session, county: County, departures: Collection[str]) -> set[int]:
    """Nobody keeps a place on these: who is past planning (in a trunk's bag, gone on without a scan) gives up the rest of its road,
    who left them before they ran rides on by its other legs. Returns the departures whose load changed.
    """
    left = session.exec(
        select(PlannedLeg, col(Parcel.status), _was_on())
        .join(Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .where(Departure.tenant_id == county.id, col(Departure.code).in_(departures), col(PlannedLeg.voided_at).is_(None))
        .order_by(col(PlannedLeg.parcel_id), col(PlannedLeg.position).desc())
    ).all()
    touched: set[int] = set()
    for leg, status, was_on in left:
        active = (PlannedLeg.parcel_id == leg.parcel_id, col(PlannedLeg.voided_at).is_(None))
        later = select(PlannedLeg).where(*active, PlannedLeg.position > leg.position).order_by(col(PlannedLeg.position))
        leg.voided_at = clock.now()
        session.add(leg)
        session.flush()
        for after in session.exec(later).all():
            if was_on and status in WAITING:
                after.position -= 1  # legs that hold are numbered without a gap
            else:
                after.voided_at = clock.now()
                touched.add(after.departure_id)
            session.add(after)
            session.flush()
    return touched


def in_the_bag(session: Session, county: County) -> ColumnElement[bool]:
    return settled(session, county.id, now=clock.now(), hub_sort_min=hub_rules(county).hub_sort_min)


def _planned(session: Session, county: County, *columns):  # type: ignore[no-untyped-def]
    """Waiting parcels with their active legs and departures."""
    return (
        select(*(columns or (col(Parcel.id),)))
        .join(PlannedLeg, col(PlannedLeg.parcel_id) == col(Parcel.id))
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .where(
            Parcel.tenant_id == county.id, col(Parcel.status).in_(WAITING), col(PlannedLeg.voided_at).is_(None),
            not_(in_the_bag(session, county)),
        )
    )  # fmt: skip


def _was_on() -> ColumnElement[bool]:
    return _held_by(col(Custody.ended_at).is_not(None))


def _is_on() -> ColumnElement[bool]:
    return _held_by(col(Custody.ended_at).is_(None))


def _held_by(state: ColumnElement[bool]) -> ColumnElement[bool]:
    holding = select(Custody.id).where(col(Custody.parcel_code) == col(Parcel.code), col(Custody.holder_code) == col(Departure.code), state)
    return holding.exists()
