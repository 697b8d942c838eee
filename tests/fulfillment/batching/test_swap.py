"""Neighbourhoods solved side by side: each is right about the room it saw, and the later one gives way where it is gone."""

from fulfillment.batching.assignment import empty_assignment
from fulfillment.batching.bound import roads_alone
from fulfillment.batching.pricing import Pricing
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.swap import Swap
from fulfillment.batching.targets import build_problem


def parcel(name: str, grams: int) -> dict:
    return {
        "id": name, "origin": "v", "ready": 0, "to": "hub", "tier": "ambient", "g": grams, "ml": 1, "box_milli": 0, "due": 999,
        "hold_fen_per_h": 0, "shelf_min": None,
    }  # fmt: skip


def one_bus(*parcels: dict) -> dict:
    stops = [{"node": "v", "arr": 60, "dep": 60}, {"node": "hub", "arr": 90, "dep": 90}]
    bus = {"id": "d", "line": "L", "mode": "bus", "tiers": ["ambient"], "fee_fen": 50, "stops": stops}
    return {
        "county": "x", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 1440, "transfer_min": 15, "hub_sort_min": 40,
        "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 4000, "max_handovers": 3,
        "nodes": [{"id": "hub", "kind": "hub"}, {"id": "v", "kind": "station"}],
        "departures": [bus | {"cap": {"g": 1000, "ml": 1000, "boxes": None}}], "trunks": [], "parcels": list(parcels),
    }  # fmt: skip


def test_of_two_that_saw_the_same_room_the_second_changes_nothing():
    problem = build_problem(parse_instance(one_bus(parcel("a", 800), parcel("b", 700))))
    assignment, roads = empty_assignment(problem), roads_alone(Pricing(problem))
    swaps = [Swap(assignment, [i], [[None, roads[i]]]) for i in (0, 1)]
    for swap in swaps:
        swap.solve(10)
    assert [swap.carry_out(assignment) for swap in swaps] == [True, False]
    assert assignment.roads == [roads[0], None]
    assert min(assignment.load.g) == 200


def test_the_dearer_of_two_gives_way_when_they_are_placed_together():
    problem = build_problem(parse_instance(one_bus(parcel("a", 800), parcel("b", 500), parcel("c", 500))))
    assignment, roads = empty_assignment(problem), roads_alone(Pricing(problem))
    assignment.put(0, roads[0])
    swap = Swap(assignment, [0, 1, 2], [[roads[0], None], [None, roads[1]], [None, roads[2]]])
    assert assignment.roads == [roads[0], None, None], "drawing up changes nothing"
    swap.solve(10)
    assert swap.carry_out(assignment)
    assert assignment.roads == [None, roads[1], roads[2]]


def test_without_an_answer_everything_stays():
    problem = build_problem(parse_instance(one_bus(parcel("a", 800))))
    assignment = empty_assignment(problem)
    assert not Swap(assignment, [0], [[None, roads_alone(Pricing(problem))[0]]]).carry_out(assignment)
    assert assignment.roads == [None]
