"""The room a load leaves, as arrays: what one more parcel of a tier and size, in new boxes of its own, can still ride."""

from dataclasses import dataclass

import numpy as np

from fulfillment.batching.instance import EPS
from fulfillment.batching.load import Load, boxes
from fulfillment.batching.loads import LegLoad
from fulfillment.batching.network import Bools, Floats, Ints
from fulfillment.batching.targets import Problem


@dataclass(frozen=True, slots=True)
class SizeClass:
    """What a promise assumes a parcel to be; a parcel is promised as the smallest size that holds it."""

    name: str
    g: float
    ml: float
    box_milli: float


@dataclass(frozen=True)
class Room:
    """Of every segment (event) and trunk."""

    g: Floats
    ml: Floats
    chilled_ml: Floats
    boxes: Floats
    trunk_g: Floats

    def take(self, segments: slice, load: LegLoad) -> None:
        """Less room on every segment of a ride."""
        self.g[segments] -= load.grams
        self.ml[segments] -= load.ml
        if load.tier != "ambient":
            self.chilled_ml[segments] -= load.ml
        self.boxes[segments] -= load.boxes

    def segments(self, problem: Problem, tier: str, size: SizeClass) -> Bools:
        """Per segment, whether it carries the tier and has room."""
        enough: Bools = (self.g >= size.g - EPS) & (self.ml >= size.ml - EPS) & (self.boxes >= boxes(size.box_milli))
        if tier != "ambient":
            enough &= self.chilled_ml >= size.ml - EPS
        enough &= problem.open_to(tier)[:, 0] == 0
        return enough

    def trunks(self, problem: Problem, tier: str, size: SizeClass) -> Ints:
        """The trunks that carry the tier and have room."""
        carries = np.array([tier in trunk.tiers for trunk in problem.instance.trunks], dtype=bool)
        return np.flatnonzero(carries & (size.g <= self.trunk_g + EPS))


def room_left(load: Load) -> Room:
    """The load's room as it is now; what is loaded later does not change it."""
    return Room(*(np.array(kind, dtype=float) for kind in (load.g, load.ml, load.chilled_ml, load.boxes, load.trunk_g)))
