"""Column generation against the whole programme: every legal road of every parcel written out and solved by HiGHS."""

import math
from collections import defaultdict

import highspy
import numpy as np
from hypothesis import given

from bench.planner_instances import county
from fulfillment.batching.bound import bound_alone, roads_alone
from fulfillment.batching.generation import relax
from fulfillment.batching.pricing import Pricing
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.targets import build_problem

from .checker import all_roads, road_cost
from .instances import instances


def cheapest_mix(instance, *, whole=False):
    """The optimum when parcels may be split (or, `whole`, may not) and boxes are shares, with no road left out."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    users = defaultdict(lambda: defaultdict(float))  # what a road takes of each room: twice where it rides in circles
    total = len(instance["parcels"]) * instance["unserved_fen"]
    column = 0
    for parcel in instance["parcels"]:
        roads = all_roads(instance, parcel)
        for legs, trunk in roads:
            highs.addCol(road_cost(instance, parcel, legs, trunk) - instance["unserved_fen"], 0, 1, 0, np.array([], np.int32), np.array([]))
            if whole:
                highs.changeColIntegrality(column, highspy.HighsVarType.kInteger)
            for departure, board, alight in legs:
                for segment in range(board, alight):
                    cold = 0 if parcel["tier"] == "ambient" else parcel["ml"]
                    for what, amount in (
                        ("g", parcel["g"]),
                        ("ml", parcel["ml"]),
                        ("chilled_ml", cold),
                        ("boxes", parcel["box_milli"] / 1000),
                    ):
                        cap = departure["cap"].get(what)
                        if cap is not None:
                            users[what, departure["id"], segment, cap][column] += amount
            if trunk:
                users["trunk", trunk, 0, next(t["cap_g"] for t in instance["trunks"] if t["id"] == trunk)][column] += parcel["g"]
            column += 1
        highs.addRow(0, 1, len(roads), np.arange(column - len(roads), column, dtype=np.int32), np.ones(len(roads)))
    for (_, _, _, cap), uses in users.items():
        row = highs.addRow(-np.inf, cap, len(uses), np.array([*uses], np.int32), np.array([*uses.values()], float))
        assert row == highspy.HighsStatus.kOk
    highs.run()
    return total + highs.getInfo().objective_function_value if column else total


@given(instances())
def test_the_bound_is_the_cheapest_mix_of_all_roads(instance):
    for parcel in instance["parcels"]:
        parcel.pop("fixed_legs", None)
    problem = build_problem(parse_instance(instance))
    pricing = Pricing(problem)
    alone = roads_alone(pricing)
    relaxed = relax(pricing, alone, [None] * len(alone), lambda: False)
    best = cheapest_mix(instance)
    assert bound_alone(problem, alone) <= relaxed.bound + 1e-6
    assert math.isclose(relaxed.cost, best, rel_tol=1e-5, abs_tol=1e-3)
    assert best - abs(best) * 1e-5 - 1e-3 <= relaxed.bound <= best + 1e-3


def test_stopped_at_once_it_still_knows_a_true_bound():
    problem = build_problem(parse_instance(county(2, 200, fill=40)))
    pricing = Pricing(problem)
    alone = roads_alone(pricing)
    stopped = relax(pricing, alone, alone, lambda: True)
    finished = relax(pricing, alone, alone, lambda: False)
    assert bound_alone(problem, alone) <= stopped.bound <= finished.bound <= finished.cost + 1e-6
    assert bound_alone(problem, alone) < finished.bound
