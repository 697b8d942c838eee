"""Neighbourhoods solved exactly: the parcels around a crowded departure are placed anew, all others staying where they are.

Large neighbourhood search (Shaw 1998) with a small integer programme as its repair (see `swap`). Where to look is told by
the gap itself: parcels that ride dearer than their cheapest at the prices, and room that has a price and is empty.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from .assignment import Assignment
from .choices import Choices
from .cost import Road
from .deadline import Deadline
from .prices import Prices
from .swap import swap

_SMALL, _GROWS, _LARGE = 400, 3, 3_600  # choices in one programme: small ones first, they gain most a second
_ROUND_GAINS = 1e-4  # of the cost: a round that gains less is the last of its size
_CLEAR_GAP = 2.5e-3  # larger ones only where small ones leave a clear gap
_WORTH_FEN = 1.0


def exchange(assignment: Assignment, choices: Choices, prices: Prices, bound: float, deadline: Deadline) -> None:
    """Departures by what is lost around them, in larger and larger neighbourhoods, until little is gained or time is up.

    The assignment is legal at every moment and never becomes dearer.
    """
    search, size = _Exchange(assignment, choices, prices, deadline), _SMALL
    while not deadline():
        before = assignment.total()
        if not search.go_round(size) or before - assignment.total() < _ROUND_GAINS * before:
            if size >= _LARGE or assignment.total() <= bound * (1 + _CLEAR_GAP):
                return
            size *= _GROWS


@dataclass
class _Exchange:
    assignment: Assignment
    choices: Choices
    prices: Prices
    deadline: Deadline
    users: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))  # parcels by departure, of all their choices
    tried: set[tuple[object, ...]] = field(default_factory=set)  # neighbourhoods that gained nothing as they were

    def __post_init__(self) -> None:
        network = self.assignment.problem.network
        for i, roads in enumerate(self.choices.roads):
            for d in dict.fromkeys(network.departure[leg[0]] for road in roads for leg in road.chosen):
                self.users[d].append(i)

    def go_round(self, size: int) -> bool:
        """Whether one round over all departures that lose something gained anything."""
        gained, losses = False, self._losses()
        for d in sorted(losses, key=lambda d: (-losses[d], d)):
            if self.deadline():
                return gained
            gained |= self._solve(self._around(d, losses, size))
        return gained

    def _solve(self, parcels: list[int]) -> bool:
        """Whether placing these anew gained something; what was tried in vain is not tried again while nobody there has moved."""
        rides = ((i, self.assignment.roads[i]) for i in sorted(parcels))
        as_it_is = tuple((i, road and (road.legs, road.trunk)) for i, road in rides)
        if as_it_is in self.tried:
            return False
        gained = swap(self.assignment, parcels, [self._options(i) for i in parcels], seconds=self.deadline.left)
        if not gained:
            self.tried.add(as_it_is)
        return gained

    def _losses(self) -> dict[int, float]:
        """Per departure the share of the gap that stands at it."""
        network, load = self.assignment.problem.network, self.assignment.load
        losses: dict[int, float] = defaultdict(float)
        for s, prices in self.prices.segments.items():
            rooms = (load.g[s], load.ml[s], load.chilled_ml[s], 0.0)
            losses[network.departure[s]] += sum(price * max(room, 0.0) / 1000 for price, room in zip(prices, rooms, strict=True))
        for i in range(len(self.choices.roads)):
            lost, best = self._excess(i), self.choices.roads[i]
            if lost > _WORTH_FEN and best:
                for leg in best[0].chosen:
                    losses[network.departure[leg[0]]] += lost
        return {d: lost for d, lost in losses.items() if lost > _WORTH_FEN}

    def _excess(self, i: int) -> float:
        """What the parcel pays above its cheapest, at the prices."""
        road, least = self.assignment.roads[i], float(self.choices.least[i])
        return max(0.0, (self.assignment.problem.instance.unserved_fen if road is None else self._priced(i, road)) - least)

    def _priced(self, i: int, road: Road) -> float:
        parcel, prices = self.assignment.problem.instance.parcels[i], self.prices
        tolls = sum(prices.toll(parcel, s) for leg in road.chosen for s in range(*leg))
        return road.cost + tolls + (0.0 if road.trunk is None else prices.trunk_toll(parcel, road.trunk))

    def _around(self, d: int, losses: dict[int, float], size: int) -> list[int]:
        """Parcels that could ride a departure, then those of departures that share most with it, until their choices fill `size`."""
        chosen: dict[int, None] = {}
        columns, seen = 0, {d}
        linked: dict[int, float] = defaultdict(float)
        network = self.assignment.problem.network
        nxt: int | None = d
        while nxt is not None:
            for i in self._ranked(nxt):
                if i in chosen:
                    continue
                if columns >= size:
                    return list(chosen)
                chosen[i] = None
                columns += len(self.choices.roads[i]) + 1
                for other in {network.departure[leg[0]] for road in self.choices.roads[i] for leg in road.chosen} - seen:
                    linked[other] += 1
            linked = defaultdict(float, {o: n for o, n in linked.items() if o in losses and o not in seen})
            nxt = max(linked, key=lambda o: (linked[o] * losses[o], -o), default=None)
            if nxt is not None:
                seen.add(nxt)
        return list(chosen)

    def _options(self, i: int) -> list[Road | None]:
        """What the parcel may be given: its present road, its choices, or nothing, so that one in a box alone may give way to many."""
        now = self.assignment.roads[i]
        same = [r for r in self.choices.roads[i] if now is None or (r.legs, r.trunk) != (now.legs, now.trunk)]
        return [now, *same, *([] if now is None else [None])]

    def _ranked(self, d: int) -> list[int]:
        """Users of a departure: those that lose something first, then its riders, then the rest by how near the choice is."""
        network = self.assignment.problem.network

        def key(i: int) -> tuple[int, float, int]:
            lost = self._excess(i)
            road = self.assignment.roads[i]
            rides = road is not None and any(network.departure[leg[0]] == d for leg in road.chosen)
            if lost > _WORTH_FEN:
                return 0, -lost, i
            near = min(
                e for e, r in zip(self.choices.excess[i], self.choices.roads[i], strict=True)
                if any(network.departure[leg[0]] == d for leg in r.chosen)
            )  # fmt: skip
            return (1, self._second(i), i) if rides else (2, near, i)

        return sorted(self.users[d], key=key)

    def _second(self, i: int) -> float:
        """How far the second choice is."""
        excess = self.choices.excess[i]
        return excess[1] if len(excess) > 1 else float("inf")
