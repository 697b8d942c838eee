"""Languages: zh-CN is the source and has no prefix, English lives under /en; never chosen by Accept-Language."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations, translation

from core import clock
from core.settings import ROOT

LOCALES = ("zh", "en")
_locale: ContextVar[str] = ContextVar("locale", default="zh")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def locale() -> str:
    return _locale.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    token = _locale.set(language)
    try:
        yield
    finally:
        _locale.reset(token)


def set_locale(language: str) -> None:
    """For the middleware, which owns the request's context."""
    _locale.set(language)


@lru_cache(maxsize=4)
def _catalogue(language: str) -> NullTranslations | GNUTranslations:
    return NullTranslations() if language == "zh" else translation("messages", ROOT / "locale", [language], fallback=True)


def gettext(message: str) -> str:
    return _catalogue(locale()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    return _catalogue(locale()).ngettext(one, many, n)


def day(value: date | datetime) -> str:
    """A near day by name, a far one by date, in the page's language."""
    there = clock.business_date(value) if isinstance(value, datetime) else value
    ahead = (there - clock.today()).days
    english = locale() == "en"
    if ahead in (0, 1, -1):
        return {0: ("今天", "today"), 1: ("明天", "tomorrow"), -1: ("昨天", "yesterday")}[ahead][english]
    if 1 < ahead < 7:
        return (ENGLISH_WEEKDAYS if english else WEEKDAYS)[there.weekday()]
    return f"{there.day} {there:%b}" if english else f"{there.month} 月 {there.day} 日"
