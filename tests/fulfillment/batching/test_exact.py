"""The planner against the exact optimum of the full model."""

import math

from hypothesis import given

from fulfillment.batching.answer import plan_as_json
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import solve

from .checker import judge, optimum
from .exact import crowded, exact_optimum
from .instances import instances

SAMPLE = range(40)
ON_AVERAGE = 0.001  # the stated distance from the optimum: of all of them, and
NEARLY = 0.005  # of nine in ten


def answer(instance):
    return plan_as_json(solve(parse_instance(instance), seconds=60))


@given(instances(max_parcels=4, max_departures=6))
def test_the_programme_finds_what_trying_everything_finds(instance):
    assert math.isclose(exact_optimum(instance), optimum(instance), rel_tol=1e-9, abs_tol=1e-4)


@given(instances(max_parcels=7, max_departures=9))
def test_in_any_small_county_the_optimum_lies_between_bound_and_cost(instance):
    plan, best = answer(instance), exact_optimum(instance)
    assert plan["bound_fen"] <= best + 1e-4
    assert best <= plan["cost_fen"] + 1e-4


def test_on_a_fixed_sample_of_crowded_counties_the_plan_is_near_the_optimum():
    above = []
    for seed in SAMPLE:
        county = crowded(seed)
        plan = answer(county)
        above.append(judge(county, plan).cost / exact_optimum(county) - 1)
    assert min(above) > -1e-6
    assert sum(above) / len(above) <= ON_AVERAGE
    assert sum(a <= NEARLY for a in above) >= 0.9 * len(above)
