"""What is proven lost by whole parcels, against the optimum of whole parcels with boxes as shares, no road left out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.planner_instances import county
from fulfillment.batching import charges
from fulfillment.batching.assign import first_come_order, place_in_order
from fulfillment.batching.bound import roads_alone
from fulfillment.batching.choices import find_choices
from fulfillment.batching.deadline import Deadline
from fulfillment.batching.generation import relax
from fulfillment.batching.prices import Prices
from fulfillment.batching.pricing import Pricing
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import solve
from fulfillment.batching.standing import Standing
from fulfillment.batching.stretches import fares_of
from fulfillment.batching.targets import build_problem
from fulfillment.batching.whole_parcels import lost_by_whole_parcels

from .checker import all_roads, road_cost
from .exact import crowded
from .instances import instances
from .test_generation import cheapest_mix
from .test_pricing import any_prices


def proven(instance):
    """At the relaxation's prices, and with what whole parcels lose."""
    problem = build_problem(parse_instance(instance))
    pricing = Pricing(problem)
    alone = roads_alone(pricing)
    relaxation = relax(pricing, alone, [None] * len(alone), lambda: False)
    choices = find_choices(pricing, relaxation.known, relaxation.prices)
    plan = place_in_order(problem, first_come_order(problem), alone, Deadline(math.inf))
    lost = lost_by_whole_parcels(pricing, relaxation, Standing(plan, choices, relaxation.prices), Deadline(math.inf))
    return relaxation.at_prices, relaxation.at_prices + sum(fen for _, fen in lost)


def several_lines(instance, data):
    """Departures of the strategy are all of one line; what is charged where only matters among several."""
    for departure in instance["departures"]:
        departure["line"] = data.draw(st.sampled_from(["L", "M", "N"]))
    for parcel in instance["parcels"]:
        parcel.pop("fixed_legs", None)
    return instance


@given(instances(max_parcels=8, max_departures=9), st.data())
def test_no_more_is_proven_than_the_best_plan_of_whole_parcels_costs(instance, data):
    instance = several_lines(instance, data)
    assert proven(instance)[1] <= cheapest_mix(instance, whole=True) + 1e-3


@pytest.mark.parametrize("seed", range(12))
def test_in_crowded_counties_no_more_is_proven_than_the_best_plan_of_whole_parcels_costs(seed):
    instance = crowded(seed)
    for parcel in instance["parcels"]:
        parcel.pop("fixed_legs", None)
    at_prices, more = proven(instance)
    assert at_prices <= more <= cheapest_mix(instance, whole=True) + 1e-3


def test_where_a_line_is_short_by_a_part_of_a_parcel_a_whole_one_is_counted():
    instance = one_bus(cap_g=24_000, weights=[10_000, 10_000, 10_000])
    at_prices, more = proven(instance)
    best = cheapest_mix(instance, whole=True)
    assert at_prices < best - 500
    assert best - 1.5 <= more <= best
    assert solve(parse_instance(instance)).status == "optimal"


def test_a_parcel_that_could_ride_two_short_lines_is_charged_for_once():
    """Two buses of different lines at the same hours: whoever is left by both pays once."""
    instance = one_bus(cap_g=14_000, weights=[10_000] * 4)
    other = {**instance["departures"][0], "id": "d2", "line": "M"}
    instance["departures"].append(other)
    at_prices, more = proven(instance)
    best = cheapest_mix(instance, whole=True)
    assert at_prices < best - 500
    assert more <= best + 1e-6


def one_bus(cap_g, weights):
    stops = [{"node": "v", "arr": 60, "dep": 60}, {"node": "h", "arr": 90, "dep": 90}]
    zones = {"z0": {"base_fen": 300, "per_kg_fen": 0, "hours": 20}}
    return {
        "county": "one", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 1440, "transfer_min": 0, "hub_sort_min": 10,
        "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 4000, "max_handovers": 3,
        "nodes": [{"id": "h", "kind": "hub"}, {"id": "v", "kind": "station"}],
        "departures": [{"id": "d1", "line": "L", "mode": "bus", "tiers": ["ambient"], "fee_fen": 50, "stops": stops,
                        "cap": {"g": cap_g, "ml": 1_000_000, "boxes": None}}],
        "trunks": [{"id": "k", "carrier": "post", "cutoff": 200, "dep": 220, "cap_g": 1_000_000, "tiers": ["ambient"], "zones": zones}],
        "parcels": [{"id": f"p{n}", "origin": "v", "ready": 0, "zone": "z0", "tier": "ambient", "g": g, "ml": 1000, "box_milli": 10,
                     "due": 2880, "hold_fen_per_h": 2, "shelf_min": None} for n, g in enumerate(weights)],
    }  # fmt: skip


@given(instances(), st.data())
def test_the_fare_of_a_set_is_that_of_the_cheapest_road_riding_just_that(instance, data):
    for parcel in instance["parcels"]:
        for wish in ("pin", "forbid", "fixed_legs"):
            parcel.pop(wish, None)
    problem = build_problem(parse_instance(instance))
    prices, pricing = any_prices(data, problem), Pricing(problem)
    moving = [s for s in range(problem.network.events) if s + 1 < problem.network.first[problem.network.departure[s] + 1]]
    drawn = data.draw(st.lists(st.sampled_from(moving), max_size=3)) if moving else []
    stretches = sorted({problem.network.departure[s]: s for s in drawn}.values())
    for way, members in pricing.cargo.ways.items():
        fares = fares_of(pricing, way, members, stretches, prices, limit=1e7)
        for n, i in enumerate(members.tolist() if fares is not None else ()):
            cheapest = cheapest_by_set(instance, problem, prices, i, stretches)
            for ridden, fen in zip(fares.sets, fares.fen[n], strict=True):
                assert math.isclose(fen, cheapest.pop(ridden, math.inf), rel_tol=1e-9, abs_tol=1e-4)
            assert not cheapest


def cheapest_by_set(instance, problem, prices: Prices, i, stretches):
    parcel, network = instance["parcels"][i], problem.network
    trunks = {t["id"]: k for k, t in enumerate(instance["trunks"])}
    cheapest: dict[tuple[int, ...], float] = {}
    for legs, trunk in all_roads(instance, parcel):
        events = [(network.first[network.departure_of[d["id"]]] + b, network.first[network.departure_of[d["id"]]] + a) for d, b, a in legs]
        toll = prices.road_toll(problem.instance.parcels[i], events, None if trunk is None else trunks[trunk])
        ridden = tuple(s for s in stretches if any(b <= s < a for b, a in events))
        cost = road_cost(instance, parcel, legs, trunk) + toll
        cheapest[ridden] = min(cheapest.get(ridden, math.inf), cost)
    return cheapest


def test_a_line_with_too_many_choices_is_left_out(monkeypatch):
    instance = one_bus(cap_g=24_000, weights=[10_000, 10_000, 10_000])
    monkeypatch.setattr(charges, "_MOST", 2)
    at_prices, more = proven(instance)
    assert more == at_prices


def test_without_time_nothing_more_is_proven():
    problem = build_problem(parse_instance(county(2, 200, fill=40)))
    pricing = Pricing(problem)
    alone = roads_alone(pricing)
    relaxation = relax(pricing, alone, alone, lambda: False)
    plan = place_in_order(problem, first_come_order(problem), alone, Deadline(math.inf))
    standing = Standing(plan, find_choices(pricing, relaxation.known, relaxation.prices), relaxation.prices)
    assert lost_by_whole_parcels(pricing, relaxation, standing, Deadline(0)) == []
    assert lost_by_whole_parcels(pricing, relaxation, standing, Deadline(math.inf))
