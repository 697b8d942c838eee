"""An order told in words: one head, and one road per consignment – done as scanned, now, to come as promised."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from core import clock, i18n
from core.money import format_fen
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.promise.words import line_words
from fulfillment.tracking.queries import HandOver, status_words

from .models import FulfillmentStatus, Order, OrderPromise, OrderStatus, PaymentStatus
from .queries import OrderView

_ = i18n.gettext
PUNCTUAL = timedelta(minutes=5)  # a scan so near to its promise says no more than the promise


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a road as `components/route.html` draws it."""

    state: str  # done | now | todo
    what: str
    at: datetime | date | None = None
    note: str = ""
    by: str = ""
    plan: datetime | None = None  # when it was promised, where that was another time


@dataclass(slots=True)
class Road:
    """What one station sends in one tier, and where it is."""

    station_code: str
    station_name: str
    goods: str
    deliver_by: datetime
    parcels: list[Parcel] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    is_late: bool = False


def headline(order: Order) -> tuple[str, str]:
    """How the order stands: a head and a sentence."""
    if order.status == OrderStatus.CANCELLED:
        owed = order.captured_fen - order.refunded_fen
        money = _("钱正在原路退回") if owed > 0 else _("钱已经原路退回") if order.refunded_fen else _("没有收过钱")
        return _("订单取消了"), money
    if order.payment_status == PaymentStatus.UNPAID:
        return _("等你付款"), _("{time} 前付，货和班次都给你留着").format(time=f"{clock.local(order.pay_by):%H:%M}")
    if order.payment_status == PaymentStatus.EXPIRED:
        return _("付款时间过了"), _("货已经放回货架；要是你刚付了款，我们会重新配货，配不上就原路退回")
    if order.payment_status == PaymentStatus.REFUNDED:
        return _("已经退款"), _("钱已经原路退回")
    return {
        FulfillmentStatus.IN_TRANSIT: (_("在路上"), _("一程接一程地走，下面看得到每一程")),
        FulfillmentStatus.DELIVERED: (_("送到了"), _("货有问题，收到后可以申请售后")),
    }.get(FulfillmentStatus(order.fulfillment_status), (_("站长在打包"), _("打好包就赶下一班")))


def can_pay(order: Order) -> bool:
    return order.status == OrderStatus.OPEN and order.payment_status == PaymentStatus.UNPAID and order.pay_by > clock.now()


def can_cancel(seen: OrderView) -> bool:
    """Open and nothing packed yet; the verb decides again."""
    return seen.order.status == OrderStatus.OPEN and all(p.status in ("expected", "cancelled") for p in seen.parcels)


def roads(seen: OrderView, taken: Mapping[str, list[HandOver]]) -> list[Road]:
    """One road per (station, tier): the hand-overs of its parcels so far (by parcel code), then what was promised."""
    found = []
    for promise in sorted(seen.promises, key=lambda p: (p.ships_at, p.station_id, p.tier)):
        code, name = seen.stations[promise.station_id]
        lines = [x for x in seen.lines if (x.station_id, x.tier) == (promise.station_id, promise.tier)]
        sent = next((c for c in seen.consignments if (c.station_id, c.tier) == (promise.station_id, promise.tier)), None)
        goods = _("、").join(f"{x.name} {x.spec} × {x.quantity}" for x in lines)
        overdue = clock.day_end(promise.deliver_by) < clock.now()
        late = overdue and sent is not None and sent.delivered_at is None and sent.status != "cancelled"
        parcels = seen.parcels_of(sent) if sent else []
        # a consignment is where its last parcel is
        last = min((taken.get(p.code, []) for p in parcels if p.status != "cancelled"), key=len, default=[])
        found.append(Road(code, name, goods, promise.deliver_by, parcels, _stops(seen.order, promise, sent, last), late))
    return found


