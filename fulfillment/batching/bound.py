"""The first lower bound: every parcel on its cheapest legal road as if it were alone, or unserved if that costs less.

No capacity is charged, so neither shares nor whole boxes can make the optimum cheaper than this. Column generation
starts from these roads and raises the bound where they do not fit together.
"""

import math

from .cost import Leg, Road, arrival_by
from .instance import Parcel
from .scan import trace
from .search import find_road
from .targets import Goal, Problem, Start


def roads_alone(problem: Problem) -> list[Road | None]:
    """Per parcel its cheapest legal road on an empty network, None where it has none; dearer than unserved is possible."""
    traced: dict[object, tuple[Leg, ...]] = {}
    alike: dict[object, tuple[Parcel, Road | None]] = {}
    roads: list[Road | None] = []
    for parcel in problem.instance.parcels:
        start = problem.start(parcel)
        if parcel.pin or parcel.forbid or parcel.to == parcel.origin:
            roads.append(find_road(problem, parcel))
        elif parcel.zone is not None:
            roads.append(_to_trunk(problem, parcel, start, traced))
        else:
            key = (start.place, start.legs, start.fixed, parcel.to, parcel.tier, parcel.due, parcel.hold_fen_per_h, parcel.deadline)
            if key not in alike:
                alike[key] = parcel, find_road(problem, parcel)
            roads.append(_for_other(*alike[key], parcel))
    return roads


def bound_alone(problem: Problem, alone: list[Road | None]) -> float:
    unserved = problem.instance.unserved_fen
    return math.fsum(unserved if road is None else min(road.cost, unserved) for road in alone)


def _for_other(one: Parcel, road: Road | None, other: Parcel) -> Road | None:
    """The road of a parcel for one that differs from it only in when it was ready: only the holding differs."""
    if road is None or one is other:
        return road
    held = other.hold_fen_per_h * (one.ready - other.ready) / 60
    return Road(road.legs, None, road.arrives, road.cost + held, road.fixed)


def _to_trunk(problem: Problem, parcel: Parcel, start: Start, traced: dict[object, tuple[Leg, ...]]) -> Road | None:
    """By the labels alone: the legs to a trunk do not depend on the parcel."""
    best: tuple[float, int, Goal, bool] | None = None
    for goal in problem.goals(parcel):
        riding = float(goal.labels.wait[start.legs][start.place, goal.column]) + goal.on_top
        there = problem.ending(parcel, goal, start.node, start.since)
        choice = (min(riding, there), goal.column, goal, there <= riding)
        if best is None or choice[:2] < best[:2]:
            best = choice
    if best is None or best[0] == float("inf"):
        return None
    cost, column, goal, is_there = best
    legs: tuple[Leg, ...] = ()
    if not is_there:
        key = (start.place, start.legs, parcel.tier, column)
        if key not in traced:
            traced[key] = trace(problem.layout, goal.labels, start.place, column, start.legs)
        legs = traced[key]
    arrives = arrival_by(problem.instance.trunks[column], parcel.zone or "")
    return Road(start.fixed + legs, column, arrives, start.spent + cost, len(start.fixed))
