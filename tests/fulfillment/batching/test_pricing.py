"""Pricing a whole way at once finds what searching for each parcel finds, at any prices."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench.planner_instances import county
from fulfillment.batching import pricing as pricing_module
from fulfillment.batching.prices import Prices, amounts
from fulfillment.batching.pricing import Pricing
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.search import find_road
from fulfillment.batching.targets import build_problem
from fulfillment.batching.unhindered import Unhindered

from .instances import instances


def any_prices(data: st.DataObject, problem) -> Prices:
    some = st.sampled_from([0.0, 0.0, 3.0, 40.0, 500.0])
    segments = {s: tuple(data.draw(some) for _ in range(4)) for s in range(problem.network.events) if data.draw(st.booleans())}
    return Prices(segments, {k: data.draw(some) for k in range(len(problem.instance.trunks)) if data.draw(st.booleans())})


def assert_alike(problem, prices, limit=math.inf):
    parcels = problem.instance.parcels
    found = Pricing(problem).cheapest(np.full(len(parcels), limit), prices)
    for i, parcel in enumerate(parcels):
        alone = find_road(problem, parcel, limit=limit, prices=prices)
        assert (alone is None) == (i not in found)
        if alone is not None:
            road = found[i]
            assert math.isclose(road.cost + road.toll, alone.cost + alone.toll, rel_tol=1e-9, abs_tol=1e-6)
            assert road.fixed == alone.fixed and road.legs[: road.fixed] == alone.legs[: alone.fixed]


@given(instances(), st.data())
def test_a_way_priced_at_once_is_every_parcel_searched_for(instance, data):
    problem = build_problem(parse_instance(instance))
    few, pricing_module.FEW = pricing_module.FEW, 0  # even one parcel goes by the layers
    try:
        assert_alike(problem, any_prices(data, problem))
    finally:
        pricing_module.FEW = few


def test_a_county_priced_at_once_is_every_parcel_searched_for():
    problem = build_problem(parse_instance(county(3, 1_500)))
    tolls = {s: (float(s % 7) * 40, 0.0, float(s % 3) * 10, float(s % 11) * 90) for s in range(0, problem.network.events, 5)}
    assert_alike(problem, Prices(tolls, {0: 60.0, 3: 25.0}), limit=problem.instance.unserved_fen)


@given(instances(), st.data())
def test_ways_round_closed_segments_are_those_the_search_finds(instance, data):
    problem = build_problem(parse_instance(instance))
    pricing, parcels = Pricing(problem), problem.instance.parcels
    closed = np.array([data.draw(st.booleans()) for _ in range(problem.network.events)], dtype=bool)
    limits, found = np.full(len(parcels), 1e5), {}
    left = Unhindered(problem, pricing.cargo, problem.outbound_round(closed)).answer(limits, None, found)
    prices = Prices(dict.fromkeys(np.flatnonzero(closed).tolist(), (1e9, 1e9, 1e9, 1e9)))
    for i, parcel in enumerate(parcels):
        if left[i] == limits[i] or not any(amounts(parcel)):
            continue  # not one to be answered by labels, or it takes no room and no toll is felt
        alone = find_road(problem, parcel, limit=1e5, prices=prices)
        assert (alone is None) == (i not in found)
        if alone is not None:
            assert math.isclose(found[i].cost, alone.cost, rel_tol=1e-9, abs_tol=1e-6)
            assert not any(closed[s] for leg in found[i].chosen for s in range(*leg))
