"""Handlers that only read and answer in a few milliseconds.

A worker thread's hop, and the wait for the interpreter lock it brings under load, cost as much as such a page itself.
Where no server is waited for (`settings.is_alone`: SQLite's readers never wait for the writer) these handlers run in the
event loop; what lies across a socket is asked in a worker thread, as everything that writes is.
"""

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from anyio.to_thread import run_sync

from core.settings import settings

P = ParamSpec("P")
T = TypeVar("T")


def quick(handler: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Mark a reading handler, below its route: `@router.get("/") @quick def index(…)`."""

    @wraps(handler)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        if settings.is_alone:
            return handler(*args, **kwargs)
        return await run_sync(partial(handler, *args, **kwargs))

    return answer
