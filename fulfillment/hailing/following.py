"""A call follows its run and its stop: called off when the run is struck out or the station closed then, standing again when it is served
after all. Whoever called is told each time, once; looking again changes nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, notify, pii
from core.auth.models import User
from core.status import StatusEvent, move
from fulfillment.disruptions.closures import STATION, Span, Spans, spans
from fulfillment.timetable.models import DepartureStatus

from .models import STOP_CALL, StopCall, StopCallStatus
from .queries import Placed, to_come

MOST = 200  # moves a transaction


class _Turn(NamedTuple):
    """What a call becomes, why, and what its caller hears."""

    placed: Placed
    target: StopCallStatus
    note: str
    words: str


def follow_calls(session: Session, tenant_id: int) -> int:
    """Returns how many calls were moved, at most MOST. Two queries where nothing is to be done."""
    calls = to_come(session, tenant_id)
    closed = spans(session, tenant_id, STATION, Span(clock.now(), None)) if calls else {}
    standing = {_place(p) for p in calls if p.call.status == StopCallStatus.CALLED}
    turns = [turn for p in calls if (turn := _turn(p, closed, taken=_place(p) in standing)) is not None][:MOST]
    phones, before = _phones(session, {turn.placed.call.user_id for turn in turns}), _moves(session, tenant_id, turns)
    for turn in turns:
        row = turn.placed.call
        move(
            session, StopCall, row.id or 0, "status", STOP_CALL, row.status, turn.target,
            tenant_id=tenant_id, subject=row.code, by="clock", note=turn.note,
        )  # fmt: skip
        key = f"{row.code}:{turn.target}:{before[row.code]}"  # it may be called off and stand again more than once
        notify.tell(session, phones[row.user_id], turn.words, tenant_id=tenant_id, key=key)
    return len(turns)


def _turn(p: Placed, closed: Spans, *, taken: bool) -> _Turn | None:
    """`taken`: the same person has a call of this run and stop that stands, made in the meantime."""
    is_shut = any(span.holds(p.leaves_at) for span in closed.get(p.stop.code, ()))
    runs = p.departure.status != DepartureStatus.CANCELLED
    if p.call.status == StopCallStatus.CALLED:
        if not runs:
            why = f"：{p.departure.note}" if p.departure.note else ""
            return _Turn(p, StopCallStatus.CALLED_OFF, p.departure.note, f"你约在{p.stop.name}停的那班车（{_when(p)}）停了{why}")
        if is_shut:
            words = f"你约的那班车（{_when(p)}）不停{p.stop.name}了：这个站那时候关着，请到附近的站上车"
            return _Turn(p, StopCallStatus.CALLED_OFF, "关站", words)
    elif runs and not is_shut and not taken and p.leaves_at > clock.now():
        return _Turn(p, StopCallStatus.CALLED, "照常", f"你约在{p.stop.name}停的那班车（{_when(p)}）又照常了，会停，不用再约")
    return None


def _place(p: Placed) -> tuple[int, int, int]:
    return p.call.user_id, p.call.departure_id, p.call.position


def _when(p: Placed) -> str:
    leaves = clock.local(p.leaves_at)
    return f"{leaves.month} 月 {leaves.day} 日 {leaves:%H:%M}"


def _moves(session: Session, tenant_id: int, turns: Sequence[_Turn]) -> dict[str, int]:
    """How often each of these calls was moved before."""
    codes = [turn.placed.call.code for turn in turns]
    told = select(col(StatusEvent.subject), func.count()).where(
        StatusEvent.tenant_id == tenant_id, StatusEvent.kind == STOP_CALL.kind, col(StatusEvent.subject).in_(codes)
    )
    return dict(session.exec(told.group_by(col(StatusEvent.subject))).all()) if codes else {}


def _phones(session: Session, users: set[int]) -> dict[int, str]:
    found = session.exec(select(User).where(col(User.id).in_(users))) if users else ()
    return {user.id or 0: pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}") for user in found}
