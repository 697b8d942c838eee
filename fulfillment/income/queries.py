"""What somebody earned: by source and state, by day, month or year, row by row down to its cause."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, func, or_, select

from core.errors import Refused
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
    first: date | None = None,
    last: date | None = None,
    source: str | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[IncomeEntry], str | None]:
    """A party's rows from `first` to `last` inclusive, newest day first. Raises Refused on a cursor that is not ours.

    Keyset-paged by day and id: the order of `ix_income_party`, so that a page costs what it shows.
    """
    day, entry_id = col(IncomeEntry.business_date), col(IncomeEntry.id)
    query = select(IncomeEntry).where(
        IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == party_kind, IncomeEntry.party_code == party_code
    )
    if first:
        query = query.where(day >= first)
    if last:
        query = query.where(day <= last)
    if source:
        query = query.where(IncomeEntry.source == source)
    if state:
        query = query.where(IncomeEntry.state == state)
    if after := read_cursor(cursor, str, int):
        at = _day(after[0])
        query = query.where(day <= at, or_(day < at, entry_id < after[1]))
    rows = list(session.exec(query.order_by(day.desc(), entry_id.desc()).limit(limit + 1)).all())
    following = make_cursor(rows[limit - 1].business_date.isoformat(), rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Refused("翻页标记不对，请从第一页重新看", field="cursor") from wrong


def find(session: Session, code: str, *, tenant_id: int) -> IncomeEntry | None:
    return session.exec(select(IncomeEntry).where(IncomeEntry.tenant_id == tenant_id, IncomeEntry.code == code)).first()
