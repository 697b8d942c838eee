"""From shares of roads to whole parcels: the sure ones first, then the others each on the best of its choices that is left.

Whole boxes are counted here for the first time, so some of the sure ones give way again (see `tails`). Choices are tried by what
they cost at the prices of the relaxation, so that parcels keep off what others need more; `exchange` does the rest.
"""

from collections.abc import Callable

from .assignment import Assignment, empty_assignment
from .choices import Choices
from .generation import Relaxation
from .network import Floats
from .search import find_road
from .tails import take_off_tails
from .targets import Problem

_SURE = 1 - 1e-6


def round_up(problem: Problem, relaxation: Relaxation, choices: Choices, lost: Floats, out_of_time: Callable[[], bool]) -> Assignment:
    """A legal assignment near the mix; lost: as `assign.regrets`, those who have most to lose choose first."""
    assignment, parcels = empty_assignment(problem), problem.instance.parcels
    left: list[int] = []
    for i in range(len(parcels)):
        mix = relaxation.mixes[i]
        if len(mix) == 1 and mix[0][1] > _SURE and assignment.load.fits_but_for_boxes(parcels[i], mix[0][0]):
            assignment.put(i, mix[0][0])
        elif choices.roads[i]:
            left.append(i)
    left += take_off_tails(assignment, choices)
    nowhere: list[int] = []
    for i in sorted(left, key=lambda i: (-lost[i], i)):
        road = next((road for road in choices.roads[i] if assignment.load.fits(parcels[i], road)), None)
        if road is not None:
            assignment.put(i, road)
        else:
            nowhere.append(i)
    for i in nowhere:
        if out_of_time():
            break
        road = find_road(problem, parcels[i], assignment.load, limit=problem.instance.unserved_fen)
        if road is not None:
            assignment.put(i, road)
    return assignment
