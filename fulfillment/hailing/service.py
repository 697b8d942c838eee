"""A passenger, or a station master for one, asks a departure to stop at a request stop, and takes it back.

A call closes when loading does at that stop: the driver must know by then. Asking again for the same stop of the same run is the same call.
Lines that no timetable announces take calls too, where they have request stops: who calls is told that the time is an estimate.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from core import clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.permissions import Actor
from core.status import StatusMoved, began, move
from fulfillment.disruptions.closures import STATION, Span, spans
from fulfillment.timetable.asking import why_not
from fulfillment.timetable.board import Call, Run, find_run
from fulfillment.timetable.models import Departure
from fulfillment.timetable.stops import CARRIES_PEOPLE

from .models import MOST_PEOPLE, STOP_CALL, StopCall, StopCallStatus

_ = i18n.gettext
MOST_OPEN = 5  # of one person
MOST_OPEN_MASTER = 30  # of a station master, who asks for the whole village


class StopCallUnknown(NotFound):
    """No such call, or it is not the caller's: the two are told alike."""

    code = "stop_call_unknown"


class StopClosed(Conflict):
    """The run takes no calls at this stop: it is too late, it does not run, or the station is closed then."""

    code = "stop_closed"


class TooManyCalls(Conflict):
    """So many calls of one person are open already."""

    code = "too_many_calls"


class Place(NamedTuple):
    """A request stop of a run; `closed`: when the station is, which the run passes by then."""

    run: Run
    call: Call
    closed: Sequence[Span]

    @property
    def is_estimate(self) -> bool:
        """No timetable announces the line: its times are the county's own."""
        return not self.run.line.published


def request_stop(session: Session, tenant_id: int, departure: str, node: str) -> Place:
    """Where a run would stop if asked: its next such call there. Raises Refused, naming the field."""
    run = find_run(session, tenant_id, departure)
    if run is None or run.line.kind not in CARRIES_PEOPLE:
        raise Refused(_("没有这个班次"), field="departure")
    here = [c for c in run.calls[:-1] if c.node == node]
    if not here:
        raise Refused(_("这班车不到这个站，或到这里就是终点"), field="stop")
    asked = [c for c in here if c.on_request]
    if not asked:
        raise Refused(_("这班车到这里本来就停，不用约"), field="stop")
    call = next((c for c in asked if c.closes_at > clock.now()), asked[-1])
    closed = spans(session, tenant_id, STATION, Span(call.leaves_at, None)).get(node, ())
    return Place(run, call, closed)


def closed_why(place: Place) -> str:
    """Why nobody can ask for it any more, in words; empty while one can."""
    return why_not(place.run.departure.status, place.call.closes_at, place.call.leaves_at, place.closed)


def call_stop(session: Session, actor: Actor, departure: str, node: str, people: int = 1) -> StopCall:
    """Ask a run to stop, as whoever is signed in. Raises Refused, StopClosed, TooManyCalls."""
    if not 1 <= people <= MOST_PEOPLE:
        raise Refused(_("一次约 1 到 {n} 个人").format(n=MOST_PEOPLE), field="people")
    place = request_stop(session, actor.tenant_id, departure, node)
    if why := closed_why(place):
        raise StopClosed(why)
    if (mine := _standing(session, actor, place)) is not None:
        return mine
    if _open_calls(session, actor) >= (most := MOST_OPEN_MASTER if actor.has("master") else MOST_OPEN):
        raise TooManyCalls(_("你约着的已经有 {n} 班，先取消一班").format(n=most))
    row = StopCall(
        tenant_id=actor.tenant_id, code=new_code("SC"), user_id=actor.user_id or 0, departure_id=place.run.departure.id or 0,
        position=place.call.position, people=people, called_at=clock.now(),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        if (mine := _standing(session, actor, place)) is None:
            raise
        return mine
    began(session, STOP_CALL, "called", tenant_id=row.tenant_id, subject=row.code, by=actor.user_code)
    return row


def _standing(session: Session, actor: Actor, place: Place) -> StopCall | None:
    return session.exec(
        select(StopCall).where(
            StopCall.user_id == actor.user_id, StopCall.departure_id == place.run.departure.id,
            StopCall.position == place.call.position, StopCall.status == StopCallStatus.CALLED,
        )
    ).first()  # fmt: skip


def _open_calls(session: Session, actor: Actor) -> int:
    """Of runs that are not over."""
    return session.exec(
        select(func.count())
        .select_from(StopCall)
        .join(Departure, col(Departure.id) == col(StopCall.departure_id))
        .where(
            StopCall.tenant_id == actor.tenant_id, StopCall.user_id == actor.user_id, StopCall.status == StopCallStatus.CALLED,
            Departure.ends_at > clock.now(),
        )
    ).one()  # fmt: skip


def withdraw(session: Session, actor: Actor, code: str) -> StopCall:
    """Take one's own call back, until the run has left the stop; a second time changes nothing. Raises StopCallUnknown, StatusMoved."""
    asked = select(StopCall, col(Departure.code)).join(Departure, col(Departure.id) == col(StopCall.departure_id))
    found = session.exec(
        asked.where(StopCall.tenant_id == actor.tenant_id, StopCall.code == code, StopCall.user_id == actor.user_id)
    ).first()  # fmt: skip
    if found is None:
        raise StopCallUnknown(_("没有这次约停，或者它不是你的"))
    row, departure = found
    if row.status == StopCallStatus.WITHDRAWN:
        return row
    run = find_run(session, actor.tenant_id, departure)
    if run is None or run.call(row.position).leaves_at <= clock.now():
        raise StatusMoved(_("车已经开过去了，不用取消了"), subject=code, wanted="withdrawn")
    move(
        session, StopCall, row.id or 0, "status", STOP_CALL, "called", "withdrawn",
        tenant_id=row.tenant_id, subject=code, by=actor.user_code,
    )  # fmt: skip
    return row
