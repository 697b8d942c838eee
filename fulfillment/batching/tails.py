"""Whole boxes where shares of them were counted: what rides in the emptiest boxes gives way until no segment holds too many.

The relaxation fills a segment with shares that are seldom whole boxes. One box fewer is had where the parcels beyond the last full
box of some group (boarding stop, unload stop, tier) lose least by leaving, for every overfull segment on which it stands.
"""

import math
from collections import defaultdict
from typing import NamedTuple

from .assignment import Assignment
from .choices import Choices
from .cost import Leg
from .load import boxes

_Group = tuple[int, int, str]  # boarding and alighting event, tier


class _Tail(NamedTuple):
    """Parcels whose leaving saves a group a box, and what they lose; infinity if fixed legs alone need it."""

    fen: float
    parcels: tuple[int, ...]


def take_off_tails(assignment: Assignment, choices: Choices) -> list[int]:
    """Takes parcels off until boxes fit wherever they can be made to, and returns them. Other kinds of room are not looked at.

    They are not given other roads at once: room that stays free for a while leads the search that follows to better plans.
    """
    overfull = {s for s, left in enumerate(assignment.load.boxes) if left < 0}
    over = {s: _groups_on(assignment, s) for s in overfull}
    tails = {group: _tail(assignment, choices, group) for group in sorted(set().union(*over.values()))}
    off: list[int] = []
    while overfull:
        standing: dict[_Group, int] = defaultdict(int)
        for s in overfull:
            for group in over[s]:
                standing[group] += 1
        best = min(standing, key=lambda group: (tails[group].fen / standing[group], group), default=None)
        if best is None or math.isinf(tails[best].fen):
            break
        left = {leg for i in tails[best].parcels for leg in _legs(assignment, i)}
        for i in tails[best].parcels:
            assignment.take_off(i)
        off += tails[best].parcels
        for group in tails:
            if group[:2] in left:
                tails[group] = _tail(assignment, choices, group)
        overfull = {s for s in overfull if assignment.load.boxes[s] < 0}
    return off


def _groups_on(assignment: Assignment, segment: int) -> set[_Group]:
    parcels, groups = assignment.problem.instance.parcels, set[_Group]()
    for i in assignment.riders["segment", segment]:
        groups.update((*leg, parcels[i].tier) for leg in _legs(assignment, i) if leg[0] <= segment < leg[1])
    return groups


def _tail(assignment: Assignment, choices: Choices, group: _Group) -> _Tail:
    """Who loses least per share leaves first; then whoever turns out not to be needed stays."""
    parcels, milli = assignment.problem.instance.parcels, assignment.load.milli[group]
    beyond = milli - 1000 * (boxes(milli) - 1)
    leg, tier = group[:2], group[2]
    losses = {
        i: _loss(assignment, choices, i, leg)
        for i in assignment.riders["segment", leg[0]]
        if parcels[i].tier == tier and parcels[i].box_milli and leg in _legs(assignment, i)
    }
    leaving: list[int] = []
    for i in sorted(losses, key=lambda i: (losses[i] / parcels[i].box_milli, i)):
        if beyond <= 0:
            break
        leaving.append(i)
        beyond -= parcels[i].box_milli
    if beyond > 0:
        return _Tail(math.inf, ())
    for i in sorted(leaving, key=lambda i: (-losses[i], i)):
        if beyond + parcels[i].box_milli <= 0:
            leaving.remove(i)
            beyond += parcels[i].box_milli
    return _Tail(sum(losses[i] for i in leaving), tuple(leaving))


def _loss(assignment: Assignment, choices: Choices, i: int, leg: Leg) -> float:
    """Fen, at the prices, by which the parcel's cheapest choice without the leg is above its cheapest."""
    others = (above for road, above in zip(choices.roads[i], choices.excess[i], strict=True) if leg not in road.chosen)
    unserved = assignment.problem.instance.unserved_fen - float(choices.least[i])
    return min(min(others, default=math.inf), unserved)


def _legs(assignment: Assignment, i: int) -> tuple[Leg, ...]:
    road = assignment.roads[i]
    return () if road is None else road.chosen
