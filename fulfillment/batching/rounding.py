"""From shares of roads to whole parcels: the sure ones, then the split ones settled together, then whoever is left.

Whole boxes are counted here for the first time, so a sure road may not fit. Those left over look for another road at
the prices of the relaxation, so that they keep off what others need more; `improve` does the rest.
"""

from .assignment import Assignment, empty_assignment
from .generation import Relaxation
from .search import find_road
from .splits import settle_splits
from .targets import Problem

_SURE = 1 - 1e-6


def round_up(problem: Problem, relaxation: Relaxation, regrets: list[float]) -> Assignment:
    """A legal assignment near the mix."""
    assignment, parcels, unserved = empty_assignment(problem), problem.instance.parcels, problem.instance.unserved_fen
    left: list[int] = []
    split: list[int] = []
    for i in sorted(range(len(parcels)), key=lambda i: (-regrets[i], i)):
        mix = relaxation.mixes[i]
        if len(mix) == 1 and mix[0][1] > _SURE and assignment.load.fits(parcels[i], mix[0][0]):
            assignment.put(i, mix[0][0])
        elif relaxation.known[i]:
            (split if mix else left).append(i)
    settled = settle_splits(assignment, split, relaxation.known) if split else {}
    for i in split:
        if i in settled and assignment.load.fits(parcels[i], settled[i]):
            assignment.put(i, settled[i])
        else:
            left.append(i)
    for i in left:
        road = find_road(problem, parcels[i], assignment.load, limit=unserved, prices=relaxation.prices)
        road = road or find_road(problem, parcels[i], assignment.load, limit=unserved)
        if road is not None:
            assignment.put(i, road)
    return assignment
