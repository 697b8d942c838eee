"""A day, a month or a year of income, as asked for in an address: `?day=2026-05-20`, `?month=2026-05`, `?year=2026`; this month without."""

import calendar
import re
from datetime import date, timedelta
from typing import NamedTuple

from core import clock, i18n

EARLIEST = date(2020, 1, 1)
_ = i18n.gettext
KINDS = ("day", "month", "year")


class Span(NamedTuple):
    """`first` to `last` inclusive; `last` is not after today."""

    kind: str
    first: date

    @property
    def last(self) -> date:
        return min(clock.today(), _end(self.kind, self.first))

    @property
    def text(self) -> str:
        """As in an address."""
        return self.first.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.kind]]

    @property
    def words(self) -> str:
        """As people say it; a month of another year with its year."""
        if self.kind == "day":
            return i18n.day(self.first)
        if self.kind == "month" and self.first.year == clock.today().year:
            return i18n.month(self.first)
        year = _("{n} 年").format(n=self.first.year)
        return year if self.kind == "year" else f"{year} {i18n.month(self.first)}"

    @property
    def inner(self) -> str:
        """What it is broken down to: a year to months, a month to days; a day to nothing."""
        return {"day": "", "month": "day", "year": "month"}[self.kind]

    def moved(self, by: int) -> "Span | None":
        """The span before (-1) or after (1); None before the first year and after today."""
        beyond = _end(self.kind, self.first) + timedelta(days=1) if by > 0 else self.first - timedelta(days=1)
        there = span(self.kind, beyond)
        return there if EARLIEST <= there.first <= clock.today() else None


def span(kind: str, day: date) -> Span:
    """The span of a kind that a day lies in."""
    return Span(kind, {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[kind])


def read_span(day: str, month: str, year: str) -> Span:
    """What was asked for, the narrowest first; this month where it is nothing, no date, or no time this shop has lived in."""
    for kind, text in (("day", day), ("month", f"{month}-01"), ("year", f"{year}-01-01")):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            try:
                found = date.fromisoformat(text)
            except ValueError:
                continue
            if EARLIEST <= found <= clock.today():
                return span(kind, found)
    return span("month", clock.today())


def _end(kind: str, first: date) -> date:
    if kind == "year":
        return first.replace(month=12, day=31)
    return first if kind == "day" else first.replace(day=calendar.monthrange(first.year, first.month)[1])
