"""Income that a refund takes back: a row of its own, an `adjustment` below zero that names the row it reduces.

While the reduced row waits for its claim window, so does the adjustment, and both are payable in the same second; what is payable
or paid already is reduced at once, on the next statement. A party that bears more than the row still gives owes the rest at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select, update

from core import clock
from core.status import move

from .models import INCOME, IncomeEntry, IncomeState, Source
from .service import Earned, record


class Cut(NamedTuple):
    """What one party bears of a refund: `of` is the key of the row it reduces, `amount_fen` above zero."""

    key: str
    of: str
    party_kind: str
    party_code: str
    amount_fen: int
    cause_code: str  # of the refund's line
    words: str
    facts: Mapping[str, Any] = {}


def adjust(session: Session, cuts: Sequence[Cut], *, tenant_id: int, journal_id: int | None) -> None:
    """Record what each party bears, each key once. The journal moves the same fen."""
    rows = session.exec(
        select(IncomeEntry).where(IncomeEntry.tenant_id == tenant_id, col(IncomeEntry.key).in_([cut.of for cut in cuts]))
    ).all()
    reduced = {row.key: row for row in rows}
    before = taken_back(session, [row.id or 0 for row in rows])
    now = clock.now()
    waiting: dict[datetime | None, list[Earned]] = defaultdict(list)
    for cut in cuts:
        row = reduced.get(cut.of)
        waits = row is not None and row.state == IncomeState.PENDING
        left = max(0, row.amount_fen + before.get(row.id or 0, 0)) if row and waits else 0
        along = min(cut.amount_fen, left)
        if row and along:
            waiting[row.payable_at].append(_earned(cut, cut.key, along, row))
        if beyond := cut.amount_fen - along:
            waiting[now].append(_earned(cut, f"{cut.key}:beyond" if along else cut.key, beyond, row))
    for payable_at, earned in waiting.items():
        record(session, earned, tenant_id=tenant_id, journal_id=journal_id, payable_at=payable_at)
    _make_payable(session, [each.key for each in waiting[now]], tenant_id=tenant_id)


def _make_payable(session: Session, keys: Sequence[str], *, tenant_id: int) -> None:
    """At once, lest more be paid out meanwhile than the party's account holds."""
    rows = session.exec(
        select(IncomeEntry).where(
            IncomeEntry.tenant_id == tenant_id, col(IncomeEntry.key).in_(keys), IncomeEntry.state == IncomeState.PENDING
        )
    ).all()  # fmt: skip
    for row in rows:
        move(
            session, IncomeEntry, row.id or 0, "state", INCOME, IncomeState.PENDING, IncomeState.PAYABLE, tenant_id=tenant_id,
            subject=row.code,
        )  # fmt: skip


def taken_back(session: Session, entry_ids: Sequence[int]) -> dict[int, int]:
    """Fen of the adjustments that name these rows and stand, by the row's id: below zero."""
    rows = session.exec(
        select(IncomeEntry.reverses_id, func.sum(col(IncomeEntry.amount_fen)))
        .where(col(IncomeEntry.reverses_id).in_(entry_ids), IncomeEntry.state != IncomeState.REVERSED)
        .group_by(col(IncomeEntry.reverses_id))
    )
    return {entry or 0: int(fen) for entry, fen in rows}


def hold(session: Session, cause_codes: Iterable[str], *, tenant_id: int) -> None:
    """What these causes earned and is pending waits on, whenever their claim window ends: somebody claims. `start_windows` ends it."""
    entry = IncomeEntry.__table__  # type: ignore[attr-defined]
    pending = (entry.c.tenant_id == tenant_id) & (entry.c.state == IncomeState.PENDING)
    session.connection().execute(update(entry).where(pending, entry.c.cause_code.in_(list(cause_codes))).values(payable_at=None))


def _earned(cut: Cut, key: str, fen: int, row: IncomeEntry | None) -> Earned:
    return Earned(
        key=key, party_kind=cut.party_kind, party_code=cut.party_code, source=Source.ADJUSTMENT, amount_fen=-fen, cause_kind="refund",
        cause_code=cut.cause_code, words=cut.words, facts=cut.facts, rule_version=row.rule_version if row else "",
        reverses_id=row.id if row else None,
    )  # fmt: skip
