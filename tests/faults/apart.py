"""Deeds in processes of their own, for the fault tests: what a process loads before it begins is loaded once, by the one they come from."""

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from types import ModuleType

from core import failpoints

PATIENCE_S = 120


def answer_lines(deed: Callable[..., str], *naming: ModuleType) -> None:
    """For every line read, a failpoint, do the deed with the command's arguments in a process that ends there; print how it ended.

    `naming`: modules that hold `failpoint` by a name of their own. What is printed is a JSON list: the exit code, as subprocess says it,
    and the deed's answer.
    """
    for line in sys.stdin:
        print(json.dumps(_apart(deed, naming, line.strip())), flush=True)


def _apart(deed: Callable[..., str], naming: tuple[ModuleType, ...], point: str) -> tuple[int, str]:
    heard, told = os.pipe()
    if not (child := os.fork()):
        signal.alarm(PATIENCE_S)
        os.environ[failpoints.SETTING] = point
        importlib.reload(failpoints)  # reads the environment as a process that begins
        for module in naming:
            module.failpoint = failpoints.failpoint  # type: ignore[attr-defined]
        os.write(told, deed(*sys.argv[1:]).encode())
        os._exit(0)
    os.close(told)
    with os.fdopen(heard) as answer:
        said = answer.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said
