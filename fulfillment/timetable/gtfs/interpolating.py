"""Blank times between timed stops, filled in evenly by the number of stops, as GTFS lets a reader do."""

from collections.abc import Sequence
from itertools import pairwise


def fill_times(times: Sequence[tuple[int, int] | None]) -> list[tuple[int, int]]:
    """Arrival and departure of every stop in seconds; None is a stop without times, neither the first nor the last."""
    timed = [(n, time) for n, time in enumerate(times) if time is not None]
    filled = [timed[0][1]]
    for (here, (_, leaves)), (there, (arrives, then)) in pairwise(timed):
        between = (leaves + (arrives - leaves) * step // (there - here) for step in range(1, there - here))
        filled += [(at, at) for at in between]
        filled.append((arrives, then))
    return filled
