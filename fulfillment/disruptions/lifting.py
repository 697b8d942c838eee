"""What stopped goes on: a departure cancelled by mistake, a line before its time, a station before or at its time.

Nobody loses a road by it, so only what a neighbour took in a closed station's place is planned at once (.returning): who is late or
without a road is looked at in the background (.better).
"""

from typing import NamedTuple

from sqlmodel import Session, col, func, or_, select

from core import clock
from core.errors import Conflict
from fulfillment.batching.from_database import WAITING
from fulfillment.consignments.models import Parcel
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from fulfillment.timetable.running import Room, find_departure, may_run_again, reinstate, restore_room
from supply.counties.models import County

from .better import ask_better
from .closures import DEPARTURE, LINE, STATION, find_closure
from .models import Closure, Disruption
from .returning import come_back, returning
from .service import close_disruption

RUNS_AGAIN = "照常开了"
KINDS = {LINE: "line_suspended", STATION: "station_closed", DEPARTURE: "overfull"}  # of their disruptions
CLOCK = "clock"  # who ends what is over


class AlreadyLifted(Conflict):
    """Somebody lifted it first, or its time is over."""

    code = "already_lifted"


class Again(NamedTuple):
    """What comes back: departures that run again, parcels that may gain by it (late or without a road now), and of a station's
    consignments those that are collected there again and those that went next door already and stay there."""

    departures: int
    may_gain: int
    back: int = 0
    stay: int = 0


def foresee(session: Session, county: County, closure: Closure) -> Again:
    home = returning(session, closure)
    return Again(len(_struck(session, closure)), _in_trouble(session, county), len(home.back), len(home.stay))


def lift(session: Session, county: County, code: str, *, by: str) -> Again:
    """The line runs, the station opens or the departure takes goods from now on. Raises ClosureUnknown, AlreadyLifted, NotRunning."""
    closure = _locked(session, county, code)
    if closure.lifted_at is not None or closure.is_over:
        raise AlreadyLifted("已经恢复了")
    return _end(session, county, closure, by)


def end_by_clock(session: Session, county: County, code: str) -> Again | None:
    """A station's time is over: what its reopening does, once; None where that is done or somebody made it last longer."""
    closure = _locked(session, county, code)
    return _end(session, county, closure, CLOCK) if closure.lifted_at is None and closure.is_over else None


def _locked(session: Session, county: County, code: str) -> Closure:
    closure = find_closure(session, county.id, code)
    session.refresh(closure, with_for_update=True)
    return closure


def _end(session: Session, county: County, closure: Closure, by: str) -> Again:
    again = foresee(session, county, closure)
    closure.lifted_at, closure.lifted_by = clock.now(), by
    session.add(closure)
    if closure.subject_kind == DEPARTURE:
        restore_room(session, find_departure(session, county.id, closure.subject_code), Room(**closure.room))  # type: ignore[arg-type]
    for departure in _struck(session, closure):
        reinstate(session, departure, by=by, note=closure.reason)
    board_changed(session, county.id)
    if closure.instead:
        come_back(session, county, closure, by)
    _deal_with(session, county, KINDS[closure.subject_kind], closure.subject_code, by)
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
    if closure.subject_kind != LINE or not closure.struck:
        return []
    rows = session.exec(select(Departure).where(col(Departure.code).in_(closure.struck)).order_by(col(Departure.id)))
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
