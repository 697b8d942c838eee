"""What a category's rule gives for a claim: the ladder, the cap, and how much of it the rule approves alone.

Whole units that are missing or wrong are worth their part of what the goods cost. Of damage the ladder's highest step that is reached
counts, and gives its per cent of what the goods cost; below the lowest step nothing. What never arrived is worth all of the line.
"""

from typing import Any, NamedTuple

from shop.orders.models import OrderLine
from shop.payments.giving import Left
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_rules import ClaimDeskRules, ClaimRule

from .models import Reason

DESK = ClaimDeskRules(auto_fen=2_000, second_fen=50_000)  # where a county says nothing
BY_UNITS = (Reason.MISSING, Reason.WRONG)


class Said(NamedTuple):
    """What the buyer says: whole units, or per cent of the goods; the other is 0."""

    reason: Reason
    quantity: int = 0
    damaged_pct: int = 0


def desk_rules(county: County) -> ClaimDeskRules:
    return policy_of(county).claim_desk or DESK


def frozen(rule: ClaimRule) -> dict[str, Any]:
    """The rule as a claim keeps it."""
    return {**rule._asdict(), "tiers": [tier._asdict() for tier in rule.tiers]}


def damage(said: Said, units: int) -> int:
    """Per cent of the goods that are damaged, of so many units bought."""
    return said.quantity * 100 // units if said.quantity else said.damaged_pct


def award(rule: ClaimRule, line: OrderLine, left: Left, said: Said) -> int:
    """Fen the rule gives, at most what is left of the line."""
    if said.reason == Reason.NOT_ARRIVED:
        return left.fen
    goods = line.goods_fen - line.discount_fen
    if said.reason in BY_UNITS:
        worth = goods * min(said.quantity, line.quantity) // line.quantity
    else:
        hurt = damage(said, line.quantity)
        worth = goods * max((tier.refund_pct for tier in rule.tiers if tier.damaged_pct <= hurt), default=0) // 100
    return min(worth, left.goods_fen, rule.cap_fen if rule.cap_fen is not None else worth)


def bearer_of(rule: ClaimRule, reason: Reason) -> str:
    """Who bears it by the rule; what got lost on the way is transport's."""
    return "transport" if reason == Reason.NOT_ARRIVED else rule.bearer
