"""I9: a history is a legal path from its beginning to where its row stands."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from core.invariants import invariant
from core.status import Moves, StatusEvent, known


@invariant("I9", "status moves are legal", tables=("status_event",))
def moves_are_legal(session: Session) -> Iterable[str]:
    step = [col(StatusEvent.kind), col(StatusEvent.source), col(StatusEvent.target)]
    rows = session.execute(sa_select(*step, func.min(StatusEvent.subject), func.count()).group_by(*step))
    for kind, source, target, subject, times in rows:
        moves = known.get(kind)
        if moves is None or target not in moves.states or (source is not None and not moves.allows(source, target)):
            yield f"{kind}: {source} → {target}, {times} times, first of all {subject}"


@invariant("I9", "each move starts where the one before ended, and the first of all comes from nowhere", tables=("status_event",))
def moves_are_a_path(session: Session) -> Iterable[str]:
    own = (col(StatusEvent.tenant_id), col(StatusEvent.kind), col(StatusEvent.subject))
    before = func.lag(col(StatusEvent.target)).over(partition_by=own, order_by=col(StatusEvent.id)).label("before")
    steps = sa_select(*own[1:], col(StatusEvent.source), col(StatusEvent.target), before).subquery()
    untold = or_(*(and_(steps.c.kind == m.kind, steps.c.source == m.untold) for m in known.values() if m.untold))
    broken = or_(
        and_(steps.c.before.is_not(None), or_(steps.c.source.is_(None), steps.c.source != steps.c.before)),
        and_(steps.c.before.is_(None), steps.c.source.is_not(None), ~untold),
    )
    rows = session.execute(sa_select(steps).where(broken))
    return [f"{kind} {subject[:20]}: {before or 'nothing'} before {source} → {target}" for kind, subject, source, target, before in rows]


def elsewhere(session: Session, moves: Moves, code: Any, status: Any) -> list[str]:
    """Rows (their `code` and `status` columns) that do not stand at their last event's target, or that have none and should."""
    last = (
        select(StatusEvent.subject, func.max(col(StatusEvent.id)).label("id"))
        .where(StatusEvent.kind == moves.kind)
        .group_by(col(StatusEvent.subject))
        .subquery()
    )
    ended = func.coalesce(StatusEvent.target, moves.untold)
    rows = session.execute(
        select(code, status, ended)
        .outerjoin(last, last.c.subject == code)
        .outerjoin(StatusEvent, col(StatusEvent.id) == last.c.id)
        .where(or_(ended.is_(None), ended != status))
    )
    return [f"{moves.kind} {subject[:20]} stands at {stands}, its history at {told}" for subject, stands, told in rows]
