"""Days of history: orders over the day, packing and the road, the shelves in the evening; one transaction a day."""

import gc
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

from sqlmodel import Session

from core import clock, db
from fulfillment.income.service import mature
from fulfillment.timetable.service import follow_the_clock
from shop.payments.service import close_stale, expire_due
from supply.counties.loading_produce import LoadedProduct
from supply.counties.models import County
from supply.counties.profile_rows import Profile

from .buying import Market, cast_buyers
from .moving import Road
from .people import People
from .selling import Livestream
from .shelves import refresh_shelves
from .story import Story

BUSY = ((7, 9, 3), (9, 12, 6), (12, 14, 4), (14, 18, 5), (18, 22, 8))  # from hour, to hour, weight
SHELVES_AT = 17 * 60
CARRIERS_AT = range(2, 24, 3)  # hours: they upload what they delivered


def play_history(
    county: County, profile: Profile, people: People, products: Sequence[LoadedProduct], dice: Random,
    *, first_day: date, days: int, orders: int, progress: Callable[[float, str], None],
) -> None:  # fmt: skip
    """Live `days` days from `first_day` on, `orders` orders a day."""
    story = Story(county, profile, people, dice)
    road = Road()
    stream = Livestream(list(products))
    market = Market(story, products, cast_buyers(story, max(12, orders * 2)), stream)
    for n in range(days):
        day = first_day + timedelta(days=n)
        progress(10 + 85 * n / days, f"{day.month} 月 {day.day} 日的 {orders} 张订单")
        for _ in range(orders):
            start, end, _weight = dice.choices(BUSY, [weight for *_, weight in BUSY])[0]
            story.book(clock.on(day, start * 60) + timedelta(seconds=dice.randrange((end - start) * 3600)), market.order)
        for hour in range(24):
            for moment, minute in ((expire, 0), (road.pack_waiting, 30)):
                story.book(clock.on(day, hour * 60 + minute), moment)
        for hour in CARRIERS_AT:
            story.book(clock.on(day, hour * 60 + 10), road.deliver)
        for hour in range(0, 24, 4):
            story.book(clock.on(day, hour * 60 + 50), follow_time)
        road.book_day(story, day)
        stream.book_day(story, day, number=n)
        story.book(clock.on(day, SHELVES_AT), refresh_shelves)
        with db.writing() as session:
            story.play(session, clock.midnight(day + timedelta(days=1)))
        gc.collect(0)  # nothing was looked for since: all that is new is young
    today = first_day + timedelta(days=days)
    with clock.at(clock.midnight(today)), db.writing() as session:
        stream.announce(story, session, today)


def expire(story: Story, session: Session) -> None:
    """Orders nobody paid give their stock back."""
    expire_due(session)
    close_stale(session)


def follow_time(story: Story, session: Session) -> None:
    """Departures leave and arrive, claim windows end."""
    follow_the_clock(session, story.county.id)
    mature(session, tenant_id=story.county.id)
