"""What is short and what it is worth: resources, how much of them a road takes, and their prices.

A resource is one kind of room on one segment, or the grams of one trunk. Amounts are in kilograms, litres and boxes
(shares of boxes, as in the bound), which keeps the linear programme's numbers near one.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .cost import Leg, Road
from .instance import Parcel
from .load import Load
from .network import marked_before

Resource = tuple[str, int]  # ("kg" | "litre" | "cold" | "box", segment) or ("trunk", index)
KINDS = ("kg", "litre", "cold", "box")


def amounts(parcel: Parcel) -> tuple[float, float, float, float]:
    """What a parcel takes of each kind in KINDS on every segment it rides."""
    litres = parcel.ml / 1000
    return parcel.g / 1000, litres, 0.0 if parcel.tier == "ambient" else litres, parcel.box_milli / 1000


def taken(parcel: Parcel, road: Road) -> Iterator[tuple[Resource, float]]:
    """Every resource that a road takes, and how much."""
    kinds = [(kind, amount) for kind, amount in zip(KINDS, amounts(parcel), strict=True) if amount > 0]
    for leg in road.chosen:
        for segment in range(*leg):
            for kind, amount in kinds:
                yield (kind, segment), amount
    if road.trunk is not None and parcel.g > 0:
        yield ("trunk", road.trunk), parcel.g / 1000


@dataclass
class Prices:
    """Fen per unit of each short resource; what is not named is free."""

    segments: dict[int, tuple[float, ...]] = field(default_factory=dict)
    trunks: dict[int, float] = field(default_factory=dict)
    _dense: NDArray[np.float64] | None = None
    _before: list[int] | None = None

    def dense(self, events: int) -> NDArray[np.float64]:
        """(events x kinds), zero where free."""
        if self._dense is None:
            self._dense = np.zeros((events, len(KINDS)))
            for segment, price in self.segments.items():
                self._dense[segment] = price
        return self._dense

    def along(self, legs: Iterable[Leg], events: int) -> NDArray[np.float64]:
        """Per kind the sum over the segments of these legs."""
        priced = self._priced_before(events)
        parts = [self.dense(events)[slice(*leg)].sum(axis=0) for leg in legs if priced[leg[1]] > priced[leg[0]]]
        return sum(parts, np.zeros(len(KINDS)))

    def meets(self, legs: Iterable[Leg], events: int) -> bool:
        """Whether any segment of these legs has a price."""
        priced = self._priced_before(events)
        return any(priced[alight] > priced[board] for board, alight in legs)

    def _priced_before(self, events: int) -> list[int]:
        if self._before is None:
            priced = np.zeros(events, dtype=bool)
            priced[list(self.segments)] = True
            self._before = marked_before(priced)
        return self._before

    def toll(self, parcel: Parcel, segment: int) -> float:
        price = self.segments.get(segment)
        return 0.0 if price is None else sum(p * a for p, a in zip(price, amounts(parcel), strict=True))

    def trunk_toll(self, parcel: Parcel, trunk: int) -> float:
        return self.trunks.get(trunk, 0.0) * parcel.g / 1000

    def per_kg(self, trunks: int) -> NDArray[np.float64]:
        """Fen per kilogram of each trunk."""
        fen = np.zeros(trunks)
        for k, price in self.trunks.items():
            fen[k] = price
        return fen

    def road_toll(self, parcel: Parcel, legs: Iterable[Leg], trunk: int | None) -> float:
        """Of all that a road takes up; legs: those it may choose."""
        riding = sum(self.toll(parcel, segment) for leg in legs for segment in range(*leg))
        return riding if trunk is None else riding + self.trunk_toll(parcel, trunk)


def prices_of(values: dict[Resource, float]) -> Prices:
    segments: dict[int, list[float]] = defaultdict(lambda: [0.0] * len(KINDS))
    prices = Prices()
    for (kind, where), value in values.items():
        if value > 0 and kind == "trunk":
            prices.trunks[where] = value
        elif value > 0:
            segments[where][KINDS.index(kind)] = value
    prices.segments = {s: tuple(p) for s, p in segments.items()}
    return prices


def left_of(load: Load, resource: Resource) -> float:
    """What a load leaves of a resource other than boxes; nothing if fixed legs have overfilled it."""
    kind, where = resource
    room = {"kg": load.g, "litre": load.ml, "cold": load.chilled_ml, "trunk": load.trunk_g}[kind]
    return max(room[where] / 1000, 0.0)


class Rooms:
    """What a load leaves of each resource at this moment, boxes as shares: a part of a box that is open is room too.

    Fixed legs may have overfilled a segment; then what they brought is what is allowed, and nothing comes on top.
    """

    def __init__(self, load: Load) -> None:
        inside = np.zeros(load.network.events)
        for (board, alight, _), milli in load.milli.items():
            inside[board:alight] += milli / 1000
        caps = [load.instance.departures[d].cap.boxes for d in load.network.departure]
        allowed = [math.inf if cap is None else max(float(cap), cap - left) for cap, left in zip(caps, load.boxes, strict=True)]
        rooms = [np.array(room) / 1000 for room in (load.g, load.ml, load.chilled_ml)]
        self.left_by_kind = np.maximum(np.array([*rooms, np.array(allowed) - inside]), 0.0)  # (kinds x segments)
        self.trunks = np.maximum(np.array(load.trunk_g) / 1000, 0.0)

    def left_of(self, resource: Resource) -> float:
        kind, where = resource
        return float(self.trunks[where] if kind == "trunk" else self.left_by_kind[KINDS.index(kind), where])
