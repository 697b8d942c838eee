"""The promise board of one day: what a parcel handed in at a station can still catch, and when it is there.

It keeps the roads of three service days and answers from `road.Board`, whose rows are filled station by station when
they are first asked for. The scans behind them are large, so only the last few (tier, size) are kept; the rows stay.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from fulfillment.batching.load import Load, empty_load
from fulfillment.batching.loads import SegmentLoad
from fulfillment.batching.roads import Roads, instance_of
from fulfillment.batching.targets import Problem, build_problem
from supply.counties.profile_rules import HubRules

from . import road
from .hours import Hours, order_by
from .words import riding, trunking

DAYS = 3
SCANS_KEPT = 2
SIZES = (road.Size("s", 2_000, 6_000, 100), road.Size("m", 8_000, 24_000, 400), road.Size("l", 20_000, 60_000, 1_000))


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
    path: list[dict[str, object]]

    @property
    def by_sea(self) -> bool:
        """Whether the goods leave their station on a ferry."""
        return bool(self.path) and self.path[0]["kind"] == "ferry"


class Origin(NamedTuple):
    """A station's node code and when it packs."""

    code: str
    hours: Hours


def size_class(size: Size | None) -> road.Size:
    """The smallest size that holds a parcel; what is larger is several parcels, none larger than the last."""
    if size is None:
        return SIZES[0]
    return next((c for c in SIZES if size.g <= c.g and size.ml <= c.ml and size.box_milli <= c.box_milli), SIZES[-1])


@dataclass
class DayBoard:
    version: int
    roads: Roads
    problem: Problem
    load: Load
    origins: dict[int, Origin] = field(default_factory=dict)  # stations by id, read once
    _answers: road.Board = field(default_factory=road.Board)
    _scans: OrderedDict[tuple[str, str], road.Roads] = field(default_factory=OrderedDict)
    _said: dict[tuple[int, str], Promise] = field(default_factory=dict)
    _filling: Lock = field(default_factory=Lock)

    def promise(self, origin: Origin, zone: str, tier: str, size: road.Size, *, ready: float) -> Promise | None:
        """The best that can be told of a parcel that is `ready` at this minute of the board; None where no road exists within its days."""
        if (origin.code, tier, zone, size.name) not in self._answers.roads:
            self._fill(origin.code, zone, tier, size)
        found = self._answers.road(origin.code, tier, zone, size.name, ready=ready)
        if found is None:
            return None
        key = (id(found), zone)  # the board's rows live as long as the board
        if key not in self._said:
            self._said[key] = self._say(found, zone, origin)
        return self._said[key]

    def _fill(self, node: str, zone: str, tier: str, size: road.Size) -> None:
        with self._filling:
            if node in self.problem.network.node_of:
                self._scan(tier, size).rebuild(self._answers, node)
            self._answers.roads.setdefault((node, tier, zone, size.name), ())

    def _scan(self, tier: str, size: road.Size) -> road.Roads:
        key = (tier, size.name)
        if key not in self._scans:
            self._scans[key] = road.scan_roads(self.problem, self.load, [tier], [size])
            while len(self._scans) > SCANS_KEPT:
                self._scans.popitem(last=False)
        self._scans.move_to_end(key)
        return self._scans[key]

    def _say(self, found: road.PromisedRoad, zone: str, origin: Origin) -> Promise:
        path, leaves = [], self.roads.trunk_days[found.trunk].leaves_at
        for n, ride in enumerate(found.rides):
            known = self.roads.rides[ride.departure]
            board, alight = (known.calls[self.roads.stop_index(known, label)] for label in (ride.board, ride.alight))
            path.append(riding(self.roads, known, board, alight))
            leaves = board.leaves_at if n == 0 else leaves
        path.append(trunking(self.roads, self.roads.trunk_days[found.trunk], found.arrives, zone))
        return Promise(order_by(self.roads.instant(found.order_by), origin.hours), leaves, self.roads.instant(found.arrives), path)


def make_board(
    roads: Roads, rules: HubRules, planned: dict[tuple[int, int], SegmentLoad], trunk_grams: dict[str, int], version: int
) -> DayBoard:
    """A board on the room that `planned` (by departure id and stop position) and `trunk_grams` (by trunk day) leave."""
    problem = build_problem(instance_of(roads, rules, ()))
    load = empty_load(problem.instance, problem.network)
    loaded = {departure_id for departure_id, _ in planned}
    for d, departure in enumerate(problem.instance.departures):
        ride = roads.rides[departure.id]
        if ride.id not in loaded:
            continue
        for i, (position, *_) in enumerate(ride.stops):
            if taken := planned.get((ride.id, position)):
                event = problem.network.first[d] + i
                load.g[event] -= taken.grams
                load.ml[event] -= taken.ml
                load.chilled_ml[event] -= taken.chilled_ml
                load.boxes[event] -= taken.boxes
    for k, trunk in enumerate(problem.instance.trunks):
        load.trunk_g[k] -= trunk_grams.get(trunk.id, 0)
    return DayBoard(version, roads, problem, load)
