"""Many rows moved from state to state at once: `core.status.move` in two statements however many rows there are."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, SQLModel

from core import clock
from core.i18n import gettext
from core.status import Moves, StatusEvent, StatusMoved

_EVENTS = insert(StatusEvent.__table__)  # type: ignore[attr-defined]


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
    table: Table = model.__table__  # type: ignore[attr-defined]
    new = {column: target, **{name: bindparam(f"new_{name}") for name in steps[0].values}}
    guarded = update(table).where(table.c.id == bindparam("row"), table.c[column] == bindparam("was")).values(new)
    rows = [{"row": step.row_id, "was": step.source, **{f"new_{name}": v for name, v in step.values.items()}} for step in steps]
    if session.connection().execute(guarded, rows).rowcount != len(steps):
        raise StatusMoved(gettext("{subject} 的状态已经变了").format(subject=steps[0].subject), subject=steps[0].subject, wanted=target)
    event = {"tenant_id": tenant_id, "kind": moves.kind, "target": target, "at": clock.now(), "by": by}
    session.connection().execute(_EVENTS, [{**event, "subject": s.subject, "source": s.source, "note": s.note} for s in steps])
    for step in steps:
        if (loaded := session.identity_map.get(identity_key(model, step.row_id))) is not None:
            for name, value in {column: target, **step.values}.items():
                set_committed_value(loaded, name, value)
