"""Online sales: so much an order line, or a share of what the buyer paid for the goods, once nobody may claim any more."""

from collections.abc import Iterable

from sqlmodel import Session

from .due import Asked, Due, finds
from .rules import year_of
from .sales import Sold, sales


@finds("sale")
def find_sales(session: Session, asked: Asked) -> Iterable[Due]:
    rule = asked.rule
    if rule.months and asked.month.month not in rule.months:
        return
    for sold in sales().sold(session, asked.tenant_id, asked.first, asked.after):
        if not _meets(asked, sold) or sold.goods_fen <= 0:
            continue
        party = {"station": sold.station, "grower": sold.grower}.get(rule.beneficiary, "")
        if rule.beneficiary != "platform" and not party:
            continue
        facts = {
            "order": sold.number, "of_fen": sold.goods_fen, "back_fen": sold.back_fen, "node": sold.station,
            "product": sold.product, "year": year_of(rule, sold.day),
        }  # fmt: skip
        yield Due("order_line", sold.line, "", rule.beneficiary, party, sold.day, facts)


def _meets(asked: Asked, sold: Sold) -> bool:
    rule = asked.rule
    conditions = (
        (rule.zones, sold.zone), (rule.nodes, sold.station), (rule.storage, sold.storage), (rule.categories, sold.category),
        (rule.products, sold.product),
    )  # fmt: skip
    return all(wanted is None or value in wanted for wanted, value in conditions)
