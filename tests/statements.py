"""How many statements a deed sends, for tests that keep what is hot from growing."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event


def statements_of(deed: Callable[[], object]) -> int:
    """Statements sent while `deed` runs, on any connection; many rows of one statement are one, BEGIN is none."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(sent)
