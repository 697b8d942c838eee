"""Languages: zh-CN is the source and has no prefix, English lives under /en; never chosen by Accept-Language."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations, translation
from typing import TypeVar

from core import clock
from core.settings import ROOT

LOCALES = ("zh", "en")
_locale: ContextVar[str] = ContextVar("locale", default="zh")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Words = TypeVar("Words")


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
    return _catalogue(locale()).gettext(message) if message else ""  # an empty one would answer the catalogue's header


def ngettext(one: str, many: str, n: int) -> str:
    return _catalogue(locale()).ngettext(one, many, n)


def marked(words: Words) -> Words:
    """Words named before there is a page: collected for the catalogue, translated by whoever shows them. A dict's keys are no words."""
    return words


_kept: dict[str, re.Pattern[str]] = {}


def kept(sentence: str) -> str:
    """A sentence with `{places}` that rows keep once filled: in Chinese whoever asked, `retold` to each reader. Named at import."""
    parts = re.split(r"\{(\w+)\}", sentence)
    _kept[sentence] = re.compile("".join(f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))
    return sentence


def retold(text: str) -> str:
    """What a row keeps, in the page's language; as it stands where nobody knows the sentence."""
    if locale() == "zh" or not text:
        return text
    if (said := gettext(text)) != text:
        return said
    for sentence, pattern in sorted(_kept.items(), key=lambda pair: -len(re.sub(r"\{\w+\}", "", pair[0]))):  # the most particular first
        if found := pattern.fullmatch(text):
            return gettext(sentence).format(**{name: retold(value) for name, value in found.groupdict().items()})
    return text


def month(value: date | int) -> str:
    """`5 月`, `May`."""
    number = value if isinstance(value, int) else value.month
    return ENGLISH_MONTHS[number - 1] if locale() == "en" else f"{number} 月"


def moment(instant: datetime) -> str:
    """`今天 15:25`."""
    return f"{day(instant)} {clock.local(instant):%H:%M}"


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
