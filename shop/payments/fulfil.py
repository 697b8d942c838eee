"""What a paid order sets in motion, in the payment's own transaction: consignments, shares in the ledger, income, news."""

from collections import defaultdict

from sqlalchemy import Table, bindparam, update
from sqlmodel import Session, col, select

from core.outbox import emit
from core.pii import unseal
from fulfillment.consignments.service import ShipLine, ShipTo, create_consignments
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, record
from shop.orders.models import LineShare, Order, OrderLine, OrderPromise
from supply.products.models import Product

from .accounts import account_code, post_shares

PARTY = {"grower": "grower", "master": "station", "seller": "seller", "transport": "transport", "platform": "platform"}


def fulfil(session: Session, order: Order, lines: list[OrderLine]) -> None:
    """Run once, when the order becomes paid; its stock is allocated already. The order's stage follows its consignments."""
    _consign(session, order, lines)
    count_sales(session, lines, sign=1)
    _share(session, order, lines)
    emit(session, "order.paid", tenant_id=order.tenant_id, key=order.number, payload={"order_number": order.number})


def count_sales(session: Session, lines: list[OrderLine], *, sign: int) -> None:
    """Units sold per product, for sorting; products in code order so that two orders never wait for each other."""
    units: dict[str, int] = defaultdict(int)
    for line in lines:
        units[line.product_code] += line.quantity
    products: Table = Product.__table__  # type: ignore[attr-defined]
    counted = update(products).where(products.c.code == bindparam("of")).values(sales=products.c.sales + bindparam("more"))
    session.connection().execute(counted, [{"of": code, "more": sign * quantity} for code, quantity in sorted(units.items())])


def _consign(session: Session, order: Order, lines: list[OrderLine]) -> None:
    promises = session.exec(select(OrderPromise).where(OrderPromise.order_id == order.id)).all()
    create_consignments(
        session, tenant_id=order.tenant_id, source_kind="order", source_code=order.number,
        address=ShipTo(
            name=_opened(order, "name"), phone=_opened(order, "phone"), detail=_opened(order, "detail"),
            province=order.province, city=order.city, district=order.district, zone=order.zone,
        ),
        lines=[
            ShipLine(
                line_code=x.code, station_id=x.station_id, tier=x.tier, variant_id=x.variant_id, sku=x.sku, name=x.name, spec=x.spec,
                quantity=x.quantity, gross_g=x.gross_g, ml=x.ml, box_milli=x.box_milli, shelf_days=x.shelf_days,
            )
            for x in lines
        ],
        promises={(p.station_id, p.tier): p for p in promises},
    )  # fmt: skip


def _opened(order: Order, name: str) -> str:
    return unseal(getattr(order, f"{name}_sealed"), f"orders.{name}:{order.number}")


def _share(session: Session, order: Order, lines: list[OrderLine]) -> None:
    """The frozen shares, posted and shown as income; each row names its line."""
    by_id = {line.id: line for line in lines}
    shares = session.exec(
        select(LineShare).where(col(LineShare.line_id).in_(by_id), LineShare.amount_fen > 0).order_by(col(LineShare.id))
    ).all()  # fmt: skip
    amounts: dict[str, int] = defaultdict(int)
    for share in shares:
        amounts[account_code(share.role, share.party_code)] += share.amount_fen
    journal = post_shares(session, order.tenant_id, order.number, amounts, order.currency)
    record(
        session,
        [
            Earned(
                key=f"{by_id[s.line_id].code}:{s.role}", party_kind=PARTY[s.role], party_code=s.party_code, source=Source.SALE,
                amount_fen=s.amount_fen, cause_kind="order_line", cause_code=by_id[s.line_id].code, words=s.words,
                facts={"order": order.number, "name": by_id[s.line_id].name, "quantity": by_id[s.line_id].quantity},
                rule_version=s.rule_version,
            )
            for s in shares
        ],
        tenant_id=order.tenant_id, journal_id=journal.id,
    )  # fmt: skip
