"""What a plan promises, on any county."""

import json
import math

from hypothesis import given

from bench.planner_instances import county
from fulfillment.batching.answer import plan_as_json
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import first_come, solve

from .checker import judge, optimum
from .instances import instances


def answer(instance, **how):
    return plan_as_json(solve(parse_instance(instance), **how))


@given(instances())
def test_any_plan_is_legal_accounts_for_every_parcel_and_costs_what_it_says(instance):
    plan = answer(instance)
    verdict = judge(instance, plan)
    assert math.isclose(verdict.cost, plan["cost_fen"], abs_tol=1e-6)
    assert (verdict.late, verdict.unserved) == (plan["late"], plan["unserved"])
    assert plan["bound_fen"] <= plan["cost_fen"]
    if not instance["parcels"]:
        assert (plan["status"], plan["gap"]) == ("empty", 0)
    elif plan["bound_fen"] > 0:
        assert math.isclose(plan["gap"], plan["cost_fen"] / plan["bound_fen"] - 1, abs_tol=1e-9)
        assert plan["status"] == ("optimal" if plan["gap"] <= 1e-4 else "feasible")
    json.dumps(plan, allow_nan=False)


@given(instances(max_parcels=4, max_departures=7))
def test_the_best_plan_of_all_lies_between_bound_and_cost(instance):
    plan, best = answer(instance), optimum(instance)
    assert plan["bound_fen"] <= best + 1e-6
    assert best <= plan["cost_fen"] + 1e-6


@given(instances(max_parcels=1))
def test_a_parcel_alone_gets_the_best_road_there_is(instance):
    assert math.isclose(answer(instance)["cost_fen"], optimum(instance), abs_tol=1e-6)


def test_a_crowded_county_is_planned_legally_and_never_worse_than_first_come():
    instance = county(3, 600, fill=20)
    plan = answer(instance)
    verdict = judge(instance, plan)
    assert math.isclose(verdict.cost, plan["cost_fen"], rel_tol=1e-9)
    assert plan["cost_fen"] <= first_come(parse_instance(instance)).cost_fen


def test_the_same_instance_gives_the_same_plan():
    first, second = (answer(county(5, 300, fill=30)) for _ in range(2))
    assert first | {"seconds": 0} == second | {"seconds": 0}


def test_out_of_time_still_gives_a_legal_plan_of_every_parcel():
    instance = county(3, 200)
    judge(instance, answer(instance, seconds=0))
