"""A month in seven typical days, and how each goes on the present timetable. Pure data."""

from dataclasses import dataclass, field
from typing import NamedTuple

from fulfillment.batching.answer import Plan, Worth
from fulfillment.batching.instance import Departure, Instance
from supply.counties.profile_rules import RunRules

from .changes import run_of
from .roadtimes import Spots
from .worth import Box

TIMES_A_MONTH = 30 / 7  # how often a weekday comes in a month of thirty days


@dataclass(frozen=True, slots=True)
class Month:
    """One instance per weekday (without parcels where that weekday never had any), the county's costs, its box, its places."""

    days: tuple[Instance, ...]
    rules: RunRules
    box: Box
    spots: Spots = field(default_factory=dict)


class Solved(NamedTuple):
    """A typical day as planned, with its shadow prices; `number` is its place in the month."""

    instance: Instance
    plan: Plan
    prices: tuple[Worth, ...]
    number: int


def present_run(days: tuple[Instance, ...], run: str) -> Departure | None:
    """A run on the first day that has it, for its bay, stops and times of day."""
    return next((d for day in days for d in day.departures if run_of(d.id) == run and 0 <= d.stops[0].arr < 1440), None)
