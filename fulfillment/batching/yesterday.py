"""A plan's prices, kept for the next one: where room was short yesterday it is short today, and the search begins there.

Departures are told by their trip and how many days after the plan's day they leave, trunks by their code, so that each finds
its own of another day. What no longer runs, or no longer stops there, is left out.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fulfillment.timetable.models import Departure

from .answer import Plan, Worth
from .models import BatchPlan
from .roads import Roads

BACK = timedelta(days=14)  # older prices say little


class _Price(NamedTuple):
    """As it stands in the plan's facts: of a trip's stretch from a stop position on, or of a trunk by its code."""

    kind: str
    trip: int | None
    trunk: str
    days: int
    position: int | None
    fen: float


def worth_by_trip(session: Session, plan: BatchPlan, roads: Roads, answer: Plan) -> list[_Price]:
    """The prices of an answer on these roads, as `earlier_worth` reads them; one query."""
    of_trips = {w.where for w in answer.worth if w.stop is not None}
    asked = sql_select(col(Departure.code), col(Departure.trip_id), col(Departure.service_date)).where(col(Departure.code).in_(of_trips))
    trips = {code: (trip, (day - plan.service_date).days) for code, trip, day in session.execute(asked)} if of_trips else {}
    kept = []
    for kind, where, stop, fen in answer.worth:
        if stop is None and where in roads.trunk_days:
            code, day = _trunk(where)
            kept.append(_Price(kind, None, code, (day - plan.service_date).days, None, round(fen, 3)))
        elif stop is not None and where in trips:
            kept.append(_Price(kind, trips[where][0], "", trips[where][1], roads.rides[where].stops[stop][0], round(fen, 3)))
    return kept


def earlier_worth(session: Session, plan: BatchPlan, roads: Roads) -> tuple[Worth, ...]:
    """The prices of the last plan of the same wave, put on the departures of this one's days; two queries."""
    last = (
        select(BatchPlan.facts)
        .where(
            BatchPlan.tenant_id == plan.tenant_id, BatchPlan.wave == plan.wave, BatchPlan.because == "",
            col(BatchPlan.status).in_(("optimal", "feasible")),
            col(BatchPlan.service_date).between(plan.service_date - BACK, plan.service_date),
        )
        .order_by(col(BatchPlan.id).desc())
        .limit(1)
    )  # fmt: skip
    facts = session.exec(last).first() or {}
    prices = [_Price(*price) for price in facts.get("worth", ())]
    trips = {price.trip for price in prices if price.trip is not None}
    asked = sql_select(col(Departure.code), col(Departure.trip_id), col(Departure.service_date)).where(
        col(Departure.tenant_id) == plan.tenant_id,
        col(Departure.trip_id).in_(trips),
        col(Departure.service_date).between(roads.first, roads.last),
    )
    there = {(trip, day): code for code, trip, day in session.execute(asked)} if trips else {}
    return tuple(_put_on(prices, plan.service_date, roads, there))


def _put_on(prices: list[_Price], day: date, roads: Roads, there: dict[tuple[int, date], str]) -> Iterator[Worth]:
    for price in prices:
        runs = day + timedelta(days=price.days)
        if price.trip is None:
            if (key := f"{price.trunk}@{runs.isoformat()}") in roads.trunk_days:
                yield Worth(price.kind, key, None, price.fen)
        elif price.position is not None and (ride := roads.rides.get(there.get((price.trip, runs), ""))) and ride.calls_at(price.position):
            yield Worth(price.kind, ride.code, ride.index(price.position), price.fen)


def _trunk(key: str) -> tuple[str, date]:
    code, _, day = key.rpartition("@")
    return code, date.fromisoformat(day)
