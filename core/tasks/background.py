"""The relay and, where no broker is set, the worker inside a serving process.

A file lock `JISHI_HOME/worker.lock` elects one embedded worker a machine; the others try again, so that one takes over
when the first is killed. With a broker this process only hands its own commits to it, outside any request.
"""

import fcntl
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any

from core import clock
from core.condition import Watch
from core.outbox import FollowUps, work_here
from core.settings import settings

from .effects import SOON, is_single
from .relay import Nudged, Parcel

log = logging.getLogger("jishi.worker")
THREADS = 4
TRY_AGAIN = 3.0  # seconds between attempts to become the elected worker
FIRST_PAGES = 1.0  # seconds before Celery loads: a starting shop answers first


def _publish(parcel: Parcel) -> None:
    from .worker import send  # Celery loads with the first event, not before the first page

    send(parcel)


class Hands:
    """Threads of this process that do rows at once: those its own transactions emitted, and what its relay leased."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="effects")
        work_here(lambda: FollowUps(clock.now() + SOON, is_single, self._follow))

    def take(self, parcel: Parcel) -> None:
        with suppress(RuntimeError):  # stopped meanwhile: the rows are sent again when their lease has run out
            self._pool.submit(self._work, parcel)

    def stop(self) -> None:
        """Do what was taken, take no more."""
        work_here(None)
        self._pool.shutdown()

    def _follow(self, follow: FollowUps) -> None:
        self.take(Parcel(follow.rows, follow.lease))

    def _work(self, parcel: Parcel) -> None:
        try:
            parcel.work()
        except Exception:  # a row's own failure is on the row; this one is sent again when its lease has run out
            log.exception("rows %s", [row_id for row_id, _ in parcel.rows])


class Background:
    """What runs beside the requests of one process."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._lock: IO[str] | None = None
        self._worker: Any = None
        self._beat: Any = None
        self._nudged: Nudged | None = None
        self._hands: Hands | None = None
        self._watch = Watch()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._watch.start()

    def stop(self) -> None:
        """Finish what is being done, leave the rest to its leases."""
        self._stopping.set()
        self._watch.stop()
        self._thread.join(timeout=10)
        if self._nudged:
            self._nudged.stop()
        if self._beat:
            self._beat.stop()
        if self._worker:
            self._worker.stop()
        if self._hands:
            self._hands.stop()
        if self._lock:
            self._lock.close()

    def _run(self) -> None:
        if settings.broker_url:
            self._nudged = Nudged(_publish)
            self._nudged.start()
            return
        if not settings.workers:
            return
        if self._stopping.wait(FIRST_PAGES):
            return
        while not self._elected():
            if self._stopping.wait(TRY_AGAIN):
                return
        self._embed()

    def _elected(self) -> bool:
        settings.home.mkdir(parents=True, exist_ok=True)
        lock = (settings.home / "worker.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _embed(self) -> None:
        """Celery's worker and beat as threads of this process, over memory://, for ticks and what is due later."""
        from celery.beat import EmbeddedService, Scheduler

        from .worker import app, plan_beat

        plan_beat()
        self._worker = app.WorkController(
            pool_cls="threads", concurrency=THREADS, without_gossip=True, without_mingle=True, without_heartbeat=True
        )
        threading.Thread(target=self._worker.start, name="worker", daemon=True).start()
        self._beat = EmbeddedService(app, max_interval=1, thread=True, scheduler_cls=Scheduler)
        self._beat.start()
        self._hands = Hands()
        self._nudged = Nudged(self._hands.take)
        self._nudged.start()
        log.info("embedded worker: %s threads", THREADS)
