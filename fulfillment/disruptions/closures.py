"""Lines and stations out of service for a while. What the roads are read with, so that plans and promises keep to it alike."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from core import clock
from core.codes import new_code
from core.errors import Conflict, NotFound
from fulfillment.network.models import Line

from .models import Closure

LINE, STATION, DEPARTURE = "line", "station", "departure"


class ClosureUnknown(NotFound):
    """No such suspension or closing in this county."""

    code = "closure_unknown"


class AlreadyClosed(Conflict):
    """The line or station is out of service for part of this time already."""

    code = "already_closed"


class Span(NamedTuple):
    """From `begins` until before `ends`; None: for ever."""

    begins: datetime
    ends: datetime | None

    def holds(self, moment: datetime) -> bool:
        return self.begins <= moment and (self.ends is None or moment < self.ends)

    def meets(self, other: "Span") -> bool:
        return (self.ends is None or other.begins < self.ends) and (other.ends is None or self.begins < other.ends)


class StandIn(NamedTuple):
    """The station where goods of a closed one board, and from when on: what lay there when it closed is carried over then."""

    node: str
    since: datetime
    minutes: int  # that the way takes


Spans = Mapping[str, Sequence[Span]]  # by the code of the line or node


def span_of(closure: Closure) -> Span | None:
    """When it holds in truth; None of one that was lifted before it began."""
    ends = min((e for e in (closure.ends_at, closure.lifted_at) if e is not None), default=None)
    return None if ends is not None and ends <= closure.begins_at else Span(closure.begins_at, ends)


def spans(session: Session, tenant_id: int, kind: str, within: Span) -> dict[str, list[Span]]:
    """What is out of service at any moment `within`, by code; one query."""
    found: dict[str, list[Span]] = {}
    query = select(Closure).where(Closure.tenant_id == tenant_id, Closure.subject_kind == kind)
    for closure in session.exec(query.order_by(col(Closure.id))):
        span = span_of(closure)
        if span is not None and span.meets(within):
            found.setdefault(closure.subject_code, []).append(span)
    return found


def stand_ins(session: Session, tenant_id: int) -> dict[str, StandIn]:
    """By closed station which other one takes its goods now; one query."""
    closed = select(Closure).where(Closure.tenant_id == tenant_id, Closure.subject_kind == STATION, Closure.instead != "")
    now = clock.now()
    return {
        row.subject_code: StandIn(row.instead, span.begins, row.carry_min)
        for row in session.exec(closed)
        if (span := span_of(row)) and span.holds(now)
    }


def standing_limit(session: Session, tenant_id: int, departure: str) -> Closure | None:
    """That a departure takes nothing more, if it stands."""
    query = select(Closure).where(Closure.tenant_id == tenant_id, Closure.subject_kind == DEPARTURE, Closure.subject_code == departure)
    return session.exec(query.where(col(Closure.lifted_at).is_(None))).first()


def over_by_clock(session: Session) -> list[tuple[int, str]]:
    """Stations' closings of every county whose time is past and that nobody has ended: county's id and code, the first to end first."""
    query = select(Closure.tenant_id, Closure.code).where(
        Closure.subject_kind == STATION, col(Closure.lifted_at).is_(None), col(Closure.ends_at) <= clock.now()
    )  # fmt: skip
    return list(session.exec(query.order_by(col(Closure.ends_at), col(Closure.id))).all())


def suspended(session: Session, tenant_id: int) -> dict[int, list[tuple[Closure, Span]]]:
    """Suspensions that may still hold, by the line's id."""
    now, found = clock.now(), dict[int, list[tuple[Closure, Span]]]()
    query = select(Closure, col(Line.id)).join(Line, col(Line.code) == col(Closure.subject_code))
    for closure, line_id in session.exec(query.where(Closure.tenant_id == tenant_id, Closure.subject_kind == LINE)):
        span = span_of(closure)
        if span is not None and (span.ends is None or span.ends > now):
            found.setdefault(line_id or 0, []).append((closure, span))
    return found


def current(session: Session, tenant_id: int) -> list[Closure]:
    """What holds now or will, the next to begin first."""
    now = clock.now()
    query = select(Closure).where(
        Closure.tenant_id == tenant_id, col(Closure.lifted_at).is_(None), or_(col(Closure.ends_at).is_(None), col(Closure.ends_at) > now)
    )
    return list(session.exec(query.order_by(col(Closure.begins_at), col(Closure.id))).all())


def open_closure(session: Session, tenant_id: int, kind: str, subject: str, span: Span, *, reason: str, by: str) -> Closure:
    """Raises AlreadyClosed when one of the same subject meets it: two would have to be lifted for one reopening."""
    if any(known.meets(span) for known in spans(session, tenant_id, kind, span).get(subject, ())):
        raise AlreadyClosed("这段时间里已经停了，先恢复，再重新填")
    closure = Closure(
        tenant_id=tenant_id, code=new_code("Z"), subject_kind=kind, subject_code=subject, begins_at=span.begins, ends_at=span.ends,
        reason=reason, made_by=by, made_at=clock.now(),
    )  # fmt: skip
    session.add(closure)
    session.flush()
    return closure


def find_closure(session: Session, tenant_id: int, code: str) -> Closure:
    """Raises ClosureUnknown."""
    closure = session.exec(select(Closure).where(Closure.tenant_id == tenant_id, Closure.code == code)).first()
    if closure is None:
        raise ClosureUnknown("没有这条停运或关站")
    return closure
