"""I1: every journal balances, the ledger sums to zero, running balances equal their postings, nobody is overdrawn."""

from collections.abc import Iterable

from sqlalchemy import case
from sqlmodel import Session, col, func, select

from core.invariants import invariant

from .models import Account, Balance, Journal, Posting, Side

LEDGER = ("journal", "posting", "balance", "account")


@invariant("I1", "every journal sums to 0", tables=LEDGER)
def journals_balance(session: Session) -> Iterable[str]:
    total = func.sum(Posting.amount_fen)
    rows = session.exec(
        select(Journal.key, total)
        .join(Posting, col(Posting.journal_id) == col(Journal.id))
        .group_by(col(Journal.key), col(Journal.id))
        .having(total != 0)
    )
    return [f"{key}: {int(amount)} fen" for key, amount in rows]


@invariant("I1", "no journal is without postings", tables=LEDGER)
def journals_have_postings(session: Session) -> Iterable[str]:
    rows = session.exec(
        select(Journal.key).join(Posting, col(Posting.journal_id) == col(Journal.id), isouter=True).where(col(Posting.id).is_(None))
    )
    return list(rows)


@invariant("I1", "running balances equal their postings", tables=LEDGER)
def balances_follow(session: Session) -> Iterable[str]:
    summed = select(Posting.account_id, func.sum(Posting.amount_fen).label("sum")).group_by(col(Posting.account_id)).subquery()
    own = case((col(Account.side) == Side.DEBIT, summed.c.sum), else_=-summed.c.sum)
    rows = session.exec(
        select(Account.code, own, Balance.amount_fen)
        .join(summed, summed.c.account_id == col(Account.id))
        .join(Balance, col(Balance.account_id) == col(Account.id), isouter=True)
        .where(func.coalesce(Balance.amount_fen, 0) != own)
    )
    return [f"{code}: {int(kept or 0)} kept, {int(summed_up)} posted" for code, summed_up, kept in rows]


@invariant("I1", "no account below zero that may not be", tables=LEDGER)
def nobody_overdrawn(session: Session) -> Iterable[str]:
    rows = session.exec(
        select(Account.code, Balance.amount_fen)
        .join(Balance, col(Balance.account_id) == col(Account.id))
        .where(Balance.amount_fen < 0, ~col(Account.may_be_negative))
    )
    return [f"{code}: {amount}" for code, amount in rows]
