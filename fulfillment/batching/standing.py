"""Where the gap stands: how much dearer than its cheapest, at the prices, each parcel rides, and what room stays empty at a price.

By complementary slackness these add up to exactly what an assignment costs above the bound the prices prove.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from .assignment import Assignment
from .choices import Choices
from .cost import Road
from .prices import Prices, Rooms


class Unavoidable(NamedTuple):
    """What is lost around some departures in any plan."""

    departures: frozenset[int]
    fen: float


class Standing:
    """Losses of an assignment as it stands; a parcel's loss is reckoned anew only when its road has changed."""

    def __init__(self, assignment: Assignment, choices: Choices, prices: Prices, unavoidable: Sequence[Unavoidable] = ()) -> None:
        self.assignment, self.choices, self.prices, self.unavoidable = assignment, choices, prices, unavoidable
        self._known: list[tuple[Road | None, float]] = [(None, self._lost(i, None)) for i in range(len(choices.roads))]

    def loss(self, i: int) -> float:
        """Fen the parcel pays above its cheapest, at the prices."""
        road = self.assignment.roads[i]
        if self._known[i][0] is not road:
            self._known[i] = road, self._lost(i, road)
        return self._known[i][1]

    def by_segment(self) -> dict[int, float]:
        """Of the segments with a price: what room stays empty, and what parcels lose whose cheapest road rides them."""
        rooms, losses = Rooms(self.assignment.load), dict[int, float]()
        for s, prices in self.prices.segments.items():
            losses[s] = sum(price * float(rooms.left_by_kind[kind, s]) for kind, price in enumerate(prices) if price > 0)
        for i, roads in enumerate(self.choices.roads):
            if roads and (lost := self.loss(i)) > 0:
                for s in {s for leg in roads[0].chosen for s in range(*leg)} & losses.keys():
                    losses[s] += lost
        return losses

    def by_departure(self) -> dict[int, float]:
        """What might be saved there. A parcel's loss counts at every departure of its cheapest road."""
        network, load = self.assignment.problem.network, self.assignment.load
        losses: dict[int, float] = defaultdict(float)
        for s, prices in self.prices.segments.items():
            rooms = (load.g[s], load.ml[s], load.chilled_ml[s], 0.0)
            losses[network.departure[s]] += sum(price * max(room, 0.0) / 1000 for price, room in zip(prices, rooms, strict=True))
        for i, roads in enumerate(self.choices.roads):
            if roads and (lost := self.loss(i)) > 0:
                for leg in roads[0].chosen:
                    losses[network.departure[leg[0]]] += lost
        for departures, fen in self.unavoidable:
            lost = sum(losses[d] for d in departures)
            for d in departures if lost > 0 else ():
                losses[d] *= max(0.0, 1 - fen / lost)
        return losses

    def _lost(self, i: int, road: Road | None) -> float:
        least, problem = float(self.choices.least[i]), self.assignment.problem
        if road is None:
            return max(0.0, problem.instance.unserved_fen - least)
        parcel = problem.instance.parcels[i]
        return max(0.0, road.cost + self.prices.road_toll(parcel, road.chosen, road.trunk) - least)
