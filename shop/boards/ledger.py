"""The books as a treasurer reads them: the whole trial balance by group, a group's accounts, an account's entries.

An account is named after what it is: `gateway:sandbox`, `station:nh-gejia`, `buyer`; its group is the part before the colon.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, case, col, func, or_, select

from core.auth.models import User
from core.errors import NotFound, Refused
from core.ledger.models import Account, Balance, Journal, Posting, Side
from core.paging import make_cursor, read_cursor
from fulfillment.subsidies.queries import names_of_funds
from supply.growers.models import Grower
from supply.stations.models import Station

GROUPS = (
    "gateway", "bank", "fee", "cash", "netting", "sharing", "buyer", "transport", "platform", "station", "grower", "seller", "partner",
    "payout", "funder", "coupons", "disputed", "debt",
)  # fmt: skip
OTHER = "other"


class AccountUnknown(NotFound):
    code = "account_unknown"


class Group(NamedTuple):
    """Accounts of one kind on one side, and what they hold together."""

    kind: str
    side: str
    accounts: int
    amount_fen: int


class AccountLine(NamedTuple):
    """`name` is who stands behind it, where it is somebody's."""

    code: str
    name: str
    side: str
    amount_fen: int

    @property
    def kind(self) -> str:
        return self.code.partition(":")[0]

    @property
    def party(self) -> str:
        return self.code.partition(":")[2]


class Movement(NamedTuple):
    """One posting as its account sees it: by how much it grew, and what it held then."""

    journal: Journal
    change_fen: int
    after_fen: int


def trial_balance(session: Session, *, tenant_id: int) -> list[Group]:
    """All accounts, added up by group and side; its sides are those of the whole ledger. One query."""
    kind = case(*((_of(each), each) for each in GROUPS), else_=OTHER)
    rows = session.exec(
        select(kind, col(Account.side), func.count(col(Account.id)), func.sum(func.coalesce(col(Balance.amount_fen), 0)))
        .join(Balance, col(Balance.account_id) == col(Account.id), isouter=True)
        .where(Account.tenant_id == tenant_id)
        .group_by(kind, col(Account.side))
    )
    groups = [Group(name, side, int(accounts), int(amount)) for name, side, accounts, amount in rows]
    return sorted(groups, key=lambda group: (group.side != Side.DEBIT, [*GROUPS, OTHER].index(group.kind)))


def sides(groups: Collection[Group]) -> tuple[int, int]:
    """Debit and credit totals; a sound ledger shows the same figure twice."""
    debit = sum(group.amount_fen for group in groups if group.side == Side.DEBIT)
    return debit, sum(group.amount_fen for group in groups if group.side == Side.CREDIT)


def accounts(
    session: Session, *, tenant_id: int, kind: str = "", cursor: str | None = None, limit: int = 50
) -> tuple[list[AccountLine], str | None]:  # fmt: skip
    """The accounts of a group (of all without one), those with most in them first. At most four queries."""
    amount = func.coalesce(col(Balance.amount_fen), 0)
    query = (
        select(Account, amount)
        .join(Balance, col(Balance.account_id) == col(Account.id), isouter=True)
        .where(Account.tenant_id == tenant_id)
    )
    if kind:
        query = query.where(_of(kind) if kind != OTHER else ~or_(*map(_of, GROUPS)))
    if after := read_cursor(cursor, str, int):
        held = _fen(after[0])
        query = query.where(or_(amount < held, (amount == held) & (col(Account.id) > after[1])))
    rows = session.exec(query.order_by(amount.desc(), col(Account.id)).limit(limit + 1)).all()
    shown = rows[:limit]
    names = _party_names(session, {account.code for account, _held in shown})
    following = make_cursor(str(shown[-1][1]), shown[-1][0].id) if len(rows) > limit else None
    return [AccountLine(a.code, a.name or names.get(a.code, ""), a.side, int(held)) for a, held in shown], following


