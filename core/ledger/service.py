"""The ledger's verbs. Every movement is one balanced entry; corrections are new entries that name what they reverse."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Table, and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from core import clock
from core.errors import Conflict
from core.i18n import gettext
from core.upsert import Upsert

from .models import Account, Balance, Journal, Posting, Side


class EntryDiffers(Conflict):
    """The same key was posted before with other lines."""

    code = "entry_differs"


class Overdrawn(Conflict):
    """The entry would take an account below zero that may not go there."""

    code = "overdrawn"


class AlreadyReversed(Conflict):
    code = "already_reversed"


class Entry(NamedTuple):
    """One balanced entry to post: `lines` are (account id, fen), debit positive, summing to 0; zero lines are left out."""

    key: str
    lines: Sequence[tuple[int, int]]
    kind: str
    cause_kind: str
    cause_code: str
    memo: str = ""
    reverses_id: int | None = None

    @property
    def amounts(self) -> dict[int, int]:
        """Fen per account. Raises ValueError when they do not balance: a programming error, never a user's."""
        found: dict[int, int] = {}
        for account_id, amount in self.lines:
            found[account_id] = found.get(account_id, 0) + amount
        if sum(found.values()) != 0:
            raise ValueError(f"journal {self.key} does not balance: {sum(found.values())} fen")
        return {account_id: amount for account_id, amount in sorted(found.items()) if amount}


class Held(NamedTuple):
    """An account as posting needs it; `is_moved` says that it has a running total already."""

    id: int
    code: str
    side: str
    may_be_negative: bool
    is_moved: bool


_account: Table = Account.__table__  # type: ignore[attr-defined]
_balance: Table = Balance.__table__  # type: ignore[attr-defined]
_journal: Table = Journal.__table__  # type: ignore[attr-defined]
_posting: Table = Posting.__table__  # type: ignore[attr-defined]
_OPEN = Upsert(Account, lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "code"]))
_FIRST = Upsert(
    Journal,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "key"]).returning(insert.table.c.id, insert.table.c.key),
)
_POST = insert(_posting)
_START = Upsert(Balance, lambda insert: insert.on_conflict_do_nothing(index_elements=["account_id", "currency"]))
_MOVE = (
    update(_balance)
    .where(_balance.c.account_id == bindparam("to"), _balance.c.currency == bindparam("of"))
    .values(amount_fen=_balance.c.amount_fen + bindparam("change"))
)
_moved = and_(_balance.c.account_id == _account.c.id, _balance.c.currency == bindparam("of"))
_HELD = (
    select(_account.c.id, _account.c.code, _account.c.side, _account.c.may_be_negative, _balance.c.account_id.is_not(None))
    .join_from(_account, _balance, _moved, isouter=True)
    .where(_account.c.tenant_id == bindparam("tenant"))
)  # fmt: skip
_HELD_BY_CODE = _HELD.where(_account.c.code.in_(bindparam("codes", expanding=True)))
_HELD_BY_ID = _HELD.where(_account.c.id.in_(bindparam("ids", expanding=True)))


def open_account(session: Session, code: str, *, tenant_id: int, side: Side, name: str = "", may_be_negative: bool = False) -> Account:
    """The account of this code, made when it does not exist yet (two makers at once get the same one)."""
    named = select(Account).where(col(Account.tenant_id) == tenant_id, col(Account.code) == code)
    found: Account | None = session.execute(named).scalar_one_or_none()
    if found is not None:
        return found
    values = {"tenant_id": tenant_id, "code": code, "name": name, "side": str(side), "may_be_negative": may_be_negative}
    _OPEN.run(session, {**values, "opened_at": clock.now()})
    opened: Account = session.execute(named).scalar_one()
    return opened


def accounts_named(session: Session, codes: Iterable[str], *, tenant_id: int, currency: str = "CNY") -> dict[str, Held]:
    """The accounts among these codes that exist."""
    found = session.connection().execute(_HELD_BY_CODE, {"tenant": tenant_id, "of": currency, "codes": sorted(codes)})
    return {row.code: Held(*row) for row in found}


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
    pairs = list(lines.items() if isinstance(lines, Mapping) else lines)
    entry = Entry(key, pairs, kind, cause_kind, cause_code, memo, reverses_id)
    found = session.connection().execute(_HELD_BY_ID, {"tenant": tenant_id, "of": currency, "ids": [a for a, _ in pairs]})
    ids = post_all(session, [entry], [Held(*row) for row in found], tenant_id=tenant_id, currency=currency)
    return session.get_one(Journal, ids[key])


