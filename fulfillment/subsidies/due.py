"""What a programme would pay for, cause by cause, before anybody looks at its budget. Each basis registers how its causes are found."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from core.batches import batches
from supply.counties.profile_subsidies import SubsidyRule

from .models import SubsidyAward
from .rules import turned


class Asked(NamedTuple):
    """A programme and the month whose causes are looked for; `month` is its first day."""

    tenant_id: int
    fund_id: int
    rule: SubsidyRule
    month: date

    @property
    def first(self) -> date:
        """The first day of the month that lies in the programme's term."""
        return max(self.month, self.rule.starts)

    @property
    def after(self) -> date:
        """The day after the last one that does."""
        ends = date.fromordinal(self.rule.ends.toordinal() + 1)
        return min(turned(self.month, 1), ends)


class Due(NamedTuple):
    """One cause; `facts` are all that its amount and words are made of."""

    cause_kind: str
    cause_code: str
    period: str
    party_kind: str
    party_code: str
    day: date
    facts: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.cause_kind, self.cause_code, self.period


Finder = Callable[[Session, Asked], Iterable[Due]]
FINDERS: dict[str, Finder] = {}


def finds(basis: str) -> Callable[[Finder], Finder]:
    def keep(finder: Finder) -> Finder:
        FINDERS[basis] = finder
        return finder

    return keep


def known_causes(session: Session, asked: Asked, codes: Iterable[str]) -> set[tuple[str, str, str]]:
    """Of the causes of these codes, those that the programme has rows for already, in whatever state."""
    known: set[tuple[str, str, str]] = set()
    rows = select(SubsidyAward.cause_kind, SubsidyAward.cause_code, SubsidyAward.period).where(SubsidyAward.fund_id == asked.fund_id)
    for some in batches(codes):
        known.update(session.exec(rows.where(col(SubsidyAward.cause_code).in_(some))))
    return known


def known_of(session: Session, asked: Asked, kind: str) -> set[str]:
    """The codes of the causes of a kind that the programme has rows for already."""
    rows = select(SubsidyAward.cause_code).where(SubsidyAward.fund_id == asked.fund_id, SubsidyAward.cause_kind == kind)
    return set(session.exec(rows))
