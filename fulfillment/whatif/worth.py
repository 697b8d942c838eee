"""What one more box is worth: the planner's shadow prices, put into words a dispatcher can use, and kept with the plan.

The prices are the duals of the planner's linear programme (Dantzig and Wolfe 1960): what a kilogram, a litre, a share of a box more on
one stretch would save while nothing else changes. A box more of bay is one standard box of the county: room for one box and for the
grams and millilitres a full one holds, on every stretch of the run. So the worth is the most it can save; the next box saves less.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from fulfillment.batching.answer import Plan, Worth
from fulfillment.batching.models import BatchPlan
from fulfillment.timetable.models import Departure
from supply.counties.models import County
from supply.counties.policy import policy_of

from .models import DepartureWorth


class Box(NamedTuple):
    """What a standard box holds; cold room is not in it: a plain box does not cool."""

    g: int
    ml: int

    @property
    def amounts(self) -> dict[str, float]:
        return {"kg": self.g / 1000, "litre": self.ml / 1000, "box": 1.0}


def box_of(county: County) -> Box:
    rules = policy_of(county).boxes
    return Box(rules.g, rules.ml)


def worth_by_departure(prices: Collection[Worth], box: Box) -> dict[str, float]:
    """What one more box is worth on each departure where it is worth anything, in fen of the model."""
    worth: dict[str, float] = defaultdict(float)
    amounts = box.amounts
    for price in prices:
        if price.stop is not None and price.kind in amounts:
            worth[price.where] += price.fen * amounts[price.kind]
    return {where: fen for where, fen in worth.items() if fen > 0}


def worth_of_one_more_box(plan: Plan, departure: str, box: Box) -> float:
    """Fen of the model that one more box on a departure could save this plan, at most."""
    return worth_by_departure(plan.worth, box).get(departure, 0.0)


def keep_worth(session: Session, plan: BatchPlan, departures: dict[str, int], answer: Plan) -> None:
    """Write down what a box more is worth to a plan; `departures` are ids by the answer's names."""
    prices = answer.worth
    if not prices:
        return
    box = box_of(session.get_one(County, plan.tenant_id))
    worth = {departures[name]: round(fen) for name, fen in worth_by_departure(prices, box).items() if name in departures}
    rows = [
        {"plan_id": plan.id, "departure_id": departure, "tenant_id": plan.tenant_id, "box_fen": fen}
        for departure, fen in sorted(worth.items())
        if fen > 0
    ]
    if rows:
        session.execute(insert(DepartureWorth), rows)


def worth_of_days(session: Session, tenant_id: int, days: Collection[date]) -> dict[int, int]:
    """By departure id, as the last plan of its day that somebody asked for found it; one query."""
    last = (
        select(func.max(BatchPlan.id))
        .where(
            BatchPlan.tenant_id == tenant_id, BatchPlan.because == "", col(BatchPlan.status).in_(("optimal", "feasible")),
            BatchPlan.service_date == Departure.service_date,
        )
        .correlate(Departure)
        .scalar_subquery()
    )  # fmt: skip
    asked = (
        select(DepartureWorth.departure_id, DepartureWorth.box_fen)
        .join(Departure, col(Departure.id) == col(DepartureWorth.departure_id))
        .where(DepartureWorth.tenant_id == tenant_id, col(Departure.service_date).in_(days), DepartureWorth.plan_id == last)
    )
    return dict(session.exec(asked).all())


class WorthRow(NamedTuple):
    code: str
    box_fen: int


def worth_of_plan(session: Session, plan: BatchPlan) -> list[WorthRow]:
    """Most first."""
    asked = (
        select(Departure.code, DepartureWorth.box_fen)
        .join(Departure, col(Departure.id) == col(DepartureWorth.departure_id))
        .where(DepartureWorth.plan_id == plan.id)
        .order_by(col(DepartureWorth.box_fen).desc(), col(Departure.code))
    )
    return [WorthRow(*row) for row in session.exec(asked)]
