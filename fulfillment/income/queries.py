"""What somebody earned: by source and state, by day, month or year, row by row down to its cause."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core.paging import make_cursor, read_cursor

from .models import IncomeEntry, IncomeState

EARNED = (IncomeState.PENDING, IncomeState.PAYABLE, IncomeState.PAID)


class Sum(NamedTuple):
    source: str
    state: str
    amount_fen: int
    entries: int


class Period(NamedTuple):
    """`start` is the first day of the day, month or year it names."""

    start: date
    amount_fen: int
    entries: int


def by_source_and_state(session: Session, *, tenant_id: int, party_kind: str, party_code: str, first: date, last: date) -> list[Sum]:
    """Sums of a party's rows from `first` to `last` inclusive, reversed rows apart under their own state."""
    rows = session.exec(
        select(col(IncomeEntry.source), col(IncomeEntry.state), func.sum(col(IncomeEntry.amount_fen)), func.count(col(IncomeEntry.id)))
        .where(
            IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == party_kind, IncomeEntry.party_code == party_code,
            IncomeEntry.business_date >= first, IncomeEntry.business_date <= last,
        )
        .group_by(col(IncomeEntry.source), col(IncomeEntry.state))
        .order_by(col(IncomeEntry.source), col(IncomeEntry.state))
    ).all()  # fmt: skip
    return [Sum(source, state, int(total), count) for source, state, total, count in rows]


def by_period(session: Session, *, tenant_id: int, party_kind: str, party_code: str, first: date, last: date, group: str) -> list[Period]:
    """Earned per day, month or year (`group`), oldest first, reversed rows left out."""
    rows = session.exec(
        select(col(IncomeEntry.business_date), func.sum(col(IncomeEntry.amount_fen)), func.count(col(IncomeEntry.id)))
        .where(
            IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == party_kind, IncomeEntry.party_code == party_code,
            IncomeEntry.business_date >= first, IncomeEntry.business_date <= last, col(IncomeEntry.state).in_(EARNED),
        )
        .group_by(col(IncomeEntry.business_date))
        .order_by(col(IncomeEntry.business_date))
    ).all()  # fmt: skip
    return _gather([(day, int(total), count) for day, total, count in rows], group)


def _gather(days: Iterable[tuple[date, int, int]], group: str) -> list[Period]:
    found: dict[date, list[int]] = {}
    for day, amount, entries in days:
        start = {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[group]
        sums = found.setdefault(start, [0, 0])
        sums[0] += amount
        sums[1] += entries
    return [Period(start, *sums) for start, sums in sorted(found.items())]


def entries(
    session: Session,
    *,
    tenant_id: int,
    party_kind: str,
    party_code: str,
    source: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[IncomeEntry], str | None]:
    """A party's rows, newest first, keyset-paged by id."""
    query = select(IncomeEntry).where(
        IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == party_kind, IncomeEntry.party_code == party_code
    )
    if source:
        query = query.where(IncomeEntry.source == source)
    if after := read_cursor(cursor, int):
        query = query.where(col(IncomeEntry.id) < after[0])
    rows = list(session.exec(query.order_by(col(IncomeEntry.id).desc()).limit(limit + 1)).all())
    return rows[:limit], make_cursor(rows[limit - 1].id) if len(rows) > limit else None


def find(session: Session, code: str, *, tenant_id: int) -> IncomeEntry | None:
    return session.exec(select(IncomeEntry).where(IncomeEntry.tenant_id == tenant_id, IncomeEntry.code == code)).first()
