"""Roads for promises: from every node, by which departures and which trunk a parcel leaves, and by when it must be ready.

The same backward scan as the planner's, on what room is left: "order by 14:40 → 15:10 bus → mail tonight 20:00 → Saturday"
is read from a board that answers every (node, tier, zone, size) by one dict lookup. Among roads that can still be made
the earliest arrival wins, then the cheaper legs, then the later boarding. Times are minutes after the instance's start.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from fulfillment.batching.cost import arrival_by
from fulfillment.batching.instance import EPS, stop_label
from fulfillment.batching.load import Load, boxes
from fulfillment.batching.network import Floats
from fulfillment.batching.scan import Labels, trace
from fulfillment.batching.targets import Problem


@dataclass(frozen=True, slots=True)
class Size:
    """What a promise assumes a parcel to be; a parcel is promised as the smallest size that holds it."""

    name: str
    g: float
    ml: float
    box_milli: float


@dataclass(frozen=True, slots=True)
class Ride:
    departure: str
    board: str  # as the planner's legs: node, or `node#i`
    alight: str
    boards_at: float
    alights_at: float


@dataclass(frozen=True, slots=True)
class PromisedRoad:
    """`order_by`: latest moment to be ready that still makes the first departure (or the trunk, from the hub itself)."""

    rides: tuple[Ride, ...]
    trunk: str
    order_by: float
    leaves: float  # trunk departure
    arrives: float
    legs_fen: float


Key = tuple[str, str, str, str]  # node, tier, zone, size name


class Best(NamedTuple):
    """The best of `choices` for parcels that are ready after one moment and by another."""

    choices: tuple[PromisedRoad, ...]
    after: float
    until: float
    road: PromisedRoad | None


def _preference(road: PromisedRoad) -> tuple[float, float, float]:
    return road.arrives, road.legs_fen, -road.order_by


def _first(choices: tuple[PromisedRoad, ...], begun: float) -> int:
    return bisect_left(choices, begun, key=lambda road: road.order_by)


def _best(choices: tuple[PromisedRoad, ...], begun: float) -> Best:
    first = _first(choices, begun)
    after = choices[first - 1].order_by if first else float("-inf")
    until = choices[first].order_by if first < len(choices) else float("inf")
    return Best(choices, after, until, min(choices[first:], key=_preference, default=None))


@dataclass
class Board:
    """Every promise of a county: per key, the roads worth naming, by `order_by`."""

    roads: dict[Key, tuple[PromisedRoad, ...]] = field(default_factory=dict)
    _last: dict[Key, "Best"] = field(default_factory=dict)

    def road(self, node: str, tier: str, zone: str, size: str, *, ready: float, shelf_min: float | None = None) -> PromisedRoad | None:
        """The best road of a parcel that is ready at `ready`; None if there is none, or none fresh enough."""
        key, begun = (node, tier, zone, size), ready - EPS
        choices = self.roads.get(key, ())
        if shelf_min is not None:
            fresh = [road for road in choices[_first(choices, begun) :] if road.leaves <= ready + shelf_min + EPS]
            return min(fresh, key=_preference, default=None)
        last = self._last.get(key)
        if last is None or last.choices is not choices or not last.after < begun <= last.until:
            last = self._last[key] = _best(choices, begun)
        return last.road


@dataclass
class Roads:
    """One scan of all classes (tier x size x trunk), and the boards of single nodes read from it."""

    problem: Problem
    labels: Labels
    classes: list[tuple[str, Size]]  # larger sizes first
    trunk_open: list[list[bool]]  # per class and trunk: carries the tier, and has room

    def rebuild(self, board: Board, node: str) -> None:
        """Put the node's promises, and nothing else, on the board anew."""
        offers = self._offers(node)
        for c, (tier, size) in enumerate(self.classes):
            by_zone: dict[str, list[PromisedRoad]] = {}
            for k, rides, order_by, legs_fen in offers[c]:
                trunk = self.problem.instance.trunks[k]
                for zone in trunk.zones:
                    road = PromisedRoad(rides, trunk.id, order_by, trunk.dep, arrival_by(trunk, zone), legs_fen)
                    by_zone.setdefault(zone, []).append(road)
            for zone in self._zones:
                board.roads[node, tier, zone, size.name] = _worthwhile(by_zone.get(zone, []))

    @property
    def _zones(self) -> list[str]:
        return sorted({zone for trunk in self.problem.instance.trunks for zone in trunk.zones})

    def _offers(self, node: str) -> list[list[tuple[int, tuple[Ride, ...], float, float]]]:
        """Per class, every road from the node worth naming for each trunk: (trunk, rides, order_by, cost of the legs).

        A boarding is worth naming if every later one costs more, or leads nowhere.
        """
        network, labels, trunks = self.problem.network, self.labels, len(self.problem.instance.trunks)
        legs = self.problem.instance.max_handovers
        n = network.node_of[node]
        a, b = network.row_start[n], network.row_start[n + 1]
        waits = labels.wait[legs][a:b]
        told: dict[tuple[str, int, int, float], tuple[Ride, ...]] = {}
        offers: list[list[tuple[int, tuple[Ride, ...], float, float]]] = [[] for _ in self.classes]
        for place, column in np.argwhere(waits[:-1] < waits[1:] - 1e-9).tolist():
            c, k = divmod(column, trunks)
            cost = float(waits[place, column])
            tier = self.classes[c][0]
            # Larger sizes come first: where a smaller one costs the same, the larger one's road has room for it too.
            same = (tier, k, place, cost)
            if same not in told:
                told[same] = self._rides(trace(self.problem.layout, labels, a + place, column, legs, latest=True))
            order_by = network.row_dep[a + place] - self.problem.instance.transfer_min
            offers[c].append((k, told[same], order_by, cost))
        for c in range(len(self.classes)):
            for k, trunk in enumerate(self.problem.instance.trunks):
                if trunk.hub == node and self.trunk_open[c][k]:
                    offers[c].append((k, (), trunk.cutoff - self.problem.instance.hub_sort_min, 0.0))
        return offers

    def _rides(self, road: Sequence[tuple[int, int]]) -> tuple[Ride, ...]:
        network, rides = self.problem.network, []
        for board, alight in road:
            d = network.departure[board]
            trip = self.problem.instance.departures[d]
            names = stop_label(trip, network.stop(d, board)), stop_label(trip, network.stop(d, alight))
            rides.append(Ride(trip.id, *names, network.dep[board], network.arr[alight]))
        return tuple(rides)


