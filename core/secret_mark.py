"""Which root secret a database belongs to: one row that knows the secret again and tells nothing of it.

With another secret nothing sealed opens and no phone is found, so whoever works on the database asks here first.
"""

import hmac
from hashlib import sha256

from sqlalchemy import CheckConstraint, Connection, Table, insert, inspect, select
from sqlmodel import Field, SQLModel

from core import pii


class SecretMark(SQLModel, table=True):
    __tablename__ = "secret_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True)
    mark: str


_table: Table = SecretMark.__table__  # type: ignore[attr-defined]


def mark() -> str:
    """The root secret's own mark: an HMAC under a key derived from it for nothing else."""
    return hmac.new(pii.derived_key("secret-mark"), b"jishi", sha256).hexdigest()


def kept(connection: Connection) -> str | None:
    """The mark in the database; None in one that has none yet."""
    if not inspect(connection).has_table(_table.name):
        return None
    return connection.execute(select(_table.c.mark)).scalar()


def keep(connection: Connection) -> None:
    """Write the mark of the secret at hand, once."""
    if kept(connection) is None:
        connection.execute(insert(_table).values(id=1, mark=mark()))
