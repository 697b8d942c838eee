"""When a station can have a parcel ready: packing takes `PACKING_MIN` and happens in its opening hours."""

from datetime import datetime, timedelta
from typing import NamedTuple

from core import clock
from fulfillment.network.rules import PACKING_MIN

PACKING = timedelta(minutes=PACKING_MIN)


class Hours(NamedTuple):
    """Minutes after midnight."""

    opens: int
    closes: int


def ready_at(ordered_at: datetime, hours: Hours) -> datetime:
    """The earliest moment a parcel ordered then may be handed over."""
    day = clock.business_date(ordered_at)
    opens, closes = clock.on(day, hours.opens), clock.on(day, hours.closes)
    begun = max(ordered_at, opens)
    if begun + PACKING <= closes:
        return begun + PACKING
    return clock.on(day + timedelta(days=1), hours.opens) + PACKING


def order_by(must_be_ready: datetime, hours: Hours) -> datetime:
    """The last moment an order can come in so that its parcel is ready then: the reverse of `ready_at`, on whole 5 minutes."""
    day = clock.business_date(must_be_ready)
    opens, closes = clock.on(day, hours.opens), clock.on(day, hours.closes)
    if must_be_ready > closes:
        last = closes - PACKING
    elif must_be_ready - PACKING >= opens:
        last = must_be_ready - PACKING
    else:  # before the station has packed anything today: yesterday's last
        last = clock.on(day - timedelta(days=1), hours.closes) - PACKING
    return clock.last_mark(last)
