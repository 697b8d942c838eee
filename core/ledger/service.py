"""The ledger's verbs. Every movement is one balanced entry; corrections are new entries that name what they reverse."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from core import clock
from core.errors import Conflict
from core.i18n import gettext

from .models import Account, Balance, Journal, Posting, Side


class EntryDiffers(Conflict):
    """The same key was posted before with other lines."""

    code = "entry_differs"


class Overdrawn(Conflict):
    """The entry would take an account below zero that may not go there."""

    code = "overdrawn"


class AlreadyReversed(Conflict):
    code = "already_reversed"


def open_account(session: Session, code: str, *, tenant_id: int, side: Side, name: str = "", may_be_negative: bool = False) -> Account:
    """The account of this code, made when it does not exist yet (two makers at once get the same one)."""
    if found := session.exec(select(Account).where(Account.tenant_id == tenant_id, Account.code == code)).first():
        return found
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        make(Account)
        .values(tenant_id=tenant_id, code=code, name=name, side=str(side), may_be_negative=may_be_negative, opened_at=clock.now())
        .on_conflict_do_nothing(index_elements=["tenant_id", "code"])
    )
    return session.exec(select(Account).where(Account.tenant_id == tenant_id, Account.code == code)).one()


def post(
    session: Session,
    key: str,
    lines: Mapping[int, int] | Iterable[tuple[int, int]],
    *,
    tenant_id: int,
    kind: str,
    cause_kind: str,
    cause_code: str,
    memo: str = "",
    currency: str = "CNY",
    reverses_id: int | None = None,
) -> Journal:
    """Post one entry: `lines` are (account id, fen), debit positive, summing to 0; zero lines are left out.

    The same key with the same lines again returns the first entry. Raises EntryDiffers, Overdrawn; ValueError when the
    lines do not balance (a programming error, never a user's).
    """
    amounts: dict[int, int] = {}
    for account_id, amount in lines.items() if isinstance(lines, Mapping) else lines:
        amounts[account_id] = amounts.get(account_id, 0) + amount
    amounts = {a: f for a, f in sorted(amounts.items()) if f}
    if sum(amounts.values()) != 0:
        raise ValueError(f"journal {key} does not balance: {sum(amounts.values())} fen")
    if done := session.exec(select(Journal).where(Journal.tenant_id == tenant_id, Journal.key == key)).first():
        before = dict(session.exec(select(Posting.account_id, Posting.amount_fen).where(Posting.journal_id == done.id)).all())
        if before != amounts:
            raise EntryDiffers(gettext("{key} 已经记过，内容不同").format(key=key))
        return done
    now = clock.now()
    journal = Journal(
        tenant_id=tenant_id, key=key, kind=kind, currency=currency, cause_kind=cause_kind, cause_code=cause_code,
        memo=memo, business_date=clock.business_date(now), posted_at=now, reverses_id=reverses_id,
    )  # fmt: skip
    session.add(journal)
    session.flush()
    session.execute(
        insert(Posting),
        [{"tenant_id": tenant_id, "journal_id": journal.id, "account_id": a, "amount_fen": f} for a, f in amounts.items()],
    )
    _move_balances(session, amounts, tenant_id=tenant_id, currency=currency)
    return journal


ADD = (
    update(Balance)
    .where(col(Balance.account_id) == bindparam("to"), col(Balance.currency) == bindparam("of"))
    .values(amount_fen=col(Balance.amount_fen) + bindparam("change"))
)


def _move_balances(session: Session, amounts: Mapping[int, int], *, tenant_id: int, currency: str) -> None:
    """Add to running totals, accounts in id order so that two entries never wait for each other in a circle."""
    held = (col(Balance.account_id) == col(Account.id)) & (col(Balance.currency) == currency)
    accounts = session.execute(
        select(Account.id, Account.side, Account.may_be_negative, Balance.account_id)
        .join(Balance, held, isouter=True)
        .where(col(Account.id).in_(amounts), Account.tenant_id == tenant_id)
    ).all()
    sides = {account_id: side for account_id, side, _, _ in accounts}
    if new := [(account_id, negative) for account_id, _, negative, row in accounts if row is None]:
        make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        fresh = {"currency": currency, "tenant_id": tenant_id, "amount_fen": 0}
        session.execute(
            make(Balance).on_conflict_do_nothing(index_elements=["account_id", "currency"]),
            [{"account_id": account_id, "may_be_negative": negative, **fresh} for account_id, negative in sorted(new)],
        )
    changes = [{"to": a, "of": currency, "change": f if sides[a] == Side.DEBIT else -f} for a, f in amounts.items()]
    try:
        session.connection().execute(ADD, changes)
    except IntegrityError as refused:
        if "not_overdrawn" in str(refused.orig) or "CHECK constraint" in str(refused.orig):
            raise Overdrawn("账户余额不足，这一笔不能记") from refused
        raise


def reverse(session: Session, journal: Journal, *, key: str, memo: str = "") -> Journal:
    """Post the mirror of an entry, once. Raises AlreadyReversed when another key reversed it before."""
    lines = session.exec(select(Posting.account_id, Posting.amount_fen).where(Posting.journal_id == journal.id)).all()
    earlier = session.exec(select(Journal).where(Journal.reverses_id == journal.id)).first()
    if earlier is not None and earlier.key != key:
        raise AlreadyReversed(gettext("{key} 已经冲销过").format(key=journal.key))
    return post(
        session, key, [(a, -f) for a, f in lines], tenant_id=journal.tenant_id, kind=f"reverse_{journal.kind}", currency=journal.currency,
        cause_kind=journal.cause_kind, cause_code=journal.cause_code, memo=memo, reverses_id=journal.id,
    )  # fmt: skip


def balance(session: Session, account_id: int, *, currency: str = "CNY") -> int:
    """Fen on the account's own side."""
    found = session.exec(select(Balance.amount_fen).where(Balance.account_id == account_id, Balance.currency == currency)).first()
    return found or 0


def history(session: Session, account_id: int, *, after_id: int = 0, limit: int = 50) -> list[tuple[Posting, Journal]]:
    """An account's postings with their entries, oldest first, from `after_id` on."""
    rows = session.exec(
        select(Posting, Journal)
        .join(Journal, col(Journal.id) == col(Posting.journal_id))
        .where(Posting.account_id == account_id, col(Posting.id) > after_id)
        .order_by(col(Posting.id))
        .limit(limit)
    )
    return list(rows.all())
