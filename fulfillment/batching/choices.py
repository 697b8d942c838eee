"""Roads worth considering for every parcel once prices are known: its own and those its neighbours found.

Parcels of one way stand at the same place and go the same way, so a road found for one is a road for all that are ready
in time. At good prices only roads near a parcel's cheapest matter: the sum of what all lose against their cheapest, and of
room that has a price and stays empty, is exactly the gap (complementary slackness).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .cargo import Way
from .cost import Leg, Road, arrival_by
from .instance import EPS
from .network import Floats, Ints
from .prices import Prices
from .pricing import Pricing

WITHIN = 600.0  # fen above the cheapest
_MOST = 6  # choices of one parcel


@dataclass(frozen=True)
class Choices:
    """Per parcel its roads by what they cost at the prices, cheapest first, and how much above the cheapest each is."""

    roads: list[list[Road]]
    excess: list[list[float]]
    least: Floats  # fen at the prices; at most what being unserved costs
    within: float


def find_choices(pricing: Pricing, known: list[list[Road]], prices: Prices, within: float = WITHIN) -> Choices:
    """Roads at most `within` fen above the parcel's cheapest, and never dearer than being unserved."""
    cargo = pricing.cargo
    roads: list[list[Road]] = [[] for _ in known]
    excess: list[list[float]] = [[] for _ in known]
    least = np.full(len(known), cargo.instance.unserved_fen, dtype=float)
    for i in (*cargo.wished, *cargo.there):
        priced = sorted(((_priced(pricing, i, road, prices), n) for n, road in enumerate(known[i])))[:_MOST]
        if priced:
            least[i] = min(least[i], priced[0][0])
            roads[i] = [known[i][n] for _, n in priced]
            excess[i] = [cost - float(least[i]) for cost, _ in priced]
    for way, members in cargo.ways.items():
        _of_way(pricing, way, members, known, prices, within, Choices(roads, excess, least, within))
    return Choices(roads, excess, least, within)


def _priced(pricing: Pricing, i: int, road: Road, prices: Prices) -> float:
    parcel = pricing.problem.instance.parcels[i]
    return road.cost + prices.road_toll(parcel, road.chosen, road.trunk)


def _of_way(pricing: Pricing, way: Way, members: Ints, known: list[list[Road]], prices: Prices, within: float, choices: Choices) -> None:
    cargo, problem = pricing.cargo, pricing.problem
    ridden = list(dict.fromkeys(road.chosen for i in members.tolist() for road in known[i] if road.chosen))
    here = [road for i in members.tolist() for road in known[i] if not road.chosen]
    if not ridden:
        for i in members.tolist():
            _keep(choices, i, known[i], [_priced(pricing, i, road, prices) for road in known[i]], within)
        return
    fares = np.array([sum(problem.fare(leg) for leg in legs) for legs in ridden])
    place = np.array([pricing.row_place(legs[0][0]) for legs in ridden])
    carried = np.array([[all(tier) for tier in zip(*(problem.carries[leg[0]] for leg in legs), strict=True)] for legs in ridden])
    tolls = np.array([prices.along(legs, problem.network.events) for legs in ridden])
    ends = [legs[-1][1] for legs in ridden]
    cost, trunk = _ending(pricing, way, members, ends, prices)
    cost = cost + fares + cargo.spent[members, None]
    priced = cost + cargo.amounts[members] @ tolls.T
    if trunk is not None:
        priced += cargo.amounts[members, 0, None] * prices.per_kg(cargo.on_top.shape[1])[trunk]
    open_to = (place >= cargo.place[members, None]) & carried[:, cargo.tier[members]].T
    priced[~open_to | (cost > cargo.instance.unserved_fen + EPS)] = np.inf
    nearest = np.argsort(priced, axis=1, kind="stable")[:, :_MOST]
    figures = np.take_along_axis(priced, nearest, axis=1)
    near = (figures <= figures[:, :1] + within) & (figures < np.inf)
    stands = {i: [road for road in known[i] if not road.chosen] for i in members.tolist()} if here else {}
    for m, i in enumerate(members.tolist()):
        mine = nearest[m, near[m]].tolist()
        roads = [_road(pricing, i, ridden[r], None if trunk is None else trunk.item(m, r), cost.item(m, r)) for r in mine]
        at_prices = figures[m, near[m]].tolist()
        for road in stands.get(i, ()):
            roads.append(road)
            at_prices.append(_priced(pricing, i, road, prices))
        _keep(choices, i, roads, at_prices, within)


def _ending(pricing: Pricing, way: Way, members: Ints, ends: Sequence[int], prices: Prices) -> tuple[Floats, Ints | None]:
    """(parcels x roads) what comes on top of the legs, by the trunk that is best at the prices."""
    cargo, problem = pricing.cargo, pricing.problem
    if way.to is not None:
        arrives = np.array([problem.network.arr[e] for e in ends])
        return cargo.arrival_fen(members, arrives).T, None
    tolls = cargo.amounts[members, 0, None] * prices.per_kg(cargo.on_top.shape[1])
    on_top = cargo.on_top[members]
    cost, trunk = np.full((len(members), len(ends)), np.inf), np.zeros((len(members), len(ends)), dtype=np.int64)
    alike: dict[bytes, int] = {}
    for r, e in enumerate(ends):
        same = alike.setdefault(problem.catching[e].tobytes(), r)
        if same != r:
            trunk[:, r], cost[:, r] = trunk[:, same], cost[:, same]
            continue
        priced = np.where(problem.catching[e], on_top + tolls, np.inf)
        trunk[:, r] = priced.argmin(axis=1)
        cost[:, r] = np.where(np.isfinite(priced.min(axis=1)), on_top[np.arange(len(members)), trunk[:, r]], np.inf)
    return cost, trunk


def _road(pricing: Pricing, i: int, legs: tuple[Leg, ...], trunk: int | None, cost: float) -> Road:
    problem, start = pricing.problem, pricing.cargo.starts[i]
    arrives = problem.network.arr[legs[-1][1]]
    if trunk is not None:
        arrives = arrival_by(problem.instance.trunks[trunk], problem.instance.parcels[i].zone or "")
    return Road(start.fixed + legs, trunk, arrives, cost, len(start.fixed))


def _keep(choices: Choices, i: int, roads: list[Road], figures: list[float], within: float) -> None:
    if not roads:
        return
    best = min(float(choices.least[i]), min(figures))
    order = sorted(range(len(roads)), key=lambda n: (figures[n], n))
    order = [n for n in order if figures[n] <= best + within][:_MOST]
    choices.least[i] = best
    choices.roads[i][:] = [roads[n] for n in order]
    choices.excess[i][:] = [figures[n] - best for n in order]