def post_all(
    session: Session, entries: Sequence[Entry], accounts: Iterable[Held], *, tenant_id: int, currency: str = "CNY"
) -> dict[str, int]:  # fmt: skip
    """Post several entries of different keys on these accounts; returns their journals' ids by key. Raises as `post` does.

    What they move on one account in all is moved once, so an account they leave as it was is not touched.
    """
    amounts = {entry.key: entry.amounts for entry in entries}
    now = clock.now()
    shared = {"tenant_id": tenant_id, "currency": currency, "business_date": clock.business_date(now), "posted_at": now}
    rows = [
        {
            **shared, "key": e.key, "kind": e.kind, "cause_kind": e.cause_kind, "cause_code": e.cause_code, "memo": e.memo,
            "reverses_id": e.reverses_id,
        }
        for e in entries
    ]  # fmt: skip
    ids = {row.key: int(row.id) for row in _FIRST.run(session, rows)}
    fresh = list(ids)
    for entry in entries:
        if entry.key not in ids:
            ids[entry.key] = _posted_before(session, entry.key, amounts[entry.key], tenant_id=tenant_id)
    postings = [
        {"tenant_id": tenant_id, "journal_id": ids[key], "account_id": account_id, "amount_fen": amount}
        for key in fresh
        for account_id, amount in amounts[key].items()
    ]
    if postings:
        session.connection().execute(_POST, postings)
        _move_balances(session, [amounts[key] for key in fresh], accounts, tenant_id=tenant_id, currency=currency)
    return ids


def _posted_before(session: Session, key: str, amounts: Mapping[int, int], *, tenant_id: int) -> int:
    """The journal that has this key already, if it says the same."""
    connection = session.connection()
    journal_id = connection.execute(select(_journal.c.id).where(_journal.c.tenant_id == tenant_id, _journal.c.key == key)).scalar_one()
    before = connection.execute(select(_posting.c.account_id, _posting.c.amount_fen).where(_posting.c.journal_id == journal_id))
    if {row.account_id: row.amount_fen for row in before} != amounts:
        raise EntryDiffers(gettext("{key} 已经记过，内容不同").format(key=key))
    return int(journal_id)


def _move_balances(
    session: Session, moved: Iterable[Mapping[int, int]], accounts: Iterable[Held], *, tenant_id: int, currency: str
) -> None:  # fmt: skip
    """Add to running totals, accounts in id order so that two postings never wait for each other in a circle."""
    total: dict[int, int] = {}
    for amounts in moved:
        for account_id, amount in amounts.items():
            total[account_id] = total.get(account_id, 0) + amount
    held = {account.id: account for account in accounts}
    if new := [held[account_id] for account_id in sorted(total) if not held[account_id].is_moved]:
        fresh = {"currency": currency, "tenant_id": tenant_id, "amount_fen": 0}
        _START.run(session, [{"account_id": a.id, "may_be_negative": a.may_be_negative, **fresh} for a in new])
    changes = [
        {"to": account_id, "of": currency, "change": amount if held[account_id].side == Side.DEBIT else -amount}
        for account_id, amount in sorted(total.items())
        if amount
    ]
    if not changes:
        return
    try:
        session.connection().execute(_MOVE, changes)
    except IntegrityError as refused:
        if "not_overdrawn" in str(refused.orig) or "CHECK constraint" in str(refused.orig):
            raise Overdrawn("账户余额不足，这一笔不能记") from refused
        raise


def reverse(session: Session, journal: Journal, *, key: str, memo: str = "") -> Journal:
    """Post the mirror of an entry, once. Raises AlreadyReversed when another key reversed it before."""
    lines = session.execute(select(_posting.c.account_id, _posting.c.amount_fen).where(_posting.c.journal_id == journal.id)).all()
    earlier = session.execute(select(Journal).where(col(Journal.reverses_id) == journal.id)).scalars().first()
    if earlier is not None and earlier.key != key:
        raise AlreadyReversed(gettext("{key} 已经冲销过").format(key=journal.key))
    return post(
        session, key, [(a, -f) for a, f in lines], tenant_id=journal.tenant_id, kind=f"reverse_{journal.kind}", currency=journal.currency,
        cause_kind=journal.cause_kind, cause_code=journal.cause_code, memo=memo, reverses_id=journal.id,
    )  # fmt: skip


def balance(session: Session, account_id: int, *, currency: str = "CNY") -> int:
    """Fen on the account's own side."""
    found = session.execute(
        select(_balance.c.amount_fen).where(_balance.c.account_id == account_id, _balance.c.currency == currency)
    ).scalar()
    return int(found or 0)


def held_now(session: Session, codes: Sequence[str], *, tenant_id: int, currency: str = "CNY") -> dict[str, int]:
    """What accounts hold, by code, in fen on their own side; locked in id order until commit. Never moved: left out."""
    rows = session.execute(
        select(_account.c.code, _balance.c.amount_fen)
        .join_from(_account, _balance, (_balance.c.account_id == _account.c.id) & (_balance.c.currency == currency))
        .where(_account.c.tenant_id == tenant_id, _account.c.code.in_(codes))
        .order_by(_balance.c.account_id)
        .with_for_update(of=_balance)
    )
    return {code: int(amount) for code, amount in rows}


def history(session: Session, account_id: int, *, after_id: int = 0, limit: int = 50) -> list[tuple[Posting, Journal]]:
    """An account's postings with their entries, oldest first, from `after_id` on."""
    rows = session.execute(
        select(Posting, Journal)
        .join(Journal, col(Journal.id) == col(Posting.journal_id))
        .where(col(Posting.account_id) == account_id, col(Posting.id) > after_id)
        .order_by(col(Posting.id))
        .limit(limit)
    )
    return [(posting, journal) for posting, journal in rows]
