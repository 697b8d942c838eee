"""Pinned, forbidden and fixed choices are kept, whatever they cost."""

import math

import pytest

from bench.planner_instances import county
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.search import _Search
from fulfillment.batching.targets import build_problem

from .checker import judge, optimum
from .test_reading import GOOD
from .test_solve import answer

DEAR = GOOD["departures"][0] | {"id": "d2", "fee_fen": 500}
LATER = GOOD["trunks"][0] | {"id": "k2", "cutoff": 2000, "dep": 2100}


def road(**wish):
    instance = GOOD | {"departures": [GOOD["departures"][0], DEAR], "trunks": [GOOD["trunks"][0], LATER]}
    instance |= {"parcels": [GOOD["parcels"][0] | wish]}
    plan = answer(instance)
    assert judge(instance, plan).cost == pytest.approx(optimum(instance)) == pytest.approx(plan["cost_fen"])
    said = plan["parcels"][0]
    return [leg["departure"] for leg in said["legs"]], said["trunk"]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, (["d1"], "k1")),
        ({"pin": ["d2"]}, (["d2"], "k1")),
        ({"pin": ["k2"]}, (["d1"], "k2")),
        ({"pin": ["d2", "k2"]}, (["d2"], "k2")),
        ({"forbid": ["d1"]}, (["d2"], "k1")),
        ({"forbid": ["k1", "d1"]}, (["d2"], "k2")),
        ({"fixed_legs": [{"departure": "d2", "board": "v17", "alight": "hub"}]}, (["d2"], "k1")),
        ({"fixed_legs": [{"departure": "d2", "board": "v17", "alight": "hub"}], "pin": ["d2"]}, (["d2"], "k1")),
    ],
    ids=str,
)
def test_a_wish_is_kept(wish, expected):
    assert road(**wish) == expected


def test_a_departure_that_cannot_be_reached_is_not_looked_for():
    """The county's roads are not tried one after the other: without a way to the pinned departure there is nothing to try."""
    instance = county(3, 300)
    first = min(instance["departures"], key=lambda d: d["stops"][-1]["arr"])
    for parcel in instance["parcels"]:
        parcel["ready"] = first["stops"][-1]["arr"]
    instance["parcels"] = [parcel | {"pin": [first["id"]]} for parcel in instance["parcels"][:20]]
    problem = build_problem(parse_instance(instance))
    searches = [_Search(problem, parcel, None, math.inf, None) for parcel in problem.instance.parcels]
    assert [search.run() for search in searches] == [None] * 20
    assert max(next(search.tick) for search in searches) == 0
