"""What waits on a station's shelf and for how long, and the codes of those who may see them."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import clock
from fulfillment.consignments.models import Parcel
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_rules import PickupRules
from supply.stations.models import Station

from .models import TRIES, Stay
from .shelf import code_of

KEPT_DAYS = 7  # where the county says nothing


class OnShelf(NamedTuple):
    """A parcel on a shelf without anybody's name; `days` since it came, `is_over` longer than the county keeps it."""

    number: int  # of the row, for the next page
    code: str
    shelf: int
    since: datetime
    grams: int
    tier: str
    is_locked: bool
    days: int
    is_over: bool


class Ready(NamedTuple):
    """For the receiver's own eyes."""

    station: str
    station_code: str
    shelf: int
    code: str
    since: datetime


def pickup_rules(county: County) -> PickupRules:
    """How long a station keeps what nobody fetches."""
    return policy_of(county).pickup or PickupRules(KEPT_DAYS)


def kept_days(county: County) -> int:
    """How many days it must be kept."""
    return pickup_rules(county).kept_days


def on_shelf(session: Session, station: Station, *, days: int, after: int = 0, limit: int = 50) -> list[OnShelf]:
    """What waits here, longest first, from behind row `after` on; one more than `limit` if there are."""
    query = (
        sql_select(*(col(c) for c in (Stay.id, Stay.parcel_code, Stay.shelf, Stay.since, Parcel.grams, Parcel.tier)), col(Stay.wrong))
        .join(Parcel, col(Parcel.code) == col(Stay.parcel_code))
        .where(col(Stay.station_id) == station.node_id, col(Stay.ended_at).is_(None), col(Stay.id) > after)
        .order_by(col(Stay.id))
        .limit(limit + 1)
    )
    found, today = [], clock.today()
    for *facts, wrong in session.execute(query):
        age = (today - clock.business_date(facts[3])).days
        found.append(OnShelf._make((*facts, wrong >= TRIES, age, age > days)))
    return found


def ready_of(session: Session, parcels: Collection[str]) -> dict[str, Ready]:
    """The pick-up codes of parcels that wait, by parcel; only for who may see their order."""
    query = select(Stay, Station.name, Station.code).join(Station, col(Station.node_id) == col(Stay.station_id))
    rows = session.exec(query.where(col(Stay.parcel_code).in_(parcels), col(Stay.ended_at).is_(None))).all()
    return {s.parcel_code: Ready(name, code, s.shelf, code_of(s), s.since) for s, name, code in rows}
