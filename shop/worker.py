"""`jishi worker`: Celery's worker with its beat through a broker, or the embedded one in a process of its own."""

import logging
import signal
import threading

from core.settings import settings

log = logging.getLogger("jishi.worker")


def run(processes: int, only: str = "") -> int:
    """Work until told to stop; the exit code. only: `heavy` (plans) or `rows` (everything else), through a broker."""
    import shop.wiring  # noqa: F401 - registers every handler
    from shop import schema

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for chatty in ("celery.beat", "celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # else two lines for every look, twice a second
    schema.need_current()
    return _with_broker(processes, only) if settings.broker_url else _alone()


def _alone() -> int:
    from core.tasks.background import Background

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running = Background()
    running.start()
    log.info("working on %s", settings.home)
    stop.wait()
    running.stop()
    return 0


def _with_broker(processes: int, only: str) -> int:
    from celery.beat import EmbeddedService, Scheduler

    from core.tasks.worker import HEAVY, ROWS, app, plan_beat

    plan_beat()
    queues = {"": [ROWS, HEAVY], "rows": [ROWS], "heavy": [HEAVY]}[only]
    worker = app.Worker(
        concurrency=processes, queues=queues, loglevel="INFO", without_gossip=True, without_mingle=True, optimization="fair"
    )
    beat = EmbeddedService(app, max_interval=1, thread=True, scheduler_cls=Scheduler)
    beat.start()
    worker.start()
    beat.stop()
    return int(worker.exitcode or 0)
