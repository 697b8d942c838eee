"""Every parcel without a road says why, and the reason is the true one."""

import pytest

from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import solve

from .test_reading import GOOD


def why(departure=(), trunk=(), **parcel):
    departure_, trunk_ = GOOD["departures"][0] | dict(departure), GOOD["trunks"][0] | dict(trunk)
    waiting = GOOD["parcels"][0] | parcel
    waiting = {k: v for k, v in waiting.items() if not (k == "zone" and "to" in parcel)}
    plan = solve(parse_instance(GOOD | {"departures": [departure_], "trunks": [trunk_], "parcels": [waiting]}))
    return plan.parcels[0].reason


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"ready": 417}, None),  # transfer of 15 minutes, loading closes at 432
        ({"ready": 418}, "no_road"),
        ({"tier": "chilled"}, "no_cold_path"),
        ({"zone": "z7"}, "no_trunk"),
        ({"trunk": {"cutoff": 539, "dep": 700}}, "no_trunk"),  # at the hub 500, sorted 540
        ({"trunk": {"cutoff": 540, "dep": 700}}, None),
        ({"shelf_min": 679}, "past_shelf"),  # trunk departs 680 after ready
        ({"shelf_min": 680}, None),
        ({"forbid": ["d1"]}, "forbidden"),
        ({"forbid": ["k1"]}, "forbidden"),
        ({"pin": ["k1", "d1"]}, None),
        ({"departure": {"cap": {"g": 1499, "ml": 5000}}}, "no_capacity"),
        ({"departure": {"cap": {"g": 1500, "ml": 3999}}}, "no_capacity"),
        ({"departure": {"cap": {"g": 1500, "ml": 4000, "boxes": 0}}}, "no_capacity"),
        ({"departure": {"cap": {"g": 1500, "ml": 4000, "boxes": 1}}}, None),
        ({"trunk": {"cap_g": 1499}}, "no_capacity"),
        ({"g": 100_000}, "no_capacity"),  # 9,000 fen by weight: dearer than not serving it
        ({"origin": "hub", "ready": 995}, None),
        ({"origin": "hub", "ready": 996}, "no_trunk"),
        ({"to": "hub"}, None),
        ({"to": "v17"}, None),
        ({"to": "v17", "origin": "hub"}, "no_road"),
        ({"to": "hub", "tier": "frozen"}, "no_cold_path"),
        ({"to": "hub", "shelf_min": 99}, "past_shelf"),
        ({"to": "hub", "pin": ["k1"]}, "forbidden"),
        ({"departure": {"tiers": ["frozen"]}}, "no_road"),  # what may not carry it leads nowhere
        ({"departure": {"tiers": ["frozen"]}, "trunk": {"cutoff": 539, "dep": 700}}, "no_road"),
        ({"tier": "chilled", "trunk": {"cutoff": 539, "dep": 700}}, "no_cold_path"),
        ({"to": "hub", "departure": {"tiers": ["frozen"]}}, "no_road"),
    ],
    ids=str,
)
def test_the_reason_is_the_true_one(changed, reason):
    assert why(**changed) == reason
