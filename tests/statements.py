"""How many statements a deed sends, for tests that keep what is hot from growing."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event


def statements_of(deed: Callable[[], object]) -> int:
    """Statements sent while `deed` runs, on any connection; many rows of one statement are one, BEGIN is none.

    A copy that a process keeps (core.copies) does not grow old meanwhile: whether a quarter of a second went by is no cost of the deed.
    """
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with patch("core.copies.time", SimpleNamespace(monotonic=lambda: 0.0)):
            deed()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(sent)
