"""The first placing: one parcel after the other on its cheapest road that still fits, the scarcest first.

Scarce is who loses most, per share of a vehicle it takes, by missing its best boarding (a regret order; Potvin and
Rousseau 1993 use the same idea for routing). First come first served is kept as the yardstick.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from .assignment import Assignment, empty_assignment
from .cost import Road, arrival_by, arrival_fen
from .instance import Parcel
from .search import find_road
from .targets import Problem


def place_in_order(problem: Problem, order: Sequence[int], alone: list[float], out_of_time: Callable[[], bool]) -> Assignment:
    """Place parcels in the given order of indexes; those without room, or not reached in time, stay without a road.

    alone: per parcel, the cost of its cheapest road on an empty network (bound.cheapest_alone).
    """
    assignment = empty_assignment(problem)
    familiar: dict[object, list[Road]] = {}
    for i in order:
        if alone[i] > problem.instance.unserved_fen:
            continue
        if out_of_time():
            break
        parcel = problem.instance.parcels[i]
        known = familiar.setdefault(_from_to(problem, parcel), [])
        road = _familiar_road(assignment, parcel, known, alone[i])
        if road is None:
            road = find_road(problem, parcel, assignment.load, limit=problem.instance.unserved_fen)
            if road is not None and road.legs and not road.fixed:
                known.append(road)
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


def _familiar_road(assignment: Assignment, parcel: Parcel, known: list[Road], alone: float) -> Road | None:
    """A road that an alike parcel took before, if it fits and cannot be beaten even on an empty network."""
    if parcel.pin or parcel.forbid or parcel.fixed_legs:
        return None
    for road in known:
        again = retold(assignment.problem, parcel, road)
        if again.cost <= alone + 1e-9 and assignment.load.fits(parcel, again):
            return again
    return None


def retold(problem: Problem, parcel: Parcel, road: Road) -> Road:
    """The same legs and trunk with this parcel's own arrival and cost; infinite cost past its shelf life."""
    instance, network = problem.instance, problem.network
    legs = sum(instance.departures[network.departure[board]].fee_fen + instance.handover_fee_fen for board, _ in road.legs)
    if road.trunk is None:
        arrives = network.arr[road.legs[-1][1]] if road.legs else parcel.ready
        return Road(road.legs, None, arrives, legs + arrival_fen(instance, parcel, arrives), road.fixed)
    goal = next((g for g in problem.goals(parcel) if g.trunk == road.trunk), None)
    arrives = arrival_by(instance.trunks[road.trunk], parcel.zone or "")
    return Road(road.legs, road.trunk, arrives, math.inf if goal is None else legs + goal.on_top, road.fixed)


def _from_to(problem: Problem, parcel: Parcel) -> object:
    start = problem.start(parcel)
    at_ready = parcel.ready if parcel.to == parcel.origin else None
    return start.place, at_ready, parcel.zone, parcel.to, parcel.tier


def _typical_shares(problem: Problem) -> tuple[float, float, float]:
    """One over the median capacity of a departure, in grams, millilitres and thousandths of boxes (0: not counted)."""
    caps = [d.cap for d in problem.instance.departures]

    def one_over(values: list[float]) -> float:
        positive = [v for v in values if v > 0]
        return 1 / float(np.median(positive)) if positive else 0.0

    return one_over([c.g for c in caps]), one_over([c.ml for c in caps]), one_over([1000.0 * (c.boxes or 0) for c in caps])
