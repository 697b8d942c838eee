"""The only clock: instants are aware and UTC, days are reckoned in Asia/Shanghai.

History is replayed by setting the clock (`with clock.at(instant)`), so nothing else may ask the system for the time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARK = timedelta(minutes=5)
_fixed: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """This instant, UTC."""
    return _fixed.get() or datetime.now(UTC)


def today() -> date:
    """The business day, which starts at 00:00 in Shanghai."""
    return business_date(now())


def business_date(instant: datetime) -> date:
    return instant.astimezone(SHANGHAI).date()


def local(instant: datetime) -> datetime:
    """The instant as a clock on the county's wall shows it."""
    return instant.astimezone(SHANGHAI)


def midnight(day: date) -> datetime:
    """The first instant of a business day, UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def day_end(instant: datetime) -> datetime:
    """The last second of the instant's business day: what is promised for a day is kept until then."""
    return midnight(business_date(instant) + timedelta(days=1)) - timedelta(seconds=1)


def on(day: date, minute: float) -> datetime:
    """The instant `minute` minutes after a service day's midnight; beyond 1,440 it is the next day."""
    return midnight(day) + timedelta(minutes=minute)


def last_mark(instant: datetime) -> datetime:
    """The last whole five minutes up to an instant: by what people are told to act."""
    return instant - timedelta(minutes=instant.minute % 5, seconds=instant.second, microseconds=instant.microsecond)


def next_mark(instant: datetime) -> datetime:
    """The first whole five minutes from an instant on."""
    last = last_mark(instant)
    return instant if last == instant else last + MARK


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold the clock at an instant: replayed history and tests."""
    token = _fixed.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
