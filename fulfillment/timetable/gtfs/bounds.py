"""A table's own CHECKs asked about one row before it is written, so that the answer can name file, line and constraint.

The conditions are the ones in the models; an empty in-memory SQLite evaluates them.
"""

import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import CheckConstraint

from .columns import Model, table_of


def broken_bounds(model: Model, values: Mapping[str, Any]) -> list[str]:
    """Conditions of the table that the row breaks, as the model writes them; one about a value not given holds."""
    checks = _checks(model)
    if not checks:
        return []
    names = [c.name for c in table_of(model).columns]
    given = [values.get(name) for name in names]
    plain = [None if isinstance(v, list | dict) else v if isinstance(v, int | float | str | None) else str(v) for v in given]
    row = ", ".join(f'? AS "{name}"' for name in names)
    asked = ", ".join(f"({check})" for check in checks)
    holds = _asking().execute(f"SELECT {asked} FROM (SELECT {row})", plain).fetchone()  # noqa: S608 - our own models' words
    return [check for check, answer in zip(checks, holds, strict=True) if answer == 0]


@lru_cache(maxsize=64)
def _checks(model: Model) -> tuple[str, ...]:
    return tuple(sorted(str(c.sqltext) for c in table_of(model).constraints if isinstance(c, CheckConstraint)))


@lru_cache(maxsize=1)
def _asking() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)
