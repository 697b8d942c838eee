"""Comparing and proposing in a process of their own: many seconds of arithmetic, none of them the web's."""

import logging
import pickle
import subprocess
import sys
from typing import Any

from core.settings import ROOT
from fulfillment.batching.answer import Plan
from fulfillment.batching.child import SolverFailed
from fulfillment.batching.instance import Instance

from .month import Month

log = logging.getLogger("jishi.whatif")
GRACE = 25  # seconds to start, read and answer
SIDE_SECONDS = 20.0  # for each of two plans
MONTH_SECONDS = 45.0  # for a month: done before a waiting row counts as a queue (core.condition), and well within a task's claim


def solve_both(base: Instance, changed: Instance, *, seconds: float = SIDE_SECONDS) -> tuple[Plan, Plan]:
    """Both plans, each in at most `seconds`. Raises SolverFailed."""
    plans: tuple[Plan, Plan] = _apart(("both", base, changed, seconds), 2 * seconds)
    return plans


def propose_apart(month: Month, *, seconds: float = MONTH_SECONDS) -> dict[str, Any]:
    """propose.as_data of a month. Raises SolverFailed."""
    told: dict[str, Any] = _apart(("month", month, seconds), seconds)
    return told


def _apart(asked: tuple[Any, ...], seconds: float) -> Any:
    command = [sys.executable, "-m", "fulfillment.whatif.child"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=pickle.dumps(asked), capture_output=True, cwd=ROOT, timeout=seconds + GRACE, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
        log.error("the solver failed: %s", (failed.stderr or b"").decode(errors="replace").strip()[-2000:])
        raise SolverFailed("试算没有算完，请再试一次") from failed
    return pickle.loads(done.stdout)  # noqa: S301 - written by the child we started


def _answer(kind: str, *asked: Any) -> Any:
    if kind == "both":
        from fulfillment.batching.solve import solve  # the solver's libraries are the child's alone

        base, changed, seconds = asked
        return solve(base, seconds=seconds), solve(changed, seconds=seconds)
    from .propose import as_data, propose

    month, seconds = asked
    return as_data(propose(month, seconds=seconds))


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(_answer(*pickle.loads(sys.stdin.buffer.read()))))  # noqa: S301 - written by the parent
