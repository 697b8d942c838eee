"""What stopped goes on: a departure cancelled by mistake, a line before its time, a station.

Nobody loses a road by it, so only what a neighbour took in a closed station's place is planned at once: who is late or without a road is
looked at in the background (.better).
"""

from typing import NamedTuple

from sqlmodel import Session, col, func, or_, select

from core import clock
from core.codes import new_code
from core.errors import Conflict
from fulfillment.batching.from_database import WAITING, read_waiting
from fulfillment.batching.late import tell_new_days
from fulfillment.batching.models import BatchPlan
from fulfillment.batching.repair import repair
from fulfillment.batching.service import for_ever, write_plan
from fulfillment.consignments.models import Parcel
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from fulfillment.timetable.running import Room, find_departure, may_run_again, reinstate, restore_room
from supply.counties.models import County
from supply.stations.models import Station

from .before import standing_roads
from .better import WORDS as BETTER_WORDS
from .better import ask_better
from .closures import DEPARTURE, LINE, STATION, find_closure
from .models import Closure, Disruption
from .places import bound_parcels, end_at, lying_at, not_under_way, tell_places
from .service import close_disruption

RUNS_AGAIN = "照常开了"
KINDS = {LINE: "line_suspended", STATION: "station_closed", DEPARTURE: "overfull"}  # of their disruptions
BACK = "{name}重新开站了，您的包裹还是到{name}取，预计{day}送到。"


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
    """The line runs, the station opens or the departure takes goods from now on. Raises ClosureUnknown, AlreadyLifted, NotRunning."""
    closure, now = find_closure(session, county.id, code), clock.now()
    session.refresh(closure, with_for_update=True)
    if closure.lifted_at is not None or (closure.ends_at is not None and closure.ends_at <= now):
        raise AlreadyLifted("已经恢复了")
    again = foresee(session, county, closure)
    closure.lifted_at, closure.lifted_by = now, by
    session.add(closure)
    if closure.subject_kind == DEPARTURE:
        restore_room(session, find_departure(session, county.id, closure.subject_code), Room(**closure.room))  # type: ignore[arg-type]
    for departure in _struck(session, closure):
        reinstate(session, departure, by=by, note=closure.reason)
    board_changed(session, county.id)
    if closure.instead:
        _come_back(session, county, closure, by)
    _deal_with(session, county, KINDS[closure.subject_kind], closure.subject_code, by)
    ask_better(session, county, because=f"lifted:{closure.code}")
    return again


def _come_back(session: Session, county: County, closure: Closure, by: str) -> None:
    """What is not under way yet sets out from here and is collected here again, and its receivers hear so."""
    session.flush()
    back = not_under_way(session, closure.struck)
    end_at(session, back, closure.subject_code, county.id)
    ids = {*lying_at(session, county, closure.subject_code), *bound_parcels(session, county, closure.subject_code)}
    if not ids:
        return
    today = clock.today()
    waiting = read_waiting(session, county, today, ready_before=for_ever(today), only=ids)
    plan = BatchPlan(
        tenant_id=county.id, code=new_code("B"), service_date=today, asked_by=by, asked_at=clock.now(), because=closure.subject_code
    )
    session.add(plan)
    session.flush()
    write_plan(session, plan, waiting, repair(waiting.instance, standing_roads(session, waiting)))
    name = session.exec(select(Station.name).where(Station.tenant_id == county.id, Station.code == closure.subject_code)).one()
    tell_places(session, back, BACK.format(name=name, day="{day}"), cause=plan.code)
    tell_new_days(session, list(waiting.watched), BETTER_WORDS, cause=plan.code)


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
