"""What an order's page says of the road: only a scan makes a step done, what is to come is said to be expected."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from core import clock
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.network.models import Line
from fulfillment.tracking.queries import HandOver
from shop.orders.models import Order, OrderPromise
from shop.orders.queries import OrderView
from shop.orders.story import Stop, roads

BUS = Line(
    tenant_id=1,
    code="sm-12",
    number="12",
    name="一市线",
    kind="bus",
    mode="road",
    ink=1,
    fee_fen=0,
    close_min=3,
    operator="公交",
    position=1,
)


@pytest.fixture
def placed() -> Iterator[datetime]:
    """Five hours ago, seen in the afternoon: yesterday's promises are told in other words."""
    with clock.at(clock.on(clock.today(), 15 * 60)):
        yield clock.now() - timedelta(hours=5)


def seen(placed: datetime, *, sent_as: str = "", status: str = "open") -> OrderView:
    """An order paid and, with `sent_as`, packed an hour later; the bus was promised for two hours after it."""
    bus, trunk = placed + timedelta(hours=2), placed + timedelta(hours=4)
    path = [
        {"kind": "bus", "line": "12", "line_code": "sm-12", "to": "县城", "leaves_at": clock.local(bus).isoformat()},
        {"kind": "trunk", "line": "邮政晚班", "line_code": "t1", "to": "上海", "leaves_at": clock.local(trunk).isoformat()},
    ]
    order = Order(number="JS1", placed_at=placed, paid_at=placed, pay_by=placed, district="徐汇区", status=status)
    promise = OrderPromise(
        order_id=1,
        station_id=7,
        tier="ambient",
        tenant_id=1,
        order_by=placed,
        ships_at=bus,
        deliver_by=placed + timedelta(days=2),
        path=path,
    )
    sent = Consignment(id=3, tenant_id=1, code="C1", station_id=7, tier="ambient", status=sent_as or "awaiting_pack", created_at=placed)
    parcels = [Parcel(code=f"JP{n}", consignment_id=3, status=sent_as or "expected") for n in (1, 2)]
    if sent_as:
        sent.packed_at = placed + timedelta(hours=1)
        sent.delivered_at = placed + timedelta(hours=4, minutes=50) if sent_as == "delivered" else None
    return OrderView(order, [], [promise], {7: ("sm-yishi", "一市驿站")}, [sent], parcels, [], [], {})


def hands(placed: datetime, *kinds: str, minutes: int = 0) -> list[HandOver]:
    """Packed after an hour, aboard after two and `minutes`, in the hub after three, with the carrier after four."""
    all_of = {
        "station": HandOver("station", placed + timedelta(hours=1), "一市驿站"),
        "departure": HandOver("departure", placed + timedelta(hours=2, minutes=minutes), "一市线", BUS),
        "hub": HandOver("hub", placed + timedelta(hours=3), "县级共配中心"),
        "carrier": HandOver("carrier", placed + timedelta(hours=4), "邮政晚班"),
    }
    return [all_of[kind] for kind in kinds]


def told(view: OrderView, first: list[HandOver], second: list[HandOver] | None = None) -> list[Stop]:
    return roads(view, {"JP1": first, "JP2": first if second is None else second})[0].stops


def test_promised_times_that_have_passed_are_not_told_as_done(placed: datetime) -> None:
    stops = told(seen(placed), [])
    assert [stop.state for stop in stops] == ["done", "done", "now", "todo", "todo", "todo"]
    assert [stop.note.startswith("预计") for stop in stops[3:]] == [True, True, True]


def test_what_was_scanned_is_told_with_its_own_time(placed: datetime) -> None:
    stops = told(seen(placed, sent_as="at_hub"), hands(placed, "station", "departure", "hub", minutes=12))
    ride = stops[3]
    assert (ride.state, ride.what, ride.at) == ("done", "12 路班车到县级共配中心", placed + timedelta(hours=2, minutes=12))
    assert ride.plan == placed + timedelta(hours=2)
    assert (stops[4].state, stops[4].by, stops[4].note[:2]) == ("now", "trunk", "预计")


def test_a_consignment_is_where_its_last_parcel_is(placed: datetime) -> None:
    view = seen(placed, sent_as="packed")
    stops = told(view, hands(placed, "station", "departure"), hands(placed, "station"))
    assert (stops[3].state, stops[3].note[:2]) == ("now", "预计")
    stops = told(view, hands(placed, "station", "departure"))
    assert (stops[3].state, stops[3].note, stops[3].what) == ("now", "在路上", "12 路班车到县城")


