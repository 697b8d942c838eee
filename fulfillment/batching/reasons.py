"""Why a parcel has no road: the first thing that, left out of account, would have given it one."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from .cost import Road
from .instance import EPS, Parcel
from .network import Floats
from .scan import Labels
from .targets import Problem, Start


class Reason(StrEnum):
    NO_ROAD = "no_road"  # no departures lead there at all, or none that may carry it
    NO_COLD_PATH = "no_cold_path"  # they do, but not cold enough all the way
    NO_CAPACITY = "no_capacity"  # there is a road, but no room, or only room that costs more than not serving
    PAST_SHELF = "past_shelf"  # too old by then
    NO_TRUNK = "no_trunk"  # reaches the hub, but no trunk leaves for the zone (in time)
    FORBIDDEN = "forbidden"  # only pinned or forbidden choices stand in the way


@dataclass
class Reasons:
    """Answers for many parcels; scans of a tier, or of whatever runs, are made once, when first needed."""

    problem: Problem
    _labels: dict[tuple[str, str | None], Labels] = field(default_factory=dict)

    @cached_property
    def _ends(self) -> list[str]:
        return sorted({p.to for p in self.problem.instance.parcels if p.to is not None})

    def why(self, parcel: Parcel, alone: Road | None) -> Reason:
        """alone: its cheapest road on an empty network, if it has one."""
        if alone is not None:
            return Reason.NO_CAPACITY
        return self._why_no_way_to_node(parcel) if parcel.to is not None else self._why_no_way_out(parcel)

    def _why_no_way_to_node(self, parcel: Parcel) -> Reason:
        start = self.problem.start(parcel)
        column = self.problem.column(parcel.tier, parcel.to or "")
        arrives = self.problem.inbound(parcel.tier)[1].wait[start.legs][start.place, column]
        if start.node == self.problem.network.node_of[parcel.to or ""]:
            arrives = min(arrives, start.since)
        if arrives < math.inf:
            return Reason.FORBIDDEN if arrives <= parcel.deadline + EPS else Reason.PAST_SHELF
        if parcel.tier != "ambient" and self._reaches("node", start, self._ends.index(parcel.to or "")):
            return Reason.NO_COLD_PATH
        return Reason.NO_ROAD

    def _why_no_way_out(self, parcel: Parcel) -> Reason:
        problem, start = self.problem, self.problem.start(parcel)
        trunks = [k for k, t in enumerate(problem.instance.trunks) if parcel.zone in t.zones]
        if not trunks:
            return Reason.NO_TRUNK
        caught = [k for k in trunks if parcel.tier in problem.instance.trunks[k].tiers and self._catches(parcel, start, k)]
        if any(problem.instance.trunks[k].dep <= parcel.deadline + EPS for k in caught):
            return Reason.FORBIDDEN
        if caught:
            return Reason.PAST_SHELF
        if parcel.tier != "ambient" and any(self._at_hub(start, k) or self._reaches("trunk", start, k) for k in trunks):
            return Reason.NO_COLD_PATH
        hubs = sorted({problem.instance.trunks[k].hub for k in trunks})
        if any(start.node == problem.network.node_of[h] for h in hubs):
            return Reason.NO_TRUNK
        if any(self._reaches("hub", start, k, parcel.tier) for k in trunks):
            return Reason.NO_TRUNK
        colder = parcel.tier != "ambient" and any(self._reaches("hub", start, k) for k in trunks)
        return Reason.NO_COLD_PATH if colder else Reason.NO_ROAD

    def _catches(self, parcel: Parcel, start: Start, trunk: int) -> bool:
        labels = self.problem.outbound(parcel.tier)
        return bool(np.isfinite(labels.wait[start.legs][start.place, trunk])) or self._at_hub(start, trunk)

    def _at_hub(self, start: Start, trunk: int) -> bool:
        return self.problem.network.catches(self.problem.instance.trunks[trunk], start.node, start.since)

    def _reaches(self, end: str, start: Start, column: int, tier: str | None = None) -> bool:
        """Whether departures that carry the tier (None: any departures at all) lead there."""
        if (end, tier) not in self._labels:
            self._labels[end, tier] = self.problem.towards(self._terminal(end), self.problem.open_to(tier))
        return bool(np.isfinite(self._labels[end, tier].wait[start.legs][start.place, column]))

    def _terminal(self, end: str) -> Floats:
        """node: parcels' own ends; trunk: in time for each trunk; hub: at each trunk's hub, however late."""
        if end == "node":
            return self.problem.node_terminal(self._ends)
        if end == "trunk":
            return self.problem.trunk_terminal
        return self.problem.node_terminal([t.hub for t in self.problem.instance.trunks])
