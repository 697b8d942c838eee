"""The first placing: one parcel after the other on its cheapest road that still fits, the scarcest first.

Scarce is who loses most, per share of a vehicle it takes, by missing its best boarding (a regret order; Potvin and
Rousseau 1993 use the same idea for routing). First come first served is kept as the yardstick.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from .assignment import Assignment, empty_assignment
from .cost import Road, arrival_fen
from .instance import Parcel
from .search import find_road
from .targets import Problem


def place_in_order(problem: Problem, order: Sequence[int], alone: list[Road | None], out_of_time: Callable[[], bool]) -> Assignment:
    """Place parcels in the given order of indexes; those without room, or not reached in time, stay without a road.

    alone: per parcel its cheapest road on an empty network (bound.roads_alone); nothing can beat it if it fits.
    """
    assignment, unserved = empty_assignment(problem), problem.instance.unserved_fen
    for i in order:
        best = alone[i]
        if best is None or best.cost > unserved:
            continue
        if out_of_time():
            break
        parcel = problem.instance.parcels[i]
        fits = assignment.load.fits(parcel, best)
        road = best if fits else find_road(problem, parcel, assignment.load, limit=unserved)
        if road is not None:
            assignment.put(i, road)
    return assignment


def first_come_order(problem: Problem) -> list[int]:
    parcels = problem.instance.parcels
    return sorted(range(len(parcels)), key=lambda i: (parcels[i].ready, i))


def scarce_first_order(problem: Problem, regrets: list[float]) -> list[int]:
    """Largest regret per share of an ordinary vehicle first; then the earliest due."""
    instance = problem.instance
    shares = _typical_shares(problem)

    def key(i: int) -> tuple[float, float, int]:
        parcel = instance.parcels[i]
        share = max(parcel.g * shares[0], parcel.ml * shares[1], parcel.box_milli * shares[2], 1e-9)
        return -regrets[i] / share, parcel.due, i

    return sorted(range(len(instance.parcels)), key=key)


def regret(problem: Problem, parcel: Parcel) -> float:
    """What the parcel loses if it misses its best first boarding: the second-best boarding's cost less the best's."""
    start = problem.start(parcel)
    network, worst = problem.network, problem.instance.unserved_fen
    if network.row[start.place] < 0:
        return 0.0
    end = network.row_start[start.node + 1]
    best = np.full(end - start.place, np.inf)
    for goal in problem.goals(parcel):
        costs = goal.labels.board[start.legs][start.place : end, goal.column] + goal.on_top
        if goal.times is not None:
            arrivals = goal.times.board[start.legs][start.place : end, goal.column].tolist()
            costs = costs + np.array([arrival_fen(problem.instance, parcel, t) if t < math.inf else math.inf for t in arrivals])
        best = np.minimum(best, costs)
    two = np.partition(np.minimum(np.append(best, worst), worst), 1)[:2]
    return float(two[1] - two[0])


def _typical_shares(problem: Problem) -> tuple[float, float, float]:
    """One over the median capacity of a departure, in grams, millilitres and thousandths of boxes (0: not counted)."""
    caps = [d.cap for d in problem.instance.departures]

    def one_over(values: list[float]) -> float:
        positive = [v for v in values if v > 0]
        return 1 / float(np.median(positive)) if positive else 0.0

    return one_over([c.g for c in caps]), one_over([c.ml for c in caps]), one_over([1000.0 * (c.boxes or 0) for c in caps])
