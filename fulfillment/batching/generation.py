"""Column generation: price, find better roads at those prices, price again, until no road is missing.

At any prices the Lagrangian bound holds (Geoffrion 1974): every parcel's cheapest road, tolls included, less the worth
of all room. So a search stopped early still shows a true bound, and the bound is the best of all rounds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .cost import Road
from .load import empty_load
from .master import Master
from .network import Floats
from .prices import Prices, Rooms, prices_of
from .pricing import Pricing

_CLOSE_ENOUGH = 1e-6  # of the cost, between the mix and the bound
_SLACK = 1e-6  # fen a road must be better to be worth adding; taken off the bound, so that it stays true


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The cheapest mix of roads found (shares of parcels may be split), its prices, and a true lower bound.

    least: per parcel, fen that none of its roads is below at the prices. They prove `at_prices`; an earlier round may have proved more.
    """

    mixes: list[list[tuple[Road, float]]]
    known: list[list[Road]]  # every road found for each parcel
    prices: Prices
    cost: float
    bound: float
    least: Floats
    at_prices: float


def relax(
    pricing: Pricing, alone: list[Road | None], known: list[Road | None], out_of_time: Callable[[], bool], guess: Prices | None = None
) -> Relaxation:
    """alone: cheapest road of each parcel on an empty network (None: none, or dearer than unserved); known: any legal plan.

    guess: prices that may be near; who would pay one knows its cheapest road at them from the start.
    """
    problem, unserved = pricing.problem, pricing.problem.instance.unserved_fen
    rooms = Rooms(empty_load(problem.instance, problem.network))
    master = Master(pricing.cargo, rooms)
    least = np.array([unserved if road is None else min(road.cost, unserved) for road in alone])
    master.add_roads(
        (i, road)
        for i, (best, other) in enumerate(zip(alone, known, strict=True))
        for road in dict.fromkeys(r for r in (best, other) if r is not None and r.cost <= unserved)
    )
    bound = math.fsum(least)
    if guess is not None and (guess.segments or guess.trunks):
        met = (r is not None and guess.road_toll(p, r.chosen, r.trunk) > 0 for p, r in zip(problem.instance.parcels, alone, strict=True))
        asked = np.where(np.fromiter(met, dtype=bool, count=len(alone)), unserved, -np.inf)
        master.add_roads((pricing.cheapest(asked, guess, out_of_time) or {}).items())
    while True:
        cost = master.solve()
        while master.add_short_resources():
            cost = master.solve()
        values = master.prices()
        prices = prices_of(values)
        at_best = master.known_costs()
        found = pricing.cheapest(np.where(at_best > least + _SLACK, at_best - _SLACK, -np.inf), prices, out_of_time)
        if found is None:
            return Relaxation(master.mixes(), master.known(), prices, cost, bound, np.zeros(len(alone)), -math.inf)
        for i, road in found.items():
            at_best[i] = road.cost + road.toll
        worth = math.fsum(value * rooms.left_of(r) for r, value in values.items())
        at_least = np.minimum(at_best, unserved) - _SLACK
        at_prices = math.fsum(at_least) - worth
        bound = max(bound, at_prices)
        master.add_roads(found.items())
        if not found or cost - bound <= _CLOSE_ENOUGH * abs(cost):
            return Relaxation(master.mixes(), master.known(), prices, cost, bound, at_least, at_prices)
