"""How much: a pure function of a rule and the facts that were frozen, so that anybody can reckon it again."""

from collections.abc import Mapping
from typing import Any

from core.money import share_bp
from supply.counties.profile_subsidies import SubsidyRule


def amount_of(rule: SubsidyRule, facts: Mapping[str, Any]) -> int:
    """Fen; 0 where the rule gives nothing. Read are `year`, `is_first`, `over` (pieces above the base), `grade`, `of_fen`."""
    if rule.first_fen is not None and facts.get("is_first"):
        return rule.first_fen
    if rule.grades is not None:
        return next((each.fen for each in rule.grades if each.grade == facts.get("grade")), 0)
    if rule.steps is not None:
        return next((step.fen for step in reversed(rule.steps) if int(facts["over"]) > step.above_pieces), 0)
    if rule.share_bp is not None:
        share = share_bp(int(facts["of_fen"]), rule.share_bp)
        return share if rule.most_fen is None else min(share, rule.most_fen)
    amounts = rule.fen_by_year or (0,)
    return amounts[min(int(facts["year"]), len(amounts)) - 1]
