"""What subsidies are told of orders: an order is at rest once it was delivered and none of its income waits for a claim window."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, exists, func, select

from core import clock
from core.batches import batches
from fulfillment.income.models import IncomeEntry, IncomeState
from fulfillment.subsidies.sales import Sold, tells_sales
from shop.orders.models import FulfillmentStatus, LineShare, Order, OrderLine, OrderStatus, PaymentStatus
from shop.payments.models import RefundLine
from supply.products.models import Product, Variant
from supply.stations.models import Station

STANDS = (PaymentStatus.PAID, PaymentStatus.PART_REFUNDED)


class OrdersAtRest:
    """Reads of the shop's orders for fulfillment.subsidies."""

    def at_rest(self, session: Session, tenant_id: int, numbers: Collection[str]) -> set[str]:
        found: set[str] = set()
        for some in batches(numbers):
            found |= set(session.execute(_resting(tenant_id).where(col(Order.number).in_(some))).scalars())
        return found

    def given_back(self, session: Session, tenant_id: int, numbers: Collection[str]) -> set[str]:
        found: set[str] = set()
        for some in batches(numbers):
            back = (col(Order.payment_status) == PaymentStatus.REFUNDED) | (col(Order.status) == OrderStatus.CANCELLED)
            found |= set(session.exec(select(Order.number).where(Order.tenant_id == tenant_id, col(Order.number).in_(some), back)))
        return found

    def sold(self, session: Session, tenant_id: int, first: date, after: date) -> list[Sold]:
        within = (col(Order.paid_at) >= clock.midnight(first), col(Order.paid_at) < clock.midnight(after))
        resting = _resting(tenant_id).where(*within)
        grower = select(LineShare.party_code).where(LineShare.line_id == OrderLine.id, LineShare.role == "grower").limit(1)
        rows = session.execute(
            sql_select(
                col(OrderLine.code), col(Order.number), col(Station.code), grower.scalar_subquery(), col(Order.paid_at),
                col(OrderLine.goods_fen) - col(OrderLine.discount_fen), col(Order.zone), col(OrderLine.tier), col(Product.category),
                col(Product.name),
            )
            .join(Order, col(Order.id) == col(OrderLine.order_id))
            .join(Station, col(Station.node_id) == col(OrderLine.station_id))
            .join(Variant, col(Variant.id) == col(OrderLine.variant_id))
            .join(Product, col(Product.id) == col(Variant.product_id))
            .where(col(Order.number).in_(resting), *within)
            .order_by(col(OrderLine.id))
        ).all()  # fmt: skip
        back = self.back_of(session, tenant_id, [row[0] for row in rows])
        return [
            Sold(
                line, number, station, grower_code or "", clock.business_date(paid_at), goods - back.get(line, 0), back.get(line, 0), zone,
                tier, category, product,
            )
            for line, number, station, grower_code, paid_at, goods, zone, tier, category, product in rows
        ]  # fmt: skip

    def back_of(self, session: Session, tenant_id: int, lines: Collection[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in batches(lines):
            rows = session.exec(
                select(OrderLine.code, func.sum(col(RefundLine.amount_fen)))
                .join(OrderLine, col(OrderLine.id) == col(RefundLine.line_id))
                .where(OrderLine.tenant_id == tenant_id, col(OrderLine.code).in_(some))
                .group_by(col(OrderLine.code))
            )
            found |= {code: int(fen) for code, fen in rows}
        return found


def _resting(tenant_id: int) -> Select[str]:
    waiting = (
        select(OrderLine.id)
        .join(IncomeEntry, (col(IncomeEntry.cause_code) == col(OrderLine.code)) & (col(IncomeEntry.tenant_id) == col(OrderLine.tenant_id)))
        .where(col(OrderLine.order_id) == col(Order.id), IncomeEntry.state == IncomeState.PENDING)
        .correlate(Order)
    )
    return sql_select(col(Order.number)).where(
        col(Order.tenant_id) == tenant_id, col(Order.status) != OrderStatus.CANCELLED, col(Order.payment_status).in_(STANDS),
        col(Order.fulfillment_status) == FulfillmentStatus.DELIVERED, ~exists(waiting),
    )  # fmt: skip


tells_sales(OrdersAtRest())
