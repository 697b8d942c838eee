"""The five calls as JSON, for a suite in another process: one object asks, one object answers (docs/ledger.md).

    {"call": "post", "key": "k1", "lines": [["till", 500], ["sales", -500]]}  →  {"entry": "k1", "posted_at": …, "lines": […]}

Amounts are whole fen, debit positive. What cannot be done answers `{"error": code}` and changes nothing. The entries are of a kind of
their own in a book of their own: a county's books are never driven from outside (`book`).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from core import clock
from core.errors import JishiError, NotFound, Refused
from core.money import MAX_FEN
from core.tenant import Tenant

from .models import Account, Journal, Posting, Side
from .service import EntryDiffers, balance, history, open_account, post, reverse

SCRATCH = "scratch"  # the kind of these entries, and the code of the book they stand in
MOST_LINES, MOST_ROWS = 1000, 200
_NAME = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff]{1,100}")
_CURRENCY = re.compile(r"[A-Z]{3}")
Told = Mapping[str, Any]


class BookInUse(JishiError):
    """The database holds a county's books."""

    code, status = "book_in_use", 409


class CallUnknown(Refused):
    code = "call_unknown"


class AccountUnknown(NotFound):
    code = "account_unknown"


class EntryUnknown(NotFound):
    code = "entry_unknown"


class AccountDiffers(EntryDiffers):
    """The account was opened before with another side or rule."""

    code = "account_differs"


class Unbalanced(Refused):
    """The lines do not come to 0."""

    code = "unbalanced"


class EmptyEntry(Refused):
    """Nothing would move."""

    code = "empty_entry"


def book(session: Session) -> int:
    """The scratch book's tenant, made in a database that holds nothing else. Raises BookInUse beside a county."""
    known = session.exec(select(Tenant)).all()
    if any(tenant.code != SCRATCH for tenant in known):
        raise BookInUse("the database holds a county's books")
    if known:
        return known[0].id or 0
    made = Tenant(code=SCRATCH, name=SCRATCH, created_at=clock.now())
    session.add(made)
    session.flush()
    return made.id or 0


def answer(session: Session, tenant_id: int, told: Any) -> dict[str, Any]:
    """Do one call. Raises JishiError; the caller's transaction must then be rolled back."""
    name = told.get("call") if isinstance(told, dict) else None
    if not isinstance(name, str) or name not in CALLS:
        raise CallUnknown("no such call", field="call")
    call, allowed = CALLS[name]
    if extra := sorted(set(told) - allowed - {"call"}):
        raise Refused("not a field of this call", field=str(extra[0])[:100])
    return call(session, tenant_id, told)


def _open(session: Session, tenant_id: int, told: Told) -> dict[str, Any]:
    code, side, may = _name(told, "account"), told.get("side"), told.get("may_be_negative", False)
    if side not in (Side.DEBIT, Side.CREDIT):
        raise Refused("debit or credit", field="side")
    if not isinstance(may, bool):
        raise Refused("true or false", field="may_be_negative")
    opened = open_account(session, code, tenant_id=tenant_id, side=Side(side), may_be_negative=may)
    if (opened.side, opened.may_be_negative) != (side, may):
        raise AccountDiffers("opened before in another way")
    return {"account": code, "side": opened.side, "may_be_negative": opened.may_be_negative}


def _post(session: Session, tenant_id: int, told: Told) -> dict[str, Any]:
    key, lines = _name(told, "key"), _lines(told.get("lines"))
    if sum(fen for _code, fen in lines):
        raise Unbalanced("the lines do not come to 0", field="lines")
    if not any(fen for _code, fen in lines):
        raise EmptyEntry("nothing would move", field="lines")
    ids = {code: _account(session, tenant_id, code).id or 0 for code in {code for code, _fen in lines}}
    journal = post(
        session, key, [(ids[code], fen) for code, fen in lines], tenant_id=tenant_id, kind=SCRATCH, cause_kind=SCRATCH, cause_code=key,
        currency=_currency(told),
    )  # fmt: skip
    if journal.currency != _currency(told):
        raise EntryDiffers("posted before in another currency")
    return _entry(session, journal)


