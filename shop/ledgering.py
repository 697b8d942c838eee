"""`jishi ledger --json`: the ledger's five calls for a suite in another process, a JSON object a line in, one a line out.

Every line is a transaction of its own. It works in a scratch book and nowhere else: a database that holds a county is refused.
"""

import json
from pathlib import Path
from typing import Any

import typer

from core import db
from core.errors import JishiError
from core.ledger import face
from core.settings import settings

LONGEST = 1_000_000  # bytes of a call


def converse(scratch: Path | None) -> int:
    """Answer every line of stdin; 0 at its end, 1 where the database is a county's."""
    import shop.tables  # noqa: F401 - every table a new book may have
    from shop import schema

    if scratch is not None:
        settings.home, settings.database_url = scratch, None
    if schema.here() is None:  # a database that is there already is looked at first, and never brought to another shape
        schema.upgrade()
    schema.need_current()
    try:
        tenant_id = db.run_write(face.book)
    except face.BookInUse:
        typer.echo(f"jishi ledger: {schema.place()} holds a county's books; give --scratch FOLDER or an empty database", err=True)
        return 1
    told = typer.get_binary_stream("stdin")
    while line := told.readline(LONGEST + 1):
        if len(line) > LONGEST:
            while not line.endswith(b"\n") and (line := told.readline(LONGEST)):
                pass
            _say({"error": "too_long"})
        elif line.strip():
            _say(_answer(tenant_id, line))
    return 0


def _say(answer: dict[str, Any]) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=True))


def _answer(tenant_id: int, line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return {"error": "not_json"}
    try:
        return db.run_write(lambda session: face.answer(session, tenant_id, told))
    except JishiError as refused:
        return {"error": refused.code, **refused.more}
