"""Events take effect once however often they are delivered; failures are retried, kept, and replayed."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core import clock, db
from core.inbox import Inbox, receive
from core.outbox import FollowUps, Outbox, emit, ignored, work_here
from core.tasks import drain, effects, every, handler, ignore, inbox_handler, pending, relay, replay, ticks, together
from core.tasks import registry as known
from core.tasks.background import Hands
from core.tasks.effects import SOON, TRIES, is_single
from core.tasks.relay import Nudged, lease
from core.tasks.ticks import run_tick
from core.tenant import Tenant


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """What these tests register is forgotten again, and what the shop registered is out of sight."""
    for name in ("handlers", "batches", "ticks", "ignored"):
        kept = getattr(known, name)
        mine = type(kept)()
        for module in (known, effects, relay, ticks):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, mine)


def _emit(key: str = "1", topic: str = "thing.happened", **more) -> None:
    with db.writing() as session:
        emit(session, topic, tenant_id=1, key=key, payload={"n": 1}, **more)


def _leave_tenant(session: Session, event) -> None:
    session.add(Tenant(code=f"t{event.id}", name=event.key, created_at=clock.now()))


def _tenants() -> int:
    with db.reading() as session:
        return len(session.exec(select(Tenant)).all())


def _row() -> Outbox:
    with db.reading() as session:
        return session.exec(select(Outbox)).one()


def test_three_deliveries_of_one_row_are_one_effect(database):
    handler("thing.happened")(_leave_tenant)
    _emit()
    (parcel,) = lease()
    assert [parcel.work(), parcel.work(), parcel.work()] == [1, 0, 0]
    assert _tenants() == 1


def test_deliveries_at_the_same_time_are_one_effect(database):
    handler("thing.happened")(_leave_tenant)
    _emit()
    (parcel,) = lease()
    done = []
    threads = [threading.Thread(target=lambda: done.append(parcel.work())) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(done) == [0, 0, 0, 1]
    assert _tenants() == 1


def test_a_failure_leaves_nothing_behind_and_is_tried_again_later(database):
    calls = []

    @handler("thing.happened")
    def fragile(session, event):
        _leave_tenant(session, event)
        calls.append(event.attempts)
        if len(calls) < 3:
            raise RuntimeError("call 13812345678")

    _emit()
    assert drain(raising=False) == 0
    assert _tenants() == 0
    assert "138****5678" in _row().error
    assert drain() == 0, "the pause is kept"
    with clock.at(clock.now() + timedelta(seconds=30)):
        drain(raising=False)
    with clock.at(clock.now() + timedelta(seconds=60)):
        assert drain() == 1
    assert calls == [0, 1, 2]
    assert _tenants() == 1


def test_a_poisonous_row_becomes_a_dead_letter_and_lets_others_pass(database):
    poisoned = [True]

    @handler("thing.happened")
    def effect(session, event):
        if event.key == "bad" and poisoned[0]:
            raise RuntimeError("poison")
        _leave_tenant(session, event)

    _emit("bad")
    _emit("good")
    when = clock.now()
    for _ in range(TRIES):
        with clock.at(when := when + timedelta(hours=2)):
            drain(raising=False)
    with db.reading() as session:
        bad, good = session.exec(select(Outbox).order_by(Outbox.id)).all()
        assert (bad.dead_at is not None, good.done_at is not None) == (True, True)
        assert pending(session) == 0
    poisoned[0] = False
    with db.writing() as session:
        assert replay(session) == 1
    assert drain() == 1
    assert _tenants() == 2


def test_a_lost_message_is_sent_again_when_its_lease_runs_out(database):
    handler("thing.happened")(_leave_tenant)
    _emit()
    assert len(lease()) == 1
    assert lease() == []
    with clock.at(clock.now() + timedelta(seconds=31)):
        assert drain() == 1


def test_what_an_effect_emits_is_done_next_by_its_own_worker(database):
    @handler("first.happened")
    def lead_on(session, event):
        emit(session, "thing.happened", tenant_id=1, key="then", payload={})

    handler("thing.happened")(_leave_tenant)
    _emit(topic="first.happened")
    (parcel,) = lease()
    assert parcel.work() == 2
    assert (_tenants(), lease()) == (1, [])


def test_a_process_with_hands_does_what_it_emits_without_the_relay(database):
    handler("thing.happened")(_leave_tenant)
    hands = Hands()
    with pytest.raises(RuntimeError), db.writing() as session:
        emit(session, "thing.happened", tenant_id=1, key="never", payload={})
        raise RuntimeError("rolled back")
    _emit("done")
    hands.stop()
    assert (_tenants(), lease()) == (1, [])


def test_rows_of_a_process_that_was_killed_are_sent_again_when_their_lease_has_run_out(database):
    handler("thing.happened")(_leave_tenant)
    work_here(lambda: FollowUps(clock.now() + SOON, is_single, lambda _: None))
    _emit()
    work_here(None)
    assert drain() == 0
    with clock.at(clock.now() + SOON + timedelta(seconds=1)):
        assert drain() == 1


def test_a_topic_nobody_hears_is_a_record_and_never_work(database):
    ignored.add("thing.happened")
    _emit()
    ignored.discard("thing.happened")
    assert _row().done_at is not None
    assert lease() == []


def test_outside_calls_happen_with_no_transaction_open_and_not_twice_at_once(database):
    asked, kept = [], []

    def ask(event):
        with db.writing() as session:  # would wait for ever on SQLite if a transaction were open here
            session.add(Tenant(code="asked", name="x", created_at=clock.now()))
        asked.append(event.key)
        return "42"

    @handler("thing.happened", ask=ask)
    def keep(session, event, answer):
        kept.append(answer)

    _emit()
    (parcel,) = lease()
    assert [parcel.work(), parcel.work()] == [1, 0]
    assert (asked, kept) == (["1"], ["42"])


def test_rows_of_a_lane_are_done_together_and_a_bad_one_alone(database):
    seen = []

    @together("a", "b", lane="index")
    def index(events):
        seen.append([e.key for e in events])
        if any(e.key == "bad" for e in events):
            raise RuntimeError("bad document")

    for key, topic in (("1", "a"), ("bad", "a"), ("2", "b")):
        _emit(key, topic)
    drain(raising=False)
    with db.reading() as session:
        assert {o.key for o in session.exec(select(Outbox)) if o.done_at is None} == {"bad"}
    assert seen == [["1", "bad", "2"], ["1"], ["bad"], ["2"]]


def test_a_notice_is_work_once_and_its_outcome_is_kept(database):
    @inbox_handler("sandbox", ask=lambda notice: f"asked about {notice.event_id}")
    def settle(session, notice, answer):
        _leave_tenant(session, type("E", (), {"id": notice.id, "key": answer}))
        return "paid"

    for _ in range(3):
        with db.writing() as session:
            receive(session, tenant_id=1, provider="sandbox", event_id="e1", kind="paid", body="{}")
    drain()
    with db.reading() as session:
        notice = session.exec(select(Inbox)).one()
    assert (notice.outcome, notice.processed_at is not None) == ("paid", True)
    assert _tenants() == 1


def test_a_topic_nobody_listens_to_is_loud_unless_ignored_on_purpose(database):
    _emit(topic="unheard")
    with pytest.raises(LookupError):
        drain()
    assert _row().attempts == 1
    ignore("unheard")
    with clock.at(clock.now() + timedelta(seconds=5)):
        assert drain() == 1


def test_a_commit_wakes_the_relay_and_a_rollback_does_not(database):
    handed = threading.Event()
    nudged = Nudged(lambda parcel: handed.set())
    nudged.start()
    try:
        with db.writing() as session:
            emit(session, "thing.happened", tenant_id=1, key="1")
            with session.begin_nested():
                session.add(Tenant(code="x", name="x", created_at=clock.now()))
        assert handed.wait(60)
    finally:
        nudged.stop()


def test_two_beats_run_a_due_tick_once(database):
    runs = []
    every(60, "sweep")(lambda: runs.append(1))
    assert [run_tick("sweep"), run_tick("sweep")] == [True, False]
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert run_tick("sweep")
    assert len(runs) == 2


def test_a_tick_of_hours_is_called_every_minute_because_processes_live_shorter(monkeypatch):
    from core.tasks import worker

    hourly, often = (known.Tick(name, seconds, lambda: None) for name, seconds in (("hourly", 3600), ("often", 5)))
    monkeypatch.setattr(worker, "known_ticks", {"hourly": hourly, "often": often})
    kept = worker.app.conf.beat_schedule
    worker.plan_beat()
    planned, worker.app.conf.beat_schedule = worker.app.conf.beat_schedule, kept
    assert (planned["hourly"]["schedule"], planned["often"]["schedule"]) == (60, 5)


def test_a_killed_ticks_lease_runs_out(database):
    runs = []

    @every(1, "sweep")
    def sweep():
        runs.append(1)
        if len(runs) == 1:
            raise SystemExit  # the process ends in the middle

    with pytest.raises(SystemExit):
        run_tick("sweep")
    with clock.at(clock.now() + timedelta(seconds=60)):
        assert not run_tick("sweep")
    with clock.at(clock.now() + timedelta(seconds=180)):
        assert run_tick("sweep")
