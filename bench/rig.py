"""What every measurement stands on: a demo county, a server over it on SQLite or PostgreSQL, the yardstick beside it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg

from core import db, upkeep
from core.settings import settings
from tests.servers import postgres
from tests.servers.storefront import ROOT, Storefront, free_port, jishi

DATABASES = ("sqlite", "postgresql")
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")  # the tests' server has these off; figures are taken with them on


class Rig(NamedTuple):
    """One running shop and the processes whose CPU counts: the server's tree, and the database's."""

    shop: Storefront
    pids: list[int]
    county: "County"


class County(NamedTuple):
    """A loaded installation that is not served yet."""

    home: Path
    database: str
    own: dict[str, str]  # its settings

    def run(self, *command: str) -> None:
        """One `jishi` command; the bench ends when it fails."""
        done = jishi(self.home, *command, **self.own)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)

    @contextmanager
    def here(self) -> Iterator[None]:
        """This process speaks to the installation's database."""
        before = settings.home, settings.database_url
        settings.home, settings.database_url = self.home, self.own.get("JISHI_DATABASE_URL")
        try:
            yield
        finally:
            db.dispose()
            settings.home, settings.database_url = before

    @contextmanager
    def served(self) -> Iterator[Rig]:
        with Storefront(self.home, **self.own) as shop:
            assert shop.process is not None
            pids = [shop.process.pid, *([_postmaster()] if self.database == "postgresql" else [])]
            yield Rig(shop, pids, self)


@contextmanager
def loaded(database: str, folder: Path, *, days: int = 7, orders: int = 30) -> Iterator[County]:
    """The demo county (contract.md: 7 days of 30 orders) on one database."""
    county = County(folder / f"home-{database}", database, {})
    county.home.mkdir()
    name = f"bench_{os.getpid()}"
    if database == "postgresql":
        postgres.admin(f"CREATE DATABASE {name}")
        county.own["JISHI_DATABASE_URL"] = postgres.server_url() % name
        _make_durable()
    try:
        county.run("demo", "--days", str(days), "--orders", str(orders))
        yield county
    finally:
        if database == "postgresql":
            postgres.admin(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running(database: str, folder: Path, *, days: int = 7, orders: int = 30) -> Iterator[Rig]:
    """The demo county loaded and served, with the settings `make run` gives it."""
    with loaded(database, folder, days=days, orders=orders) as county, county.served() as rig:
        yield rig


def know_tables() -> None:
    """What the worker does every hour and PostgreSQL's own helper every minute: the planner knows what was just written."""
    upkeep.gather_statistics()
    if not settings.is_sqlite:
        with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("ANALYZE")
            connection.exec_driver_sql("RESET statement_timeout")


def _make_durable() -> None:
    for setting in DURABLE:
        postgres.admin(f"ALTER SYSTEM SET {setting} = on")
    postgres.admin("SELECT pg_reload_conf()")


def _postmaster() -> int:
    with psycopg.connect((postgres.server_url() % "postgres").replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        return int(psutil.Process(row[0]).ppid())


@contextmanager
def yardstick() -> Iterator[tuple[int, list[int]]]:
    """Port and process of `bench.static` under the same server software."""
    port = free_port()
    command = ["-m", "uvicorn", "bench.static:app", "--port", str(port), "--loop", "uvloop", "--http", "httptools", "--no-access-log",
               "--log-level", "warning"]  # fmt: skip
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT)
    try:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port, [process.pid]
    finally:
        process.terminate()
        process.wait(10)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)])


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
