"""Roads to a node of the county: from every other node the last boarding for each moment of arrival.

The planner's backward scan, run on times instead of fares: a boarding is worth naming if every later one of its node arrives
later. Of roads that arrive together the one boarded last is told; a fare counts a millionth of a minute a fen, so that of
these it is the cheapest.
"""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from fulfillment.batching.cost import Leg
from fulfillment.batching.instance import EPS
from fulfillment.batching.network import Bools, Network
from fulfillment.batching.scan import scan
from fulfillment.batching.targets import Problem

from .offers import follow, last_at_their_price
from .rows import PromisedRoad

MINUTES_PER_FEN = 1e-6


@dataclass
class Inward:
    """The roads to one node, by where they begin, ascending in time: who is ready later arrives later."""

    network: Network
    roads: dict[int, tuple[PromisedRoad, ...]]

    def road(self, origin: str, *, ready: float, shelf_min: float | None = None) -> PromisedRoad | None:
        """The earliest arrival of a parcel that is ready at `ready`; None if there is none, or it would be spoilt by then."""
        row = self.roads.get(self.network.node_of.get(origin, -1), ())
        first = bisect_left(row, ready - EPS, key=lambda road: road.order_by)
        if first == len(row) or (shelf_min is not None and row[first].arrives > ready + shelf_min + EPS):
            return None
        return row[first]


def find_inward(problem: Problem, segments: Bools, node: str) -> Inward:
    """Over open segments; one scan of a single column."""
    network, layout, transfer = problem.network, problem.layout, problem.instance.transfer_min
    if node not in network.node_of or not network.events:
        return Inward(network, {})
    there = problem.node_terminal([node])
    arrival = np.where(there == 0, np.array(network.arr)[:, None], np.inf)
    ride = np.where(segments, 0.0, np.inf)[:, None]
    labels = scan(layout, arrival, ride, legs=problem.most_legs, fee=layout.fee * MINUTES_PER_FEN)
    place = last_at_their_price(labels.wait[-1])
    followed = follow(problem, labels, segments, place, np.zeros(len(place), dtype=np.int64))
    roads: dict[int, list[PromisedRoad]] = {}
    for at, legs in zip(place.tolist(), followed, strict=True):
        road = PromisedRoad(network.row_dep[at] - transfer, _arrives(network, legs), _fen(problem, legs), 0.0, None, legs)
        row = roads.setdefault(network.node[legs[0][0]], [])
        if row and row[-1].arrives >= road.arrives - EPS:  # as early, and boarded later
            row.pop()
        row.append(road)
    return Inward(network, {start: tuple(row) for start, row in roads.items()})


def _arrives(network: Network, legs: tuple[Leg, ...]) -> float:
    return network.arr[legs[-1][1]]


def _fen(problem: Problem, legs: tuple[Leg, ...]) -> float:
    return float(sum(problem.layout.fee[board] for board, _ in legs))
