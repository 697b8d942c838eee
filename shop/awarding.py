"""`jishi subsidies award`: what a month's causes bring, awarded now instead of with the next turn of the clock. Again changes nothing."""

import sys

import shop.wiring  # noqa: F401 - what follows from what
from core import clock, db
from core.errors import JishiError
from core.money import format_fen
from core.tenant import resolve
from fulfillment.contracts.queries import read_month
from fulfillment.subsidies.queries import programmes
from fulfillment.subsidies.tasks import award_all


def award(month: str) -> int:
    """2 with the reason where there is no such month, or it is yet to come."""
    try:
        first = read_month(month).first
    except JishiError as wrong:
        print(f"jishi subsidies: --month: {wrong.detail}", file=sys.stderr)
        return 2
    if first > clock.today():
        print("jishi subsidies: --month: it is yet to come", file=sys.stderr)
        return 2
    with db.reading() as session:
        tenant = resolve(session, "").id or 0
    changed = award_all(tenant, first)
    with db.reading() as session:
        for each in programmes(session, tenant):
            waits = f", {format_fen(each.waiting_fen)} wait" if each.waiting_fen else ""
            left = f"{format_fen(each.fund.taken_fen)} of {format_fen(each.fund.budget_fen)} awarded{waits}"
            print(f"{each.fund.code:<20} {left}  {each.rule.name}")
    print(f"{first:%Y-%m}: {changed} changed")
    return 0
