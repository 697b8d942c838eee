"""I15: what is personal lies sealed. Each slice names its own columns."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session

from core.invariants import invariant

KEY = "k_."  # `_` stands for any sign: two generations of keys live side by side
SHORTEST = 3 + 4 * 10  # of one byte: nonce, the byte and its proof, in base64


def keeps_sealed(table: Any, *columns: str) -> None:
    """Register that these columns of a table hold what `core.pii.seal` made, or nothing."""
    kept = [getattr(table, name) for name in columns]
    opened = [and_(column != "", or_(column.not_like(f"{KEY}%"), func.length(column) < SHORTEST)) for column in kept]
    statement = select(table.id, *(case((each, 1), else_=0) for each in opened)).where(or_(*opened))

    @invariant("I15", f"personal data is sealed in {table.__tablename__}", tables=(table.__tablename__,))
    def data_is_sealed(session: Session) -> Iterable[str]:
        for row_id, *found in session.execute(statement):
            yield from (f"{table.__tablename__}.{name} of row {row_id}" for name, is_open in zip(columns, found, strict=True) if is_open)
