"""How to get from one place to another: direct, or with one or two changes.

Connection scan over profiles (Dibbelt, Pajor, Strasser, Wagner, "Connection Scan Algorithm", 2018), one profile for each number of
rides: hops are looked at from the last to the first, and at each the best is kept of staying aboard, getting off at the goal, and
changing to what is known to go on from there. One pass answers every time of departure, so the earliest arrival, the latest start for
it and the ways with fewer changes come from the same labels. Times are whole minutes of the epoch; both ends and a change may have a walk.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from .passengers import Halt, Ride

MOST_RIDES = 3  # two changes
GOALS_KEPT = 6  # of one Ways: what is known of one is about a megabyte in a county of a thousand runs a day
CHANGE_MIN = 3  # from one vehicle to the next at the same stop
Walks = Mapping[str, Sequence[tuple[str, int]]]  # from a stop: stops to change at and the minutes there


class Leg(NamedTuple):
    ride: Ride
    board: Halt
    alight: Halt


class Journey(NamedTuple):
    """Rides one after the other; `walk_to` and `walk_from` are minutes on foot before the first and after the last."""

    starts_at: datetime
    arrives_at: datetime
    legs: tuple[Leg, ...]
    walk_to: int
    walk_from: int

    @property
    def changes(self) -> int:
        return len(self.legs) - 1

    @property
    def minutes(self) -> int:
        return int((self.arrives_at - self.starts_at).total_seconds()) // 60


class _Hop(NamedTuple):
    """From stop number `stop` of a run to the next."""

    leaves: int
    ride: int
    stop: int
    arrives: int
    here: str
    there: str


class _Label(NamedTuple):
    """Boarding `ride` at `board` by `leaves` one is there at `arrives`, getting off at `alight` and going `onward`."""

    leaves: int
    arrives: int
    ride: int
    board: int
    alight: int
    onward: "_Label | None"


class _Aboard(NamedTuple):
    arrives: int
    alight: int
    onward: _Label | None


class _Profile:
    """What is known of a stop for one number of rides: the later one leaves, the later one is there."""

    def __init__(self) -> None:
        self.labels: list[_Label] = []
        self.times: list[int] = []  # minus the minute each leaves, ascending

    def earliest(self, minute: int) -> _Label | None:
        """The way of whoever stands there at a minute."""
        n = bisect_left(self.times, 1 - minute)
        return self.labels[n - 1] if n else None

    def add(self, label: _Label) -> None:
        if self.labels and self.labels[-1].arrives <= label.arrives:
            return
        if self.labels and self.labels[-1].leaves == label.leaves:
            self.labels[-1] = label
            return
        self.labels.append(label)
        self.times.append(-label.leaves)


class Ways:
    """Every way among some runs. What was found out about getting to a goal is kept for whoever asks for the same goal next.

    A search goes on where the last one for its goal ended, so asking again for a later time looks at no run twice. Any thread may ask.
    """

    def __init__(self, rides: Sequence[Ride], walks: Walks | None = None) -> None:
        """Struck out runs are not taken."""
        self.rides = rides
        hops = [
            _Hop(_minute(here.leaves_at), n, i, _minute(there.arrives_at), here.node, there.node)
            for n, ride in enumerate(rides)
            if not ride.is_cancelled
            for i, (here, there) in enumerate(zip(ride.halts, ride.halts[1:], strict=False))
        ]
        self._hops = sorted(hops, key=lambda hop: (hop.leaves, hop.stop), reverse=True)
        self._changes = {hop.there: ((hop.there, CHANGE_MIN), *(walks or {}).get(hop.there, ())) for hop in hops}
        self._searches: dict[tuple[tuple[str, int], ...], _Search] = {}
        self._one_at_a_time = Lock()

    def find(
        self, starts: Mapping[str, int], goals: Mapping[str, int], *, at: datetime, until: datetime, most: int = 6
    ) -> list[Journey]:  # fmt: skip
        """The ways worth taking that start at `at` or later and board before `until`, by arrival.

        `starts` and `goals` map stops to minutes on foot. A way is left out when another starts no earlier, arrives no later and changes
        no more often.
        """
        begin, end = _minute(at), _minute(until)
        with self._one_at_a_time:
            profiles = self._search(goals).since(begin)
            labels = [
                (label, foot)
                for node, foot in starts.items()
                for profile in profiles.get(node, ())
                for label in profile.labels
                if begin + foot <= label.leaves < end
            ]
        return _worth_taking([_journey(self.rides, label, foot, goals) for label, foot in labels])[:most]

    def _search(self, goals: Mapping[str, int]) -> "_Search":
        """The goal asked for longest ago is forgotten first."""
        key = tuple(sorted(goals.items()))
        found = self._searches.pop(key, None) or _Search(self._hops, self._changes, goals)
        self._searches[key] = found
        if len(self._searches) > GOALS_KEPT:
            del self._searches[next(iter(self._searches))]
        return found


def find_journeys(
    rides: Sequence[Ride], starts: Mapping[str, int], goals: Mapping[str, int], *, at: datetime, until: datetime,
    walks: Walks | None = None, most: int = 6,
) -> list[Journey]:  # fmt: skip
    """As `Ways.find`, once."""
    return Ways(rides, walks).find(starts, goals, at=at, until=until, most=most)


class _Search:
    """The profiles of one goal, from the last hop back as far as anybody asked."""

    def __init__(self, hops: Sequence[_Hop], changes: Walks, goals: Mapping[str, int]) -> None:
        self._hops, self._changes, self._goals = hops, changes, goals
        self._next = 0
        self._aboard: dict[tuple[int, int], _Aboard] = {}
        self._profiles: dict[str, list[_Profile]] = {}

    def since(self, begin: int) -> dict[str, list[_Profile]]:
        """Of everybody who leaves at that minute or later."""
        aboard, profiles = self._aboard, self._profiles
        while self._next < len(self._hops) and (hop := self._hops[self._next]).leaves >= begin:
            self._next += 1
            fewer: int | None = None
            to_change = [(profiles[node], minutes) for node, minutes in self._changes[hop.there] if node in profiles]
            for k in range(MOST_RIDES):
                best = aboard.get((hop.ride, k))
                # of equal ways the one that gets off first: nobody rides to the town and back to change
                if (off := self._getting_off(k, hop, to_change)) and (best is None or off[0] <= best.arrives):
                    best = aboard[hop.ride, k] = _Aboard(off[0], hop.stop + 1, off[1])
                if best is None or (fewer is not None and best.arrives >= fewer):
                    continue
                fewer = best.arrives
                if hop.here not in profiles:
                    profiles[hop.here] = [_Profile() for _ in range(MOST_RIDES)]
                profiles[hop.here][k].add(_Label(hop.leaves, best.arrives, hop.ride, hop.stop, best.alight, best.onward))
        return profiles

    def _getting_off(self, k: int, hop: _Hop, to_change: list[tuple[list[_Profile], int]]) -> tuple[int, _Label | None] | None:
        """When one is at the goal after getting off here with `k` more rides to take, and by which way."""
        if k == 0:
            return (hop.arrives + self._goals[hop.there], None) if hop.there in self._goals else None
        best: _Label | None = None
        for known, minutes in to_change:
            if (way := known[k - 1].earliest(hop.arrives + minutes)) and (not best or way.arrives < best.arrives):
                best = way
        return (best.arrives, best) if best else None


def _journey(rides: Sequence[Ride], label: _Label, foot: int, goals: Mapping[str, int]) -> Journey:
    legs, step = [], label
    while True:
        halts = rides[step.ride].halts
        legs.append(Leg(rides[step.ride], halts[step.board], halts[step.alight]))
        if step.onward is None:
            break
        step = step.onward
    last = goals[legs[-1].alight.node]
    starts, arrives = legs[0].board.leaves_at - timedelta(minutes=foot), legs[-1].alight.arrives_at + timedelta(minutes=last)
    return Journey(starts, arrives, tuple(legs), foot, last)


def _worth_taking(found: list[Journey]) -> list[Journey]:
    ordered = sorted(found, key=lambda j: (j.arrives_at, -j.starts_at.timestamp(), j.changes))
    kept: list[Journey] = []
    for way in ordered:
        if not any(k.starts_at >= way.starts_at and k.changes <= way.changes for k in kept):
            kept.append(way)
    return kept


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60
