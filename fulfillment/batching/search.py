"""The cheapest legal road of one parcel, with or without regard to what is already aboard.

Best-first search (A*; Hart, Nilsson, Raphael 1968) forward from where the parcel stands, led by the labels of the
backward scan: they are what the rest of the road costs when nothing is full, so they never overestimate, and on an
uncrowded network the search walks straight to the goal. Ties are broken by order of discovery: earlier boardings first.
"""

import heapq
import math
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from .cost import Leg, Road, arrival_by, arrival_fen, arrivals_fen
from .instance import Parcel
from .load import Load
from .network import Floats
from .prices import Prices
from .scan import Labels
from .targets import Goal, Problem, Start

_ROUNDING = 1e-6  # fen by which sums of the same figures may differ with their order

# A state of the search: what is spent, tolls of it, where (place of the row), legs left, pins still to be used, legs taken.
_State = tuple[float, float, int, int, frozenset[int], tuple[Leg, ...]]


def find_road(
    problem: Problem, parcel: Parcel, load: Load | None = None, *, limit: float = math.inf, prices: Prices | None = None
) -> Road | None:
    """The cheapest road that is legal and, given a load, fits beside it; None if there is none of cost <= `limit`.

    With prices, cost and limit include the tolls of what the road takes up; the labels stay a lower bound, as no price
    is negative.
    """
    return _Search(problem, parcel, load, limit, prices).run()


