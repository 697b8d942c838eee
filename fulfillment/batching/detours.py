"""Ways round what is full: roads that the relaxation, which may split parcels and boxes, had no need of.

Everything that is full is closed at once and every parcel priced once more, so that each knows how it would travel if it gave
way (fulfillment.batching.exchange decides who does). Where much is lost still, each also learns how to go round one departure at
a time, at the prices: a road need not avoid all that is full, only what somebody else needs more.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .assignment import Assignment
from .choices import Choices
from .cost import Road
from .network import marked_before
from .prices import Prices
from .pricing import Pricing
from .search import find_road
from .unhindered import Unhindered

_CLOSED_FEN = 1e7  # a kilogram or a box


def with_detours(
    pricing: Pricing, alone: list[Road | None], known: list[list[Road]], assignment: Assignment, out_of_time: Callable[[], bool]
) -> list[list[Road]]:
    """The known roads and, per parcel, its cheapest one round the segments and trunks that hold no ordinary parcel more.

    alone: cheapest road of each parcel on an empty network; who meets nothing full on it has no need of another.
    """
    problem, load, unserved = pricing.problem, assignment.load, pricing.problem.instance.unserved_fen
    usual = np.median(pricing.cargo.amounts, axis=0) * 1000 if len(known) else np.zeros(4)
    full = np.array(load.g) < usual[0]
    full |= (np.array(load.ml) < usual[1]) | (np.array(load.boxes) < 1)
    trunks = {k: _CLOSED_FEN for k, room in enumerate(load.trunk_g) if room < usual[0]}
    before = marked_before(full)
    limits = np.full(len(known), -np.inf)
    for i, road in enumerate(alone):
        if road is not None and (road.trunk in trunks or any(before[alight] > before[board] for board, alight in road.chosen)):
            limits[i] = unserved
    found: dict[int, Road] = {}
    limits = Unhindered(problem, pricing.cargo, problem.outbound_round(full)).answer(limits, Prices({}, trunks), found)
    closed = Prices(dict.fromkeys(np.flatnonzero(full).tolist(), (_CLOSED_FEN, 0.0, 0.0, _CLOSED_FEN)), trunks)
    found |= pricing.cheapest(limits, closed, out_of_time) or {}
    return [roads if i not in found or _has(roads, found[i]) else [*roads, found[i]] for i, roads in enumerate(known)]


def round_each(
    pricing: Pricing, choices: Choices, known: list[list[Road]], crowded: set[int], prices: Prices, out_of_time: Callable[[], bool]
) -> list[list[Road]]:
    """The known roads and, per parcel and crowded departure of its two best choices, its cheapest road without that departure."""
    problem, more = pricing.problem, [list(roads) for roads in known]
    network, instance = problem.network, problem.instance
    for i, roads in enumerate(choices.roads):
        met = dict.fromkeys(network.departure[leg[0]] for road in roads[:2] for leg in road.chosen)
        for d in met.keys() & crowded:
            if out_of_time():
                return more
            parcel = instance.parcels[i]
            without = replace(parcel, forbid=parcel.forbid | {instance.departures[d].id})
            road = find_road(problem, without, limit=instance.unserved_fen, prices=prices)
            if road is not None and not _has(more[i], road):
                more[i].append(road)
    return more


def _has(roads: list[Road], road: Road) -> bool:
    return any((known.legs, known.trunk) == (road.legs, road.trunk) for known in roads)
