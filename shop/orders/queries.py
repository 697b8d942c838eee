"""What an order's page and its JSON show, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from core import clock, pii
from core.paging import make_cursor, read_cursor
from core.permissions import Actor
from core.status import StatusEvent
from fulfillment.consignments.models import Consignment, Parcel
from shop.payments.models import PaymentAttempt, Refund
from supply.stations.models import Station

from .access import open_to
from .models import LineShare, Order, OrderLine, OrderPromise


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order with all that belongs to it; `stations` names the stations by id."""

    order: Order
    lines: Sequence[OrderLine]
    promises: Sequence[OrderPromise]
    stations: dict[int, tuple[str, str]]  # code, name
    consignments: Sequence[Consignment]
    parcels: Sequence[Parcel]
    attempts: Sequence[PaymentAttempt]
    refunds: Sequence[Refund]
    shares: dict[str, int]  # role → fen, over all lines
    events: Sequence[StatusEvent]

    def parcels_of(self, consignment: Consignment) -> list[Parcel]:
        return [parcel for parcel in self.parcels if parcel.consignment_id == consignment.id]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who receives an order, opened for their own eyes; the phone stays masked."""

    name: str
    phone: str
    address: str


def view(session: Session, order: Order) -> OrderView:
    lines = session.exec(select(OrderLine).where(OrderLine.order_id == order.id).order_by(col(OrderLine.position))).all()
    promises = session.exec(select(OrderPromise).where(OrderPromise.order_id == order.id)).all()
    codes = select(Station.node_id, Station.code, Station.name).where(col(Station.node_id).in_({line.station_id for line in lines}))
    consignments = session.exec(
        select(Consignment)
        .where(Consignment.tenant_id == order.tenant_id, Consignment.source_kind == "order", Consignment.source_code == order.number)
        .order_by(col(Consignment.id))
    ).all()
    parcels = session.exec(
        select(Parcel).where(col(Parcel.consignment_id).in_([c.id for c in consignments])).order_by(col(Parcel.id))
    ).all()  # fmt: skip
    shares = session.execute(
        select(LineShare.role, func.sum(LineShare.amount_fen))
        .where(col(LineShare.line_id).in_([line.id for line in lines]))
        .group_by(col(LineShare.role))
    ).all()
    return OrderView(
        order=order, lines=lines, promises=promises, stations={node: (code, name) for node, code, name in session.exec(codes)},
        consignments=consignments, parcels=parcels,
        attempts=session.exec(select(PaymentAttempt).where(PaymentAttempt.order_id == order.id).order_by(col(PaymentAttempt.id))).all(),
        refunds=session.exec(select(Refund).where(Refund.order_id == order.id).order_by(col(Refund.id))).all(),
        shares={role: int(fen) for role, fen in shares},
        events=session.exec(
            select(StatusEvent)
            .where(StatusEvent.tenant_id == order.tenant_id, StatusEvent.subject == order.number)
            .order_by(col(StatusEvent.id))
        ).all(),
    )  # fmt: skip


def opened(order: Order) -> tuple[str, str, str]:
    """Name, phone and street of an order in clear: only for their owner's own page."""
    name, phone, detail = (pii.unseal(getattr(order, f"{n}_sealed"), f"orders.{n}:{order.number}") for n in ("name", "phone", "detail"))
    return name, phone, detail


def receiver(order: Order) -> Receiver:
    name, phone, detail = opened(order)
    place = "".join(dict.fromkeys((order.province, order.city, order.district)))
    return Receiver(name, pii.mask_phone(phone), f"{place} {detail}")


def as_json(seen: OrderView) -> dict[str, Any]:
    """As the JSON API says it; nobody's name, phone or door is in it."""
    order = seen.order
    return {
        "number": order.number, "status": order.status, "payment_status": order.payment_status,
        "fulfillment_status": order.fulfillment_status, "placed_at": instant(order.placed_at), "pay_by": instant(order.pay_by),
        "paid_at": instant(order.paid_at), "cancelled_at": instant(order.cancelled_at), "completed_at": instant(order.completed_at),
        "goods_fen": order.goods_fen, "freight_fen": order.freight_fen, "discount_fen": order.discount_fen, "total_fen": order.total_fen,
        "captured_fen": order.captured_fen, "refunded_fen": order.refunded_fen, "currency": order.currency, "note": order.note,
        "address": {"province": order.province, "city": order.city, "district": order.district},
        "lines": [
            {"code": x.code, "sku": x.sku, "name": x.name, "spec": x.spec, "product": x.product_code, "qty": x.quantity,
             "station": seen.stations[x.station_id][0], "price_fen": x.price_fen, "goods_fen": x.goods_fen,
             "discount_fen": x.discount_fen, "freight_fen": x.freight_fen, "attributed": x.link_id is not None}
            for x in seen.lines
        ],
        "stations": [
            {"station": seen.stations[p.station_id][0], "name": seen.stations[p.station_id][1], "tier": p.tier,
             "order_by": instant(p.order_by), "ships_at": instant(p.ships_at), "deliver_by": instant(p.deliver_by), "path": p.path}
            for p in seen.promises
        ],
        "consignments": [
            {"code": c.code, "station": seen.stations[c.station_id][0], "tier": c.tier, "status": c.status,
             "deliver_by": instant(c.deliver_by), "parcels": [p.code for p in seen.parcels_of(c)]}
            for c in seen.consignments
        ],
        "parcels": [{"code": p.code, "status": p.status, "grams": p.grams, "track": f"/track/{p.code}"} for p in seen.parcels],
        "payments": [
            {"payment_id": a.code, "provider": a.provider, "status": a.status, "amount_fen": a.amount_fen,
             "duplicate": a.duplicate_of is not None}
            for a in seen.attempts
        ],
        "refunds": [{"code": r.code, "status": r.status, "amount_fen": r.amount_fen, "reason": r.reason} for r in seen.refunds],
        "events": [{"at": instant(e.at), "kind": e.kind, "from": e.source, "to": e.target} for e in seen.events],
    }  # fmt: skip


def instant(at: datetime | None) -> str | None:
    return clock.local(at).isoformat() if at else None


def mine(
    session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 20
) -> tuple[list[tuple[Order, list[OrderLine]]], str | None]:
    """The caller's orders with their lines, newest first, and where the next page begins."""
    ways = open_to(actor)
    if ways is None:
        return [], None
    query = select(Order).where(Order.tenant_id == actor.tenant_id, ways)
    if (after := read_cursor(cursor, int)) is not None:
        query = query.where(col(Order.id) < after[0])
    orders = list(session.exec(query.order_by(col(Order.id).desc()).limit(limit + 1)))
    lines: dict[int, list[OrderLine]] = {}
    ids = [order.id for order in orders[:limit]]
    for line in session.exec(select(OrderLine).where(col(OrderLine.order_id).in_(ids)).order_by(col(OrderLine.id))):
        lines.setdefault(line.order_id, []).append(line)
    onward = make_cursor(orders[limit - 1].id) if len(orders) > limit else None
    return [(order, lines.get(order.id or 0, [])) for order in orders[:limit]], onward
