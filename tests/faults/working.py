"""A worker process for the fault tests: `python -m tests.faults.working work|publish`, with one slow and one quick topic.

The slow handler waits, inside its transaction, for the file JISHI_HOME/go; it says that it has begun by making JISHI_HOME/begun.
"""

import sys
import time

import core.tasks.worker
from core import clock
from core.settings import settings
from core.tasks import handler
from core.tasks.relay import pump
from core.tenant import Tenant


@handler("test.quick")
def quick(session, event):
    session.add(Tenant(code=f"quick-{event.key}", name="x", created_at=clock.now()))


@handler("test.slow")
def slow(session, event):
    session.add(Tenant(code=f"slow-{event.key}", name="x", created_at=clock.now()))
    session.flush()
    (settings.home / "begun").touch()
    while not (settings.home / "go").exists():
        time.sleep(0.02)


if __name__ == "__main__":
    if sys.argv[1] == "publish":
        print(pump(core.tasks.worker.send))
    else:
        from shop.worker import run

        sys.exit(run(2))
