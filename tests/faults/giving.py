"""Processes that give money back, for the fault tests: `python -m tests.faults.giving ask|claim|decide|give NUMBER CODE`.

For every line it reads, a failpoint, it does the deed in a process that ends there; how, it says as `tests.faults.apart` does.
"""

from sqlmodel import Session, select

import shop.wiring  # noqa: F401 - who answers what
from core import db
from core.permissions import Actor
from shop.claims import service as claims
from shop.claims.deciding import Decision, decide
from shop.claims.models import Reason
from shop.claims.rules import Said
from shop.orders.models import Order, OrderLine
from shop.payments import refunds
from shop.payments.giving import left_of
from shop.refunding import service as refunding
from tests.faults.apart import answer_lines

POINTS = {
    "ask": ("refund_request.asked", "refund_request.given"),
    "claim": ("claim.opened",),
    "decide": ("claim.given",),
    "give": ("refund.moved", "refund.posted"),
}


def give(deed: str, number: str, code: str) -> str:
    """What the deed made or moved: its code, or its status."""
    return db.run_write(lambda session: _done(session, deed, number, code))


def _done(session: Session, deed: str, number: str, code: str) -> str:
    order = session.exec(select(Order).where(Order.number == number)).one()
    line = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).one()
    office = Actor(tenant_id=order.tenant_id, user_id=0, user_code="U8", grants=frozenset({("finance", "county", "")}))
    if deed == "ask":
        left = left_of(session, [line])[line.id or 0].fen
        return refunding.ask_refund(session, office, number, refunding.Wanted(line.code, left, "少了", 0, 500, "master"), stations=()).code
    if deed == "claim":
        return claims.open_claim(session, order, line.code, Said(Reason.SPOILED, damaged_pct=60), by="user:U8", vouched=True).code
    if deed == "decide":
        other = Actor(tenant_id=order.tenant_id, user_id=0, user_code="U9", grants=frozenset({("finance", "county", "")}))
        return decide(session, other, code, Decision(approves=True)).status
    refunds.keep_refund(session, code, "done")
    return "done"


if __name__ == "__main__":
    answer_lines(give, claims, refunds, refunding)
