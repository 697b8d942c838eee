"""Who is given how much out of which payment: pure arithmetic on fen and days.

A payment gives at most what is left of its limit, and nothing after its last day. Of each payment the smallest parts come first, so that
most people get theirs whole; the one who meets the limit gets what is left, and the rest is transferred. A party gets out of a payment at
most what it earned by that payment's order less what it bore of its refunds, and in all at most what its statement pays.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple


class Payment(NamedTuple):
    """A captured payment: `limit_fen` is the most that it may ever give, `given_fen` what other runs took of that."""

    id: int
    limit_fen: int
    given_fen: int
    share_by: date

    def room(self, today: date) -> int:
        return max(0, self.limit_fen - self.given_fen) if today <= self.share_by else 0


class Payee(NamedTuple):
    """A statement, the account that it pays, and what it earned by payment, in fen."""

    statement: int
    account: str
    payout_fen: int
    earned: Mapping[int, int]


class Part(NamedTuple):
    statement: int
    amount_fen: int


def plan(payees: Sequence[Payee], payments: Iterable[Payment], *, today: date, most: int) -> list[tuple[int, list[Part]]]:
    """Requests, each a payment and its parts: at most `most` of them, no account twice. What ends first is shared out first."""
    left = {payee.statement: payee.payout_fen for payee in payees}
    accounts = {payee.statement: payee.account for payee in payees}
    requests: list[tuple[int, list[Part]]] = []
    for payment in sorted(payments, key=lambda each: (each.share_by, each.id)):
        wanted = sorted((payee.earned[payment.id], payee.statement) for payee in payees if payee.earned.get(payment.id, 0) > 0)
        parts, room = [], payment.room(today)
        for earned, statement in wanted:
            if fen := min(earned, left[statement], room):
                parts.append(Part(statement, fen))
                left[statement] -= fen
                room -= fen
        requests += [(payment.id, own) for own in _apart(parts, accounts, most)]
    return requests


def _apart(parts: Iterable[Part], accounts: Mapping[int, str], most: int) -> list[list[Part]]:
    """One account may stand behind several statements; a request names it once."""
    requests: list[list[Part]] = []
    for part in parts:
        account = accounts[part.statement]
        for own in requests:
            if len(own) < most and account not in {accounts[other.statement] for other in own}:
                own.append(part)
                break
        else:
            requests.append([part])
    return requests
