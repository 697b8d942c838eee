"""Which days a calendar keeps: weekday, month, season of the year, market day 赶集, every so many days; single days out and in.

One rule for a profile's calendars and for those in the database. Lunar dates come from borax (MIT, 1900–2100); a lunar month
has 29 or 30 days, so the day of the month alone says whether it is 初三, 十三 or 廿三.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from borax.calendars.lunardate import LunarDate

DAY = 1440  # minutes


class YearSpan(NamedTuple):
    """A season that comes back every year, first and last day as (month, day); 11-20…02-10 goes over the new year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def holds(self, day: date) -> bool:
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last

    def meets(self, other: "YearSpan") -> bool:
        """May one day lie in both?"""
        mine, theirs = self._parts(), other._parts()
        return any(a <= d and c <= b for a, b in mine for c, d in theirs)

    def _parts(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        return [(self.first, self.last)] if self.first <= self.last else [(self.first, (12, 31)), ((1, 1), self.last)]


class Market(NamedTuple):
    """Market days: those of the lunar or solar month whose number ends in one of these digits (逢三逢八: 3 and 8; 初十 ends in 0)."""

    lunar: bool
    digits: tuple[int, ...]

    def holds(self, day: date) -> bool:
        return (_lunar_day(day) if self.lunar else day.day) % 10 in self.digits


class Days(NamedTuple):
    """Every rule a calendar may have; empty ones bind nothing. `every` counts days from `starts` on."""

    weekdays: tuple[bool, ...]
    months: Iterable[int]
    starts: date
    ends: date
    seasons: Iterable[YearSpan] = ()
    market: Market | None = None
    every: int | None = None

    def in_season(self, day: date) -> bool:
        """Whether its span, months and seasons hold the day: what a line opened by hand does without."""
        seasons = tuple(self.seasons)
        return (
            self.starts <= day <= self.ends and day.month in self.months and (not seasons or any(season.holds(day) for season in seasons))
        )

    def in_rhythm(self, day: date) -> bool:
        """Whether weekday, market and every so many days hold it."""
        return (
            self.weekdays[day.weekday()]
            and (self.market is None or self.market.holds(day))
            and (self.every is None or (day - self.starts).days % self.every == 0)
        )


def lies_within(windows: Sequence[Sequence[int]], first: int, last: int) -> bool:
    """Whether goods ride on a run from minute `first` to `last` of its service day: it lies whole within one window, or there is none.

    A window that passes midnight (20:00–29:00) holds the small hours of the day it names and those of the day after alike.
    """
    return not windows or any(a <= first + shift and last + shift <= b for a, b in windows for shift in (0, DAY))


@lru_cache(maxsize=4096)
def _lunar_day(day: date) -> int:
    return int(LunarDate.from_solar(day).day)
