"""From shares of boxes to whole ones: who gives way, and that nobody gives way in vain."""

import numpy as np

from fulfillment.batching.assignment import Assignment, empty_assignment
from fulfillment.batching.choices import Choices, find_choices
from fulfillment.batching.prices import Prices
from fulfillment.batching.pricing import Pricing
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.tails import take_off_tails
from fulfillment.batching.targets import build_problem


def parcel(name: str, origin: str, milli: int, **more: object) -> dict:
    return {
        "id": name, "origin": origin, "ready": 0, "to": "hub", "tier": "ambient", "g": 1, "ml": 1, "box_milli": milli, "due": 999,
        "hold_fen_per_h": 0, "shelf_min": None,
    } | more  # fmt: skip


def bus(name: str, at: int, boxes: int, nodes: tuple[str, ...] = ("v", "w", "hub")) -> dict:
    stops = [{"node": n, "arr": at + 10 * k, "dep": at + 10 * k} for k, n in enumerate(nodes)]
    cap = {"g": 1000, "ml": 1000, "boxes": boxes}
    return {"id": name, "line": "L", "mode": "bus", "tiers": ["ambient"], "fee_fen": 50, "stops": stops, "cap": cap}


def all_on_the_first(departures: list[dict], *parcels: dict) -> tuple[Assignment, Choices]:
    """Everybody on the cheapest road there is, however many boxes that takes."""
    instance = {
        "county": "x", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 1440, "transfer_min": 15, "hub_sort_min": 40,
        "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 4000, "max_handovers": 3,
        "nodes": [{"id": "hub", "kind": "hub"}, {"id": "v", "kind": "station"}, {"id": "w", "kind": "station"}],
        "departures": departures, "trunks": [], "parcels": list(parcels),
    }  # fmt: skip
    problem = build_problem(parse_instance(instance))
    pricing, known = Pricing(problem), [[] for _ in parcels]
    for d in departures:
        found = pricing.cheapest(np.full(len(parcels), 4000.0), closing(problem, but=d["id"]), lambda: False) or {}
        for i, road in found.items():
            known[i].append(road)
    choices = find_choices(pricing, known, Prices())
    assignment = empty_assignment(problem)
    for i, roads in enumerate(choices.roads):
        assignment.put(i, roads[0])
    return assignment, choices


def closing(problem, but: str) -> Prices:
    network = problem.network
    return Prices({s: (1e7, 0.0, 0.0, 1e7) for s in range(network.events) if problem.instance.departures[network.departure[s]].id != but})


def test_the_tail_that_loses_least_gives_way():
    later = bus("later", 400, 9, ("w", "hub")) | {"fee_fen": 60}
    assignment, choices = all_on_the_first(
        [bus("first", 60, 2), later], parcel("a", "v", 600), parcel("b", "v", 600), parcel("c", "w", 900)
    )
    assert min(assignment.load.boxes) == -1, "three boxes where there is room for two"
    assert take_off_tails(assignment, choices) == [2], "c loses 10 fen by waiting, a or b would be left behind"
    assert assignment.roads[2] is None
    assert min(assignment.load.boxes) == 0


def test_no_more_leave_than_a_box_takes():
    parcels = [parcel("small", "v", 100), parcel("large", "v", 800), parcel("other", "v", 300)]
    assignment, choices = all_on_the_first([bus("first", 60, 1)], *parcels)
    assert take_off_tails(assignment, choices) == [1], "per share it loses least; without it the two others fill no second box"
    assert [road is None for road in assignment.roads] == [False, True, False]


def test_boxes_that_facts_need_are_not_paid_for_by_others():
    ridden = [{"departure": "first", "board": "v", "alight": "hub"}]
    there = [parcel(f"there{n}", "v", 700, fixed_legs=ridden) for n in range(3)]
    assignment, choices = all_on_the_first([bus("first", 60, 2)], *there, parcel("inside", "v", 100))
    assert min(assignment.load.boxes) == 0, "three stand where two may: that is what is allowed there, and no more"
    assert take_off_tails(assignment, choices) == [], "an open box has room for it"


def test_who_needs_a_box_of_its_own_leaves_what_facts_have_filled():
    ridden = [{"departure": "first", "board": "v", "alight": "hub"}]
    there = [parcel(f"there{n}", "v", 700, fixed_legs=ridden) for n in range(2)]
    assignment, choices = all_on_the_first([bus("first", 60, 2)], *there, parcel("late", "w", 100))
    assert take_off_tails(assignment, choices) == [2]
    assert min(assignment.load.boxes) == 0
