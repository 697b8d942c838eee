"""Roads for promises: from every node, by which departures and which trunk a parcel leaves, and by when it must be ready.

The same backward scan as the planner's, on what room is left: "order by 14:40 → 15:10 bus → mail tonight 20:00 → Saturday".
A search depends on nothing but the segments and trunks that are open. So one serves every node and zone, every tier and
size that may ride the same (while nothing is nearly full, sizes do not differ), and every load until something fills up.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from fulfillment.batching.targets import Problem

from .inward import Inward, find_inward
from .offers import find_offers
from .room import Room, SizeClass
from .rows import Rows, make_rows

KEPT = 9  # searches: as many as there are classes, should all of them differ
KEPT_INWARD = 200  # nodes of the county asked for, in one class each


@dataclass
class RoadSearch:
    """The searches of one timetable, those used last."""

    problem: Problem
    _known: OrderedDict[tuple[bytes, bytes], Rows] = field(default_factory=OrderedDict)
    _inward: OrderedDict[tuple[bytes, str], Inward] = field(default_factory=OrderedDict)
    _searching: Lock = field(default_factory=Lock)

    def rows(self, room: Room, tier: str, size: SizeClass) -> Rows:
        """The rows of one class of parcels on the room that is left."""
        segments, trunks = room.segments(self.problem, tier, size), room.trunks(self.problem, tier, size)
        same = np.packbits(segments).tobytes(), trunks.tobytes()
        with self._searching:
            if same not in self._known:
                self._known[same] = make_rows(self.problem.network, find_offers(self.problem, segments, trunks))
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(same)
            return self._known[same]

    def inward(self, room: Room, tier: str, size: SizeClass, node: str) -> Inward:
        """The roads of one class of parcels to a node of the county, on the room that is left; found when first asked for."""
        segments = room.segments(self.problem, tier, size)
        same = np.packbits(segments).tobytes(), node
        with self._searching:
            if same not in self._inward:
                self._inward[same] = find_inward(self.problem, segments, node)
                while len(self._inward) > KEPT_INWARD:
                    self._inward.popitem(last=False)
            self._inward.move_to_end(same)
            return self._inward[same]
