"""The first placing: one parcel after the other on its cheapest road that still fits, the scarcest first.

Scarce is who loses most, per share of a vehicle it takes, by missing its best boarding (a regret order; Potvin and
Rousseau 1993 use the same idea for routing). First come first served is kept as the yardstick.
"""

from collections.abc import Callable, Sequence

import numpy as np

from .assignment import Assignment, empty_assignment
from .cargo import Way
from .cost import Road
from .instance import TIERS
from .network import Floats, Ints
from .pricing import Pricing
from .search import find_road
from .targets import Problem


def place_in_order(problem: Problem, order: Sequence[int], alone: list[Road | None], out_of_time: Callable[[], bool]) -> Assignment:
    """Place parcels in the given order of indexes; those without room stay without a road, and when time is up, those without their best.

    alone: per parcel its cheapest road on an empty network (bound.roads_alone); nothing can beat it if it fits.
    """
    assignment, unserved = empty_assignment(problem), problem.instance.unserved_fen
    for i in order:
        best = alone[i]
        if best is None or best.cost > unserved:
            continue
        parcel, road = problem.instance.parcels[i], None
        if assignment.load.fits(parcel, best):
            road = best
        elif not out_of_time():
            road = find_road(problem, parcel, assignment.load, limit=unserved)
        if road is not None:
            assignment.put(i, road)
    return assignment


def first_come_order(problem: Problem) -> list[int]:
    parcels = problem.instance.parcels
    return sorted(range(len(parcels)), key=lambda i: (parcels[i].ready, i))


def scarce_first_order(problem: Problem, lost: Floats) -> list[int]:
    """lost: as `regrets`. Largest regret per share of an ordinary vehicle first; then the earliest due."""
    instance = problem.instance
    shares = _typical_shares(problem)

    def key(i: int) -> tuple[float, float, int]:
        parcel = instance.parcels[i]
        share = max(parcel.g * shares[0], parcel.ml * shares[1], parcel.box_milli * shares[2], 1e-9)
        return -lost[i] / share, parcel.due, i

    return sorted(range(len(instance.parcels)), key=key)


def regrets(pricing: Pricing) -> Floats:
    """Per parcel what it loses if it misses its best first boarding: the second-best boarding's cost less the best's.

    Wishes are left out of account; a parcel that has some counts as one that has none to lose.
    """
    problem, cargo = pricing.problem, pricing.cargo
    lost = np.zeros(len(cargo.starts))
    for way, members in cargo.ways.items():
        first, end = int(cargo.place[members].min()), problem.network.row_start[way.node + 1] - 1
        for tier in np.unique(cargo.tier[members]).tolist():
            mine = members[cargo.tier[members] == tier]
            costs = _boardings(pricing, way, tier, mine, slice(first, end))
            costs[np.arange(first, end)[:, None] < cargo.place[mine]] = np.inf
            worst = np.full((2, len(mine)), problem.instance.unserved_fen)
            two = np.partition(np.minimum(np.vstack([costs, worst]), problem.instance.unserved_fen), 1, axis=0)[:2]
            lost[mine] = two[1] - two[0]
    return lost


def _boardings(pricing: Pricing, way: Way, tier: int, mine: Ints, places: slice) -> Floats:
    """(places x parcels) least cost of boarding at each place of the row."""
    problem, cargo = pricing.problem, pricing.cargo
    if way.to is not None:
        labels, times = problem.inbound(TIERS[tier])
        column = problem.column(TIERS[tier], way.to)
        arrivals = times.board[way.legs][places, column]
        return labels.board[way.legs][places, column][:, None] + cargo.arrival_fen(mine, arrivals)
    boards = problem.outbound(TIERS[tier]).board[way.legs][places]
    costs = np.full((len(boards), len(mine)), np.inf)
    for k in range(boards.shape[1]):
        costs = np.minimum(costs, boards[:, k, None] + cargo.on_top[mine, k])
    return costs


def _typical_shares(problem: Problem) -> tuple[float, float, float]:
    """One over the median capacity of a departure, in grams, millilitres and thousandths of boxes (0: not counted)."""
    caps = [d.cap for d in problem.instance.departures]

    def one_over(values: list[float]) -> float:
        positive = [v for v in values if v > 0]
        return 1 / float(np.median(positive)) if positive else 0.0

    return one_over([c.g for c in caps]), one_over([c.ml for c in caps]), one_over([1000.0 * (c.boxes or 0) for c in caps])
