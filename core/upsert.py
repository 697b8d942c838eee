"""INSERT … ON CONFLICT, which each database says in its own dialect: both statements are built once, when the module loads."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


class Upsert:
    """`Upsert(Outbox, lambda insert: insert.on_conflict_do_nothing(…).returning(…))`; the columns are those of the rows it is given."""

    def __init__(self, model: type[SQLModel], build: Callable[[Any], Any]) -> None:
        table: Table = model.__table__  # type: ignore[attr-defined]
        self._statements = {"sqlite": build(sqlite.insert(table)), "postgresql": build(postgresql.insert(table))}

    def run(self, session: Session, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
        """Write one row or many; what the session holds unwritten goes first."""
        session.flush()
        connection = session.connection()
        return connection.execute(self._statements[connection.dialect.name], rows)
