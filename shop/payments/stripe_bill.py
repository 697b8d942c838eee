"""Stripe's movements of a day, read off its balance: charges, refunds and payouts with what Stripe kept of each.

Stripe has no bill of a day; a business day's are those it made from midnight to midnight in Shanghai. An account that settles in another
currency than CNY tells charges and refunds in the buyer's (ours); its fees and payouts are not fen of CNY and are left to a person.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from core import clock, i18n

from .provider import BillLine, GatewaySilent
from .stripe_client import answered, client

_ = i18n.gettext
PAGE = 100
KINDS = {"charge": "payment", "payment": "payment", "refund": "refund", "payment_refund": "refund", "payout": "payout"}


def bill_of(day: date) -> list[BillLine]:
    """Raises GatewaySilent, GatewayRefused."""
    first, after = clock.midnight(day), clock.midnight(day + timedelta(days=1))
    asked: dict[str, Any] = {
        "created": {"gte": int(first.timestamp()), "lt": int(after.timestamp())}, "limit": PAGE, "expand": ["data.source"],
    }  # fmt: skip
    found: list[BillLine] = []
    while True:
        with answered("balance transactions"):
            told = client().v1.balance_transactions.list(asked).to_dict()
        try:
            rows = told["data"]
            found += [_line(row) for row in rows]
            if not told["has_more"]:
                return found
            asked = {**asked, "starting_after": rows[-1]["id"]}
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as wrong:
            raise GatewaySilent(_("Stripe 的账单读不出来，过一会儿再取")) from wrong


def _line(row: dict[str, Any]) -> BillLine:
    source = row["source"] if isinstance(row["source"], dict) else {}
    named, at = source.get("metadata") or {}, datetime.fromtimestamp(int(row["created"]), UTC)
    is_yuan = row["currency"] == "cny"
    fee = int(row["fee"]) if is_yuan else 0
    kind, ref = KINDS.get(row["type"], "other"), str(row["id"])[:100]
    if kind in ("payment", "refund") and source.get("currency") == "cny":
        own = str(named.get(kind) or "")[:64]
        return BillLine(kind, own if kind == "payment" else "", own if kind == "refund" else "", int(source["amount"]), fee, ref, at)
    if kind == "payout" and is_yuan:
        return BillLine("payout", "", "", -int(row["amount"]), fee, ref, at)
    return BillLine("other", "", "", int(row["amount"]), fee, ref, at)
