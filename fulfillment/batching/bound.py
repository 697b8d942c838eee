"""The first lower bound: every parcel on its cheapest legal road as if it were alone, or unserved if that costs less.

No capacity is charged, so neither shares nor whole boxes can make the optimum cheaper than this. Column generation
starts from these roads and raises the bound where they do not fit together.
"""

import math

import numpy as np

from .cost import Road
from .pricing import Pricing
from .targets import Problem


def roads_alone(pricing: Pricing) -> list[Road | None]:
    """Per parcel its cheapest legal road on an empty network, None where it has none; dearer than unserved is possible."""
    parcels = len(pricing.cargo.starts)
    found = pricing.cheapest(np.full(parcels, math.inf), None)
    assert found is not None
    return [found.get(i) for i in range(parcels)]


def bound_alone(problem: Problem, alone: list[Road | None]) -> float:
    unserved = problem.instance.unserved_fen
    return math.fsum(unserved if road is None else min(road.cost, unserved) for road in alone)
