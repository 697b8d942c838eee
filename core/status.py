"""Stored statuses: a small table of legal moves, compare-and-set, and one event row a move.

ORDER = Moves("order.status", {"open": {"completed", "cancelled"}})
move(session, Order, order.id, "status", ORDER, "open", "cancelled", subject=order.number, tenant_id=…)
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, update

from core import clock
from core.errors import Conflict
from core.i18n import gettext

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
    """The legal moves of one stored status; a state without moves out is terminal."""

    kind: str
    table: Mapping[str, Collection[str]]

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


def began(session: Session, moves: Moves, target: str, *, tenant_id: int, subject: str, by: str = "", at: datetime | None = None) -> None:
    """Record the first state of a new row."""
    session.add(StatusEvent(tenant_id=tenant_id, kind=moves.kind, subject=subject, target=target, at=at or clock.now(), by=by))


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
    sources = [source] if isinstance(source, str) else list(source)
    for here in sources:
        if not moves.allows(here, target):
            raise ValueError(f"{moves.kind}: {here} → {target} is not a legal move")
    attribute = getattr(table, column)
    for here in sources:
        done = session.exec(
            update(table)
            .where(col(table.id) == row_id, col(attribute) == here)  # type: ignore[attr-defined]
            .values({column: target, **(values or {})})
            .execution_options(synchronize_session="fetch")
        )
        if done.rowcount:
            session.add(
                StatusEvent(
                    tenant_id=tenant_id, kind=moves.kind, subject=subject, source=here, target=target, at=clock.now(), by=by, note=note
                )
            )
            return here
    raise StatusMoved(gettext("{subject} 的状态已经变了").format(subject=subject), subject=subject, wanted=target)
