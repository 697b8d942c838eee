"""What every table shares: constraint names that migrations can rely on, and column shapes said once."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON().with_variant(JSONB(), "postgresql")
metadata = SQLModel.metadata


def fen(**more: Any) -> Any:
    """A column of integer fen."""
    return Field(sa_type=BigInteger, **more)


def json_column(**more: Any) -> Any:
    """A JSON column; treat the value as immutable and reassign it."""
    return Field(sa_type=Json, **more)


def one_of(column: str, values: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """The database refuses any other word in this column."""
    words = ", ".join(f"'{v}'" for v in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def at_least(column: str, lowest: int = 0) -> CheckConstraint:
    return CheckConstraint(f"{column} >= {lowest}", name=f"{column}_at_least_{lowest}")
