"""Dates and instants as people and programs write them: `2026-05-23`, and RFC 3339 with its offset. A number is neither.

`Day` and `Instant` are fields of forms, bodies and queries; an instant without offset, as `datetime-local` sends it, is the
county's own time where `Here` is asked for.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator

from core import i18n
from core.clock import SHANGHAI

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)
NO_DAY = i18n.marked("没有这一天，请写成 2026-05-23")
NO_MOMENT = i18n.marked("没有这个时刻，请写成 2026-05-23T14:40:00+08:00")
FIRST_YEAR, LAST_YEAR = 2000, 2100  # beyond them a date is a slip


def read_day(text: str) -> date:
    """A calendar day. Raises ValueError in words."""
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError as wrong:
        raise ValueError(NO_DAY) from wrong


def read_instant(text: str) -> datetime:
    """An aware instant; one without offset is Shanghai's. Raises ValueError in words."""
    try:
        said = datetime.fromisoformat(text if _INSTANT.fullmatch(text) else "")
    except ValueError as wrong:
        raise ValueError(NO_MOMENT) from wrong
    if not FIRST_YEAR <= said.year <= LAST_YEAR:
        raise ValueError(NO_MOMENT)
    return said if said.tzinfo else said.replace(tzinfo=SHANGHAI)


def read_clock(text: str) -> int | None:
    """A clock time as people type it (14:30, 1430, 14：30) in minutes after midnight; None where it is none."""
    digits = text.strip().replace("：", "").replace(":", "")
    if not (digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 4):
        return None
    hour, minute = int(digits[:-2]), int(digits[-2:])
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _day(value: Any) -> date:
    if type(value) is date:
        return value
    return read_day(value if isinstance(value, str) else "")


def _here(value: Any) -> datetime:
    return value if isinstance(value, datetime) and value.tzinfo else read_instant(value if isinstance(value, str) else "")


def _instant(value: Any) -> datetime:
    if isinstance(value, str) and not re.search(r"([Zz]|[+-]\d{2}:\d{2})$", value):
        raise ValueError(NO_MOMENT)
    return _here(value)


Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
Here = Annotated[AwareDatetime, BeforeValidator(_here)]
