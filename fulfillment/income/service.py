"""What can happen to income: it is recorded with its cause, matures when the claim window ends, and is reversed by refunds.

Every row stands beside the posting that moves the same fen, so the sum by party equals the ledger (I3, I12).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, update

from core import clock, codes
from core.status import move, tell, told
from core.upsert import Upsert

from .models import INCOME, IncomeEntry, IncomeState, Source

_RECORD = Upsert(
    IncomeEntry, lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "key"]).returning(insert.table.c.id)
)


class Earned(NamedTuple):
    """One amount somebody earns by one cause; `key` names the cause once (`{line code}:master`)."""

    key: str
    party_kind: str
    party_code: str
    source: Source
    amount_fen: int
    cause_kind: str
    cause_code: str
    words: str
    facts: Mapping[str, Any] = {}
    rule_version: str = ""
    reverses_id: int | None = None  # the row it takes back, of an adjustment


def record(
    session: Session, earned: Iterable[Earned], *, tenant_id: int, journal_id: int | None, payable_at: datetime | None = None
) -> int:
    """Record what was earned, each key once however often it is asked; amounts of 0 are left out. Returns the new rows."""
    wanted = {each.key: each for each in earned if each.amount_fen}
    if not wanted:
        return 0
    now = clock.now()
    rows = [
        {
            "tenant_id": tenant_id, "code": codes.new_code("I"), "key": each.key, "party_kind": each.party_kind,
            "party_code": each.party_code, "source": str(each.source), "state": "pending", "amount_fen": each.amount_fen,
            "cause_kind": each.cause_kind, "cause_code": each.cause_code, "words": each.words, "facts": dict(each.facts),
            "rule_version": each.rule_version, "reverses_id": each.reverses_id,
            "journal_id": journal_id, "business_date": clock.business_date(now),
            "created_at": now, "payable_at": payable_at,
        }
        for _, each in sorted(wanted.items())
    ]  # fmt: skip
    return len(_RECORD.run(session, rows).all())


def start_windows(session: Session, ends: Mapping[str, datetime], *, tenant_id: int) -> int:
    """After delivery: income becomes payable when its cause's claim window ends, `ends` by cause code. Returns the rows touched.

    A window may be told anew while its income is pending; what has become payable stays so.
    """
    if not ends:
        return 0
    entry = IncomeEntry.__table__  # type: ignore[attr-defined]
    waiting = (entry.c.tenant_id == tenant_id) & (entry.c.state == IncomeState.PENDING)
    told = update(entry).where(waiting, entry.c.cause_code == bindparam("cause")).values(payable_at=bindparam("ends_at"))
    done = session.connection().execute(told, [{"cause": cause, "ends_at": at} for cause, at in ends.items()])
    return int(done.rowcount)


def mature(session: Session, *, tenant_id: int, limit: int = 1000) -> int:
    """Pending income whose claim window has ended becomes payable; returns how many rows."""
    now = clock.now()
    due = (
        select(IncomeEntry.id)
        .where(
            IncomeEntry.tenant_id == tenant_id, IncomeEntry.state == IncomeState.PENDING, col(IncomeEntry.payable_at).is_not(None),
            col(IncomeEntry.payable_at) <= now,
        )
        .order_by(col(IncomeEntry.id))
        .limit(limit)
        .with_for_update()
    )  # fmt: skip
    codes_moved = session.exec(
        update(IncomeEntry)
        .where(col(IncomeEntry.id).in_(due), col(IncomeEntry.state) == IncomeState.PENDING)
        .values(state=IncomeState.PAYABLE)
        .returning(col(IncomeEntry.code))
        .execution_options(synchronize_session=False)
    ).scalars().all()  # fmt: skip
    if codes_moved:
        payable = [told(INCOME, "payable", tenant_id=tenant_id, subject=code, source="pending", at=now) for code in sorted(codes_moved)]
        tell(session, payable)
    return len(codes_moved)


def reverse_for(session: Session, cause_codes: Iterable[str], *, tenant_id: int, by: str = "", note: str = "") -> list[IncomeEntry]:
    """A full refund takes back what was not paid yet of these causes; returns the reversed rows.

    What was paid already, or is frozen in a statement and as good as paid, is not touched here: it becomes a debit on the next one.
    """
    rows = session.exec(
        select(IncomeEntry)
        .where(
            IncomeEntry.tenant_id == tenant_id, col(IncomeEntry.cause_code).in_(list(cause_codes)),
            col(IncomeEntry.state).in_([IncomeState.PENDING, IncomeState.PAYABLE]), col(IncomeEntry.statement_id).is_(None),
        )
        .order_by(col(IncomeEntry.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()  # fmt: skip
    for row in rows:
        move(
            session, IncomeEntry, row.id or 0, "state", INCOME, row.state, IncomeState.REVERSED,
            tenant_id=tenant_id, subject=row.code, by=by, note=note,
        )  # fmt: skip
    return list(rows)
