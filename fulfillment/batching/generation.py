"""Column generation: price, find better roads at those prices, price again, until no road is missing.

At any prices the Lagrangian bound holds (Geoffrion 1974): every parcel's cheapest road, tolls included, less the worth
of all room. So a search stopped early still shows a true bound, and the bound is the best of all rounds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .cost import Road
from .load import empty_load
from .master import Master
from .prices import Prices, Rooms, prices_of
from .search import find_road
from .targets import Problem

_CLOSE_ENOUGH = 1e-6  # of the cost, between the mix and the bound
_SLACK = 1e-6  # fen a road must be better to be worth adding; taken off the bound, so that it stays true


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The cheapest mix of roads found (shares of parcels may be split), its prices, and a true lower bound."""

    mixes: list[list[tuple[Road, float]]]
    known: list[list[Road]]  # every road found for each parcel
    prices: Prices
    cost: float
    bound: float


def relax(problem: Problem, alone: list[Road | None], known: list[Road | None], out_of_time: Callable[[], bool]) -> Relaxation:
    """alone: cheapest road of each parcel on an empty network (None: none, or dearer than unserved); known: any legal plan."""
    parcels, unserved = problem.instance.parcels, problem.instance.unserved_fen
    rooms = Rooms(empty_load(problem.instance, problem.network))
    master = Master(parcels, rooms, unserved)
    least = [unserved if road is None else min(road.cost, unserved) for road in alone]
    for i, (best, other) in enumerate(zip(alone, known, strict=True)):
        for road in dict.fromkeys(r for r in (best, other) if r is not None and r.cost <= unserved):
            master.add_road(i, road)
    bound = math.fsum(least)
    while True:
        cost = master.solve()
        while master.add_short_resources():
            cost = master.solve()
        values = master.prices()
        prices = prices_of(values)
        dual, found = -sum(value * rooms.left_of(r) for r, value in values.items()), 0
        for i, parcel in enumerate(parcels):
            at_best = master.known_cost(i)
            if at_best > least[i] + _SLACK:
                if out_of_time():
                    return Relaxation(master.mixes(), master.roads, prices, cost, bound)
                better = find_road(problem, parcel, limit=at_best - _SLACK, prices=prices)
                if better is not None:
                    master.add_road(i, better)
                    at_best, found = better.cost + better.toll, found + 1
            dual += min(at_best, unserved) - _SLACK
        bound = max(bound, dual)
        if not found or cost - bound <= _CLOSE_ENOUGH * abs(cost):
            return Relaxation(master.mixes(), master.roads, prices, cost, bound)
