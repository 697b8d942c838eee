"""Where the gap stands: how much dearer than its cheapest, at the prices, each parcel rides, and what room stays empty at a price.

By complementary slackness these add up to exactly what an assignment costs above the bound the prices prove.
"""

from collections import defaultdict

from .assignment import Assignment
from .choices import Choices
from .cost import Road
from .prices import Prices


class Standing:
    """Losses of an assignment as it stands; a parcel's loss is reckoned anew only when its road has changed."""

    def __init__(self, assignment: Assignment, choices: Choices, prices: Prices) -> None:
        self.assignment, self.choices, self.prices = assignment, choices, prices
        self._known: list[tuple[Road | None, float]] = [(None, self._lost(i, None)) for i in range(len(choices.roads))]

    def loss(self, i: int) -> float:
        """Fen the parcel pays above its cheapest, at the prices."""
        road = self.assignment.roads[i]
        if self._known[i][0] is not road:
            self._known[i] = road, self._lost(i, road)
        return self._known[i][1]

    def by_departure(self) -> dict[int, float]:
        """A parcel's loss counts at every departure of its cheapest road."""
        network, load = self.assignment.problem.network, self.assignment.load
        losses: dict[int, float] = defaultdict(float)
        for s, prices in self.prices.segments.items():
            rooms = (load.g[s], load.ml[s], load.chilled_ml[s], 0.0)
            losses[network.departure[s]] += sum(price * max(room, 0.0) / 1000 for price, room in zip(prices, rooms, strict=True))
        for i, roads in enumerate(self.choices.roads):
            if roads and (lost := self.loss(i)) > 0:
                for leg in roads[0].chosen:
                    losses[network.departure[leg[0]]] += lost
        return losses

    def _lost(self, i: int, road: Road | None) -> float:
        least, problem = float(self.choices.least[i]), self.assignment.problem
        if road is None:
            return max(0.0, problem.instance.unserved_fen - least)
        parcel = problem.instance.parcels[i]
        return max(0.0, road.cost + self.prices.road_toll(parcel, road.chosen, road.trunk) - least)