def _reverse(session: Session, tenant_id: int, told: Told) -> dict[str, Any]:
    of = _name(told, "of")
    found = session.exec(select(Journal).where(Journal.tenant_id == tenant_id, Journal.key == of)).first()
    if found is None:
        raise EntryUnknown("no such entry", field="of")
    if found.reverses_id is not None:
        raise Refused("a reversal is not reversed; post the entry anew", field="of")
    return _entry(session, reverse(session, found, key=_name(told, "key")))


def _balance(session: Session, tenant_id: int, told: Told) -> dict[str, Any]:
    account = _account(session, tenant_id, _name(told, "account"))
    return {"account": account.code, "side": account.side, "balance": balance(session, account.id or 0, currency=_currency(told))}


def _history(session: Session, tenant_id: int, told: Told) -> dict[str, Any]:
    account = _account(session, tenant_id, _name(told, "account"))
    after, limit = _whole(told, "after", 0, 0, 2**31 - 1), _whole(told, "limit", 50, 1, MOST_ROWS)
    rows = history(session, account.id or 0, after_id=after, limit=limit)
    shown = [
        {"id": posting.id, "entry": journal.key, "currency": journal.currency, "amount": posting.amount_fen} for posting, journal in rows
    ]
    return {"account": account.code, "rows": shown, "next": shown[-1]["id"] if len(shown) == limit else None}


CALLS: dict[str, tuple[Callable[[Session, int, Told], dict[str, Any]], frozenset[str]]] = {
    "open_account": (_open, frozenset({"account", "side", "may_be_negative"})),
    "post": (_post, frozenset({"key", "lines", "currency"})),
    "reverse": (_reverse, frozenset({"of", "key"})),
    "balance": (_balance, frozenset({"account", "currency"})),
    "history": (_history, frozenset({"account", "after", "limit"})),
}


def _entry(session: Session, journal: Journal) -> dict[str, Any]:
    rows = session.exec(
        select(Account.code, Posting.amount_fen)
        .join(Posting, col(Posting.account_id) == col(Account.id))
        .where(Posting.journal_id == journal.id)
        .order_by(col(Account.code))
    )
    of = session.get_one(Journal, journal.reverses_id).key if journal.reverses_id else None
    return {
        "entry": journal.key, "currency": journal.currency, "reverses": of, "business_date": journal.business_date.isoformat(),
        "posted_at": journal.posted_at.isoformat(), "lines": [list(row) for row in rows],
    }  # fmt: skip


def _account(session: Session, tenant_id: int, code: str) -> Account:
    found = session.exec(select(Account).where(Account.tenant_id == tenant_id, Account.code == code)).first()
    if found is None:
        raise AccountUnknown("no such account", account=code)
    return found


def _name(told: Told, field: str) -> str:
    value = told.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Refused("1 to 100 characters without spaces", field=field)
    return value


def _currency(told: Told) -> str:
    value = told.get("currency", "CNY")
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise Refused("three capital letters", field="currency")
    return value


def _lines(told: Any) -> list[tuple[str, int]]:
    if not isinstance(told, list) or not 0 < len(told) <= MOST_LINES:
        raise Refused(f"1 to {MOST_LINES} lines", field="lines")
    found = []
    for line in told:
        if not isinstance(line, list) or len(line) != 2 or not _is_whole(line[1], -MAX_FEN, MAX_FEN):
            raise Refused("a line is [account, whole fen]", field="lines")
        found.append((_name({"lines": line[0]}, "lines"), line[1]))
    return found


def _whole(told: Told, field: str, default: int, low: int, high: int) -> int:
    value = told.get(field, default)
    if not _is_whole(value, low, high):
        raise Refused(f"a whole number from {low} to {high}", field=field)
    return int(value)


def _is_whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
