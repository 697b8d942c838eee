"""GTFS's writing of times (H:MM:SS after the service day's noon less twelve hours, past 24:00 too) and dates (YYYYMMDD)."""

import re
from datetime import date

LATEST_H = 7 * 24  # a run longer than a week is a mistake

_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")


def read_time(text: str) -> int:
    """Seconds after midnight of the service day. Raises ValueError in words."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time like 25:10:00")
    hours, minutes, seconds = map(int, found.groups())
    if hours >= LATEST_H:
        raise ValueError(f"{text!r} is more than a week after midnight")
    return hours * 3600 + minutes * 60 + seconds


def write_time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}:00"


def read_date(text: str) -> date:
    """Raises ValueError in words."""
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return date(*map(int, found.groups()))
    except ValueError:
        raise ValueError(f"{text!r} is not a date like 20260520") from None


def write_date(day: date) -> str:
    return f"{day:%Y%m%d}" if day.year > 999 else day.isoformat().replace("-", "")
