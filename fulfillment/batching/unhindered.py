"""Outbound roads by the labels alone: what a parcel's cheapest road is where no segment on it has a price.

The legs to a trunk do not depend on the parcel, so labels and the trunk's own fen, tolls of trunks included, are a lower
bound of every road; and where the road they trace meets no priced segment, they are its cost. Few segments have a price
at a time: most parcels are answered here, all at once, and only the others are scanned or searched for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .cargo import Cargo
from .cost import Leg, Road, arrival_by
from .instance import TIERS
from .network import Floats
from .prices import Prices
from .scan import Labels, trace
from .targets import Problem


@dataclass
class Unhindered:
    """For the parcels that leave by a trunk, wish nothing and do not stand at a trunk's hub.

    labels: by tier, a column per trunk.
    """

    problem: Problem
    cargo: Cargo
    labels: Callable[[str], Labels]
    _traced: dict[tuple[int, int, int, int], tuple[Leg, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        hubs = set(self.problem.hubs.tolist())
        ways = [(way, members) for way, members in self.cargo.ways.items() if way.to is None and way.node not in hubs]
        self.parcels = np.concatenate([np.zeros(0, np.int64), *(members for _, members in ways)])
        self.legs = np.concatenate([np.zeros(0, np.int64), *(np.full(len(members), way.legs) for way, members in ways)])
        self.fen = self._labelled()

    def _labelled(self) -> Floats:
        """(parcels x trunks) fen of leaving by it."""
        cargo, riding = self.cargo, np.full((len(self.parcels), len(self.problem.instance.trunks)), np.inf)
        tiers = cargo.tier[self.parcels]
        for tier, legs in np.unique(np.stack([tiers, self.legs]), axis=1).T.tolist():
            these = np.flatnonzero((tiers == tier) & (self.legs == legs))
            riding[these] = self.labels(TIERS[tier]).wait[legs][cargo.place[self.parcels[these]]]
        return np.asarray(cargo.spent[self.parcels, None] + (riding + cargo.on_top[self.parcels]))

    def answer(self, limits: Floats, prices: Prices | None, found: dict[int, Road]) -> Floats:
        """Writes the roads within their limits to `found`; returns the limits of those that are still to be asked.

        limits: as in `Pricing.cheapest`.
        """
        asked = np.flatnonzero(limits[self.parcels] > -np.inf)
        left = np.array(limits, dtype=float)
        if not self.fen.shape[1]:
            left[self.parcels[asked]] = -np.inf
            return left
        tolls = np.zeros(self.fen.shape)
        if prices is not None and prices.trunks:
            tolls = self.cargo.amounts[self.parcels, 0, None] * prices.per_kg(self.fen.shape[1])
        priced = self.fen[asked] + tolls[asked]
        trunks = priced.argmin(axis=1)
        best = priced[np.arange(len(asked)), trunks]
        within = (best <= limits[self.parcels[asked]]) & (best < np.inf)
        left[self.parcels[asked[~within]]] = -np.inf
        events = self.problem.network.events
        for row, k in zip(asked[within].tolist(), trunks[within].tolist(), strict=True):
            i = int(self.parcels[row])
            legs = self._trace(i, k, int(self.legs[row]))
            if prices is None or not prices.meets(legs, events):
                left[i] = -np.inf
                found[i] = self._road(i, legs, k, self.fen.item(row, k), tolls.item(row, k))
        return left

    def _trace(self, i: int, trunk: int, legs: int) -> tuple[Leg, ...]:
        key = int(self.cargo.place[i]), int(self.cargo.tier[i]), trunk, legs
        if key not in self._traced:
            place, tier = key[:2]
            self._traced[key] = trace(self.problem.layout, self.labels(TIERS[tier]), place, trunk, legs)
        return self._traced[key]

    def _road(self, i: int, legs: tuple[Leg, ...], trunk: int, fen: float, toll: float) -> Road:
        start, instance = self.cargo.starts[i], self.problem.instance
        arrives = arrival_by(instance.trunks[trunk], instance.parcels[i].zone or "")
        return Road(start.fixed + legs, trunk, arrives, fen, len(start.fixed), toll)
