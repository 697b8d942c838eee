"""Celery: the executor of leased rows and due ticks. The database decides what is due; a broker may lose everything.

Every task may run three times. With a broker, tasks are acknowledged late; a task longer than the visibility timeout
would be delivered again, so the time limit lies below it, and there are no countdowns (due rows instead). Without a
broker the same tasks run in this process over memory://.
"""

from datetime import datetime
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from kombu.entity import Queue

from core import db
from core.settings import settings

from . import relay, ticks
from .registry import ticks as known_ticks

VISIBILITY = 900  # seconds; the time limit of 300 lies well below
TRANSPORT: dict[str, Any] = {
    "visibility_timeout": VISIBILITY, "unacked_restore_interval": 5, "unacked_restore_throttle": 1,
    "socket_timeout": 5, "socket_connect_timeout": 1, "global_keyprefix": "jishi:",
}  # fmt: skip
MEMORY = {"polling_interval": 0.05}
ROWS, HEAVY = "jishi", "jishi.heavy"  # queues: what takes milliseconds, and what takes seconds of arithmetic

app = Celery("jishi")
app.conf.update(
    broker_url=settings.broker_url or "memory://",
    broker_transport_options=(TRANSPORT if settings.broker_url.startswith("redis") else {}) if settings.broker_url else MEMORY,
    result_backend_transport_options={"visibility_timeout": VISIBILITY},
    visibility_timeout=VISIBILITY,
    task_default_queue=ROWS,
    task_queues=[Queue(name, routing_key=name) for name in (ROWS, HEAVY)],  # type: ignore[no-untyped-call]
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=300,
    task_publish_retry=False,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_soft_shutdown_timeout=5,
    worker_enable_soft_shutdown_on_idle=False,
    broker_connection_retry_on_startup=True,
    timezone="Asia/Shanghai",
    enable_utc=True,
)


def take_rows(pairs: list[list[Any]], lease: str, lane: str) -> None:
    """Take the effects of leased rows."""
    relay.Parcel([(int(i), str(topic)) for i, topic in pairs], datetime.fromisoformat(lease), lane).work()


def look() -> None:
    """Send what is due: new rows of other processes, retries, and what a broker lost."""
    relay.pump(send)


def run_tick(name: str) -> None:
    ticks.run_tick(name)


rows = app.task(name="jishi.rows")(take_rows)
app.task(name="jishi.relay")(look)
app.task(name="jishi.tick")(run_tick)


def send(parcel: relay.Parcel) -> None:
    """Hand a parcel to the broker; raises when it does not take it."""
    asked = [list(pair) for pair in parcel.rows], parcel.lease.isoformat(), parcel.lane
    rows.apply_async(asked, queue=HEAVY if parcel.is_heavy else ROWS)


def plan_beat() -> None:
    """Beat's whole knowledge: look every half second, and call each tick as often as it asks to be called.

    A tick of hours is called every minute and knows itself whether it is due: beat begins counting anew with every process.
    """
    often = {name: min(max(0.5, tick.seconds), 60) for name, tick in known_ticks.items()}
    app.conf.beat_schedule = {
        "relay": {"task": "jishi.relay", "schedule": 0.5, "options": {"expires": 2}},
        **{
            name: {"task": "jishi.tick", "schedule": seconds, "args": (name,), "options": {"expires": max(2, seconds)}}
            for name, seconds in often.items()
        },
    }


def _after_fork(**_: Any) -> None:
    """A forked pool process opens its own database connections."""
    db.dispose()


worker_process_init.connect(_after_fork)
