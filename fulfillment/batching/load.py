"""What is already aboard: grams, millilitres and whole boxes on every segment, grams on every trunk.

A box holds one tier, one boarding stop and one unload stop, so boxes are counted per (boarding, alighting, tier) as the
shares rounded up. Fixed legs are aboard from the start and never leave; if they overfill a segment, it is simply
full: what takes no room of that kind may still ride there.
"""

import math
from collections import defaultdict
from dataclasses import dataclass, field

from .answer import PlannedParcel
from .cost import Leg, Road
from .instance import EPS, Instance, Parcel, stops_called
from .network import Network

_SUMMING = 1e-9  # of a box: what adding shares as doubles may be off by, far below any share that a parcel has


def boxes(milli: float) -> int:
    """Whole boxes for a sum of shares in thousandths: the smallest share of the next one is a box more."""
    return math.ceil(milli / 1000 - _SUMMING)


@dataclass
class Load:
    """Room left, by segment (event index) and trunk; changes only through `add` and `remove`."""

    instance: Instance
    network: Network
    g: list[float]
    ml: list[float]
    chilled_ml: list[float]
    boxes: list[float]
    trunk_g: list[float]
    milli: dict[tuple[int, int, str], float] = field(default_factory=lambda: defaultdict(float))

    def has_room(self, parcel: Parcel, segment: int) -> bool:
        """Whether the parcel's grams and millilitres fit on one segment; boxes depend on the whole leg."""
        return (
            parcel.g <= self.g[segment] + EPS
            and parcel.ml <= self.ml[segment] + EPS
            and (parcel.tier == "ambient" or parcel.ml <= self.chilled_ml[segment] + EPS)
        )

    def new_boxes(self, parcel: Parcel, leg: Leg) -> int:
        """Boxes more that the leg would need with this parcel."""
        milli = self.milli.get((*leg, parcel.tier), 0.0)
        return boxes(milli + parcel.box_milli) - boxes(milli)

    def has_boxes(self, parcel: Parcel, leg: Leg) -> bool:
        more = self.new_boxes(parcel, leg)
        return more <= 0 or min(self.boxes[leg[0] : leg[1]]) >= more

    def trunk_has_room(self, parcel: Parcel, trunk: int | None) -> bool:
        return trunk is None or parcel.g <= self.trunk_g[trunk] + EPS

    def fits(self, parcel: Parcel, road: Road) -> bool:
        return self.fits_but_for_boxes(parcel, road) and all(self.has_boxes(parcel, leg) for leg in road.chosen)

    def fits_but_for_boxes(self, parcel: Parcel, road: Road) -> bool:
        """Whether its grams and millilitres fit, boxes left out of account."""
        return self.trunk_has_room(parcel, road.trunk) and all(self.has_room(parcel, s) for leg in road.chosen for s in range(*leg))

    def add(self, parcel: Parcel, road: Road) -> None:
        self._take(parcel, road, 1)

    def remove(self, parcel: Parcel, road: Road) -> None:
        self._take(parcel, road, -1)

    def add_planned(self, parcel: Parcel, planned: PlannedParcel) -> None:
        """Put aboard what an earlier plan gave the parcel (its fixed legs are aboard already)."""
        for leg in planned.legs[len(parcel.fixed_legs) :]:
            d = self.network.departure_of[leg.departure]
            board, alight = (stops_called(self.instance.departures[d], label)[0] for label in (leg.board, leg.alight))
            self.take_leg(parcel, (self.network.first[d] + board, self.network.first[d] + alight), 1)
        if planned.trunk is not None:
            self.trunk_g[self.network.trunk_of[planned.trunk]] -= parcel.g

    def _take(self, parcel: Parcel, road: Road, sign: int) -> None:
        for leg in road.chosen:
            self.take_leg(parcel, leg, sign)
        if road.trunk is not None:
            self.trunk_g[road.trunk] -= sign * parcel.g

    def take_leg(self, parcel: Parcel, leg: Leg, sign: int) -> None:
        group = (*leg, parcel.tier)
        before = self.milli[group]
        self.milli[group] = before + sign * parcel.box_milli
        more = boxes(self.milli[group]) - boxes(before)
        for s in range(*leg):
            self.g[s] -= sign * parcel.g
            self.ml[s] -= sign * parcel.ml
            self.boxes[s] -= more
            if parcel.tier != "ambient":
                self.chilled_ml[s] -= sign * parcel.ml


def empty_load(instance: Instance, network: Network) -> Load:
    """Everything empty but for the fixed legs of the parcels."""
    caps = [instance.departures[d].cap for d in network.departure]
    load = Load(
        instance,
        network,
        g=[float(c.g) for c in caps],
        ml=[float(c.ml) for c in caps],
        chilled_ml=[float(c.ml if c.chilled_ml is None else c.chilled_ml) for c in caps],
        boxes=[math.inf if c.boxes is None else float(c.boxes) for c in caps],
        trunk_g=[float(t.cap_g) for t in instance.trunks],
    )
    for parcel in instance.parcels:
        for leg in parcel.fixed_legs:
            first = network.first[network.departure_of[leg.departure]]
            load.take_leg(parcel, (first + leg.board, first + leg.alight), 1)
    for room in (load.g, load.ml, load.chilled_ml, load.boxes):
        room[:] = [max(left, 0.0) for left in room]
    return load
