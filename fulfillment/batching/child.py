"""Solving in a process of its own: seconds of arithmetic in a web process would be felt by every other request."""

import gc
import logging
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from core.errors import Busy
from core.settings import ROOT

from .answer import Plan, Worth
from .instance import Instance

if TYPE_CHECKING:
    from .means import LineMeans

log = logging.getLogger("jishi.batching")
GRACE = 60  # seconds to start, read and answer


class SolverFailed(Busy):
    """The calculation did not finish; trying again is safe."""

    code = "solver_failed"


def solve_apart(instance: Instance, *, seconds: float = 30.0, worth: tuple[Worth, ...] = ()) -> Plan:
    """`solve` in a child process, the same answer. Raises SolverFailed when the child dies or takes far too long."""
    plan = _apart("solve", instance, seconds, worth, within=seconds + GRACE)
    assert isinstance(plan, Plan)
    return plan


def means_apart(instance: Instance, plan: Plan) -> "list[LineMeans]":
    """`means_of` in a child process; empty where that fails: a plan is no worse for not being explained."""
    try:
        means: list[LineMeans] = _apart("means", instance, plan, within=GRACE)
    except SolverFailed:
        return []
    return means


def _apart(work: str, *asked: object, within: float) -> Any:
    command = [sys.executable, "-m", "fulfillment.batching.child"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=pickle.dumps((work, *asked)), capture_output=True, cwd=ROOT, timeout=within, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
        log.error("the solver failed: %s", (failed.stderr or b"").decode(errors="replace").strip()[-2000:])
        raise SolverFailed("集单计算没有完成，请再试一次") from failed
    return pickle.loads(done.stdout)  # noqa: S301 - written by the child we started


if __name__ == "__main__":
    gc.disable()  # it lives for one answer: looking for what could be thrown away takes a twentieth of a small plan
    work, instance, *asked = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by the parent
    answer: Any
    if work == "solve":
        from .solve import solve  # the solver's libraries are the child's alone

        answer = solve(instance, seconds=asked[0], worth=asked[1])
    else:
        from .means import means_of

        answer = means_of(instance, *asked)
    sys.stdout.buffer.write(pickle.dumps(answer))
