"""Who rides what: the roads chosen so far, kept in step with the load."""

import math
from collections import defaultdict
from dataclasses import dataclass, field

from .cost import Road
from .load import Load, empty_load
from .targets import Problem

Place = tuple[str, int]  # ("segment", event) or ("trunk", index)


@dataclass
class Assignment:
    """One road or none per parcel, never more aboard than there is room for once a change is finished."""

    problem: Problem
    load: Load
    roads: list[Road | None]
    riders: dict[Place, set[int]] = field(default_factory=lambda: defaultdict(set))

    def put(self, i: int, road: Road) -> None:
        """Place parcel `i`, which has no road yet. The caller has made sure that it fits or will make room."""
        self.roads[i] = road
        self.load.add(self.problem.instance.parcels[i], road)
        for place in _places(road):
            self.riders[place].add(i)

    def take_off(self, i: int) -> None:
        road = self.roads[i]
        if road is not None:
            self.roads[i] = None
            self.load.remove(self.problem.instance.parcels[i], road)
            for place in _places(road):
                self.riders[place].discard(i)

    def cost(self, i: int) -> float:
        road = self.roads[i]
        return self.problem.instance.unserved_fen if road is None else road.cost

    def total(self) -> float:
        return math.fsum(self.cost(i) for i in range(len(self.roads)))


def empty_assignment(problem: Problem) -> Assignment:
    return Assignment(problem, empty_load(problem.instance, problem.network), [None] * len(problem.instance.parcels))


def _places(road: Road) -> list[Place]:
    places: list[Place] = [("segment", s) for leg in road.chosen for s in range(*leg)]
    return places if road.trunk is None else [*places, ("trunk", road.trunk)]
