"""The ledger of a period: every entry with its lines, and the trial balance."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select as rows_of
from sqlmodel import Session, case, col, func, select

from core import db
from core.ledger.models import Account, Journal, Posting

from .periods import Span

AT_ONCE = 500  # entries held while a long period is written


class Total(NamedTuple):
    """An account's period in fen, debit positive: what stood before, what came on either side, what stands after."""

    code: str
    name: str
    side: str
    currency: str
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.debit_fen - self.credit_fen


class Line(NamedTuple):
    account: str
    amount_fen: int  # debit positive


class Booked(NamedTuple):
    journal: Journal
    lines: Sequence[Line]


def trial_balance(session: Session, span: Span, *, tenant_id: int) -> list[Total]:
    """Every account that was ever moved up to the period's end, by code. One query; openings and closings come to 0 in each currency."""
    fen, day = col(Posting.amount_fen), col(Journal.business_date)
    within = day >= span.first
    rows = session.execute(
        rows_of(
            col(Account.code), col(Account.name), col(Account.side), col(Journal.currency), func.sum(case((within, 0), else_=fen)),
            func.sum(case((within & (fen > 0), fen), else_=0)), func.sum(case((within & (fen < 0), -fen), else_=0)),
        )
        .join_from(Posting, Journal, col(Journal.id) == col(Posting.journal_id))
        .join(Account, col(Account.id) == col(Posting.account_id))
        .where(col(Journal.tenant_id) == tenant_id, day <= span.last)
        .group_by(col(Account.code), col(Account.name), col(Account.side), col(Journal.currency))
        .order_by(col(Account.code), col(Journal.currency))
    )  # fmt: skip
    return [Total(code, name, side, currency, int(a), int(b), int(c)) for code, name, side, currency, a, b, c in rows]


def entries(session: Session, span: Span, *, tenant_id: int, after_id: int = 0, limit: int = AT_ONCE) -> list[Booked]:
    """The period's entries in the order they were made, from `after_id` on. Two queries."""
    found = session.exec(
        select(Journal)
        .where(Journal.tenant_id == tenant_id, Journal.business_date >= span.first, Journal.business_date <= span.last)
        .where(col(Journal.id) > after_id)
        .order_by(col(Journal.id))
        .limit(limit)
    ).all()
    lines: dict[int, list[Line]] = {journal.id or 0: [] for journal in found}
    rows = session.exec(
        select(Posting.journal_id, Account.code, Posting.amount_fen)
        .join(Account, col(Account.id) == col(Posting.account_id))
        .where(col(Posting.journal_id).in_(list(lines)))
        .order_by(case((col(Posting.amount_fen) > 0, 0), else_=1), col(Posting.id))
    )
    for journal_id, code, fen in rows:
        lines[journal_id].append(Line(code, fen))
    return [Booked(journal, lines[journal.id or 0]) for journal in found]


def all_entries(span: Span, *, tenant_id: int) -> Iterator[Booked]:
    """All of a period that stood when it was begun, a few hundred at a time, each in a reading of its own."""
    with db.reading() as session:
        last = session.exec(select(func.max(col(Journal.id))).where(Journal.tenant_id == tenant_id)).one() or 0
    after = 0
    while True:
        with db.reading() as session:
            found = entries(session, span, tenant_id=tenant_id, after_id=after)
        for each in found:
            if (each.journal.id or 0) > last:
                return
            yield each
        if len(found) < AT_ONCE:
            return
        after = found[-1].journal.id or 0


def count(session: Session, span: Span, *, tenant_id: int) -> int:
    """Lines of the period's entries."""
    asked = (
        select(func.count())
        .select_from(Posting)
        .join(Journal, col(Journal.id) == col(Posting.journal_id))
        .where(Journal.tenant_id == tenant_id, Journal.business_date >= span.first, Journal.business_date <= span.last)
    )
    return session.exec(asked).one()
