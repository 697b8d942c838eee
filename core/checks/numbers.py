"""I15: no full phone, ID or card number in words that others read or that history keeps. Each slice names its own columns."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session

from core.audit import AuditEntry
from core.idempotency import IdempotencyKey
from core.inbox import Inbox
from core.invariants import invariant
from core.outbox import Outbox
from core.pii import mask_numbers
from core.status import StatusEvent

DIGIT, FOUR = "[0-9]", "[0-9]" * 4


def keeps_numbers_closed(table: Any, *columns: str) -> None:
    """Register that nobody's number can be read in these columns (text or JSON) of a table."""
    kept = [getattr(table, name) for name in columns]

    @cache
    def rows(dialect: str) -> Select[Any]:
        return sa_select(table.id, *kept).where(or_(*(_digits(dialect, cast(each, String)) for each in kept)))

    @invariant("I15", f"no full phone, ID or card number in {table.__tablename__}", tables=(table.__tablename__,))
    def numbers_are_closed(session: Session) -> Iterable[str]:
        for row_id, *found in session.execute(rows(session.get_bind().dialect.name)):
            for name, value in zip(columns, found, strict=True):
                if any(mask_numbers(words) != words for words in _words(value)):
                    yield f"{table.__tablename__}.{name} of row {row_id}"


def _words(value: Any) -> Iterator[str]:
    """Everything a value says, one by one: as JSON it would put letters of its own next to digits (`\\n`, `\\u8bc1`)."""
    if isinstance(value, dict | list | tuple):
        for each in chain(value, value.values()) if isinstance(value, dict) else value:
            yield from _words(each)
    else:
        yield str(value)


def _digits(dialect: str, words: ColumnElement[str]) -> ColumnElement[bool]:
    """A first, coarse look inside the database, so that few rows travel: a phone's length of digits, or a card's groups."""
    if dialect == "sqlite":
        return or_(words.op("GLOB")(f"*{DIGIT * 11}*"), words.op("GLOB")(f"*{FOUR}[ -]{FOUR}[ -]{FOUR}[ -]{DIGIT}*"))
    return words.op("~")("[0-9]{11}|([0-9]{4}[ -]){3}[0-9]")


keeps_numbers_closed(StatusEvent, "note")
keeps_numbers_closed(AuditEntry, "reason", "facts", "subject")
keeps_numbers_closed(Outbox, "payload", "error", "key")
keeps_numbers_closed(Inbox, "error", "outcome")
keeps_numbers_closed(IdempotencyKey, "answer")