@dataclass
class _Search:
    problem: Problem
    parcel: Parcel
    load: Load | None
    limit: float
    prices: Prices | None
    heap: list[tuple[float, int, object]] = field(default_factory=list)
    tick: "count[int]" = field(default_factory=count)
    seen: set[tuple[int, int, int, frozenset[int]]] = field(default_factory=set)

    def run(self) -> Road | None:
        problem, parcel = self.problem, self.parcel
        start = problem.start(parcel)
        goals = self._goals(start)
        if not goals:
            return None
        self.forbidden = {d for p in parcel.forbid if (d := problem.network.departure_of.get(p)) is not None}
        used = {problem.network.departure[board] for board, _ in start.fixed}
        pins = frozenset(d for p in parcel.pin if (d := problem.network.departure_of.get(p)) is not None and d not in used)
        for g, goal in enumerate(goals):
            if not pins:
                self._finish(goal, start.spent + problem.ending(parcel, goal, start.node, start.since), 0.0, start.since, ())
            self._wait(g, goal, (start.spent, 0.0, start.place, start.legs, pins, ()))
        while self.heap:
            _, _, step = heapq.heappop(self.heap)
            if isinstance(step, Road):
                return Road(start.fixed + step.legs, step.trunk, step.arrives, step.cost, len(start.fixed), step.toll)
            if isinstance(step, _Row):
                self._board(step)
            elif isinstance(step, tuple):
                self._look_out(*step)
        return None

    def _goals(self, start: Start) -> list[Goal]:
        """The ends that can be within the limit at all, with room if a load is given."""
        problem, parcel, load = self.problem, self.parcel, self.load
        if parcel.to is not None:
            return problem.goals(parcel)
        labels, fen = problem.outbound(parcel.tier), problem.leaving(parcel)
        least = fen + labels.wait[start.legs][start.place]
        if self.prices is not None and self.prices.trunks:
            least += self.prices.per_kg(len(fen)) * parcel.g / 1000
        near = (least <= self.limit - start.spent + _ROUNDING) & (least < math.inf) | (problem.hubs == start.node) & (fen < math.inf)
        trunks = np.flatnonzero(near).tolist()
        return [Goal(labels, None, k, k, fen.item(k)) for k in trunks if load is None or load.trunk_has_room(parcel, k)]

    def _push(self, cost: float, step: object) -> None:
        if cost <= self.limit and cost < math.inf:
            heapq.heappush(self.heap, (cost, next(self.tick), step))

    def _finish(self, goal: Goal, cost: float, toll: float, since: float, legs: tuple[Leg, ...]) -> None:
        """Queue a finished road; `cost` includes the tolls `toll` of its legs."""
        toll, cost = toll + self._trunk_toll(goal), cost + self._trunk_toll(goal)
        if cost < math.inf:
            trunk = None if goal.trunk is None else self.problem.instance.trunks[goal.trunk]
            arrives = since if trunk is None else arrival_by(trunk, self.parcel.zone or "")
            self._push(cost, Road(legs, goal.trunk, arrives, cost - toll, 0, toll))

    def _trunk_toll(self, goal: Goal) -> float:
        return 0.0 if self.prices is None or goal.trunk is None else self.prices.trunk_toll(self.parcel, goal.trunk)

    def _wait(self, g: int, goal: Goal, state: _State) -> None:
        spent, _, place, legs, pins, _ = state
        if (g, place, legs, pins) in self.seen or (pins and not self._reaches(pins, legs, place)):
            return
        to_go = goal.labels.wait[legs][place, goal.column]
        if goal.times is not None and to_go < math.inf:
            to_go += arrival_fen(self.problem.instance, self.parcel, float(goal.times.wait[legs][place, goal.column]))
        self._push(spent + float(to_go) + goal.on_top + self._trunk_toll(goal), (g, goal, state))

    def _reaches(self, pins: frozenset[int], legs: int, place: int) -> bool:
        """Whether each departure that must be used can still be ridden."""
        return len(pins) <= legs and all(self.problem.riding(d).wait[legs][place, 0] < math.inf for d in pins)

    def _look_out(self, g: int, goal: Goal, state: _State) -> None:
        """Line up the boardings that can still be made from here, cheapest first."""
        spent, _, place, legs, pins, _ = state
        if (g, place, legs, pins) in self.seen:
            return
        self.seen.add((g, place, legs, pins))
        network = self.problem.network
        end = network.row_start[network.node[network.row[place]] + 1] if network.row[place] >= 0 else place
        costs = (
            spent
            + self._trunk_toll(goal)
            + self._to_go(goal, goal.labels.board[legs][place:end, goal.column], goal.times, legs, place, end)
        )
        good = np.flatnonzero((costs <= self.limit) & (costs < math.inf))
        for d in pins:
            good = good[self.problem.riding(d).board[legs][place + good, 0] < math.inf]
        if len(good):
            good = good[np.argsort(costs[good], kind="stable")]
            row = _Row(g, goal, state, costs[good].tolist(), self.problem.layout.boardings[place + good].tolist())
            self._push(row.costs[0], row)

    def _to_go(self, goal: Goal, costs: Floats, times: Labels | None, legs: int, place: int, end: int) -> Floats:
        if times is None:
            return np.asarray(costs + goal.on_top)
        return np.asarray(costs + arrivals_fen(self.problem.instance, self.parcel, times.board[legs][place:end, goal.column]))

    def _board(self, row: "_Row") -> None:
        """Ride one boarding from stop to stop as far as there is room, alighting wherever a road goes on."""
        event = row.events[row.next]
        row.next += 1
        if row.next < len(row.events):
            self._push(row.costs[row.next], row)
        network, parcel, load, goal = self.problem.network, self.parcel, self.load, row.goal
        spent, toll, _, legs, pins, taken = row.state
        d = network.departure[event]
        if d in self.forbidden:
            return
        trip = self.problem.instance.departures[d]
        spent += trip.fee_fen + self.problem.instance.handover_fee_fen
        pins -= {d}
        last = network.first[d + 1]
        to_go = goal.labels.alight(self.problem.layout, legs - 1, event + 1, last, goal.column).tolist()
        for alight in range(event + 1, last):
            if load is not None and not load.has_room(parcel, alight - 1):
                return
            if self.prices is not None:
                price = self.prices.toll(parcel, alight - 1)
                spent, toll = spent + price, toll + price
            leg = (event, alight)
            if to_go[alight - event - 1] == math.inf or (load is not None and not load.has_boxes(parcel, leg)):
                continue
            if not pins:
                ending = self.problem.ending(parcel, goal, network.node[alight], network.arr[alight])
                self._finish(goal, spent + ending, toll, network.arr[alight], (*taken, leg))
            self._wait(row.g, goal, (spent, toll, network.after[alight], legs - 1, pins, (*taken, leg)))


@dataclass
class _Row:
    """Boardings of one node in order of what they would cost; only the next one stands in the queue."""

    g: int
    goal: Goal
    state: _State
    costs: list[float]
    events: list[int]
    next: int = 0
