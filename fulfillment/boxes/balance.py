"""Where empties run short, and which run brings them: what a node's planned loads need against what stands there.

A greedy answer, largest lack first: the run that is there soonest of those that pass a node with boxes to spare and have room.
Boxes that others need are not taken: a node spares only what its own loads leave.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """A departure as empties see it: its calls as (node, arrival, departure), and how many boxes it can still take on each stretch."""

    code: str
    tiers: frozenset[str]
    calls: Sequence[tuple[str, float, float]]
    room: Sequence[float]


class Return(NamedTuple):
    """So many empties of a tier ride this run from one node to another."""

    run: str
    tier: str
    origin: str
    target: str
    boxes: int


Stock = Mapping[tuple[str, str], int]  # by node and tier


def shortages(have: Stock, need: Stock) -> dict[tuple[str, str], int]:
    """How many boxes each node lacks."""
    return {key: needed - have.get(key, 0) for key, needed in need.items() if needed > have.get(key, 0)}


def returns(have: Stock, need: Stock, runs: Sequence[Run]) -> list[Return]:
    """Which runs bring what is short; what no run can bring stays short."""
    spare = {key: count - need.get(key, 0) for key, count in have.items() if count > need.get(key, 0)}
    room = {run.code: list(run.room) for run in runs}
    found: list[Return] = []
    for (node, tier), lack in sorted(shortages(have, need).items(), key=lambda item: (-item[1], item[0])):
        ways = sorted(
            (arrives, run.code, board, alight, origin)
            for run in runs
            if tier in run.tiers
            for alight, (end, arrives, _) in enumerate(run.calls)
            if end == node
            for board, (origin, _, _) in enumerate(run.calls[:alight])
            if spare.get((origin, tier), 0) > 0 and origin != node
        )
        for _, code, board, alight, origin in ways:
            boxes = int(min(lack, spare[origin, tier], *room[code][board:alight]))
            if boxes > 0:
                found.append(Return(code, tier, origin, node, boxes))
                spare[origin, tier] -= boxes
                room[code][board:alight] = [left - boxes for left in room[code][board:alight]]
                lack -= boxes
    return found
