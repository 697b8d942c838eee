"""Deeds in processes of their own, for the fault tests: what a process loads before it begins is loaded once, by the one they come from."""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

from core import failpoints
from core.settings import ROOT, settings

PATIENCE_S = 120
Deed = Callable[[str], tuple[int, str]]  # of a failpoint, or nothing: the exit code and the answer


@contextmanager
def done_apart(module: str, *told: str, **more: str) -> Iterator[Deed]:
    """Does the deed of a module that ends in `answer_lines` in a new process at every call, until a failpoint or to its end.

    It works on this test's installation; `more` are settings besides.
    """
    env = {
        **os.environ, "JISHI_HOME": str(settings.home), "JISHI_DEMO": "1", "JISHI_SECRET_KEY": settings.secret_key or "",
        "JISHI_DATABASE_URL": settings.url, "PYTHONPATH": str(ROOT), **more,
    }  # fmt: skip
    command = [sys.executable, "-m", module, *told]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as processes:
        assert processes.stdin
        assert processes.stdout

        def run(point: str) -> tuple[int, str]:
            print(point, file=processes.stdin, flush=True)
            answer = json.loads(processes.stdout.readline())  # type: ignore[union-attr]
            return answer[0], answer[1]

        yield run
        processes.stdin.close()


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