def test_a_delivered_order_has_nothing_to_come(placed: datetime) -> None:
    stops = told(seen(placed, sent_as="delivered"), hands(placed, "station", "departure", "hub", "carrier"))
    assert {stop.state for stop in stops} == {"done"}
    assert [stop.what for stop in stops[3:]] == ["12 路班车到县级共配中心", "邮政晚班出县", "送到 徐汇区"]
    assert stops[-1].at == placed + timedelta(hours=4, minutes=50)


def test_what_goes_to_the_door_is_told_as_with_its_courier_and_not_with_the_trunk(placed: datetime) -> None:
    view = seen(placed, sent_as="on_trunk")
    view.promises[0].path = [
        view.promises[0].path[0],
        {"kind": "courier", "line": "", "line_code": "", "to": "门口", "leaves_at": clock.local(placed).isoformat()},
    ]
    out = [*hands(placed, "station", "departure"), HandOver("courier", placed + timedelta(hours=3), "")]
    stops = told(view, out)
    now = next(stop for stop in stops if stop.state == "now")
    assert (now.what, now.note, now.at) == ("送货员带着送上门", "在路上", placed + timedelta(hours=3))
    assert not [stop for stop in stops if "出县" in stop.what or stop.by == "trunk"]
    assert [stop.what for stop in stops[-1:]] == ["送到 徐汇区"]
    back = told(view, [*out, HandOver("station", placed + timedelta(hours=4), "一市驿站")])
    assert "送上门" in next(stop for stop in back if stop.state == "now").what, "brought back it is to go again"
    done = seen(placed, sent_as="delivered")
    done.promises[0].path = view.promises[0].path
    assert [stop.what for stop in told(done, out)][-2:] == ["送货员带着送上门", "送到 徐汇区"]


@pytest.mark.parametrize(("sent_as", "status", "words"), [("lost", "open", "正在查找"), ("cancelled", "cancelled", "已取消")])
def test_a_road_that_ended_promises_nothing(placed: datetime, sent_as: str, status: str, words: str) -> None:
    stops = told(seen(placed, sent_as=sent_as, status=status), hands(placed, "station", "departure"))
    assert stops[-1].what == words
    assert not [stop for stop in stops if "预计" in stop.note]


def test_the_first_two_stops_say_their_day_when_it_is_not_today(placed: datetime) -> None:
    view = seen(placed)
    view.order.placed_at = view.order.paid_at = clock.now() - timedelta(days=1)
    assert [stop.note for stop in told(view, [])[:2]] == ["昨天", "昨天"]


def test_a_late_parcel_is_expected_when_its_plan_says_with_the_promise_beside_it(placed: datetime) -> None:
    view = seen(placed, sent_as="packed")
    view.promises[0].deliver_by = clock.now() - timedelta(days=1)
    for parcel in view.parcels:
        parcel.arrives_at = clock.now() + timedelta(days=2)
    road = roads(view, {"JP1": hands(placed, "station"), "JP2": hands(placed, "station")})[0]
    last = road.stops[-1]
    assert (last.at, last.plan, last.is_late) == (clock.today() + timedelta(days=2), clock.today() - timedelta(days=1), True)
    assert (road.is_late, road.expected_on, road.has_left) == (True, last.at, False)


def test_a_plan_for_a_later_day_is_told_before_the_promised_day_is_over(placed: datetime) -> None:
    view = seen(placed, sent_as="packed")
    view.parcels[1].arrives_at = placed + timedelta(days=4)
    assert roads(view, {})[0].is_late


def test_of_a_late_parcel_without_a_new_time_no_day_in_the_past_is_expected(placed: datetime) -> None:
    view = seen(placed, sent_as="packed")
    view.promises[0].deliver_by = clock.now() - timedelta(days=1)
    for leg in view.promises[0].path:
        leg["leaves_at"] = clock.local(clock.now() - timedelta(days=1)).isoformat()
    bus, trunk, last = told(view, hands(placed, "station"))[-3:]
    assert (last.at, last.plan, last.note) == (None, clock.today() - timedelta(days=1), "晚了，到的时间还没定")
    assert [(stop.at, stop.is_late, stop.note) for stop in (bus, trunk)] == [(None, True, "还没走")] * 2


def test_what_came_late_shows_the_promised_day_beneath(placed: datetime) -> None:
    view = seen(placed, sent_as="delivered")
    view.promises[0].deliver_by = placed - timedelta(days=1)
    last = told(view, hands(placed, "station", "departure", "hub", "carrier"))[-1]
    assert (last.plan, last.is_late) == (clock.business_date(placed - timedelta(days=1)), True)
