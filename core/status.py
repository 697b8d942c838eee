"""Stored statuses: a small table of legal moves, compare-and-set, and one event row a move.

ORDER = Moves("order.status", {"open": {"completed", "cancelled"}})
move(session, Order, order.id, "status", ORDER, "open", "cancelled", subject=order.number, tenant_id=…)
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Any

from sqlalchemy import Index, Table, Update, bindparam, insert, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlmodel import Field, Session, SQLModel

from core import clock
from core.errors import Conflict
from core.i18n import gettext
from core.pii import mask_numbers

known: dict[str, "Moves"] = {}  # every table of moves by kind, for the check that history is legal


class StatusEvent(SQLModel, table=True):
    """Append-only history: who moved what from where to where."""

    __tablename__ = "status_event"
    __table_args__ = (Index("ix_status_event_subject", "tenant_id", "kind", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    kind: str
    subject: str
    source: str | None = None
    target: str
    at: datetime
    by: str = ""
    note: str = ""


@dataclass(frozen=True)
class Moves:
    """The legal moves of one stored status; a state without moves out is terminal.

    A row's history begins with an event that has no source, unless its first state is `untold`: then with the first move.
    """

    kind: str
    table: Mapping[str, Collection[str]]
    untold: str | None = None

    def __post_init__(self) -> None:
        known[self.kind] = self

    def allows(self, source: str, target: str) -> bool:
        return target in self.table.get(source, ())

    @property
    def states(self) -> set[str]:
        return set(self.table) | {t for targets in self.table.values() for t in targets}


class StatusMoved(Conflict):
    """Somebody else moved it first, or the move is not legal from where it stands."""

    code = "status_moved"


_ADD = insert(StatusEvent.__table__)  # type: ignore[attr-defined]


def told(
    moves: Moves, target: str, *, tenant_id: int, subject: str, source: str | None = None, by: str = "", note: str = "",
    at: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One line of history, to be written with others by `tell`."""
    return {
        "tenant_id": tenant_id, "kind": moves.kind, "subject": subject, "source": source, "target": target, "at": at or clock.now(),
        "by": by, "note": mask_numbers(note),
    }  # fmt: skip


def tell(session: Session, events: Sequence[dict[str, Any]]) -> None:
    """Write lines of history, in their order, in one statement."""
    session.connection().execute(_ADD, events)


def began(session: Session, moves: Moves, target: str, *, tenant_id: int, subject: str, by: str = "", at: datetime | None = None) -> None:
    """Record the first state of a new row."""
    tell(session, [told(moves, target, tenant_id=tenant_id, subject=subject, by=by, at=at)])


def move(
    session: Session,
    table: type[SQLModel],
    row_id: int,
    column: str,
    moves: Moves,
    source: str | Collection[str],
    target: str,
    *,
    tenant_id: int,
    subject: str,
    by: str = "",
    note: str = "",
    values: Mapping[str, Any] | None = None,
) -> str:
    """Move one row's status in one guarded UPDATE and leave its event; returns the state it came from.

    `source` is the state (or states, tried in order) it must be in. Raises StatusMoved when it is in none of them.
    Loaded instances are refreshed, so the caller's object shows the new state.
    """
    here = compare_and_set(session, table, row_id, {column: (moves, source, target)}, subject=subject, values=values)[column]
    tell(session, [told(moves, target, tenant_id=tenant_id, subject=subject, source=here, by=by, note=note)])
    return here


def compare_and_set(
    session: Session,
    table: type[SQLModel],
    row_id: int,
    steps: Mapping[str, tuple[Moves, str | Collection[str], str]],
    *,
    subject: str,
    values: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """`move` without its event, for one status or several of a row at once: all move or none.

    `steps` names for each column its table of moves, its source (or sources) and its target; returns the states they came
    from. The caller leaves the events.
    """
    targets = {column: target for column, (_moves, _source, target) in steps.items()}
    ways = [_sources(moves, source, target) for moves, source, target in steps.values()]
    new = {**targets, **(values or {})}
    statement = guarded(table, tuple(steps), tuple(new))
    session.flush()
    for heres in product(*ways):
        before = dict(zip(steps, heres, strict=True))
        if session.connection().execute(statement, parameters(row_id, before, new)).rowcount:
            refresh(session, table, row_id, new)
            return before
    raise StatusMoved(gettext("{subject} 的状态已经变了").format(subject=subject), subject=subject, wanted=next(iter(targets.values())))


def _sources(moves: Moves, source: str | Collection[str], target: str) -> list[str]:
    sources = [source] if isinstance(source, str) else list(source)
    for here in sources:
        if not moves.allows(here, target):
            raise ValueError(f"{moves.kind}: {here} → {target} is not a legal move")
    return sources


@lru_cache(maxsize=256)
def guarded(model: type[SQLModel], guards: tuple[str, ...], names: tuple[str, ...]) -> Update:
    """The UPDATE of these columns that only finds the row in the states it is believed to be in."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return (
        update(table)
        .where(table.c.id == bindparam("row"), *(table.c[column] == bindparam(f"was_{column}") for column in guards))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


def parameters(row_id: int, was: Mapping[str, str], new: Mapping[str, Any]) -> dict[str, Any]:
    """What `guarded` asks for, of one row."""
    return {"row": row_id} | {f"was_{column}": here for column, here in was.items()} | {f"new_{name}": value for name, value in new.items()}


def refresh(session: Session, model: type[SQLModel], row_id: int, new: Mapping[str, Any]) -> None:
    """A loaded instance shows what was written."""
    loaded = session.identity_map.get(identity_key(model, row_id))
    if loaded is not None:
        for name, value in new.items():
            set_committed_value(loaded, name, value)
