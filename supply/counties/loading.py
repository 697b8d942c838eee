"""Bulk inserts of a county's rows, and the ids they were given."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, select


def insert_rows(session: Session, table: type[SQLModel], tenant_id: int, rows: Iterable[dict[str, Any]]) -> None:
    """Insert many rows of a county in one statement, column defaults filled in; every row names the same columns."""
    if filled := [{"tenant_id": tenant_id, **row} for row in rows]:
        session.execute(insert(table.__table__), filled)  # type: ignore[attr-defined]  # the mapped class would group rows by their None


def ids_by(session: Session, table: Any, tenant_id: int, column: str = "code") -> dict[Any, int]:
    """The ids of a county's rows by a column that is unique among them."""
    return dict(session.exec(select(getattr(table, column), col(table.id)).where(table.tenant_id == tenant_id)).all())
