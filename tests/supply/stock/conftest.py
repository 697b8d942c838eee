from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest


@pytest.fixture
def together() -> Callable[[list[Callable[[], Any]]], list[Any]]:
    """Run callables in threads that start at one moment; each result is its value or the error it raised."""

    def run(works: list[Callable[[], Any]]) -> list[Any]:
        start = Barrier(len(works))

        def one(work: Callable[[], Any]) -> Any:
            start.wait()
            try:
                return work()
            except Exception as error:
                return error

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(one, works))

    return run
