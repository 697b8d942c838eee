"""Machines: a random walk over a slice's verbs, beside a model in plain Python that says what must have come of each step.

Every day each machine takes 200 walks, always the same; `make soak` takes 10,000 new ones. A failure names the seed it began with:
JISHI_MACHINE_SEED=<seed> walks the same way again.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy import Engine, event

EVERY_DAY = 200


def walk(machine: type[RuleBasedStateMachine], *, steps: int) -> None:
    """Walk the machine as often as the profile in use says, at least 200 times."""
    profile = hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name())
    told = os.environ.get("JISHI_MACHINE_SEED", "")
    seed = int(told) if told else 0 if profile.derandomize else secrets.randbelow(2**32)
    walks = hypothesis.settings(
        profile, max_examples=max(EVERY_DAY, profile.max_examples), stateful_step_count=steps, derandomize=False, database=None,
        print_blob=True,
    )  # fmt: skip
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(machine), settings=walks)
    except BaseException as failure:
        failure.add_note(f"JISHI_MACHINE_SEED={seed}")
        raise


class Crash(BaseException):
    """The process is gone: nothing after this statement happened."""


@contextmanager
def crashing(after: int) -> Iterator[None]:
    """Inside, the database's connection is lost to the process after so many statements that write."""
    left = after

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal left
        if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            left -= 1
            if left < 0:
                raise Crash

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield
    except Crash:
        pass
    finally:
        event.remove(Engine, "before_cursor_execute", count)
