"""The first lower bound: every parcel on its cheapest legal road as if it were alone, or unserved if that costs less.

No capacity is charged, so neither shares nor whole boxes can make the optimum cheaper than this. Column generation
starts from these roads and raises the bound where they do not fit together.
"""

import math

import numpy as np

from .cargo import Way
from .cost import Leg, Road, arrival_by
from .instance import TIERS
from .network import Ints
from .pricing import Pricing
from .scan import trace
from .targets import Problem


def roads_alone(pricing: Pricing) -> list[Road | None]:
    """Per parcel its cheapest legal road on an empty network, None where it has none; dearer than unserved is possible."""
    roads: list[Road | None] = [None] * len(pricing.cargo.starts)
    limits = np.full(len(roads), math.inf)
    for way, members in pricing.cargo.ways.items():
        if way.to is None:
            limits[members] = -math.inf
            _to_trunks(pricing, way, members, roads)
    found = pricing.cheapest(limits, None)
    assert found is not None
    for i, road in found.items():
        roads[i] = road
    return roads


def bound_alone(problem: Problem, alone: list[Road | None]) -> float:
    unserved = problem.instance.unserved_fen
    return math.fsum(unserved if road is None else min(road.cost, unserved) for road in alone)


def _to_trunks(pricing: Pricing, way: Way, members: Ints, roads: list[Road | None]) -> None:
    """By the labels alone: the legs to a trunk do not depend on the parcel."""
    problem, cargo = pricing.problem, pricing.cargo
    if not problem.instance.trunks:
        return
    there = pricing.fen_there(members)
    traced: dict[tuple[int, int, int], tuple[Leg, ...]] = {}
    for tier in np.unique(cargo.tier[members]).tolist():
        these = cargo.tier[members] == tier
        mine = members[these]
        labels = problem.outbound(TIERS[tier])
        riding = labels.wait[way.legs][cargo.place[mine]] + cargo.on_top[mine]
        fen = np.minimum(riding, there[these])
        trunks = fen.argmin(axis=1)
        rides = riding[np.arange(len(mine)), trunks] < there[these][np.arange(len(mine)), trunks]
        for i, k, cost, ride in zip(mine.tolist(), trunks.tolist(), fen.min(axis=1).tolist(), rides.tolist(), strict=True):
            if cost == math.inf:
                continue
            start = cargo.starts[i]
            legs: tuple[Leg, ...] = ()
            if ride:
                key = start.place, tier, k
                if key not in traced:
                    traced[key] = trace(problem.layout, labels, start.place, k, way.legs)
                legs = traced[key]
            arrives = arrival_by(problem.instance.trunks[k], problem.instance.parcels[i].zone or "")
            roads[i] = Road(start.fixed + legs, k, arrives, start.spent + cost, len(start.fixed))
