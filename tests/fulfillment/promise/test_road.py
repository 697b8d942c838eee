"""A promise is a road that exists, that has room, and that is still made by whoever orders by the time shown."""

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfillment.batching.answer import plan_as_json
from fulfillment.batching.load import empty_load
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import solve
from fulfillment.batching.targets import build_problem
from fulfillment.promise.road import Size, build_board

from ..batching.checker import all_roads, check_capacity, check_road, leg_of, road_cost
from ..batching.instances import instances, minutes
from ..batching.test_reading import GOOD

SIZES = [Size("small", 500, 2000, 80), Size("large", 2000, 4000, 1200)]
TIERS = ("ambient", "chilled")
any_county = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def buyer(size, node, tier, zone, ready, shelf=None):
    return {"id": "new", "origin": node, "ready": ready, "zone": zone, "tier": tier, "g": size.g, "ml": size.ml,
            "box_milli": size.box_milli, "due": None, "hold_fen_per_h": 0, "shelf_min": shelf}  # fmt: skip


def as_legs(instance, road):
    return [leg_of(instance, {"departure": r.departure, "board": r.board, "alight": r.alight}) for r in road.rides]


@any_county
@given(instances(max_parcels=0), minutes, st.sampled_from([None, 90, 1440]))
def test_on_an_empty_county_the_promise_is_the_earliest_arrival_there_is(instance, ready, shelf):
    problem = build_problem(parse_instance(instance))
    roomy = empty_load(problem.instance, problem.network)
    board = build_board(problem, roomy, TIERS, SIZES)
    for node in (n["id"] for n in instance["nodes"]):
        for tier in TIERS:
            parcel = buyer(SIZES[0], node, tier, "z0", ready, shelf)
            roads = [(legs, trunk) for legs, trunk in all_roads(instance, parcel) if has_room(instance, [parcel], {"new": (legs, trunk)})]
            best = min((check_road(instance, parcel, *road) for road in roads), default=None)
            promised = board.road(node, tier, "z0", "small", ready=ready, shelf_min=shelf)
            assert (promised and promised.arrives) == best


def has_room(instance, parcels, roads):
    try:
        check_capacity(instance | {"parcels": parcels}, roads)
    except AssertionError:
        return False
    return True


@any_county
@given(instances())
def test_beside_a_plan_every_promise_has_room_and_is_kept_until_its_order_by(instance):
    plan = solve(parse_instance(instance))
    problem = build_problem(parse_instance(instance))
    load = empty_load(problem.instance, problem.network)
    for parcel, planned in zip(problem.instance.parcels, plan.parcels, strict=True):
        if planned.reason is None:
            load.add_planned(parcel, planned)
    board = build_board(problem, load, TIERS, SIZES)
    said = [p for p in plan_as_json(plan)["parcels"] if "reason" not in p]
    roads = {p["id"]: ([leg_of(instance, leg) for leg in p["legs"]], p.get("trunk")) for p in said}
    for (node, tier, zone, size), choices in board.roads.items():
        for road in choices:
            parcel = buyer(next(s for s in SIZES if s.name == size), node, tier, zone, road.order_by)
            legs = as_legs(instance, road)
            assert check_road(instance, parcel, legs, road.trunk) == road.arrives
            cost_of_legs = road_cost(instance, parcel, legs, road.trunk) - road_cost(instance, parcel, [], road.trunk)
            assert math.isclose(cost_of_legs, road.legs_fen, abs_tol=1e-6)
            check_capacity(instance | {"parcels": [*instance["parcels"], parcel]}, roads | {"new": (legs, road.trunk)})


def test_order_by_is_the_last_minute_that_still_makes_the_first_departure():
    problem = build_problem(parse_instance(GOOD | {"parcels": []}))
    board = build_board(problem, empty_load(problem.instance, problem.network), TIERS, SIZES)
    road = board.road("v17", "ambient", "z0", "small", ready=417)
    assert (road.order_by, road.rides[0].boards_at, road.leaves, road.arrives) == (417, 432, 1080, 2280)
    assert board.road("v17", "ambient", "z0", "small", ready=417.1) is None
    assert board.road("hub", "chilled", "z0", "small", ready=995).order_by == 995
    assert board.road("v17", "chilled", "z0", "small", ready=0) is None
    assert board.road("nowhere", "ambient", "z0", "small", ready=0) is None
