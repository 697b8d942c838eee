"""The promise board of one day: what a parcel handed in at a station can still catch, and when it is there.

It keeps the roads of the days a plan looks ahead too, finds a road by `road.RoadSearch`, and puts it into words when it is first told.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from fulfillment.batching.cost import Leg
from fulfillment.batching.instance import Trunk
from fulfillment.batching.load import empty_load
from fulfillment.batching.loads import LegLoad
from fulfillment.batching.residual import aboard
from fulfillment.batching.roads import Roads, instance_of
from fulfillment.batching.targets import build_problem
from supply.counties.profile_rules import HubRules

from .api_shapes import PathLeg
from .hours import Hours, order_by
from .inward import Inward
from .road import RoadSearch
from .room import Room, SizeClass, room_left
from .rows import PromisedRoad, Rows
from .stamp import Stamp
from .words import riding, trunking

SIZES = (SizeClass("s", 2_000, 6_000, 100), SizeClass("m", 8_000, 24_000, 400), SizeClass("l", 20_000, 60_000, 1_000))


class Size(NamedTuple):
    """A parcel's gross grams, millilitres and thousandths of a standard box."""

    g: int
    ml: int
    box_milli: int


class Promise(NamedTuple):
    """Order by → leaves the station at → at the buyer's by; `path` items are JSON: kind, line, departure, from, to, times, words."""

    order_by: datetime
    ships_at: datetime
    deliver_by: datetime
    path: list[PathLeg]
    to_node_id: int | None = None  # where it ends inside the county
    door_min: int | None = None  # minutes from there to the door; None: it is fetched

    @property
    def by_sea(self) -> bool:
        """Whether the goods leave their station on a ferry."""
        return bool(self.path) and self.path[0]["kind"] == "ferry"


class Origin(NamedTuple):
    """A station's node code and when it packs."""

    code: str
    hours: Hours


def size_class(size: Size | None) -> SizeClass:
    """The smallest size that holds a parcel; what is larger is several parcels, none larger than the last."""
    if size is None:
        return SIZES[0]
    return next((c for c in SIZES if size.g <= c.g and size.ml <= c.ml and size.box_milli <= c.box_milli), SIZES[-1])


@dataclass
class DayBoard:
    stamp: Stamp  # of the county when it was made
    roads: Roads
    rules: HubRules
    search: RoadSearch
    empty: Room
    room: Room
    origins: dict[int, Origin] = field(default_factory=dict)  # stations by id, read once
    _rows: dict[tuple[str, str], Rows] = field(default_factory=dict)  # by tier and size
    _inward: dict[tuple[str, str, str], Inward] = field(default_factory=dict)  # by tier, size and node
    _said: dict[tuple[int, str], Promise] = field(default_factory=dict)
    _rides: dict[Leg, tuple[datetime, PathLeg]] = field(default_factory=dict)
    _lanes: dict[tuple[int, str], PathLeg] = field(default_factory=dict)  # by trunk and zone

    def promise(
        self, origin: Origin, zone: str, tier: str, size: SizeClass, *, ready: float, spoils: float | None = None
    ) -> Promise | None:
        """The best that can be told of a parcel; None where no road exists within the board's days.

        ready, spoils: minutes of the board; the trunk must leave before it spoils, as in a plan.
        """
        rows = self._rows.get((tier, size.name))
        if rows is None:
            rows = self._rows[tier, size.name] = self.search.rows(self.room, tier, size)
        found = rows.road(origin.code, zone, ready=ready, shelf_min=None if spoils is None else spoils - ready)
        if found is None:
            return None
        key = (id(found), zone)  # the board's rows live as long as the board
        if key not in self._said:
            self._said[key] = self._say(found, zone, origin)
        return self._said[key]

    def inward(self, origin: Origin, node: str, tier: str, size: SizeClass, *, ready: float, spoils: float | None = None) -> Promise | None:
        """The earliest arrival at a node of the county that can be told; `deliver_by` is when it is there."""
        key = tier, size.name, node
        if (roads := self._inward.get(key)) is None:
            roads = self._inward[key] = self.search.inward(self.room, tier, size, node)
        found = roads.road(origin.code, ready=ready, shelf_min=None if spoils is None else spoils - ready)
        if found is None:
            return None
        said = (id(found), "")
        if said not in self._said:
            rides = self._ridden(found)
            by, there = order_by(self.roads.instant(found.order_by), origin.hours), self.roads.instant(found.arrives)
            self._said[said] = Promise(by, rides[0][0], there, [leg for _, leg in rides])
        return self._said[said]

    def _ridden(self, found: PromisedRoad) -> list[tuple[datetime, PathLeg]]:
        """Many roads share a ride: each is put into words once."""
        for leg in found.legs:
            if leg not in self._rides:
                self._rides[leg] = self._ride(leg)
        return [self._rides[leg] for leg in found.legs]

    def _say(self, found: PromisedRoad, zone: str, origin: Origin) -> Promise:
        """Many roads share a trunk: it is put into words once."""
        assert found.trunk is not None
        rides = self._ridden(found)
        trunk, lane = self.roads.trunk_days[self.search.problem.instance.trunks[found.trunk].id], (found.trunk, zone)
        if lane not in self._lanes:
            self._lanes[lane] = trunking(self.roads, trunk, found.arrives, zone)
        leaves = rides[0][0] if rides else trunk.leaves_at
        path = [*(leg for _, leg in rides), self._lanes[lane]]
        return Promise(order_by(self.roads.instant(found.order_by), origin.hours), leaves, self.roads.instant(found.arrives), path)

    def _ride(self, leg: Leg) -> tuple[datetime, PathLeg]:
        """When it leaves, and its item of a path."""
        problem = self.search.problem
        d = problem.network.departure[leg[0]]
        ride = self.roads.rides[problem.instance.departures[d].id]
        calls = ride.calls
        board, alight = (calls[problem.network.stop(d, event)] for event in leg)
        return board.leaves_at, riding(self.roads, ride, board, alight)


def make_board(
    roads: Roads, rules: HubRules, loads: Iterable[LegLoad], trunks: Sequence[Trunk], stamp: Stamp, *, last: DayBoard | None = None
) -> DayBoard:
    """A board on the room that `loads` leave on the departures and that is left on `trunks`, the roads' own in their order.

    What the `last` board found out is used again while the roads are the very same.
    """
    if last is not None and last.roads is roads and last.rules == rules:
        search, empty = last.search, last.empty
    else:
        problem = build_problem(instance_of(roads, rules, ()))
        search, empty = RoadSearch(problem), room_left(empty_load(problem.instance, problem.network))
    room = deepcopy(empty)
    network = search.problem.network
    for ride, (board, alight), load in aboard(loads, roads):
        first = network.first[network.departure_of[ride.code]]
        room.take(slice(first + board, first + alight), load)
    room.trunk_g[:] = [trunk.cap_g for trunk in trunks]
    return DayBoard(stamp, roads, rules, search, empty, room)
