"""I1: every journal balances and is of a kind somebody explains, running balances equal their postings, nobody is overdrawn.

A slice that posts a kind of journal says with a rule of its own which entries there must be, and names the kind by `explains`.
"""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from core.invariants import invariant, rule

from .models import Account, Balance, Journal, Posting

LEDGER = ("journal", "posting", "balance", "account")
_explained: set[str] = set()


def explains(*kinds: str) -> None:
    """Some rule says which entries of these kinds there must be, and that there are no others; their reversals mirror them."""
    _explained.update(kinds, (f"reverse_{kind}" for kind in kinds))


@invariant("I1", "every journal is of a kind that is explained", tables=("journal",))
def journals_are_explained(session: Session) -> Iterable[str]:
    return session.exec(select(Journal.key).where(col(Journal.kind).not_in(_explained))).all()


explains("scratch")
rule(
    "I1",
    "entries that a suite drove from outside stand in a scratch book, never in a county's",
    broken="""
    SELECT j.key FROM journal j JOIN tenant t ON t.id = j.tenant_id WHERE j.kind IN ('scratch', 'reverse_scratch') AND t.code <> 'scratch'
    """,
)

rule(
    "I1",
    "a reversal mirrors the journal it names, to the account and fen",
    broken="""
    SELECT reversal FROM (
        SELECT r.key AS reversal, p.account_id, p.amount_fen
        FROM journal r JOIN posting p ON p.journal_id = r.id WHERE r.reverses_id IS NOT NULL
        UNION ALL
        SELECT r.key, p.account_id, p.amount_fen FROM journal r JOIN posting p ON p.journal_id = r.reverses_id
    ) AS both_entries GROUP BY reversal, account_id HAVING sum(amount_fen) <> 0
    UNION
    SELECT r.key FROM journal r LEFT JOIN journal o ON o.id = r.reverses_id
    WHERE (r.reverses_id IS NOT NULL OR r.kind LIKE 'reverse%') AND (o.id IS NULL OR o.tenant_id <> r.tenant_id
        OR r.kind <> 'reverse_' || o.kind OR r.cause_kind <> o.cause_kind OR r.cause_code <> o.cause_code)
    """,
)

rule(
    "I1",
    "a journal, its postings and their accounts are of one county",
    broken="""
    SELECT j.key, a.code FROM posting p JOIN journal j ON j.id = p.journal_id JOIN account a ON a.id = p.account_id
    WHERE p.tenant_id <> j.tenant_id OR a.tenant_id <> j.tenant_id
    """,
)


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


rule(
    "I1",
    "running balances equal their postings",
    broken="""
    SELECT a.code, k.currency, sum(k.fen) FROM account a JOIN (
        SELECT b.account_id, b.currency, b.amount_fen AS fen FROM balance b
        UNION ALL
        SELECT p.account_id, j.currency, CASE WHEN c.side = 'debit' THEN -p.amount_fen ELSE p.amount_fen END
        FROM posting p JOIN journal j ON j.id = p.journal_id JOIN account c ON c.id = p.account_id
    ) AS k ON k.account_id = a.id
    GROUP BY a.id, a.code, k.currency HAVING sum(k.fen) <> 0
    """,
)


@invariant("I1", "no account below zero that may not be", tables=LEDGER)
def nobody_overdrawn(session: Session) -> Iterable[str]:
    rows = session.exec(
        select(Account.code, Balance.amount_fen)
        .join(Balance, col(Balance.account_id) == col(Account.id))
        .where(Balance.amount_fen < 0, ~col(Account.may_be_negative))
    )
    return [f"{code}: {amount}" for code, amount in rows]
