"""What a paid order sets in motion, in the payment's own transaction: consignments, shares in the ledger, income, news."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, bindparam, select, update
from sqlmodel import Session

from core.outbox import emit
from core.pii import unseal
from fulfillment.consignments.creating import ShipTo, create_consignments
from fulfillment.consignments.cut import ShipLine
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, record
from shop.orders.models import LineShare, Order, OrderLine, OrderPromise
from supply.products.models import Product

from .accounts import Draft, account_code, post_drafts, share

PARTY = {
    "grower": "grower", "master": "station", "on_behalf": "station", "seller": "seller", "transport": "transport", "platform": "platform",
}  # fmt: skip
SOURCE = {"on_behalf": Source.ON_BEHALF}
_promise: Table = OrderPromise.__table__  # type: ignore[attr-defined]
_share: Table = LineShare.__table__  # type: ignore[attr-defined]
_line: Table = OrderLine.__table__  # type: ignore[attr-defined]
_products: Table = Product.__table__  # type: ignore[attr-defined]
_PROMISES = select(_promise).where(_promise.c.order_id == bindparam("order"))
_SHARES = (
    select(_share.c.line_id, _share.c.role, _share.c.party_code, _share.c.amount_fen, _share.c.rule_version, _share.c.words)
    .join_from(_share, _line, _line.c.id == _share.c.line_id)
    .where(_line.c.order_id == bindparam("order"), _share.c.amount_fen > 0)
    .order_by(_share.c.id)
)
_COUNT = update(_products).where(_products.c.code == bindparam("of")).values(sales=_products.c.sales + bindparam("more"))


def fulfil(session: Session, order: Order, lines: list[OrderLine], *, came_in: Draft, history: Sequence[dict[str, Any]]) -> None:
    """Run once, when the order becomes paid and waits to be packed; its stock is allocated already.

    `came_in` is the payment's own entry, posted with the shares; `history` what moved so far, told with what begins here.
    """
    _consign(session, order, lines, history)
    count_sales(session, lines, sign=1)
    _earn(session, order, lines, came_in)
    emit(session, "order.paid", tenant_id=order.tenant_id, key=order.number, payload={"order_number": order.number})


def count_sales(session: Session, lines: list[OrderLine], *, sign: int) -> None:
    """Units sold per product, for sorting; products in code order so that two orders never wait for each other."""
    units: dict[str, int] = defaultdict(int)
    for line in lines:
        units[line.product_code] += line.quantity
    session.connection().execute(_COUNT, [{"of": code, "more": sign * quantity} for code, quantity in sorted(units.items())])


def _consign(session: Session, order: Order, lines: list[OrderLine], history: Sequence[dict[str, Any]]) -> None:
    promises = session.connection().execute(_PROMISES, {"order": order.id}).all()
    create_consignments(
        session, tenant_id=order.tenant_id, source_kind="order", source_code=order.number,
        address=ShipTo(
            name=_opened(order, "name"), phone=_opened(order, "phone"), detail=_opened(order, "detail"),
            province=order.province, city=order.city, district=order.district, zone=order.zone,
            note=_opened(order, "note") if order.note_sealed else "",
        ),
        lines=[
            ShipLine(
                line_code=x.code, station_id=x.station_id, tier=x.tier, variant_id=x.variant_id, sku=x.sku, name=x.name, spec=x.spec,
                quantity=x.quantity, gross_g=x.gross_g, ml=x.ml, box_milli=x.box_milli, shelf_days=x.shelf_days,
            )
            for x in lines
        ],
        promises={(p.station_id, p.tier): p for p in promises}, history=history,
    )  # fmt: skip


def _opened(order: Order, name: str) -> str:
    return unseal(getattr(order, f"{name}_sealed"), f"orders.{name}:{order.number}")


def _earn(session: Session, order: Order, lines: list[OrderLine], came_in: Draft) -> None:
    """The frozen shares, posted and shown as income; each row names its line."""
    by_id = {line.id: line for line in lines}
    shares = session.connection().execute(_SHARES, {"order": order.id}).all()
    amounts: dict[str, int] = defaultdict(int)
    for each in shares:
        amounts[account_code(each.role, each.party_code)] += each.amount_fen
    shared = share(order.number, amounts, discount_fen=order.discount_fen)
    journals = post_drafts(session, [came_in, shared], tenant_id=order.tenant_id, currency=order.currency)
    record(
        session,
        [
            Earned(
                key=f"{by_id[s.line_id].code}:{s.role}", party_kind=PARTY[s.role], party_code=s.party_code,
                source=SOURCE.get(s.role, Source.SALE),
                amount_fen=s.amount_fen, cause_kind="order_line", cause_code=by_id[s.line_id].code, words=s.words,
                facts={"order": order.number, "name": by_id[s.line_id].name, "quantity": by_id[s.line_id].quantity},
                rule_version=s.rule_version,
            )
            for s in shares
        ],
        tenant_id=order.tenant_id, journal_id=journals[shared.key],
    )  # fmt: skip
