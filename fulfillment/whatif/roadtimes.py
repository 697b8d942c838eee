"""How long the road between two places takes, as far as the timetable and the map tell.

The rule, in this order: what the dispatcher says; the quickest chain of stretches that some run drives between its neighbouring stops,
either way (Dijkstra 1959); the straight distance at the speed of the stretch that is left. Where none of them speaks, nothing is known.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from fulfillment.batching.instance import Departure, Instance

EARTH_KM = 6371.0


class Spot(NamedTuple):
    lat: float
    lon: float


Spots = Mapping[str, Spot]


def straight_km(a: Spot, b: Spot) -> float:
    """Great-circle distance (haversine)."""
    lat, lon = math.radians(b.lat - a.lat), math.radians(b.lon - a.lon)
    across = math.sin(lat / 2) ** 2 + math.cos(math.radians(a.lat)) * math.cos(math.radians(b.lat)) * math.sin(lon / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, across)))


class RoadTimes:
    """Minutes from leaving one place (loading closed) to arriving at another."""

    def __init__(self, instance: Instance, spots: Spots) -> None:
        self.instance, self.spots = instance, spots

    @cached_property
    def neighbours(self) -> dict[str, dict[str, float]]:
        """The quickest a stretch is driven, both ways alike."""
        quickest: dict[str, dict[str, float]] = defaultdict(dict)
        for departure in self.instance.departures:
            for here, there in zip(departure.stops, departure.stops[1:], strict=False):
                for a, b in ((here.node, there.node), (there.node, here.node)):
                    quickest[a][b] = min(quickest[a].get(b, math.inf), max(0.0, there.arr - here.dep))
        return quickest

    def between(self, a: str, b: str) -> float | None:
        """The quickest chain of driven stretches; None where no run connects them."""
        best, waiting = {a: 0.0}, [(0.0, a)]
        while waiting:
            minutes, node = heapq.heappop(waiting)
            if node == b:
                return minutes
            if minutes > best[node]:
                continue
            for other, more in self.neighbours.get(node, {}).items():
                if minutes + more < best.get(other, math.inf):
                    best[other] = minutes + more
                    heapq.heappush(waiting, (best[other], other))
        return None

    def by_way_of(self, departure: Departure, at: int, node: str, detour: float | None) -> tuple[float, float] | None:
        """Minutes from stop `at` to `node` and on to the next stop; `detour` is what the way takes longer than now."""
        here, there = departure.stops[at], departure.stops[at + 1]
        now = there.arr - here.dep
        if detour is not None:
            return (now + detour) / 2, (now + detour) / 2 - (here.dep - here.arr)  # it stands there too: all together the detour
        to, on = self.between(here.node, node), self.between(node, there.node)
        if to is not None and on is not None:
            return to, on
        a, b, c = (self.spots.get(name) for name in (here.node, node, there.node))
        if a is None or b is None or c is None or not (km := straight_km(a, c)):
            return None
        return now * straight_km(a, b) / km, now * straight_km(b, c) / km
