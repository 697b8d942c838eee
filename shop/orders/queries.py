"""What an order's page and its JSON show, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, Table, bindparam, func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from core import clock, pii
from core.paging import make_cursor, read_cursor
from core.permissions import Actor
from core.status import StatusEvent
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.pickup.queries import Ready, ready_of
from fulfillment.promise.words import how_soon
from shop.links.models import OrderLink
from shop.payments.models import PaymentAttempt, Refund, RefundShare
from supply.stations.models import Node, Station

from .access import open_to
from .api_shapes import OrderDetail, OrderPickup
from .models import FULFILLMENT, ORDER, PAYMENT, LineShare, Order, OrderLine, OrderPromise


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order with all that belongs to it; `stations` names the stations by id."""

    order: Order
    lines: Sequence[OrderLine]
    promises: Sequence[Any]  # of OrderPromise's columns, with `to_code` and `to_name` of the node where it ends in the county
    stations: dict[int, tuple[str, str]]  # code, name
    consignments: Sequence[Consignment]
    parcels: Sequence[Parcel]
    attempts: Sequence[PaymentAttempt]
    refunds: Sequence[Refund]
    shares: dict[str, int]  # role → fen, over all lines, less what refunds took back

    def parcels_of(self, consignment: Consignment) -> list[Parcel]:
        return [parcel for parcel in self.parcels if parcel.consignment_id == consignment.id]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who receives an order, opened for their own eyes; the phone stays masked."""

    name: str
    phone: str
    address: str


_order: Table = Order.__table__  # type: ignore[attr-defined]
_line: Table = OrderLine.__table__  # type: ignore[attr-defined]
_promise: Table = OrderPromise.__table__  # type: ignore[attr-defined]
_share: Table = LineShare.__table__  # type: ignore[attr-defined]
_station: Table = Station.__table__  # type: ignore[attr-defined]
_node: Table = Node.__table__  # type: ignore[attr-defined]
_consignment: Table = Consignment.__table__  # type: ignore[attr-defined]
_parcel: Table = Parcel.__table__  # type: ignore[attr-defined]
_attempt: Table = PaymentAttempt.__table__  # type: ignore[attr-defined]
_refund: Table = Refund.__table__  # type: ignore[attr-defined]
_borne: Table = RefundShare.__table__  # type: ignore[attr-defined]
_link: Table = OrderLink.__table__  # type: ignore[attr-defined]
_event: Table = StatusEvent.__table__  # type: ignore[attr-defined]
_ORDER: BindParameter[Any] = bindparam("order")
_NUMBER: BindParameter[Any] = bindparam("number")
_TENANT: BindParameter[Any] = bindparam("tenant")
_OURS = (_consignment.c.tenant_id == _TENANT, _consignment.c.source_kind == "order", _consignment.c.source_code == _NUMBER)
_LINES = (
    rows_of(_line, _station.c.code.label("station_code"), _station.c.name.label("station_name"))
    .join_from(_line, _station, _station.c.node_id == _line.c.station_id)
    .where(_line.c.order_id == _ORDER)
    .order_by(_line.c.position)
)
_BOUGHT = (
    rows_of(_line.c.variant_id, _line.c.quantity, _link.c.code)
    .join_from(_line, _link, _link.c.id == _line.c.link_id, isouter=True)
    .where(_line.c.order_id == _ORDER)
    .order_by(_line.c.position)
)
_PROMISES = (
    rows_of(_promise, _node.c.code.label("to_code"), _node.c.name.label("to_name"))
    .join_from(_promise, _node, _node.c.id == _promise.c.to_node_id, isouter=True)
    .where(_promise.c.order_id == _ORDER)
)
_CONSIGNMENTS = rows_of(_consignment).where(*_OURS).order_by(_consignment.c.id)
_PARCELS = (
    rows_of(_parcel).join_from(_parcel, _consignment, _consignment.c.id == _parcel.c.consignment_id).where(*_OURS).order_by(_parcel.c.id)
)
_BORNE = rows_of(_borne.c.share_id, func.sum(_borne.c.borne_fen).label("fen")).group_by(_borne.c.share_id)
_BORNE_OF = (
    _BORNE.join_from(_borne, _share, _share.c.id == _borne.c.share_id)
    .join(_line, _line.c.id == _share.c.line_id)
    .where(_line.c.order_id == _ORDER)
    .subquery()
)
_SHARES = (
    rows_of(_share.c.role, func.sum(_share.c.amount_fen - func.coalesce(_BORNE_OF.c.fen, 0)))
    .join_from(_share, _line, _line.c.id == _share.c.line_id)
    .outerjoin(_BORNE_OF, _BORNE_OF.c.share_id == _share.c.id)
    .where(_line.c.order_id == _ORDER)
    .group_by(_share.c.role)
)
_ATTEMPTS = rows_of(_attempt).where(_attempt.c.order_id == _ORDER).order_by(_attempt.c.id)
_REFUNDS = rows_of(_refund).where(_refund.c.order_id == _ORDER).order_by(_refund.c.id)
_EVENTS = (
    rows_of(_event)
    .where(_event.c.tenant_id == _TENANT, _event.c.kind.in_([m.kind for m in (ORDER, PAYMENT, FULFILLMENT)]), _event.c.subject == _NUMBER)
    .order_by(_event.c.id)
)  # the kinds are named because the history's index begins with them


def view(session: Session, order: Order) -> OrderView:
    """Everything about one order, as plain rows with the models' columns: pages only read them."""
    connection = session.connection()
    asked = {"order": order.id, "number": order.number, "tenant": order.tenant_id}

    def rows(statement: Select[Any]) -> Sequence[Any]:
        return connection.execute(statement, asked).all()

    lines = rows(_LINES)
    return OrderView(
        order=order, lines=lines, promises=rows(_PROMISES), stations={x.station_id: (x.station_code, x.station_name) for x in lines},
        consignments=rows(_CONSIGNMENTS), parcels=rows(_PARCELS), attempts=rows(_ATTEMPTS), refunds=rows(_REFUNDS),
        shares={role: int(fen) for role, fen in rows(_SHARES)},
    )  # fmt: skip


