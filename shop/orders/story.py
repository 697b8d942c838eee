"""An order's roads in words, one per consignment: done as scanned, now, to come as promised or as replanned.

What is late shows plan and fact together: a stop of its own day, or the promised day beneath the one it is expected on now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from core import clock, i18n
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.network.words import KIND_WORDS, line_words
from fulfillment.promise.words import is_to_the_door
from fulfillment.tracking.queries import HandOver, status_words

from .models import Order, OrderStatus
from .queries import OrderView
from .standing import has_lapsed

_ = i18n.gettext
ENDED = ("cancelled", "returned", "lost")
PUNCTUAL = timedelta(minutes=5)  # a scan so near to its promise says no more than the promise


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a road as `components/route.html` draws it."""

    state: str  # done | now | todo
    what: str
    at: datetime | date | None = None
    note: str = ""
    by: str = ""
    plan: datetime | date | None = None  # when it was promised, where that was another time
    is_late: bool = False  # the plan is missed


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
    expected_on: date | None = None  # of a late one that is still coming, where a plan knows it
    has_left: bool = False  # its station


def roads(seen: OrderView, taken: Mapping[str, list[HandOver]], *, asking: bool = False) -> list[Road]:
    """One road per (station, tier): the hand-overs of its parcels so far (by parcel code), then what was promised.

    `asking` says that its payment may be on its way to us.
    """
    found = []
    for promise in sorted(seen.promises, key=lambda p: (p.ships_at, p.station_id, p.tier)):
        code, name = seen.stations[promise.station_id]
        lines = [x for x in seen.lines if (x.station_id, x.tier) == (promise.station_id, promise.tier)]
        sent = next((c for c in seen.consignments if (c.station_id, c.tier) == (promise.station_id, promise.tier)), None)
        road = Road(code, name, _("、").join(f"{x.name} {x.spec} × {x.quantity}" for x in lines), promise.deliver_by)
        road.parcels = seen.parcels_of(sent) if sent else []
        live = [p for p in road.parcels if p.status != "cancelled"]
        last = min((taken.get(p.code, []) for p in live), key=len, default=[])  # a consignment is where its last parcel is
        road.has_left = any(h.kind == "departure" for h in last)
        if sent and sent.delivered_at is None and sent.status not in ENDED:
            _say_if_late(road, live)
        road.stops = _stops(seen.order, promise, sent, last, road, asking=asking)
        found.append(road)
    return found


def _say_if_late(road: Road, live: list[Parcel]) -> None:
    """A road is late when its day has ended, and before that when its parcels are planned for a later day."""
    promised = clock.business_date(road.deliver_by)
    planned = max((clock.business_date(p.arrives_at) for p in live if p.arrives_at), default=promised)
    road.is_late = planned > promised or clock.today() > promised
    road.expected_on = planned if road.is_late and planned >= clock.today() else None


def _stops(order: Order, promise: Any, sent: Consignment | None, taken: list[HandOver], road: Road, *, asking: bool) -> list[Stop]:
    behind = [Stop("done", _("下单"), order.placed_at, _day(order.placed_at))]
    ahead: list[Stop] = []
    if order.paid_at:
        behind.append(Stop("done", _("付款"), order.paid_at, _day(order.paid_at)))
    elif has_lapsed(order):
        return [*behind, Stop("now", _("付款时间过了，货放回了货架"), order.pay_by, _day(order.pay_by))]
    else:
        ahead.append(Stop("todo", _("付款"), None if asking else order.pay_by, _("正在确认") if asking else _("最晚")))
    if sent and sent.packed_at:
        behind.append(Stop("done", _("站长打包"), sent.packed_at, _day(sent.packed_at)))
    else:
        ahead.append(Stop("todo", _("站长打包")))
    rides = [leg for leg in promise.path if leg["kind"] != "trunk" and not is_to_the_door(leg)]
    ridden = _ridden(taken, rides)
    arrived = sent.delivered_at if sent else None
    aboard = bool(taken) and taken[-1].kind == "departure" and not arrived
    behind += ridden[:-1] if aboard else ridden
    trunks = [Stop("done", _("{line}出县").format(line=h.name), h.at, _day(h.at), "trunk") for h in taken if h.kind == "carrier"]
    doors = [Stop("done", _("送货员带着送上门"), h.at, _day(h.at)) for h in taken if h.kind == "courier"]
    out = bool(taken) and taken[-1].kind == "courier" and not arrived
    behind += trunks + (doors[:-1] if out else doors)
    if sent and sent.status in ENDED:
        return [*behind, *ridden[len(ridden) - aboard :], Stop("now", status_words()[sent.status])]
    if order.status == OrderStatus.CANCELLED:
        return [*behind, Stop("now", _("订单取消了"), order.cancelled_at)]
    where = _where(order, promise)
    promised = clock.business_date(promise.deliver_by)
    if arrived:
        late = clock.business_date(arrived) > promised
        return [*behind, Stop("done", where, arrived, _day(arrived), plan=promised if late else None, is_late=late)]
    if aboard:
        ahead.append(replace(ridden[-1], state="todo", note=_("在路上")))
    if out:
        ahead.append(replace(doors[-1], state="todo", note=_("在路上")))
    trunk = [leg for leg in promise.path if leg["kind"] == "trunk" or is_to_the_door(leg)]
    gathered = any(h.kind == "hub" for h in taken) and bool(trunk) and not promise.to_node_id  # in the hub: what is left is the trunk
    if not trunks and not out:
        ahead += [_promised(leg) for leg in ([] if gathered else rides[len(ridden) :]) + trunk]
    if road.is_late:
        expected = _("预计") if road.expected_on else _("晚了，到的时间还没定")
        ahead.append(Stop("todo", where, road.expected_on, expected, plan=promised, is_late=True))
    else:
        ahead.append(Stop("todo", where, promised, _("预计")))
    return [*behind, replace(ahead[0], state="now"), *ahead[1:]]


def _where(order: Order, promise: Any) -> str:
    if promise.to_node_id is None or promise.door_min is not None:
        return _("送到 {place}").format(place=order.district)
    return _("到{place}取").format(place=promise.to_name)


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
        late = planned is not None and hand.at > planned + PUNCTUAL
        found.append(Stop("done", what, hand.at, _day(hand.at), plan=planned if differs else None, is_late=late))
    return found


def _promised(leg: dict[str, Any]) -> Stop:
    """A ride to come: its time is a promise and is said to be one; after its day it is only what was planned."""
    by = "trunk" if leg["kind"] == "trunk" else ""
    if clock.business_date(_at(leg)) < clock.today():
        return Stop("todo", _ride(leg), None, _("还没走"), by, plan=_at(leg), is_late=True)
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
    if is_to_the_door(leg):
        return _("{who}送上门").format(who=_(KIND_WORDS[leg["kind"]]))
    return _("{line}到{place}").format(line=line_words(str(leg["line"]), str(leg["kind"])), place=leg["to"])
