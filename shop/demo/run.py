"""`jishi demo`: a county from its profile, and days of history made by doing what people would have done.

The history ends yesterday. What was loaded is the same for the same seed and date, but for secrets (tokens, payment ids,
sealed fields). Loading starts on an empty installation; a load that was cut off is thrown away by the caller.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from threading import Thread
from typing import NamedTuple

from sqlmodel import Session, select

import shop.wiring  # noqa: F401 - the handlers of everything that follows
from core import clock, codes, db, tasks, upkeep
from core.tenant import Tenant
from fulfillment.contracts.loading import load_contracts
from fulfillment.network.service import load_network
from fulfillment.subsidies.loading import load_subsidies
from fulfillment.timetable.service import HORIZON_DAYS, open_days
from shop.listings.loading import load_shopfront
from shop.search.readings import readings
from supply.counties.loading_produce import LoadedProduct
from supply.counties.models import County
from supply.counties.profile import profile_of
from supply.counties.profile_rows import Profile
from supply.counties.service import load_county

from .coupons import offer_coupon
from .history import play_history
from .people import People, load_people, load_suppliers
from .subsidies import award_subsidies
from .travelling import ask_for_trips, call_stops

Progress = Callable[[float, str], None]
OPENS_AT = -6 * 60  # minutes: the evening before the first day


class Opened(NamedTuple):
    county: County
    products: list[LoadedProduct]
    people: People


def load_demo(county_code: str, *, fresh: bool, days: int, orders: int, progress: Progress) -> None:
    """Load the county and `days` × `orders` of history; `progress` is told percent and words.

    Without `fresh` a county that is there already is left as it is; with it the caller has emptied the installation.
    Raises ProfileUnknown, ProfileError.
    """
    profile = profile_of(county_code)
    with db.reading() as session:
        known = session.exec(select(Tenant.id).where(Tenant.code == profile.county.code)).first()
    if known is not None and not fresh:
        return
    Thread(target=readings, daemon=True).start()  # the index wants them at the end; a child process makes them meanwhile
    today, seed = clock.today(), profile.county.demo.seed
    first_day = today - timedelta(days=days)
    with codes.drawn_from(seed), _no_looking_for_garbage():
        progress(3, f"{profile.county.name}：站点、班次、农户、商品")
        with clock.at(clock.on(first_day, OPENS_AT)), db.writing() as session:
            opened = open_county(session, profile, seed, first_day, today)
        play_history(
            opened.county, profile, opened.people, opened.products, Random(f"{seed}/{first_day}"),  # noqa: S311 repeatable
            first_day=first_day, days=days, orders=orders, progress=progress,
        )  # fmt: skip
        with clock.at(clock.midnight(today)), db.writing() as session:
            load_suppliers(session, profile, opened.county.id)
            ask_for_trips(session, opened.county.id, today, Random(f"{seed}/travel"), opened.people.consumer)  # noqa: S311 repeatable
            offer_coupon(session, opened.county.id)
            call_stops(session, opened.county.id, today, Random(f"{seed}/hailing"), opened.people.consumer)  # noqa: S311 repeatable
        with clock.at(clock.midnight(today)):
            award_subsidies(opened.county.id, first_day, today)
    progress(96, "建索引，收尾")
    with clock.at(clock.midnight(today)):
        tasks.drain(raising=False)
    upkeep.gather_statistics()


@contextmanager
def _no_looking_for_garbage() -> Iterator[None]:
    """Rows live until their day is over; searching among them for cycles again and again took a quarter of the time."""
    gc.collect()
    gc.freeze()  # what was imported is not looked through again at the end of each day
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def open_county(session: Session, profile: Profile, seed: int, first_day: date, today: date) -> Opened:
    """Everything a county has before its first order, in the caller's transaction."""
    loaded = load_county(session, profile, seed)
    load_network(session, profile, loaded.county.id)
    load_contracts(session, profile, loaded.county.id)
    load_subsidies(session, profile, loaded.county.id)
    load_shopfront(session, loaded.products, loaded.county.id, by="demo")
    people = load_people(session, profile, loaded.county.id)
    open_days(session, loaded.county, first_day, today + timedelta(days=HORIZON_DAYS))
    return Opened(loaded.county, loaded.products, people)
