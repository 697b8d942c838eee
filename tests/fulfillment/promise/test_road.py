"""A promise is a road that exists, that has room, and that is still made by whoever orders by the time shown."""

import math
from copy import deepcopy
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.batching.answer import plan_as_json
from fulfillment.batching.cost import arrival_by
from fulfillment.batching.load import empty_load
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.scan import trace
from fulfillment.batching.solve import solve
from fulfillment.batching.targets import build_problem
from fulfillment.promise.road import KEPT, RoadSearch
from fulfillment.promise.room import SizeClass, room_left

from ..batching.checker import all_roads, check_capacity, check_road, leg_of, road_cost
from ..batching.instances import instances, minutes
from ..batching.test_reading import GOOD

SIZES = [SizeClass("small", 500, 2000, 80), SizeClass("large", 2000, 4000, 1200)]
TIERS = ("ambient", "chilled")


def buyer(size, node, tier, zone, ready, shelf=None):
    return {"id": "new", "origin": node, "ready": ready, "zone": zone, "tier": tier, "g": size.g, "ml": size.ml,
            "box_milli": size.box_milli, "due": None, "hold_fen_per_h": 0, "shelf_min": shelf}  # fmt: skip


def rows_of(problem, load, tier, size):
    return RoadSearch(problem).rows(room_left(load), tier, size)


def as_legs(instance, problem, road):
    network = problem.network
    departures = [network.departure[board] for board, _ in road.legs]
    return [
        (instance["departures"][d], network.stop(d, board), network.stop(d, alight))
        for d, (board, alight) in zip(departures, road.legs, strict=True)
    ]


@given(instances(max_parcels=0, max_departures=8), minutes, st.sampled_from([None, 90, 1440]), st.sampled_from(TIERS), st.data())
def test_on_an_empty_county_a_node_is_promised_its_earliest_arrival(instance, ready, shelf, tier, data):
    problem, nodes = build_problem(parse_instance(instance)), [n["id"] for n in instance["nodes"]]
    node, end = data.draw(st.permutations(nodes))[:2]
    parcel = {**buyer(SIZES[0], node, tier, None, ready, shelf), "to": end}
    legal = [(legs, trunk) for legs, trunk in all_roads(instance, parcel) if has_room(instance, [parcel], {"new": (legs, trunk)})]
    best = min((check_road(instance, parcel, *road) for road in legal), default=None)
    roads = RoadSearch(problem).inward(room_left(empty_load(problem.instance, problem.network)), tier, SIZES[0], end)
    promised = roads.road(node, ready=ready, shelf_min=shelf)
    assert (promised and promised.arrives) == best
    if promised:
        check_road(instance, parcel, as_legs(instance, problem, promised), None)
        last = roads.road(node, ready=promised.order_by)
        assert last and last.arrives == promised.arrives, "who is ready by then is there as early"


@given(instances(max_parcels=0), minutes, st.sampled_from([None, 90, 1440]))
def test_on_an_empty_county_the_promise_is_the_earliest_arrival_there_is(instance, ready, shelf):
    problem = build_problem(parse_instance(instance))
    roomy = empty_load(problem.instance, problem.network)
    for tier in TIERS:
        rows = rows_of(problem, roomy, tier, SIZES[0])
        for node in (n["id"] for n in instance["nodes"]):
            parcel = buyer(SIZES[0], node, tier, "z0", ready, shelf)
            roads = [(legs, trunk) for legs, trunk in all_roads(instance, parcel) if has_room(instance, [parcel], {"new": (legs, trunk)})]
            best = min((check_road(instance, parcel, *road) for road in roads), default=None)
            promised = rows.road(node, "z0", ready=ready, shelf_min=shelf)
            assert (promised and promised.arrives) == best


def has_room(instance, parcels, roads):
    try:
        check_capacity(instance | {"parcels": parcels}, roads)
    except AssertionError:
        return False
    return True


@given(instances())
def test_beside_a_plan_every_promise_has_room_and_is_kept_until_its_order_by(instance):
    plan = solve(parse_instance(instance))
    problem = build_problem(parse_instance(instance))
    load = empty_load(problem.instance, problem.network)
    for parcel, planned in zip(problem.instance.parcels, plan.parcels, strict=True):
        if planned.reason is None:
            load.add_planned(parcel, planned)
    said = [p for p in plan_as_json(plan)["parcels"] if "reason" not in p]
    roads = {p["id"]: ([leg_of(instance, leg) for leg in p["legs"]], p.get("trunk")) for p in said}
    for tier, size, node, zone in product(TIERS, SIZES, problem.network.node_of, ("z0", "z1")):
        for road in rows_of(problem, load, tier, size).row(node, zone):
            parcel = buyer(size, node, tier, zone, road.order_by)
            legs, trunk = as_legs(instance, problem, road), problem.instance.trunks[road.trunk].id
            assert check_road(instance, parcel, legs, trunk) == road.arrives
            cost_of_legs = road_cost(instance, parcel, legs, trunk) - road_cost(instance, parcel, [], trunk)
            assert math.isclose(cost_of_legs, road.legs_fen, abs_tol=1e-6)
            check_capacity(instance | {"parcels": [*instance["parcels"], parcel]}, roads | {"new": (legs, trunk)})


