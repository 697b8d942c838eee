"""A feed as read: what its standard tables say, ids as they stand there, times in whole minutes after the service day's midnight."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

STANDARD = (
    "agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt", "calendar.txt", "calendar_dates.txt", "frequencies.txt",
    "transfers.txt", "feed_info.txt",
)  # fmt: skip


class Stop(NamedTuple):
    id: str
    code: str
    name: str
    lat: float | None
    lon: float | None
    line: int


class Route(NamedTuple):
    """`operator` is the agency's name; `kind` and `mode` are what its route_type maps to."""

    id: str
    number: str
    name: str
    operator: str
    kind: str
    mode: str
    line: int


class Service(NamedTuple):
    """A calendar: weekday mask (bit 0 = Monday) within its span, single days added and removed."""

    id: str
    weekdays: int
    starts_on: date
    ends_on: date
    added: tuple[date, ...]
    removed: tuple[date, ...]
    line: int


class Call(NamedTuple):
    """One stop of a run; `sequence` is its number in stop_times.txt. `open` tells whether anybody may get on or off."""

    sequence: int
    stop: str
    arr_min: int
    dep_min: int
    on_request: bool
    open: bool
    line: int


@dataclass(frozen=True, slots=True)
class FeedTrip:
    """A run. `base` is its id in trips.txt: runs made from frequencies share it."""

    id: str
    base: str
    route: str
    service: str
    direction: str  # in | out, "" not said
    block: str
    calls: tuple[Call, ...]
    line: int


class FeedTransfer(NamedTuple):
    """A line of transfers.txt for one pair of runs: from and to, "" is any. `min_s` is seconds, None where nothing is asked."""

    stops: tuple[str, str]
    routes: tuple[str, str]
    trips: tuple[str, str]
    kind: int
    min_s: int | None
    line: int


@dataclass
class Feed:
    stops: dict[str, Stop] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    """Platforms and the station each was put together into."""
    routes: dict[str, Route] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    trips: list[FeedTrip] = field(default_factory=list)
    idle: set[str] = field(default_factory=set)
    """Trips that were left out: they call nowhere, or at one stop only."""
    transfers: list[FeedTransfer] = field(default_factory=list)