def account_named(session: Session, code: str, *, tenant_id: int) -> tuple[AccountLine, int]:
    """An account and its key. Raises AccountUnknown."""
    row = session.exec(
        select(Account, func.coalesce(col(Balance.amount_fen), 0))
        .join(Balance, col(Balance.account_id) == col(Account.id), isouter=True)
        .where(Account.tenant_id == tenant_id, Account.code == code)
    ).first()
    if row is None:
        raise AccountUnknown("没有这个账户")
    account, amount = row
    name = account.name or _party_names(session, {code}).get(code, "")
    return AccountLine(code, name, account.side, int(amount)), account.id or 0


def movements(
    session: Session, account: AccountLine, account_id: int, *, cursor: str | None = None, limit: int = 30
) -> tuple[list[Movement], str | None]:  # fmt: skip
    """An account's entries, newest first, each with what the account held after it. Two queries."""
    query = select(Posting, Journal).join(Journal, col(Journal.id) == col(Posting.journal_id)).where(Posting.account_id == account_id)
    if after := read_cursor(cursor, int):
        query = query.where(col(Posting.id) < after[0])
    rows = session.exec(query.order_by(col(Posting.id).desc()).limit(limit + 1)).all()
    if not rows:
        return [], None
    newer = session.exec(
        select(func.sum(col(Posting.amount_fen))).where(Posting.account_id == account_id, col(Posting.id) > rows[0][0].id)
    ).one()
    sign = 1 if account.side == Side.DEBIT else -1
    held, found = account.amount_fen - sign * int(newer or 0), []
    for posting, journal in rows[:limit]:
        found.append(Movement(journal, sign * posting.amount_fen, held))
        held -= sign * posting.amount_fen
    return found, make_cursor(rows[limit - 1][0].id) if len(rows) > limit else None


def journals(
    session: Session, *, tenant_id: int, cursor: str | None = None, limit: int = 30
) -> tuple[list[tuple[Journal, int]], str | None]:  # fmt: skip
    """Entries with the fen they moved, newest first. Two queries."""
    query = select(Journal).where(Journal.tenant_id == tenant_id)
    if after := read_cursor(cursor, int):
        query = query.where(col(Journal.id) < after[0])
    rows: Sequence[Journal] = session.exec(query.order_by(col(Journal.id).desc()).limit(limit + 1)).all()
    moved = session.exec(
        select(Posting.journal_id, func.sum(col(Posting.amount_fen)))
        .where(col(Posting.journal_id).in_([j.id for j in rows[:limit]]), Posting.amount_fen > 0)
        .group_by(col(Posting.journal_id))
    )
    amounts = {journal_id: int(amount) for journal_id, amount in moved}
    following = make_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return [(journal, amounts.get(journal.id or 0, 0)) for journal in rows[:limit]], following


def _of(kind: str) -> ColumnElement[bool]:
    """Whether an account is of a group."""
    return or_(col(Account.code) == kind, col(Account.code).startswith(f"{kind}:", autoescape=True))


def _fen(text: str) -> int:
    try:
        return int(text)
    except ValueError as wrong:
        raise Refused("翻页标记不对，请从第一页重新看", field="cursor") from wrong


def _party_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Who stands behind `grower:…`, `station:…`, `seller:…`, `funder:…` and what they owe (`debt:…`). At most four queries."""
    owing = {code.partition(":")[2]: code for code in codes if code.startswith("debt:")}
    found = _names(session, {*codes, *owing})
    return found | {owing[party]: name for party, name in found.items() if party in owing}


def _names(session: Session, codes: Collection[str]) -> dict[str, str]:
    columns: dict[str, tuple[Any, Any]] = {
        "grower": (Grower.code, Grower.name), "station": (Station.code, Station.name), "seller": (User.code, User.name),
        "cash": (Station.code, Station.name), "netting": (Station.code, Station.name),
    }  # fmt: skip
    found = {account: account.partition(":")[2] for account in codes if account.startswith("partner:")}
    if funds := [account.partition(":")[2] for account in codes if account.startswith("funder:")]:
        found |= {f"funder:{fund}": name for fund, name in names_of_funds(session, funds).items()}
    for kind, (code, name) in columns.items():
        parties = [account.partition(":")[2] for account in codes if account.startswith(f"{kind}:")]
        if parties:
            found |= {f"{kind}:{known}": words for known, words in session.execute(select(code, name).where(col(code).in_(parties)))}
    return found
