"""Many at once: real threads, one start signal, every outcome kept."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def at_once(works: Sequence[Callable[[], Any]], *, threads: int = 40) -> list[Any]:
    """Run all works on so many threads, started together; each outcome is its answer or its exception."""
    gate = threading.Barrier(min(threads, len(works)))

    def run(number: int, work: Callable[[], Any]) -> Any:
        if number < gate.parties:
            gate.wait()
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(gate.parties) as pool:
        return list(pool.map(run, range(len(works)), works))
