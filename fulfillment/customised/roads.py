"""How long a drive takes between the places of the county, as its own timetable shows: the quickest ride between neighbouring stops
of any line by road (else by sea), and the shortest chain of them (Dijkstra). One query."""

from heapq import heappop, heappush
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func

from fulfillment.network.models import Line, StopTime, Trip
from supply.counties.profile_kinds import LineKind

ROAD, SEA = "road", "sea"
NOT_DRIVEN = (LineKind.POSTMAN, LineKind.DRONE)


class Road(NamedTuple):
    """Places in order, with the minutes from the first to each."""

    mode: str
    nodes: tuple[int, ...]
    minutes: tuple[int, ...]

    @property
    def takes(self) -> int:
        return self.minutes[-1]


class RideMap:
    """Neighbours by mode and place: (place, minutes)."""

    def __init__(self, rides: list[tuple[str, int, int, int]]) -> None:
        quickest: dict[tuple[str, int, int], int] = {}
        for mode, a, b, minutes in rides:
            quickest[mode, a, b] = min(quickest.get((mode, a, b), minutes), minutes)
        quickest = {(mode, b, a): minutes for (mode, a, b), minutes in quickest.items()} | quickest  # back as there where nothing goes back
        self.near: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for (mode, a, b), minutes in sorted(quickest.items()):
            self.near.setdefault((mode, a), []).append((b, max(1, minutes)))
        self._trees: dict[tuple[str, int], dict[int, tuple[int, int]]] = {}

    def road(self, start: int, goal: int) -> Road | None:
        """The quickest drive, by sea where there is none by road; None where one would have to change from car to boat."""
        return self._by(ROAD, start, goal) or self._by(SEA, start, goal)

    def _by(self, mode: str, start: int, goal: int) -> Road | None:
        tree = self._tree(mode, start)
        if goal not in tree:
            return None
        nodes = [goal]
        while nodes[-1] != start:
            nodes.append(tree[nodes[-1]][1])
        nodes.reverse()
        return Road(mode, tuple(nodes), tuple(tree[n][0] for n in nodes))

    def _tree(self, mode: str, start: int) -> dict[int, tuple[int, int]]:
        """Minutes and the place before, of every place that can be reached."""
        if (mode, start) in self._trees:
            return self._trees[mode, start]
        found: dict[int, tuple[int, int]] = {}
        heap = [(0, start, start)]
        while heap:
            minutes, here, before = heappop(heap)
            if here in found:
                continue
            found[here] = minutes, before
            for there, ride in self.near.get((mode, here), ()):
                if there not in found:
                    heappush(heap, (minutes + ride, there, here))
        self._trees[mode, start] = found
        return found


def ride_map(session: Session, tenant_id: int) -> RideMap:
    a, b = aliased(StopTime), aliased(StopTime)
    here, there = col(a.node_id), col(b.node_id)
    query = (
        sql_select(col(Line.mode), here, there, func.min(col(b.arr_min) - col(a.dep_min)))
        .join_from(a, b, and_(col(a.trip_id) == col(b.trip_id), col(b.position) == col(a.position) + 1))
        .join(Trip, col(Trip.id) == col(a.trip_id))
        .join(Line, col(Line.id) == col(Trip.line_id))
        .where(col(a.tenant_id) == tenant_id, here != there, col(Line.kind).not_in(NOT_DRIVEN), col(Line.mode).in_((ROAD, SEA)))
        .group_by(col(Line.mode), here, there)
    )
    return RideMap([(mode, start, goal, minutes) for mode, start, goal, minutes in session.execute(query)])
