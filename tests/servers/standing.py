"""One PostgreSQL database that stands while tests come and go: what a test wrote is deleted, and connections stay as warm as a shop's.

A database of its own for every test cost a copy, a deletion and connections that know no table yet: more than most tests themselves.
"""

import uuid
from collections.abc import Callable
from functools import lru_cache

from sqlalchemy import Engine

from core import db
from shop.tables import metadata
from tests.servers import postgres

TESTS = 50  # on one database: deleted rows stay in its files, and every page of a shop reads over them


class Standing:
    """The database of this process, None until a test needs one."""

    name: str | None = None
    tests = 0
    engines: dict[bool, Engine] = {}  # for writing and for reading


def take(template: Callable[[], str]) -> str:
    """Address of an empty database, like the template. Every test's address differs, as what a process keeps of a database goes by it."""
    if Standing.name is None:
        Standing.name, Standing.tests = f"t_{uuid.uuid4().hex[:12]}", 0
        postgres.admin(f"CREATE DATABASE {Standing.name} TEMPLATE {template()} STRATEGY FILE_COPY")
    Standing.tests += 1
    address = postgres.server_url() % Standing.name
    url = f"{address}{'&' if '?' in address else '?'}application_name=test-{Standing.tests}"
    db._engines.update({(url, writes): engine for writes, engine in Standing.engines.items()})
    return url


def give_back(url: str, *, known: bool) -> None:
    """After a test; where not all that was done to it is known, or somebody still works in it, it is not used again."""
    Standing.engines = {writes: db._engines.pop((url, writes)) for writes in (True, False) if (url, writes) in db._engines}
    idle = not any(engine.pool.checkedout() for engine in Standing.engines.values())
    if known and idle and Standing.tests < TESTS:
        if True not in Standing.engines:
            Standing.engines[True] = db.make_engine(url, writes=True)
        _empty(Standing.engines[True])
        return
    for engine in Standing.engines.values():
        engine.dispose()
    postgres.admin(f"DROP DATABASE {Standing.name} WITH (FORCE)")
    Standing.name, Standing.engines = None, {}


@lru_cache(maxsize=1)
def _emptying() -> str:
    """Without the triggers that keep history and references; numbers begin at one again."""
    tables = metadata.sorted_tables
    deleted = "; ".join(f'DELETE FROM "{table.name}"' for table in tables)
    numbers = ", ".join(
        f"setval('\"{t.name}_{t.autoincrement_column.name}_seq\"', 1, false)" for t in tables if t.autoincrement_column is not None
    )
    return f"SET LOCAL session_replication_role = replica; {deleted}; SELECT {numbers}"


def _empty(writer: Engine) -> None:
    connection = writer.raw_connection()
    try:
        connection.cursor().execute(_emptying())
        connection.commit()
    finally:
        connection.close()
