"""Who can ride together: requests of one day whose way lies on another's and whose hours have a moment in common.

The longest way is the group's road; who gets on and off along it in that order, in time and while there are seats, joins. First fit by
falling length is deterministic, and no request is left out: at worst it is a group of its own.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .roads import Road

EVEN_MIN = 5  # people are told whole five minutes


class Asked(NamedTuple):
    code: str
    road: Road
    earliest: int  # minutes after the day's midnight at which they may leave
    latest: int
    seats: int


class Gathered(NamedTuple):
    """Those who can ride together: along `road`, whose start lies between `earliest` and `latest`."""

    road: Road
    earliest: int
    latest: int
    asked: tuple[Asked, ...]

    @property
    def seats(self) -> int:
        """Taken on the fullest stretch."""
        return _fullest(self.road, self.asked)

    @property
    def booked(self) -> int:
        return sum(a.seats for a in self.asked)

    @property
    def suggested(self) -> int:
        """The middle of the common hours, on a whole five minutes where one lies within."""
        middle = (self.earliest + self.latest) // 2 // EVEN_MIN * EVEN_MIN
        return next((m for m in (middle, middle + EVEN_MIN) if self.earliest <= m <= self.latest), self.earliest)

    def calls(self, start: int) -> list[tuple[int, int]]:
        """(place, minute) of every stop where somebody gets on or off, when it starts at a minute."""
        wanted = {node for a in self.asked for node in (a.road.nodes[0], a.road.nodes[-1])}
        return [(node, start + m) for node, m in zip(self.road.nodes, self.road.minutes, strict=True) if node in wanted]


def gather(asked: Iterable[Asked], most_seats: int) -> list[Gathered]:
    """The day's groups, those most people asked for first; a group never needs more than `most_seats` at once.

    A single request for more seats than that stays alone.
    """
    groups: list[Gathered] = []
    for each in sorted(asked, key=lambda a: (-a.road.takes, a.earliest, a.code)):
        for n, group in enumerate(groups):
            if joined := _joined(group, each, most_seats):
                groups[n] = joined
                break
        else:
            groups.append(Gathered(each.road, each.earliest, each.latest, (each,)))
    return sorted(groups, key=lambda g: (-g.booked, g.earliest, g.asked[0].code))


def together(asked: Sequence[Asked], most_seats: int) -> Gathered | None:
    """These very requests as one group, if they can be."""
    groups = gather(asked, most_seats)
    return groups[0] if len(groups) == 1 else None


def _joined(group: Gathered, one: Asked, most_seats: int) -> Gathered | None:
    span = _span(group.road, one)
    if span is None:
        return None
    after = group.road.minutes[span[0]]
    earliest, latest = max(group.earliest, one.earliest - after), min(group.latest, one.latest - after)
    asked = (*group.asked, one)
    if earliest > latest or _fullest(group.road, asked) > most_seats:
        return None
    return group._replace(earliest=earliest, latest=latest, asked=asked)


def _span(road: Road, one: Asked) -> tuple[int, int] | None:
    """Where along a road somebody gets on and off, if both lie on it in that order."""
    on, off = one.road.nodes[0], one.road.nodes[-1]
    if road.mode != one.road.mode or on not in road.nodes or off not in road.nodes:
        return None
    first, last = road.nodes.index(on), road.nodes.index(off)
    return (first, last) if first < last else None


def _fullest(road: Road, asked: Iterable[Asked]) -> int:
    taken = [0] * len(road.nodes)
    for one in asked:
        if span := _span(road, one):
            for n in range(*span):
                taken[n] += one.seats
    return max(taken)
