"""How one cell of a profile file is read: text in, value out, ValueError in plain words when it cannot be.

Lists inside a cell are separated by `|`. An empty cell is an error unless the parser says it may be empty.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from supply.products.models import Storage

from .profile_kinds import MONTHS, TIERS
from .service_days import Market, YearSpan

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Parser = Callable[[str], T]

CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NUMBER = re.compile(r"-?\d+")
CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
SPAN = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")
SEASON = re.compile(r"(\d\d)-(\d\d)\.\.(\d\d)-(\d\d)")
MARKET = re.compile(r"(lunar|solar) (\d(?: \d)*)")
WINDOW = re.compile(r"(\d{1,2}:[0-5]\d)-(\d{1,2}:[0-5]\d)")
TIER_PRICE = re.compile(r"(\d{1,9}):(\d{1,8})")
BAY = re.compile(r"([^:|]+):(\d{1,3})(:cold)?")


def text(cell: str) -> str:
    if not cell:
        raise ValueError("is empty")
    return cell


def any_text(cell: str) -> str:
    return cell


def code(cell: str) -> str:
    if not CODE.fullmatch(cell):
        raise ValueError(f"{cell!r} is not a code: lower-case letters, digits and single hyphens")
    return cell


def whole(low: int, high: int) -> Parser[int]:
    """A whole number from `low` to `high`."""

    def parse(cell: str) -> int:
        if not NUMBER.fullmatch(cell):
            raise ValueError(f"{cell!r} is not a whole number")
        if not low <= (value := int(cell)) <= high:
            raise ValueError(f"{value} is not between {low} and {high}")
        return value

    return parse


def degrees(low: float, high: float) -> Parser[float]:
    def parse(cell: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            raise ValueError(f"{cell!r} is not a number") from None
        if not low <= value <= high:  # also refuses nan
            raise ValueError(f"{cell} is not between {low} and {high}")
        return value

    return parse


def yuan(cell: str) -> int:
    """A price in yuan with at most two decimals, as fen."""
    try:
        fen = Decimal(cell) * 100
    except InvalidOperation:
        raise ValueError(f"{cell!r} is not an amount in yuan") from None
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 < fen <= 100_000_000:
        raise ValueError(f"{cell!r} is not an amount in yuan above 0 with at most two decimals")
    return int(fen)


def clock(cell: str) -> int:
    """`HH:MM` as minutes after midnight; up to 47:59 for what ends on the next day."""
    match = CLOCK.fullmatch(cell)
    if not match or int(match[1]) > 47:
        raise ValueError(f"{cell!r} is not a time of day like 05:40")
    return int(match[1]) * 60 + int(match[2])


def day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"{cell!r} is not a date like 2026-05-20") from None


def yes_no(cell: str) -> bool:
    if cell not in ("yes", "no"):
        raise ValueError(f"{cell!r} is neither yes nor no")
    return cell == "yes"


def months(cell: str) -> tuple[int, ...]:
    """`1-12`, `9-12`, `11-2` (over the new year) or several such spans; the months in calendar order."""
    found: set[int] = set()
    for span in cell.split("|"):
        match = SPAN.fullmatch(span)
        if not match:
            raise ValueError(f"{cell!r} is not a season like 3-5 or 11-2")
        first, last = int(match[1]), int(match[2] or match[1])
        if not (1 <= first <= 12 and 1 <= last <= 12):
            raise ValueError(f"{cell!r} names a month outside 1 to 12")
        found.update(range(first, last + 1) if first <= last else (*range(first, 13), *range(1, last + 1)))
    return tuple(month for month in MONTHS if month in found)


def season(cell: str) -> YearSpan:
    """`06-10..07-05`, every year; `11-20..02-10` goes over the new year."""
    match = SEASON.fullmatch(cell)
    if not match:
        raise ValueError(f"{cell!r} is not a season like 06-10..07-05")
    numbers = [int(part) for part in match.groups()]
    for month, day_of_month in (numbers[:2], numbers[2:]):
        try:
            date(2024, month, day_of_month)  # a leap year: 02-29 is a day
        except ValueError:
            raise ValueError(f"{cell!r} names a day no year has") from None
    return YearSpan((numbers[0], numbers[1]), (numbers[2], numbers[3]))


def market(cell: str) -> Market:
    """`lunar 3 8`: market is held on lunar days ending in 3 and 8; `solar 5 0` on days of the month ending in 5 and 0."""
    match = MARKET.fullmatch(cell)
    if not match:
        raise ValueError(f"{cell!r} is not market days like lunar 3 8")
    digits = tuple(int(digit) for digit in match[2].split())
    if len(set(digits)) != len(digits):
        raise ValueError(f"{cell!r} names a digit twice")
    return Market(match[1] == "lunar", digits)


def window(cell: str) -> tuple[int, int]:
    """`09:30-16:00` as minutes of the service day; `20:00-29:00` goes on until five the next morning."""
    match = WINDOW.fullmatch(cell)
    if not match:
        raise ValueError(f"{cell!r} is not a time from and until like 09:30-16:00")
    first, last = clock(match[1]), clock(match[2])
    if last <= first:
        raise ValueError(f"{cell!r} ends before it begins; what ends on the next day is written 20:00-29:00")
    return first, last


def bay(cell: str) -> tuple[str, int, bool]:
    """`中舱:8`, or `冷柜:2:cold`: a name, how many standard boxes stand in it, and whether it keeps cold."""
    match = BAY.fullmatch(cell)
    if not match or not int(match[2]) >= 1:
        raise ValueError(f"{cell!r} is not a bay like 中舱:8 or 冷柜:2:cold")
    return match[1].strip(), int(match[2]), match[3] is not None


def price_from(cell: str) -> tuple[int, int]:
    """`1001:55`: from the 1,001st unit of the month on, each costs 55."""
    match = TIER_PRICE.fullmatch(cell)
    if not match or not int(match[1]) >= 2 or int(match[2]) > 10_000_000:
        raise ValueError(f"{cell!r} is not a tier like 1001:55")
    return int(match[1]), int(match[2])


def weekdays(cell: str) -> tuple[bool, ...]:
    """Seven marks from Monday to Sunday, 1 runs, 0 does not."""
    if not re.fullmatch(r"[01]{7}", cell):
        raise ValueError(f"{cell!r} is not seven marks of 0 or 1, Monday first")
    return tuple(mark == "1" for mark in cell)


def one_of(*words: str) -> Parser[str]:
    def parse(cell: str) -> str:
        if cell not in words:
            raise ValueError(f"{cell!r} is not one of {', '.join(words)}")
        return cell

    return parse


def member(kind: type[E]) -> Parser[E]:
    by_value = {str(item): item for item in kind}

    def parse(cell: str) -> E:
        if cell not in by_value:
            raise ValueError(f"{cell!r} is not one of {', '.join(by_value)}")
        return by_value[cell]

    return parse


def tier(cell: str) -> Storage:
    """A storage class something can ride in: ambient, chilled or frozen."""
    if cell not in TIERS:
        raise ValueError(f"{cell!r} is not one of {', '.join(TIERS)}")
    return Storage(cell)


def maybe(parse: Parser[T]) -> Parser[T | None]:
    """The value, or None when the cell is empty."""
    return lambda cell: parse(cell) if cell else None


def many(parse: Parser[T]) -> Parser[tuple[T, ...]]:
    """Values separated by `|`, each once; an empty cell is an empty list."""

    def parse_all(cell: str) -> tuple[T, ...]:
        values = tuple(parse(part) for part in cell.split("|")) if cell else ()
        if len(set(values)) != len(values):
            raise ValueError(f"{cell!r} names something twice")
        return values

    return parse_all
