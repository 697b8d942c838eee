"""The rows of one class of parcels: per node and zone the roads worth naming, and which of them is best for whom.

Among roads that can still be made the earliest arrival wins, then the cheaper legs, then the later boarding.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fulfillment.batching.cost import Leg, arrival_by
from fulfillment.batching.instance import EPS
from fulfillment.batching.network import Bools, Floats, Ints, Network

from .offers import Offers


class PromisedRoad(NamedTuple):
    """A road to one zone, or without a trunk to a node; times are minutes after the instance's start."""

    order_by: float  # latest moment to be ready
    arrives: float
    legs_fen: float
    leaves: float  # trunk departure
    trunk: int | None
    legs: tuple[Leg, ...]


Row = tuple[PromisedRoad, ...]  # by `order_by`


class Best(NamedTuple):
    """The best of a row for parcels that are ready after one moment and by another."""

    after: float
    until: float
    road: PromisedRoad | None


def _preference(road: PromisedRoad) -> tuple[float, float, float]:
    return road.arrives, road.legs_fen, -road.order_by


def _first(row: Row, begun: float) -> int:
    return bisect_left(row, begun, key=lambda road: road.order_by)


def _best(row: Row, begun: float) -> Best:
    first = _first(row, begun)
    after = row[first - 1].order_by if first else float("-inf")
    until = row[first].order_by if first < len(row) else float("inf")
    return Best(after, until, min(row[first:], key=_preference, default=None))


@dataclass
class Rows:
    """Every row of a class; one is read out of the arrays when it is first asked for."""

    network: Network
    zones: list[str]
    offers: Offers
    arrives: Floats  # zones x trunks
    begins: list[int]  # per zone and node, where its part of `kept` begins
    kept: Ints  # of the offers, by zone and node, the latest `order_by` first
    _rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    _last: dict[tuple[str, str], Best] = field(default_factory=dict)

    def road(self, node: str, zone: str, *, ready: float, shelf_min: float | None = None) -> PromisedRoad | None:
        """The best road of a parcel that is ready at `ready`; None if there is none, or none fresh enough."""
        key, begun = (node, zone), ready - EPS
        if shelf_min is not None:
            row = self.row(node, zone)
            fresh = [road for road in row[_first(row, begun) :] if road.leaves <= ready + shelf_min + EPS]
            return min(fresh, key=_preference, default=None)
        last = self._last.get(key)
        if last is None or not last.after < begun <= last.until:
            last = self._last[key] = _best(self.row(node, zone), begun)
        return last.road

    def row(self, node: str, zone: str) -> Row:
        """The roads worth naming from a node to a zone."""
        key = node, zone
        if key not in self._rows:
            self._rows[key] = self._read(node, zone)
        return self._rows[key]

    def _read(self, node: str, zone: str) -> Row:
        if node not in self.network.node_of or zone not in self.zones:
            return ()
        z, offers = self.zones.index(zone), self.offers
        here = z * len(self.network.node_of) + self.network.node_of[node]
        kept = self.kept[self.begins[here] : self.begins[here + 1]][::-1]
        trunks = offers.trunk[kept].tolist()
        leaves = [self.network.instance.trunks[k].dep for k in trunks]
        legs = [offers.legs[offer] for offer in kept.tolist()]
        numbers = (offers.order_by[kept], self.arrives[z, trunks], offers.legs_fen[kept])
        return tuple(map(PromisedRoad, *(column.tolist() for column in numbers), leaves, trunks, legs))


def make_rows(network: Network, offers: Offers) -> Rows:
    """By node and zone, without the offers that one at least as late to order by beats in arrival, price and freshness."""
    trunks, nodes = network.instance.trunks, len(network.node_of)
    zones = sorted({zone for trunk in trunks for zone in trunk.zones})
    arrives = np.array([[arrival_by(k, zone) if zone in k.zones else np.inf for k in trunks] for zone in zones], dtype=float)
    arrives = arrives.reshape(len(zones), len(trunks))
    zone, offer = np.nonzero(arrives[:, offers.trunk] < np.inf)
    trunk, row = offers.trunk[offer], zone * nodes + offers.node[offer]
    fen = _ranks(offers.legs_fen)
    preferred = _ranks(arrives)[zone, trunk] * (fen.max(initial=0) + 1) + fen[offer]
    name = _ranks(np.array([k.id for k in trunks]))[trunk]
    order = np.lexsort((name, preferred, -offers.order_by[offer], row))
    row, offer = row[order], offer[order]
    fresh = _ranks(np.array([k.dep for k in trunks], dtype=float))[trunk[order]]
    kept = _beats_those_before(preferred[order], row) | _beats_those_before(fresh, row)
    begins = np.searchsorted(row[kept], np.arange(len(zones) * nodes + 1)).tolist()
    return Rows(network, zones, offers, arrives, begins, offer[kept])


def _ranks(values: NDArray[Any]) -> Ints:
    """Where each value stands among all, equal ones alike; in the shape of `values`."""
    return np.searchsorted(np.unique(values), values)


def _beats_those_before(ranks: Ints, row: Ints) -> Bools:
    """Whether each rank is less than all before it in its row."""
    falling = ranks - row * (ranks.max(initial=0) + 1)  # what begins a row is less than anything in the rows before
    least = np.minimum.accumulate(falling)
    beats: Bools = np.append(np.ones(min(1, len(row)), dtype=bool), falling[1:] < least[:-1])
    return beats
