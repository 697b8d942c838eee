"""Many rows moved from state to state at once: `core.status.move` in two statements however many rows there are."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlmodel import Session, SQLModel

from core import clock
from core.i18n import gettext
from core.status import Moves, StatusMoved, guarded, parameters, refresh, tell, told


class Step(NamedTuple):
    """One row's move: its id, public code and the state it was read in; `values` are set with it."""

    row_id: int
    subject: str
    source: str
    note: str = ""
    values: Mapping[str, Any] = {}


def move_all(
    session: Session, model: type[SQLModel], column: str, moves: Moves, steps: Sequence[Step], target: str, *, tenant_id: int, by: str = ""
) -> None:
    """Move every row, each guarded by the state it was read in, and leave their events; all steps set the same values.

    For rows the caller holds locked. Raises StatusMoved when one of them moved all the same: roll back then.
    Loaded instances show the new state.
    """
    if not steps:
        return
    for here in {step.source for step in steps}:
        if not moves.allows(here, target):
            raise ValueError(f"{moves.kind}: {here} → {target} is not a legal move")
    session.flush()
    statement = guarded(model, (column,), (column, *steps[0].values))
    rows = [parameters(step.row_id, {column: step.source}, {column: target, **step.values}) for step in steps]
    if session.connection().execute(statement, rows).rowcount != len(steps):
        raise StatusMoved(gettext("{subject} 的状态已经变了").format(subject=steps[0].subject), subject=steps[0].subject, wanted=target)
    at = clock.now()
    tell(session, [told(moves, target, tenant_id=tenant_id, subject=s.subject, source=s.source, by=by, note=s.note, at=at) for s in steps])
    for step in steps:
        refresh(session, model, step.row_id, {column: target, **step.values})
