"""An order told in words: one head, and one road per consignment – done, now, to come."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core import clock, i18n
from core.money import format_fen
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.promise.words import line_words

from .models import FulfillmentStatus, Order, OrderPromise, OrderStatus, PaymentStatus
from .queries import OrderView

_ = i18n.gettext
REACHED = ("awaiting_pack", "packed", "moving", "at_hub", "on_trunk", "delivered")


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a road as `components/route.html` draws it."""

    state: str  # done | now | todo
    what: str
    at: datetime | date | None = None
    note: str = ""
    by: str = ""


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
        FulfillmentStatus.IN_TRANSIT: (_("在路上"), _("跟着班车和邮车走，下面看得到每一程")),
        FulfillmentStatus.DELIVERED: (_("送到了"), _("货有问题，收到后可以申请售后")),
    }.get(FulfillmentStatus(order.fulfillment_status), (_("站长在打包"), _("打好包就赶下一班车")))


def can_pay(order: Order) -> bool:
    return order.status == OrderStatus.OPEN and order.payment_status == PaymentStatus.UNPAID and order.pay_by > clock.now()


def can_cancel(seen: OrderView) -> bool:
    """Open and nothing packed yet; the verb decides again."""
    return seen.order.status == OrderStatus.OPEN and all(p.status in ("expected", "cancelled") for p in seen.parcels)


def roads(seen: OrderView) -> list[Road]:
    """One road per (station, tier), from the promise and what has happened."""
    found = []
    for promise in sorted(seen.promises, key=lambda p: (p.ships_at, p.station_id, p.tier)):
        code, name = seen.stations[promise.station_id]
        lines = [x for x in seen.lines if (x.station_id, x.tier) == (promise.station_id, promise.tier)]
        sent = next((c for c in seen.consignments if (c.station_id, c.tier) == (promise.station_id, promise.tier)), None)
        goods = _("、").join(f"{x.name} {x.spec} × {x.quantity}" for x in lines)
        overdue = clock.day_end(promise.deliver_by) < clock.now()
        late = overdue and sent is not None and sent.delivered_at is None and sent.status != "cancelled"
        parcels = seen.parcels_of(sent) if sent else []
        found.append(Road(code, name, goods, promise.deliver_by, parcels, _stops(seen.order, promise, sent), late))
    return found


def _stops(order: Order, promise: OrderPromise, sent: Consignment | None) -> list[Stop]:
    reached = REACHED.index(sent.status) if sent and sent.status in REACHED else -1
    arrived = (sent.delivered_at if sent else None) or clock.business_date(promise.deliver_by)
    over = sent is not None and sent.status in ("cancelled", "returned", "lost")
    rides = [leg for leg in promise.path if leg["kind"] != "trunk"]
    trunk = [leg for leg in promise.path if leg["kind"] == "trunk"]
    told: list[tuple[bool, Stop]] = [
        (True, Stop("done", _("下单"), order.placed_at)),
        (order.paid_at is not None, Stop("", _("付款"), order.paid_at or order.pay_by, "" if order.paid_at else _("最晚"))),
        (reached >= 1, Stop("", _("站长打包"), sent.packed_at if sent else None)),
        *((reached >= 3, Stop("", _ride(leg), _at(leg), _("在路上") if reached == 2 else _day(leg))) for leg in rides),
        *((reached >= 5, Stop("", _ride(leg), _at(leg), _day(leg), "trunk")) for leg in trunk),
        (reached >= 5, Stop("", _("送到 {place}").format(place=order.district), arrived)),
    ]
    stops: list[Stop] = []
    current = False
    for done, stop in told:
        state = "done" if done else "todo" if current or over or order.status == OrderStatus.CANCELLED else "now"
        current = current or state == "now"
        stops.append(Stop(state, stop.what, stop.at, stop.note, stop.by))
    return stops


def _at(leg: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(leg["leaves_at"]))


def _day(leg: dict[str, Any]) -> str:
    """The day of a ride, where it is not today's."""
    left = _at(leg)
    return "" if clock.business_date(left) == clock.today() else i18n.day(left)


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
