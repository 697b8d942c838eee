"""From when to when: a span of business days, at most a year and a day, or a quarter with its three months."""

from datetime import date, timedelta
from typing import NamedTuple

from core import clock, i18n
from core.errors import Refused
from core.moments import read_day

_ = i18n.gettext
LONGEST = 367  # days


class Span(NamedTuple):
    """From `first` to `last`, both counted."""

    first: date
    last: date


class Quarter(NamedTuple):
    year: int
    number: int  # 1 to 4

    @property
    def code(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def starts(self) -> tuple[date, date, date, date]:
        """The first days of its months and of the month after it."""
        months = [(self.number - 1) * 3 + n for n in range(4)]
        a, b, c, d = (date(self.year + month // 12, month % 12 + 1, 1) for month in months)
        return a, b, c, d

    @property
    def span(self) -> Span:
        return Span(self.starts[0], self.starts[3] - timedelta(days=1))


def span_of(first: str, last: str) -> Span:
    """As typed; this month without. Raises Refused."""
    today = clock.today()
    begin = _day(first, "from") if first.strip() else today.replace(day=1)
    end = _day(last, "to") if last.strip() else max(today, begin)
    return checked(Span(begin, end))


def checked(span: Span) -> Span:
    """Raises Refused."""
    if span.last < span.first:
        raise Refused(_("结束的日子在开始之前"), field="to")
    if (span.last - span.first).days >= LONGEST:
        raise Refused(_("一次最多导一年"), field="to")
    return span


def quarter_of(text: str) -> Quarter:
    """`2026Q2` as typed; the last one that is over without. Raises Refused."""
    told = text.strip().upper()
    if not told:
        this = this_quarter()
        return Quarter(this.year - 1, 4) if this.number == 1 else Quarter(this.year, this.number - 1)
    year, _mark, number = told.partition("Q")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and number in ("1", "2", "3", "4") and 2000 <= int(year) <= 2100):
        raise Refused(_("季度请写成 2026Q2"), field="quarter")
    return Quarter(int(year), int(number))


def this_quarter() -> Quarter:
    today = clock.today()
    return Quarter(today.year, (today.month + 2) // 3)


def _day(text: str, field: str) -> date:
    try:
        return read_day(text.strip())
    except ValueError as wrong:
        raise Refused(_("没有这一天，请写成 2026-05-23"), field=field) from wrong
