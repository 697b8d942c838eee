"""A real PostgreSQL for tests: the one named by JISHI_TEST_POSTGRES, PyPI's bundled server, else Debian's."""

import atexit
import os
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import psycopg


@lru_cache(maxsize=1)
def server_url() -> str:
    """`postgresql+psycopg://…/` of a running server without the database's name; started once per test process."""
    if named := os.environ.get("JISHI_TEST_POSTGRES"):
        return named
    folder = tempfile.mkdtemp(prefix="jishi-pg-")
    try:
        import pgserver
    except ImportError:
        return _debian(Path(folder))
    server = pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    host = re.search(r"host=(.+)$", server.get_uri())
    return f"postgresql+psycopg://postgres@/%s?host={host[1] if host else folder}"


def _debian(folder: Path) -> str:
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not homes:
        raise RuntimeError("no PostgreSQL: set JISHI_TEST_POSTGRES, or install pgserver (Python < 3.13) or Debian's postgresql")
    bin_ = homes[-1]
    become: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        become = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"
    subprocess.run([*become, bin_ / "initdb", "-U", "postgres", "-A", "trust", "-D", data], check=True, capture_output=True)
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    subprocess.run(
        [*become, bin_ / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], check=True, capture_output=True
    )
    atexit.register(subprocess.run, [*become, bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop"], capture_output=True)
    return f"postgresql+psycopg://postgres@/%s?host={folder}"


def admin(statement: str) -> None:
    """Run one statement on the maintenance database."""
    with psycopg.connect((server_url() % "postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())
