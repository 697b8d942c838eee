"""What a disruption does to the roads. The preview plans on roads changed so in memory, the deed writes the very same change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from core import clock
from fulfillment.batching.instance import Departure, Stop
from fulfillment.batching.roads import Ride, Roads, open_calls

from .closures import Spans, StandIn


@dataclass(frozen=True)
class Change:
    """`day` is the first service day it touches.

    without: departures that will not run, or take nobody more. delays: minutes late in all, by departure. closed: nodes where
    no door opens. ends: by node, where what ends there goes instead. starts: by node, where what lies there boards instead.
    allows: parcels, each with a departure that it may ride though it was refused there.
    """

    day: date
    without: frozenset[str] = frozenset()
    delays: Mapping[str, int] = field(default_factory=dict)
    closed: Spans = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    starts: Mapping[str, StandIn] = field(default_factory=dict)
    allows: frozenset[tuple[str, str]] = frozenset()

    def roads(self, before: Roads) -> Roads:
        """The roads as they will be. `without` is left to the reader, who must know where a vehicle that stops has its parcels."""
        if not self.delays and not self.closed:
            return before
        rides, departures = dict(before.rides), []
        for departure in before.departures:
            ride = rides[departure.id]
            late = self.delays.get(departure.id)
            if late is not None:
                departure, ride = _late(departure, ride, late)
            if self.closed:
                departure, ride = _closed(departure, ride, self.closed)
            rides[departure.id] = ride
            if len(departure.stops) > 1:
                departures.append(departure)
            else:
                del rides[departure.id]
        return replace(before, departures=tuple(departures), rides=rides, ends=())


def _late(departure: Departure, ride: Ride, minutes: int) -> tuple[Departure, Ride]:
    """`minutes` late in all, whatever it was before: less than a day, so it still begins on its service day."""
    before = ride.begin - clock.midnight(clock.business_date(ride.begin))
    more = minutes - round(before.total_seconds() / 60)
    stops = tuple(Stop(stop.node, stop.arr + more, stop.dep + more) for stop in departure.stops)
    return replace(departure, stops=stops), replace(ride, begin=ride.begin + timedelta(minutes=more))


def _closed(departure: Departure, ride: Ride, closed: Spans) -> tuple[Departure, Ride]:
    calls = open_calls(ride.stops, ride.begin, closed)
    if len(calls) == len(ride.stops):
        return departure, ride
    kept = {position for position, *_ in calls}
    stops = tuple(stop for stop, call in zip(departure.stops, ride.stops, strict=True) if call[0] in kept)
    return replace(departure, stops=stops), replace(ride, stops=calls)
