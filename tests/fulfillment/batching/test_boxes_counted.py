"""Room is counted as it is: the smallest share of the next box is a box more, and what facts have overfilled is full, not closed."""

import pytest

from fulfillment.batching.answer import plan_as_json
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import solve

from .checker import judge


def road(shares: list[float], boxes: int) -> dict:
    """One bus to the hub in time for the one trunk, and a parcel at its stop for each share in thousandths."""
    stops = [{"node": "v", "arr": 60, "dep": 60}, {"node": "h", "arr": 90, "dep": 90}]
    parcel = {
        "origin": "v",
        "ready": 0,
        "zone": "z",
        "tier": "ambient",
        "g": 10,
        "ml": 10,
        "due": None,
        "hold_fen_per_h": 0,
        "shelf_min": None,
    }
    return {
        "county": "x", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 1440, "transfer_min": 5, "hub_sort_min": 5,
        "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 4000, "max_handovers": 3,
        "nodes": [{"id": "h", "kind": "hub"}, {"id": "v", "kind": "station"}],
        "departures": [{"id": "d", "line": "L", "mode": "bus", "tiers": ["ambient"], "fee_fen": 50, "stops": stops,
                        "cap": {"g": 9000, "ml": 9000, "boxes": boxes}}],
        "trunks": [{"id": "k", "carrier": "post", "cutoff": 200, "dep": 200, "cap_g": 9000, "tiers": ["ambient"],
                    "zones": {"z": {"base_fen": 300, "per_kg_fen": 0, "hours": 1}}}],
        "parcels": [parcel | {"id": f"p{n}", "box_milli": share} for n, share in enumerate(shares)],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "boxes", "left"),
    [([0.001], 0, 1), ([1000, 0.0005], 1, 1), ([500, 500, 1e-3], 1, 1), ([1000.001], 1, 1), ([333.3] * 3, 1, 0), ([0.1] * 100, 1, 0), ([0], 0, 0)],
)  # fmt: skip
def test_the_smallest_share_of_another_box_is_a_box(shares: list[float], boxes: int, left: int) -> None:
    instance = road(shares, boxes)
    plan = plan_as_json(solve(parse_instance(instance)))
    assert judge(instance, plan).unserved == plan["unserved"] == left


@pytest.mark.parametrize(("takes", "left"), [({"ml": 0}, 0), ({"g": 0}, 1), ({"ml": 0.001}, 1)])
def test_who_takes_nothing_of_what_facts_have_overfilled_may_still_ride(takes: dict, left: int) -> None:
    instance = road([100, 100], 1)
    instance["departures"][0]["cap"]["ml"] = 5
    instance["parcels"][0]["fixed_legs"] = [{"departure": "d", "board": "v", "alight": "h"}]
    instance["parcels"][1] |= takes
    plan = plan_as_json(solve(parse_instance(instance)))
    assert judge(instance, plan).unserved == plan["unserved"] == left
    assert plan["gap"] < 1e-4
