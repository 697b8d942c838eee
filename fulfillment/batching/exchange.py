"""Neighbourhoods solved exactly: the parcels around a crowded departure are placed anew, all others staying where they are.

Large neighbourhood search (Shaw 1998) with a small integer programme as its repair (see `swap`). Where to look is told by
the gap itself (see `standing`).
"""

import math
from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from .assignment import Assignment
from .choices import Choices
from .cost import Road
from .deadline import Deadline
from .prices import Prices
from .search import find_road
from .standing import Standing, Unavoidable
from .swap import Swap

SMALL, _GROWS, LARGE = 400, 3, 3_600  # choices in one programme: small ones first, they gain most a second
ROUND_GAINS = 4e-4  # of the cost: a round that gains less is the last of its size
CLEAR_GAP = 2e-4  # larger ones only where small ones leave a clear gap
_ABREAST = 2  # neighbourhoods solved at the same time, one more waits: numbers of the method, not of the machine
_WORTH = 1e-5  # of the cost: where less is lost nobody looks


def exchange(
    assignment: Assignment,
    choices: Choices,
    prices: Prices,
    bound: float,
    deadline: Deadline,
    *,
    unavoidable: Sequence[Unavoidable] = (),
    largest: int = LARGE,
) -> set[int]:
    """Departures by what is lost around them, in larger and larger neighbourhoods, until little is gained or time is up.

    unavoidable: what no plan can save. largest: choices in one neighbourhood at most.
    The assignment is legal at every moment and never becomes dearer.
    Returns the departures at which something is lost still.
    """
    search, size = _Exchange(Standing(assignment, choices, prices, unavoidable), deadline), SMALL
    while not deadline():
        before = assignment.total()
        search.look_again()
        if not search.go_round(size) or before - assignment.total() < ROUND_GAINS * before:
            if size >= largest or assignment.total() <= bound * (1 + CLEAR_GAP):
                break
            size *= _GROWS
    return set(search.crowded(search.standing.by_departure()))


class _Exchange:
    def __init__(self, standing: Standing, deadline: Deadline) -> None:
        self.standing, self.deadline = standing, deadline
        self.assignment, self.choices = assignment, choices = standing.assignment, standing.choices
        self.tried: set[tuple[object, ...]] = set()  # neighbourhoods that gained nothing as they were
        self.rides: list[dict[int, float]] = []  # per parcel the departures of its choices, and how far above its best each is
        self.users: dict[int, list[int]] = defaultdict(list)  # parcels by departure
        network = assignment.problem.network
        for i, (roads, excess) in enumerate(zip(choices.roads, choices.excess, strict=True)):
            near: dict[int, float] = {}
            for road, above in zip(roads, excess, strict=True):
                for leg in road.chosen:
                    near.setdefault(network.departure[leg[0]], above)
            self.rides.append(near)
            for d in near:
                self.users[d].append(i)

    def look_again(self) -> None:
        """Who loses something takes a cheaper road if one has become free, known before or not."""
        problem, roads = self.assignment.problem, self.assignment.roads
        for i in range(len(roads)):
            if self.deadline():
                return
            if self.standing.loss(i) <= 1:
                continue
            before, cost = roads[i], self.assignment.cost(i)
            self.assignment.take_off(i)
            road = find_road(problem, problem.instance.parcels[i], self.assignment.load, limit=cost - 1e-3) or before
            if road is not None:
                self.assignment.put(i, road)

    def go_round(self, size: int) -> bool:
        """Whether one round over all departures at which something is lost gained anything.

        Neighbourhoods far from each other are solved at the same time, and carried out in the order in which they were drawn up,
        however long each took, so that answers are the same.
        """
        gained, losses = False, self.standing.by_departure()
        crowded = self.crowded(losses)
        drawn: deque[tuple[Swap, Future[None]]] = deque()
        with ThreadPoolExecutor(_ABREAST) as threads:
            while crowded and not self.deadline():
                taken = {i for swap, _ in drawn for i in swap.parcels}
                far = next((d for d in crowded if taken.isdisjoint(self.users[d])), None)
                if far is None or len(drawn) > _ABREAST:
                    gained |= self._carry_out(*drawn.popleft())
                    continue
                crowded.remove(far)
                if (swap := self._draw_up(far, losses, size, taken)) is not None:
                    drawn.append((swap, threads.submit(self._solve, swap)))
            while drawn:
                gained |= self._carry_out(*drawn.popleft())
        return gained

    def crowded(self, losses: dict[int, float]) -> list[int]:
        """Departures at which it is worth looking, most lost first."""
        worth = _WORTH * self.assignment.total()
        return sorted((d for d, lost in losses.items() if lost > worth), key=lambda d: (-losses[d], d))

    def _draw_up(self, d: int, losses: dict[int, float], size: int, taken: Collection[int]) -> Swap | None:
        """The neighbourhood of a departure without the parcels of others; what was tried in vain is not tried again as it is."""
        parcels = self._around(d, losses, size, taken)
        if not parcels or self._as_it_is(parcels) in self.tried:
            return None
        return Swap(self.assignment, parcels, [self._options(i) for i in parcels])

    def _solve(self, swap: Swap) -> None:
        if not self.deadline():
            swap.solve(self.deadline.left)

    def _carry_out(self, swap: Swap, solved: "Future[None]") -> bool:
        solved.result()
        before = self._as_it_is(swap.parcels)
        gained = swap.carry_out(self.assignment)
        if not gained:
            self.tried.add(before)
        return gained

    def _as_it_is(self, parcels: Collection[int]) -> tuple[object, ...]:
        present = ((i, self.assignment.roads[i]) for i in sorted(parcels))
        return tuple((i, road and (road.legs, road.trunk)) for i, road in present)

    def _around(self, d: int, losses: dict[int, float], size: int, without: Collection[int]) -> list[int]:
        """Parcels that could ride a departure, then those of departures that share most with it, until their choices fill `size`."""
        chosen: dict[int, None] = {}
        linked: dict[int, int] = defaultdict(int)
        columns, seen, here = 0, {d}, d
        while True:
            for i in self._ranked(here):
                if i in chosen or i in without:
                    continue
                if columns >= size:
                    return list(chosen)
                chosen[i] = None
                columns += len(self.choices.roads[i]) + 1
                for other in self.rides[i]:
                    linked[other] += 1
            others = (o for o in linked if o not in seen)
            nearest = max(others, key=lambda o: (linked[o] * losses.get(o, 0.0), linked[o], -o), default=None)
            if nearest is None:
                return list(chosen)
            here = nearest
            seen.add(here)

    def _options(self, i: int) -> list[Road | None]:
        """What the parcel may be given: its present road, its choices, or nothing, so that one in a box alone may give way to many."""
        now = self.assignment.roads[i]
        same = [r for r in self.choices.roads[i] if now is None or (r.legs, r.trunk) != (now.legs, now.trunk)]
        return [now, *same, *([] if now is None else [None])]

    def _ranked(self, d: int) -> list[int]:
        """Users of a departure: those that lose something first, then its riders, then the rest by how near the choice is."""
        network, roads = self.assignment.problem.network, self.assignment.roads

        def key(i: int) -> tuple[int, float, int]:
            if (lost := self.standing.loss(i)) > 1:
                return 0, -lost, i
            road = roads[i]
            if road is not None and any(network.departure[leg[0]] == d for leg in road.chosen):
                return 1, self.choices.excess[i][1] if len(self.choices.excess[i]) > 1 else math.inf, i
            return 2, self.rides[i][d], i

        return sorted(self.users[d], key=key)
