"""Solving in a process of its own: seconds of arithmetic in a web process would be felt by every other request."""

import logging
import pickle
import subprocess
import sys

from core.errors import Busy
from core.settings import ROOT

from .answer import Plan
from .instance import Instance

log = logging.getLogger("jishi.batching")
GRACE = 60  # seconds to start, read and answer


class SolverFailed(Busy):
    """The calculation did not finish; trying again is safe."""

    code = "solver_failed"


def solve_apart(instance: Instance, *, seconds: float = 30.0) -> Plan:
    """`solve` in a child process, the same answer. Raises SolverFailed when the child dies or takes far too long."""
    command = [sys.executable, "-m", "fulfillment.batching.child"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=pickle.dumps((instance, seconds)), capture_output=True, cwd=ROOT, timeout=seconds + GRACE, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
        log.error("the solver failed: %s", (failed.stderr or b"").decode(errors="replace").strip()[-2000:])
        raise SolverFailed("集单计算没有完成，请再试一次") from failed
    plan = pickle.loads(done.stdout)  # noqa: S301 - written by the child we started
    assert isinstance(plan, Plan)
    return plan


if __name__ == "__main__":
    from .solve import solve  # the solver's libraries are the child's alone

    instance, seconds = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by the parent
    sys.stdout.buffer.write(pickle.dumps(solve(instance, seconds=seconds)))
