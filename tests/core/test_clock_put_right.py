"""A server's clock was a day ahead and is put right: what it left for tomorrow is done today, and once."""

from datetime import timedelta

import pytest

from core import clock, db
from core.outbox import emit
from core.tasks import drain, every, handler, pending
from core.tasks import registry as known
from core.tasks.relay import lease
from core.tasks.ticks import run_tick

AHEAD = timedelta(days=1)


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    for name in ("handlers", "ticks"):
        for key in list(getattr(known, name)):
            monkeypatch.delitem(getattr(known, name), key)


def test_ticks_go_on(database):
    runs = []
    every(10, "sweep")(lambda: runs.append(clock.now()))
    with clock.at(clock.now() + AHEAD):
        assert run_tick("sweep")
    assert run_tick("sweep")
    assert not run_tick("sweep"), "not due again yet"
    with clock.at(clock.now() + timedelta(seconds=11)):
        assert run_tick("sweep")
    assert len(runs) == 3


def test_a_long_tick_is_not_called_early(database):
    every(3600, "hourly")(lambda: None)
    assert run_tick("hourly")
    with clock.at(clock.now() + timedelta(minutes=59)):
        assert not run_tick("hourly")


def test_rows_from_a_time_to_come_are_done_now_and_leases_from_then_run_out(database):
    done = []
    handler("thing.happened")(lambda _session, event: done.append(event.key))
    with clock.at(clock.now() + AHEAD):
        for key in ("new", "leased"):
            with db.writing() as session:
                emit(session, "thing.happened", tenant_id=1, key=key)
            if key == "new":
                continue
        lease()
    with db.reading() as session:
        assert pending(session) == 2
    assert drain() == 2 and sorted(done) == ["leased", "new"]


def test_what_is_asked_for_later_waits(database):
    handler("thing.happened")(lambda *_: None)
    with db.writing() as session:
        emit(session, "thing.happened", tenant_id=1, key="later", at=clock.now() + AHEAD)
    assert drain() == 0
    with clock.at(clock.now() + AHEAD):
        assert drain() == 1