def plain_row(problem, load, tier, size, node, zone):
    """The same row computed one boarding and one road at a time: (order_by, arrives, cost, leaves, trunk, legs)."""
    instance, network = problem.instance, problem.network
    ride = np.array([
        0.0 if tier in instance.departures[d].tiers
        and size.g <= load.g[e] and size.ml <= load.ml[e] and math.ceil(size.box_milli / 1000) <= load.boxes[e]
        and (tier == "ambient" or size.ml <= load.chilled_ml[e]) else math.inf
        for e, d in enumerate(network.departure)
    ]).reshape(-1, 1)  # fmt: skip
    labels = problem.towards(problem.trunk_terminal, ride)
    start, end = (network.row_start[network.node_of[node] + i] for i in (0, 1))
    roads = []
    for k, trunk in enumerate(instance.trunks):
        if tier not in trunk.tiers or size.g > load.trunk_g[k] or zone not in trunk.zones:
            continue
        waits = labels.wait[-1][start:end, k]
        offers = [
            (network.row_dep[place] - instance.transfer_min, waits[place - start],
             trace(problem.layout, labels, place, k, instance.max_handovers, latest=True))
            for place in range(start, end - 1) if waits[place - start] < waits[place - start + 1]
        ]  # fmt: skip
        if trunk.hub == node:
            offers.append((trunk.cutoff - instance.hub_sort_min, 0.0, ()))
        roads += [(order_by, arrival_by(trunk, zone), cost, trunk.dep, k, legs) for order_by, cost, legs in offers]
    kept, best, freshest = [], (math.inf, math.inf), math.inf
    for road in sorted(roads, key=lambda r: (-r[0], r[1], r[2], instance.trunks[r[4]].id)):
        if road[1:3] < best or road[3] < freshest:
            kept.append(road)
            best, freshest = min(best, road[1:3]), min(freshest, road[3])
    return tuple(reversed(kept))


@given(instances(max_parcels=0), st.randoms(use_true_random=False))
def test_all_nodes_at_once_are_promised_what_each_is_promised_alone(instance, random):
    problem = build_problem(parse_instance(instance | {"trunks": instance["trunks"][::-1]}))
    load = empty_load(problem.instance, problem.network)
    for room in (load.g, load.ml, load.chilled_ml, load.boxes, load.trunk_g):
        room[:] = [random.choice([amount, amount, amount, 600, 0]) for amount in room]
    for tier, size in product(TIERS, SIZES):
        rows = rows_of(problem, load, tier, size)
        for node, zone in product(problem.network.node_of, ("z0", "z1", "z9")):
            assert rows.row(node, zone) == plain_row(problem, load, tier, size, node, zone)


def good():
    problem = build_problem(parse_instance(GOOD | {"parcels": []}))
    return problem, empty_load(problem.instance, problem.network)


def test_order_by_is_the_last_minute_that_still_makes_the_first_departure():
    problem, load = good()
    rows = rows_of(problem, load, "ambient", SIZES[0])
    road = rows.road("v17", "z0", ready=417)
    assert (road.order_by, problem.network.dep[road.legs[0][0]], road.leaves, road.arrives) == (417, 432, 1080, 2280)
    assert rows.road("v17", "z0", ready=417.1) is None
    assert rows.road("nowhere", "z0", ready=0) is None
    chilled = rows_of(problem, load, "chilled", SIZES[0])
    assert chilled.road("hub", "z0", ready=995).order_by == 995
    assert chilled.road("v17", "z0", ready=0) is None


def test_what_may_ride_the_same_is_searched_once_and_what_may_not_anew():
    problem, load = good()
    search, empty = RoadSearch(problem), room_left(load)
    small = search.rows(empty, "ambient", SIZES[0])
    assert search.rows(empty, "ambient", SIZES[1]) is small
    load.g[0] = 600
    fuller = room_left(load)
    assert search.rows(fuller, "ambient", SIZES[0]) is small
    assert small.road("v17", "z0", ready=0)
    assert search.rows(fuller, "ambient", SIZES[1]).road("v17", "z0", ready=0) is None


def test_a_search_long_unused_is_made_again_to_the_same_end():
    lines = [GOOD["departures"][0] | {"id": f"d{n}"} for n in range(KEPT)]
    problem = build_problem(parse_instance(GOOD | {"departures": lines, "parcels": []}))
    room = room_left(empty_load(problem.instance, problem.network))
    search = RoadSearch(problem)
    before = search.rows(room, "ambient", SIZES[0])
    for d in range(KEPT):
        full = deepcopy(room)
        full.g[problem.network.first[d]] = 0
        search.rows(full, "ambient", SIZES[0])
    again = search.rows(room, "ambient", SIZES[0])
    assert again is not before
    assert again.row("v17", "z0") == before.row("v17", "z0") != ()
