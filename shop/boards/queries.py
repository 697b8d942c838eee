"""Figures of a span of days, each one a query whose cost follows the span and not the county's history."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import exists
from sqlmodel import Session, col, func, select

from core import clock
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.income.models import IncomeEntry, IncomeState
from shop.orders.models import Order, OrderLine
from supply.stations.models import Station


class Figures(NamedTuple):
    orders: int
    sales_fen: int
    stations_selling: int
    stations: int
    delivered: int
    on_time: int
    income_fen: int


class StationSales(NamedTuple):
    code: str
    name: str
    sales_fen: int
    units: int
    income_fen: int


PAID = ("paid", "part_refunded")


def figures(session: Session, *, tenant_id: int, first: date, last: date) -> Figures:
    """The county's figures of paid orders placed, and consignments delivered, from `first` to `last` inclusive."""
    begins, ends = clock.midnight(first), clock.midnight(last + timedelta(days=1))
    in_span = (Order.tenant_id == tenant_id, Order.placed_at >= begins, Order.placed_at < ends, col(Order.payment_status).in_(PAID))
    orders, sales = session.exec(select(func.count(col(Order.id)), func.sum(col(Order.total_fen))).where(*in_span)).one()
    selling = session.exec(
        select(func.count(func.distinct(OrderLine.station_id))).join(Order, col(Order.id) == col(OrderLine.order_id)).where(*in_span)
    ).one()
    arrived = (
        Consignment.tenant_id == tenant_id, col(Consignment.delivered_at) >= begins, col(Consignment.delivered_at) < ends,
    )  # fmt: skip
    late = (col(Parcel.consignment_id) == col(Consignment.id), col(Parcel.delivered_at) > col(Parcel.due_at))
    delivered = session.exec(select(func.count(col(Consignment.id))).where(*arrived)).one()
    on_time = session.exec(select(func.count(col(Consignment.id))).where(*arrived, ~exists().where(*late))).one()
    income = session.exec(
        select(func.sum(col(IncomeEntry.amount_fen))).where(
            IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == "station", IncomeEntry.business_date >= first,
            IncomeEntry.business_date <= last, IncomeEntry.state != IncomeState.REVERSED,
        )
    ).one()  # fmt: skip
    stations = session.exec(select(func.count(col(Station.node_id))).where(Station.tenant_id == tenant_id)).one()
    return Figures(orders, int(sales or 0), selling, stations, delivered, on_time, int(income or 0))


def by_station(session: Session, *, tenant_id: int, first: date, last: date, limit: int = 20) -> list[StationSales]:
    """The stations that sold most in the span, with what their masters earned."""
    begins, ends = clock.midnight(first), clock.midnight(last + timedelta(days=1))
    goods, units = func.sum(col(OrderLine.goods_fen)), func.sum(col(OrderLine.quantity))
    sold = session.exec(
        select(col(Station.code), col(Station.name), goods, units)
        .join(OrderLine, col(OrderLine.station_id) == col(Station.node_id))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(Order.tenant_id == tenant_id, Order.placed_at >= begins, Order.placed_at < ends, col(Order.payment_status).in_(PAID))
        .group_by(col(Station.code), col(Station.name))
        .order_by(goods.desc(), col(Station.code))
        .limit(limit)
    ).all()
    codes = [row[0] for row in sold]
    earned = session.exec(
        select(col(IncomeEntry.party_code), func.sum(col(IncomeEntry.amount_fen)))
        .where(
            IncomeEntry.tenant_id == tenant_id, IncomeEntry.party_kind == "station", col(IncomeEntry.party_code).in_(codes),
            IncomeEntry.business_date >= first, IncomeEntry.business_date <= last, IncomeEntry.state != IncomeState.REVERSED,
        )
        .group_by(col(IncomeEntry.party_code))
    )  # fmt: skip
    income = {code: int(amount) for code, amount in earned}
    return [StationSales(code, name, int(fen), int(n), income.get(code, 0)) for code, name, fen, n in sold]