def _stops(order: Order, promise: OrderPromise, sent: Consignment | None, taken: list[HandOver]) -> list[Stop]:
    behind = [Stop("done", _("下单"), order.placed_at)]
    ahead: list[Stop] = []
    if order.paid_at:
        behind.append(Stop("done", _("付款"), order.paid_at))
    else:
        ahead.append(Stop("todo", _("付款"), order.pay_by, _("最晚")))
    if sent and sent.packed_at:
        behind.append(Stop("done", _("站长打包"), sent.packed_at, _day(sent.packed_at)))
    else:
        ahead.append(Stop("todo", _("站长打包")))
    rides = [leg for leg in promise.path if leg["kind"] != "trunk"]
    ridden = _ridden(taken, rides)
    arrived = sent.delivered_at if sent else None
    aboard = bool(taken) and taken[-1].kind == "departure" and not arrived
    behind += ridden[:-1] if aboard else ridden
    trunks = [Stop("done", _("{line}出县").format(line=h.name), h.at, _day(h.at), "trunk") for h in taken if h.kind == "carrier"]
    behind += trunks
    if sent and sent.status in ("cancelled", "returned", "lost"):
        return [*behind, *ridden[len(ridden) - aboard :], Stop("now", status_words()[sent.status])]
    if order.status == OrderStatus.CANCELLED:
        return [*behind, Stop("now", _("订单取消了"), order.cancelled_at)]
    where = _("送到 {place}").format(place=order.district)
    if arrived:
        return [*behind, Stop("done", where, arrived, _day(arrived))]
    if aboard:
        ahead.append(Stop("todo", ridden[-1].what, ridden[-1].at, _("在路上"), plan=ridden[-1].plan))
    trunk = [leg for leg in promise.path if leg["kind"] == "trunk"]
    gathered = any(h.kind == "hub" for h in taken) and bool(trunk)  # in the hub: what is left is the trunk
    if not trunks:
        ahead += [_promised(leg) for leg in ([] if gathered else rides[len(ridden) :]) + trunk]
    ahead.append(Stop("todo", where, clock.business_date(promise.deliver_by), _("预计")))
    return [*behind, replace(ahead[0], state="now"), *ahead[1:]]


def _ridden(taken: list[HandOver], promised: list[dict[str, Any]]) -> list[Stop]:
    """The rides as scanned; one that left at another time than promised says so."""
    found: list[Stop] = []
    for n, hand in enumerate(taken):
        if hand.kind != "departure":
            continue
        leg = promised[len(found)] if len(found) < len(promised) else None
        as_promised = leg is not None and hand.line is not None and str(leg["line_code"]) == hand.line.code
        line = line_words(hand.line.number, hand.line.kind) if hand.line else hand.name
        place = taken[n + 1].name if taken[n + 1 :] else str(leg["to"]) if leg and as_promised else ""
        what = _("{line}到{place}").format(line=line, place=place) if place else line
        planned = _at(leg) if leg and as_promised else None
        differs = planned is not None and abs(hand.at - planned) > PUNCTUAL
        found.append(Stop("done", what, hand.at, _day(hand.at), plan=planned if differs else None))
    return found


def _promised(leg: dict[str, Any]) -> Stop:
    """A ride to come: its time is a promise and is said to be one."""
    by = "trunk" if leg["kind"] == "trunk" else ""
    return Stop("todo", _ride(leg), _at(leg), _expected(_at(leg)), by)


def _expected(at: datetime) -> str:
    day = _day(at)
    return _("预计{day}").format(day=day) if day else _("预计")


def _at(leg: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(leg["leaves_at"]))


def _day(at: datetime) -> str:
    """The day of a moment, where it is not today."""
    return "" if clock.business_date(at) == clock.today() else i18n.day(at)


def _ride(leg: dict[str, Any]) -> str:
    """A ride without its time, which stands beside it."""
    if leg["kind"] == "trunk":
        return _("{line}出县").format(line=leg["line"])
    return _("{line}到{place}").format(line=line_words(str(leg["line"]), str(leg["kind"])), place=leg["to"])


def where_the_money_goes(seen: OrderView) -> list[tuple[str, int, int]]:
    """The order's frozen shares as (words with the amount, fen, tone) for `components/charts.html`."""
    parts = (
        ("grower", _("农户"), 1),
        ("master", _("站长"), 2),
        ("transport", _("运输"), 3),
        ("seller", _("主播"), 4),
        ("platform", _("平台"), 5),
    )
    return [(f"{words} ¥{format_fen(seen.shares[role])}", seen.shares[role], tone) for role, words, tone in parts if seen.shares.get(role)]