def scan_roads(problem: Problem, load: Load, tiers: Iterable[str], sizes: Iterable[Size]) -> Roads:
    """The one scan behind a board, on the room a load leaves; the problem's parcels do not matter.

    Legs cost whole fen: single precision holds them exactly, in half the memory and time.
    """
    biggest_first = sorted(sizes, key=lambda s: (-s.g, -s.ml, -s.box_milli, s.name))
    classes = [(tier, size) for tier in tiers for size in biggest_first]
    trunks = problem.instance.trunks
    trunk_open = [[tier in t.tiers and size.g <= load.trunk_g[k] + EPS for k, t in enumerate(trunks)] for tier, size in classes]
    terminal = np.tile(problem.trunk_terminal.astype(np.float32), (1, len(classes)))
    terminal[:, ~np.array(trunk_open, dtype=bool).ravel()] = np.inf
    ride = np.concatenate([np.repeat(_open(problem, load, tier, size), len(trunks), axis=1) for tier, size in classes], axis=1)
    return Roads(problem, problem.towards(terminal, ride), classes, trunk_open)


def build_board(problem: Problem, load: Load, tiers: Iterable[str], sizes: Iterable[Size]) -> Board:
    """The promises of every node."""
    board, roads = Board(), scan_roads(problem, load, tiers, sizes)
    for node in problem.instance.nodes:
        roads.rebuild(board, node.id)
    return board


def _open(problem: Problem, load: Load, tier: str, size: Size) -> Floats:
    """(events x 1): 0 where one more parcel of this size can ride, in new boxes of its own; infinity elsewhere."""
    room = (np.array(load.g) >= size.g - EPS) & (np.array(load.ml) >= size.ml - EPS)
    room &= np.array(load.boxes) >= boxes(size.box_milli)
    if tier != "ambient":
        room &= np.array(load.chilled_ml) >= size.ml - EPS
    return np.where(room[:, None], problem.open_to(tier), np.inf).astype(np.float32)


def _worthwhile(roads: list[PromisedRoad]) -> tuple[PromisedRoad, ...]:
    """By `order_by`, without those that one at least as late to order by beats in arrival, price and freshness."""
    kept: list[PromisedRoad] = []
    best, leaves = (float("inf"), float("inf")), float("inf")
    for road in sorted(roads, key=lambda r: (-r.order_by, r.arrives, r.legs_fen, r.trunk)):
        if (road.arrives, road.legs_fen) < best or road.leaves < leaves:
            kept.append(road)
            best, leaves = min(best, (road.arrives, road.legs_fen)), min(leaves, road.leaves)
    return tuple(reversed(kept))
