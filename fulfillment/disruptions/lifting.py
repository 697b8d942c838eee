"""What stopped goes on: a departure cancelled by mistake, a line before its time, a station.

Nobody loses a road by it, so nothing is planned at once: who is late or without a road is looked at in the background (.better).
"""

from typing import NamedTuple

from sqlmodel import Session, col, func, or_, select

from core import clock
from core.errors import Conflict
from fulfillment.batching.from_database import WAITING
from fulfillment.consignments.models import Parcel
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from fulfillment.timetable.running import find_departure, may_run_again, reinstate
from supply.counties.models import County

from .better import ask_better
from .closures import LINE, find_closure
from .models import Closure, Disruption
from .service import close_disruption

RUNS_AGAIN = "照常开了"


class AlreadyLifted(Conflict):
    """Somebody lifted it first, or its time is over."""

    code = "already_lifted"


class Again(NamedTuple):
    """What comes back: departures that run again, and parcels that may gain by it (late or without a road now)."""

    departures: int
    may_gain: int


def foresee(session: Session, county: County, closure: Closure) -> Again:
    return Again(len(_struck(session, closure)), _in_trouble(session, county))


def lift(session: Session, county: County, code: str, *, by: str) -> Again:
    """The line runs or the station opens from now on. Raises ClosureUnknown, AlreadyLifted."""
    closure, now = find_closure(session, county.id, code), clock.now()
    session.refresh(closure, with_for_update=True)
    if closure.lifted_at is not None or (closure.ends_at is not None and closure.ends_at <= now):
        raise AlreadyLifted("已经恢复了")
    again = foresee(session, county, closure)
    closure.lifted_at, closure.lifted_by = now, by
    session.add(closure)
    for departure in _struck(session, closure):
        reinstate(session, departure, by=by, note=closure.reason)
    board_changed(session, county.id)
    _deal_with(session, county, "line_suspended" if closure.subject_kind == LINE else "station_closed", closure.subject_code, by)
    ask_better(session, county, because=f"lifted:{closure.code}")
    return again


def run_after_all(session: Session, county: County, code: str, *, by: str) -> Again:
    """A cancelled departure runs. Raises DepartureUnknown, HasLeft, StatusMoved."""
    departure, trouble = find_departure(session, county.id, code), _in_trouble(session, county)
    reinstate(session, departure, by=by)
    _deal_with(session, county, "departure_cancelled", code, by)
    ask_better(session, county, because=f"again:{code}:{clock.now().isoformat()}")
    return Again(1, trouble)


def _struck(session: Session, closure: Closure) -> list[Departure]:
    """Departures the suspension cancelled whose time has not come yet."""
    rows = (
        session.exec(select(Departure).where(col(Departure.code).in_(closure.struck)).order_by(col(Departure.id))) if closure.struck else ()
    )
    return [row for row in rows if may_run_again(row)]


def _in_trouble(session: Session, county: County) -> int:
    late = or_(col(Parcel.trunk_id).is_(None) & col(Parcel.arrives_at).is_(None), col(Parcel.arrives_at) > col(Parcel.due_at))
    count = select(func.count()).where(Parcel.tenant_id == county.id, col(Parcel.status).in_(WAITING), late)
    return int(session.exec(count).one())


def _deal_with(session: Session, county: County, kind: str, subject: str, by: str) -> None:
    query = select(Disruption.code).where(
        Disruption.tenant_id == county.id, Disruption.kind == kind, Disruption.subject_code == subject, col(Disruption.closed_at).is_(None)
    )
    for code in session.exec(query).all():
        close_disruption(session, county.id, code, by=by, outcome=RUNS_AGAIN)
