"""`column IN (…)` with all the values in one parameter.

The statement reads the same however many values are asked for: SQLAlchemy renders it once, PostgreSQL plans it once and
not for every length of the list.
"""

from typing import Any

from sqlalchemy import JSON, Boolean, Integer, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

CODES = JSON().with_variant(ARRAY(Text()), "postgresql")
IDS = JSON().with_variant(ARRAY(Integer()), "postgresql")


class Among(FunctionElement[bool]):
    """Whether a column's value is in the list given as the parameter `name`, of type CODES or IDS."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, name: str, type_: Any) -> None:
        super().__init__(column, bindparam(name, type_=type_))

    def self_group(self, against: Any = None) -> "Among":
        """It is a condition as it stands; without this SQLite is asked whether it `= 1`, and uses no index."""
        return self


@compiles(Among, "sqlite")
def _unfolded(among: Among, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(part, **how) for part in among.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - rendered by SQLAlchemy, values are parameters


@compiles(Among, "postgresql")
def _in_array(among: Among, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(part, **how) for part in among.clauses)
    return f"{column} = ANY ({values})"
