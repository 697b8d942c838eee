"""A programme's rules as rows keep them, and which version reckons a month."""

from datetime import date
from functools import lru_cache
from json import dumps, loads

from sqlmodel import Session, col, select

from supply.counties.policy import plain, typed
from supply.counties.profile_subsidies import SubsidyRule

from .models import SubsidyVersion, VersionState

WAITS_FOR_THE_END = ("vehicle_month", "vehicle_once", "station")
"""Bases that are awarded once their month is over; the others as soon as a cause stands."""


def rule_of(version: SubsidyVersion) -> SubsidyRule:
    return _read(dumps(version.rule, sort_keys=True, ensure_ascii=False))


@lru_cache(maxsize=256)
def _read(text: str) -> SubsidyRule:
    rule = typed(SubsidyRule, loads(text))
    assert isinstance(rule, SubsidyRule)
    return rule


def as_row(rule: SubsidyRule) -> dict[str, object]:
    kept = plain(rule)
    assert isinstance(kept, dict)
    return {name: value for name, value in kept.items() if value is not None}


def turned(first: date, months: int) -> date:
    """The first day of a month so many months on."""
    n = first.year * 12 + first.month - 1 + months
    return date(n // 12, n % 12 + 1, 1)


def year_of(rule: SubsidyRule, day: date) -> int:
    """Which year of its programme a day lies in, the first is 1: a year ends on the day before its start's date."""
    return max(1, day.year - rule.starts.year + ((day.month, day.day) >= (rule.starts.month, rule.starts.day)))


def cap_period(rule: SubsidyRule, month: date) -> str:
    return {"month": f"{month:%Y-%m}", "year": f"{month:%Y}"}.get(rule.cap_every or "", "")


def version_for(session: Session, fund_id: int, month: date) -> SubsidyVersion | None:
    """The version in force in a month: the last that began before it ended, where the programme's term meets it."""
    found = session.exec(
        select(SubsidyVersion)
        .where(
            SubsidyVersion.fund_id == fund_id, SubsidyVersion.state == VersionState.IN_FORCE,
            SubsidyVersion.from_on < turned(month, 1),
        )
        .order_by(col(SubsidyVersion.from_on).desc(), col(SubsidyVersion.version).desc())
        .limit(1)
    ).first()  # fmt: skip
    if found is None:
        return None
    rule = rule_of(found)
    return found if rule.starts < turned(month, 1) and rule.ends >= month else None
