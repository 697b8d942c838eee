"""The database is the queue of record: brokers may lose everything, workers may die in the middle, effects happen once.

`_time_passes` ends the running leases, which is what thirty seconds would do.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import text
from sqlmodel import col, func, select, update

from core import clock, db
from core.outbox import Outbox, emit
from core.settings import ROOT, settings
from core.tenant import Tenant
from shop import schema
from tests.servers import redis

ALL = pytest.mark.parametrize(
    ("database", "broker"), [("sqlite", "redis"), ("postgresql", "redis"), ("sqlite", "embedded")], indirect=["database"]
)
REDIS = pytest.mark.parametrize(("database", "broker"), [("postgresql", "redis")], indirect=["database"])


@pytest.fixture
def setting(broker, database, home):
    """A migrated installation on either database, and the environment its processes see."""
    with db.engine().begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": schema.head()})
    env = {
        **os.environ, "JISHI_HOME": str(home), "JISHI_DEMO": "1", "JISHI_SECRET_KEY": settings.secret_key, "JISHI_DATABASE_URL": settings.url,
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    if broker == "redis":
        server = redis.server_url()
        Redis.from_url(server).flushall()
        env["JISHI_BROKER_URL"] = f"{server}/0"
    return env


@contextmanager
def _worker(env):
    process = subprocess.Popen([sys.executable, "-m", "tests.faults.working", "work"], cwd=ROOT, env=env, start_new_session=True)
    try:
        yield process
    finally:
        _kill(process)


def _kill(process) -> None:
    """kill -9 of the worker and its pool."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _emit(topic: str, n: int) -> None:
    with db.writing() as session:
        for i in range(n):
            emit(session, topic, tenant_id=1, key=str(i))


def _time_passes() -> None:
    with db.writing() as session:
        session.exec(update(Outbox).where(col(Outbox.done_at).is_(None)).values(leased_until=clock.now() - timedelta(seconds=1)))


def _effects() -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(Tenant)).one()


def _until(condition, seconds: float = 160) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


@ALL
def test_rows_travel_through_the_broker_and_take_effect_once(setting):
    with _worker(setting):
        _emit("test.quick", 30)
        assert _until(lambda: _effects() == 30)
    assert _effects() == 30


@ALL
def test_a_worker_killed_in_the_middle_of_an_effect_leaves_nothing_and_the_next_one_does_it_once(setting, home):
    _emit("test.slow", 1)
    with _worker(setting) as first:
        assert _until((home / "begun").exists)
        _kill(first)
    assert _effects() == 0
    (home / "go").touch()
    _time_passes()
    with _worker(setting):
        assert _until(lambda: _effects() == 1)
    with db.reading() as session:
        assert session.exec(select(Outbox)).one().done_at is not None


@REDIS
def test_what_a_flushed_broker_lost_is_sent_again(setting):
    _emit("test.quick", 25)
    said = subprocess.run([sys.executable, "-m", "tests.faults.working", "publish"], cwd=ROOT, env=setting, capture_output=True, text=True)
    assert said.stdout.strip() == "25", said.stderr
    broker = Redis.from_url(setting["JISHI_BROKER_URL"])
    assert broker.dbsize() > 0
    broker.flushall()
    _time_passes()
    with _worker(setting):
        assert _until(lambda: _effects() == 25)


@REDIS
def test_a_broker_that_is_away_loses_nothing(setting):
    setting["JISHI_BROKER_URL"] = "redis://127.0.0.1:1/0"
    _emit("test.quick", 3)
    said = subprocess.run([sys.executable, "-m", "tests.faults.working", "publish"], cwd=ROOT, env=setting, capture_output=True, text=True)
    assert said.stdout.strip() == "0", said.stderr
    with db.reading() as session:
        assert all(row.leased_until is None and row.attempts == 0 for row in session.exec(select(Outbox)))


@REDIS
def test_messages_delivered_three_times_take_effect_once(setting):
    _emit("test.quick", 5)
    for _ in range(3):
        subprocess.run([sys.executable, "-m", "tests.faults.working", "publish"], cwd=ROOT, env=setting, check=True, capture_output=True)
        _time_passes()
    with _worker(setting):
        assert _until(lambda: _effects() == 5)
    with db.reading() as session:
        assert [row.attempts for row in session.exec(select(Outbox))] == [0] * 5
