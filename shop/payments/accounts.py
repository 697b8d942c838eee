"""The ledger's accounts that sales touch, and the journals of a sale.

`capture`: Dr gateway / Cr buyer – money came in for the buyer. `share`: Dr buyer, and coupons for what a coupon took off / Cr grower,
master, seller, transport, platform – what the order froze at placement. A refund is Dr buyer / Cr gateway, after the share journal was
reversed or, for a part of it, after `giveback`: Dr whoever bears it / Cr buyer, and coupons for the gift that is not given then. A
grower, station or seller whose account holds less than they bear owes the rest: `debt:` and the account's code, taken off their next
statement. So the buyer account holds only money that belongs to nobody else yet: duplicates and refunds on their way.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session

from core.ledger.models import Side
from core.ledger.service import Entry, accounts_named, held_now, open_account, post_all

from .models import PaymentAttempt, Refund

DEBT = "debt:"
COUPONS = "coupons"  # what coupons took off orders: the county gave it
MAY_RUN_NEGATIVE = {"transport", "platform", "bank"}  # the county's own: they bear packing fees and claims beyond what came in


class Draft(NamedTuple):
    """An entry of an order by the codes of its accounts: fen, debit positive."""

    key: str
    kind: str
    lines: Mapping[str, int]
    order_number: str


def account_code(role: str, party_code: str) -> str:
    """The account of a share's party: a master is paid as their station, for what they sell and for what they order for villagers."""
    kind = {"grower": "grower", "master": "station", "on_behalf": "station", "seller": "seller"}.get(role)
    return f"{kind}:{party_code}" if kind else role


def capture(attempt: PaymentAttempt, order_number: str) -> Draft:
    lines = {f"gateway:{attempt.provider}": attempt.amount_fen, "buyer": -attempt.amount_fen}
    return Draft(f"capture:{attempt.code}", "capture", lines, order_number)


def share(order_number: str, shares: Mapping[str, int], *, discount_fen: int) -> Draft:
    """`shares`: account code → fen, all that the order froze; the coupon paid `discount_fen` of it."""
    paid = sum(shares.values()) - discount_fen
    gift = {COUPONS: discount_fen} if discount_fen else {}
    lines = {"buyer": paid, **gift, **{code: -fen for code, fen in shares.items()}}
    return Draft(f"share:{order_number}", "share", lines, order_number)


def refund(given: Refund, attempt: PaymentAttempt, order_number: str) -> Draft:
    """Out of the gateway it came by; paid by hand, out of the bank."""
    lines = {"buyer": given.amount_fen, "bank" if given.by_hand else f"gateway:{attempt.provider}": -given.amount_fen}
    return Draft(refund_key(given), "refund", lines, order_number)


def refund_key(given: Refund) -> str:
    """One that came back and is given anew has an entry anew."""
    return f"refund:{given.code}" + (f":{given.failures}" if given.failures else "")


def giveback(given: Refund, order_number: str, borne: Mapping[str, int], *, coupon_fen: int) -> Draft:
    """`borne`: account code → fen, all that the parties of the refund's lines bear; `coupon_fen` of it had been a coupon's gift."""
    gift = {COUPONS: -coupon_fen} if coupon_fen else {}
    lines = {"buyer": coupon_fen - sum(borne.values()), **gift, **borne}
    return Draft(f"giveback:{given.code}", "giveback", lines, order_number)


def with_debts(session: Session, draft: Draft, *, tenant_id: int, currency: str) -> Draft:
    """The draft with what a party's account does not hold moved onto their debt; the balances stay locked until commit.

    All accounts of the draft are locked, by id, as `post` moves them: two postings never wait for each other in a circle.
    """
    holds = held_now(session, list(draft.lines), tenant_id=tenant_id, currency=currency)
    lines: dict[str, int] = {}
    for code, fen in draft.lines.items():
        may = code in MAY_RUN_NEGATIVE or fen <= 0
        lines[code] = fen if may else min(fen, holds.get(code, 0))
        if owed := fen - lines[code]:
            lines[f"{DEBT}{code}"] = owed
    return draft._replace(lines={code: fen for code, fen in lines.items() if fen})


def post_drafts(session: Session, drafts: Sequence[Draft], *, tenant_id: int, currency: str) -> dict[str, int]:
    """Post entries of one order together, accounts opened where they are new; the journals' ids by key."""
    codes = sorted({code for draft in drafts for code in draft.lines})
    held = accounts_named(session, codes, tenant_id=tenant_id, currency=currency)
    if new := [code for code in codes if code not in held]:
        for code in new:
            side = Side.DEBIT if code.startswith(("gateway:", "disputed:", "bank", DEBT, COUPONS)) else Side.CREDIT
            may = code in MAY_RUN_NEGATIVE or code.startswith("gateway:")  # what goes back after a payout the gateway lends
            open_account(session, code, tenant_id=tenant_id, side=side, may_be_negative=may)
        held |= accounts_named(session, new, tenant_id=tenant_id, currency=currency)
    entries = [
        Entry(d.key, [(held[code].id, fen) for code, fen in d.lines.items()], d.kind, cause_kind="order", cause_code=d.order_number)
        for d in drafts
    ]
    return post_all(session, entries, held.values(), tenant_id=tenant_id, currency=currency)
