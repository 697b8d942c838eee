"""A worker process whose solver can be caught in the middle: `python -m tests.faults.planning`.

It says that it has begun by writing its process id into JISHI_HOME/begun, and solves when JISHI_HOME/go exists.
"""

import os
import sys
import time

import fulfillment.batching.tasks as planning
from core.settings import settings
from fulfillment.batching.child import solve_apart


def caught(instance, **how):
    """The real solver, after a wait that a test ends."""
    with (settings.home / "begun").open("a") as begun:
        begun.write(f"{os.getpid()}\n")
    while not (settings.home / "go").exists():
        time.sleep(0.02)
    return solve_apart(instance, **how)


if __name__ == "__main__":
    planning.solve_apart = caught
    from shop.worker import run

    sys.exit(run(2, *sys.argv[1:]))
