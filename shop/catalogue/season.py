"""Months as people say them, and how long a season still lasts."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date

from core import i18n

_ = i18n.gettext


def spans(months: Collection[int]) -> list[tuple[int, int]]:
    """Runs of months as (first, last); a run may pass the new year: {11, 12, 1} → [(11, 1)]."""
    inside = set(months)
    if len(inside) >= 12:
        return [(1, 12)]
    firsts = sorted(m for m in inside if (m - 2) % 12 + 1 not in inside)
    found = []
    for first in firsts:
        last = first
        while last % 12 + 1 in inside:
            last = last % 12 + 1
        found.append((first, last))
    return found


def months_words(months: Collection[int]) -> str:
    """`5–6 月`, `11 月–次年 1 月`, `全年`."""
    if not months or len(set(months)) >= 12:
        return _("全年")
    english = i18n.locale() == "en"
    said = []
    for first, last in spans(months):
        if english:
            said.append(i18n.month(first) if first == last else f"{i18n.month(first)}–{i18n.month(last)}")
        elif first == last:
            said.append(f"{first} 月")
        else:
            said.append(f"{first}–{last} 月" if first < last else f"{first} 月–次年 {last} 月")
    return (", " if english else "、").join(said)


def last_day(months: Collection[int], today: date) -> date | None:
    """The last day of the season that runs today; None out of season or all year."""
    if not months or len(set(months)) >= 12 or today.month not in months:
        return None
    year, month = today.year, today.month
    while month % 12 + 1 in months:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, monthrange(year, month)[1])


def next_start(months: Collection[int], today: date) -> date | None:
    """When the season begins again; None in season."""
    if not months or today.month in months:
        return None
    ahead = next(n for n in range(1, 13) if (today.month - 1 + n) % 12 + 1 in months)
    month = (today.month - 1 + ahead) % 12 + 1
    return date(today.year + (month <= today.month), month, 1)


def season_words(months: Collection[int], today: date) -> str:
    """What to say beside a product: nothing all year, what is left of a season that ends, or when it begins again."""
    if end := last_day(months, today):
        left = (end - today).days + 1
        return _("只剩 {n} 天").format(n=left) if left <= 21 else _("当季，到 {month}底").format(month=i18n.month(end))
    if start := next_start(months, today):
        return _("{month}上市").format(month=i18n.month(start))
    return ""
