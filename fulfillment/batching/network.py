"""The timetable as a time-expanded network of stop events.

Events are numbered departure by departure, stop by stop; segment `e` runs from event `e` to event `e + 1` of the same
departure, so one index names a stop, a segment and its capacity. Beside them stands, for every node, the row of its
boardings in order of time: from a place in that row every later boarding of the node can be reached by waiting.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .instance import EPS, Instance, Trunk

Ints = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Network:
    instance: Instance
    node_of: dict[str, int]
    departure_of: dict[str, int]
    first: list[int]  # first event of each departure, and one past the last event
    departure: list[int]  # per event
    node: list[int]
    arr: list[float]
    dep: list[float]
    row_start: list[int]  # per node, where its boardings start in the row
    row: list[int]  # events by node and time; -1 closes each node's stretch
    row_dep: list[float]  # their times; infinity closes
    after: list[int]  # per event, the place in the row from which one can board after alighting there

    @property
    def events(self) -> int:
        return len(self.node)

    @cached_property
    def trunk_of(self) -> dict[str, int]:
        return {t.id: k for k, t in enumerate(self.instance.trunks)}

    def place(self, node: int, time: float) -> int:
        """The place in the row of the first boarding at `node` no earlier than `time` (its closing place if none)."""
        end = self.row_start[node + 1] - 1
        return bisect_left(self.row_dep, time - EPS, self.row_start[node], end)

    def place_at_origin(self, origin: str, ready: float) -> int:
        return self.place(self.node_of[origin], max(ready, self.instance.now) + self.instance.transfer_min)

    def place_after(self, event: int) -> int:
        """As `after`, for a parcel that is already on its way: alighted long ago, it boards nothing that has left."""
        node, now = self.node[event], self.instance.now
        return self.after[event] if self.arr[event] >= now else self.place(node, now + change_min(self.instance, node))

    def catches(self, trunk: Trunk, node: int, at_hub: float) -> bool:
        """Whether a parcel that stands at `node` from `at_hub` on can be sorted in time for the trunk."""
        sorted_at = max(at_hub + self.instance.hub_sort_min, self.instance.now)
        return node == self.node_of[trunk.hub] and sorted_at <= trunk.cutoff + EPS

    def stop(self, departure: int, event: int) -> int:
        return event - self.first[departure]


def change_min(instance: Instance, node: int) -> float:
    """From alighting at a node to boarding there: a hub sorts, and a place may ask for more."""
    here = instance.nodes[node]
    return max(here.change_min, instance.hub_sort_min if here.kind == "hub" else instance.transfer_min)


def marked_before(marked: Bools) -> list[int]:
    """Per segment, and past the last, how many marked ones come before it: a leg meets one if the count differs at its ends."""
    return [0, *np.cumsum(marked).tolist()]


def build_network(instance: Instance) -> Network:
    """Events, boarding rows and transfers of an instance; O(events log events)."""
    node_of = {n.id: i for i, n in enumerate(instance.nodes)}
    first, departure, node, arr, dep, last = [0], [], [], [], [], []
    for d, trip in enumerate(instance.departures):
        for i, stop in enumerate(trip.stops):
            departure.append(d)
            node.append(node_of[stop.node])
            arr.append(float(stop.arr))
            dep.append(float(stop.dep))
            last.append(i == len(trip.stops) - 1)
        first.append(len(node))
    stretches: list[list[int]] = [[] for _ in instance.nodes]
    for e in sorted((e for e in range(len(node)) if not last[e]), key=lambda e: (dep[e], e)):
        stretches[node[e]].append(e)
    row_start, row = [0], []
    for stretch in stretches:
        row += [*stretch, -1]
        row_start.append(len(row))
    row_dep = [dep[e] if e >= 0 else float("inf") for e in row]
    after, change = [], [change_min(instance, n) for n in range(len(instance.nodes))]
    for e, n in enumerate(node):
        after.append(bisect_left(row_dep, arr[e] + change[n] - EPS, row_start[n], row_start[n + 1] - 1))
    return Network(
        instance=instance,
        node_of=node_of,
        departure_of={d.id: i for i, d in enumerate(instance.departures)},
        first=first,
        departure=departure,
        node=node,
        arr=arr,
        dep=dep,
        row_start=row_start,
        row=row,
        row_dep=row_dep,
        after=after,
    )