def bought(session: Session, order: Order) -> list[tuple[int, int, str | None]]:
    """What the order was for, as (variant id, units, code of its order link)."""
    return [(variant_id, units, link) for variant_id, units, link in session.connection().execute(_BOUGHT, {"order": order.id})]


def history(session: Session, order: Order) -> Sequence[Any]:
    """The order's three histories in one, oldest first."""
    return session.connection().execute(_EVENTS, {"number": order.number, "tenant": order.tenant_id}).all()


def opened(order: Order) -> tuple[str, str, str]:
    """Name, phone and street of an order in clear: only for their owner's own page."""
    name, phone, detail = (pii.unseal(getattr(order, f"{n}_sealed"), f"orders.{n}:{order.number}") for n in ("name", "phone", "detail"))
    return name, phone, detail


def note_of(order: Order) -> str:
    """What the buyer asked of the stations, in clear: only for its owner."""
    return pii.unseal(order.note_sealed, f"orders.note:{order.number}") if order.note_sealed else ""


def receiver(order: Order) -> Receiver:
    name, phone, detail = opened(order)
    place = "".join(dict.fromkeys((order.province, order.city, order.district)))
    return Receiver(name, pii.mask_phone(phone), f"{place} {detail}")


def ready(session: Session, seen: OrderView) -> dict[str, Ready]:
    """The pick-up codes of its parcels that wait, by parcel; nothing is asked for an order that nobody fetches."""
    packed = [parcel.code for parcel in seen.parcels if parcel.packed_at]
    return ready_of(session, packed) if packed and any(c.to_node_id for c in seen.consignments) else {}


def _pickup(waits: Ready | None) -> OrderPickup | None:
    if waits is None:
        return None
    return {
        "station": waits.station_code, "name": waits.station, "shelf": waits.shelf, "code": waits.code, "since": instant(waits.since),
    }  # fmt: skip


def as_json(seen: OrderView, events: Sequence[StatusEvent], waits: Mapping[str, Ready]) -> OrderDetail:
    """As the JSON API says it to who may see the order; nobody's name, phone or door is in it but what the buyer wrote in the note."""
    order = seen.order
    return {
        "number": order.number, "status": order.status, "payment_status": order.payment_status,
        "fulfillment_status": order.fulfillment_status, "placed_at": instant(order.placed_at), "pay_by": instant(order.pay_by),
        "paid_at": instant_if(order.paid_at), "cancelled_at": instant_if(order.cancelled_at),
        "completed_at": instant_if(order.completed_at),
        "goods_fen": order.goods_fen, "freight_fen": order.freight_fen, "discount_fen": order.discount_fen, "total_fen": order.total_fen,
        "captured_fen": order.captured_fen, "refunded_fen": order.refunded_fen, "currency": order.currency, "note": note_of(order),
        "address": {"province": order.province, "city": order.city, "district": order.district},
        "lines": [
            {"code": x.code, "sku": x.sku, "name": x.name, "spec": x.spec, "product": x.product_code, "qty": x.quantity,
             "station": seen.stations[x.station_id][0], "price_fen": x.price_fen, "goods_fen": x.goods_fen,
             "discount_fen": x.discount_fen, "freight_fen": x.freight_fen, "attributed": x.link_id is not None}
            for x in seen.lines
        ],
        "stations": [
            {"station": seen.stations[p.station_id][0], "name": seen.stations[p.station_id][1], "tier": p.tier,
             "order_by": instant(p.order_by), "ships_at": instant(p.ships_at), "deliver_by": instant(p.deliver_by), "path": p.path,
             "to": p.to_code, "to_door": p.door_min is not None, "within": how_soon(p.deliver_by, order.placed_at)}
            for p in seen.promises
        ],
        "consignments": [
            {"code": c.code, "station": seen.stations[c.station_id][0], "tier": c.tier, "status": c.status,
             "deliver_by": instant_if(c.deliver_by), "parcels": [p.code for p in seen.parcels_of(c)]}
            for c in seen.consignments
        ],
        "parcels": [
            {"code": p.code, "status": p.status, "grams": p.grams, "track": f"/track/{p.code}", "pickup": _pickup(waits.get(p.code))}
            for p in seen.parcels
        ],
        "payments": [
            {"payment_id": a.code, "provider": a.provider, "status": a.status, "amount_fen": a.amount_fen,
             "duplicate": a.duplicate_of is not None}
            for a in seen.attempts
        ],
        "refunds": [{"code": r.code, "status": r.status, "amount_fen": r.amount_fen, "reason": r.reason} for r in seen.refunds],
        "events": [{"at": instant(e.at), "kind": e.kind, "from": e.source, "to": e.target} for e in events],
    }  # fmt: skip


def instant(at: datetime) -> str:
    return clock.local(at).isoformat()


def instant_if(at: datetime | None) -> str | None:
    return instant(at) if at else None


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
