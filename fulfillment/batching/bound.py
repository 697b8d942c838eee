"""A true lower bound: every parcel on its cheapest legal road as if it were alone, or unserved if that costs less.

No capacity is charged, so neither shares nor whole boxes can make the optimum cheaper than this.
"""

import math

from .cost import Road
from .instance import Parcel
from .search import find_road
from .targets import Problem


def cheapest_alone(problem: Problem) -> list[float]:
    """Per parcel, the cost of its cheapest legal road on an empty network; infinity where it has none."""
    known: dict[object, float] = {}
    costs = []
    for parcel in problem.instance.parcels:
        if parcel.to is None and not (parcel.pin or parcel.forbid):
            costs.append(_cheapest_to_trunk(problem, parcel))
            continue
        key = _alike(problem, parcel)
        if key not in known:
            road: Road | None = find_road(problem, parcel)
            # Alike parcels differ in `ready` within one boarding: holding is linear in it, so it is taken out of the key.
            known[key] = math.inf if road is None else road.cost + parcel.hold_fen_per_h * parcel.ready / 60
        costs.append(known[key] - parcel.hold_fen_per_h * parcel.ready / 60)
    return costs


def lower_bound(problem: Problem, alone: list[float]) -> float:
    return math.fsum(min(cost, problem.instance.unserved_fen) for cost in alone)


def _cheapest_to_trunk(problem: Problem, parcel: Parcel) -> float:
    start = problem.start(parcel)
    best = math.inf
    for goal in problem.goals(parcel):
        legs = float(goal.labels.wait[start.legs][start.place, goal.column])
        best = min(best, legs + goal.on_top, problem.ending(parcel, goal, start.node, start.since))
    return start.spent + best


def _alike(problem: Problem, parcel: Parcel) -> object:
    """Parcels that share this key share their roads: `ready` counts only through the first boarding and the shelf life."""
    start = problem.start(parcel)
    by_itself = (parcel.ready, parcel.g) if parcel.zone or parcel.to == parcel.origin else None
    where = (start.place, start.legs, start.fixed, parcel.zone, parcel.to, parcel.tier)
    return where, by_itself, parcel.due, parcel.hold_fen_per_h, parcel.deadline, parcel.pin, parcel.forbid
