"""A place may ask for more minutes to change than the county does: then every road through it takes them."""

from dataclasses import replace

import pytest
from sqlmodel import Session

from fulfillment.batching.instance import Instance
from fulfillment.batching.network import build_network, change_min
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.roads import instance_of, read_roads
from fulfillment.batching.solve import solve
from fulfillment.network.models import Transfer
from fulfillment.network.rules import hub_rules
from fulfillment.promise.stamp import board_changed
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY


def bus(name: str, at: int, *nodes: str) -> dict[str, object]:
    stops = [{"node": node, "arr": at + 10 * n, "dep": at + 10 * n} for n, node in enumerate(nodes)]
    cap = {"g": 1000, "ml": 1000, "boxes": None}
    return {"id": name, "line": name, "mode": "bus", "tiers": ["ambient"], "fee_fen": 50, "stops": stops, "cap": cap}


def two_buses(change: float) -> Instance:
    """From a village by pier to the hub; at the pier another bus leaves after 20 minutes, and one after an hour."""
    parcel = {
        "id": "p", "origin": "v", "ready": 0, "to": "w", "tier": "ambient", "g": 1, "ml": 1, "box_milli": 1, "due": 999,
        "hold_fen_per_h": 1, "shelf_min": None,
    }  # fmt: skip
    instance = parse_instance(
        {
            "county": "x", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 1440, "transfer_min": 15, "hub_sort_min": 40,
            "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 4000, "max_handovers": 3,
            "nodes": [{"id": "v", "kind": "station"}, {"id": "pier", "kind": "station"}, {"id": "w", "kind": "station"}],
            "departures": [bus("feeder", 60, "v", "pier"), bus("soon", 90, "pier", "w"), bus("late", 130, "pier", "w")],
            "trunks": [], "parcels": [parcel],
        }
    )  # fmt: skip
    return replace(instance, nodes=tuple(replace(n, change_min=change if n.id == "pier" else 0) for n in instance.nodes))


@pytest.mark.parametrize(("change", "second"), [(0, "soon"), (10, "soon"), (20, "soon"), (21, "late"), (60, "late")])
def test_a_plan_takes_the_bus_that_can_be_reached_in_the_places_own_minutes(change: float, second: str) -> None:
    (parcel,) = solve(two_buses(change), seconds=5).parcels
    assert [leg.departure for leg in parcel.legs] == ["feeder", second]


def test_a_parcel_on_its_way_waits_the_places_own_minutes_too() -> None:
    network = build_network(replace(two_buses(25), now=75))
    assert network.row_dep[network.place_after(1)] == 130, "at 75 it stands at the pier, ready to board at 100"


def asks(session: Session, county: SmallCounty, **more: object) -> float:
    """Minutes to change at a village once it asks for an hour and a half in this way."""
    place = county.stations[0].code
    row = {"tenant_id": county.county.id, "from_node": place, "to_node": place, "kind": 2, "min_s": 5_400, **more}
    session.add(Transfer(**row))
    session.flush()
    board_changed(session, county.county.id)
    instance = instance_of(read_roads(session, county.county.id, DAY, 2), hub_rules(county.county), ())
    return change_min(instance, [n.id for n in instance.nodes].index(place))


def test_the_roads_of_a_county_know_what_a_place_asks_of_everybody(session: Session, county: SmallCounty) -> None:
    assert asks(session, county) == 90
    assert asks(session, county, from_line=county.lines[0].code, min_s=9_000) == 90, "what is asked of one line binds no goods"


@pytest.mark.parametrize(
    "more", [{"from_line": "l"}, {"to_line": "l"}, {"from_trip": "t"}, {"to_trip": "t"}, {"to_node": ""}, {"kind": 3}, {"kind": 5}, {"min_s": None}]
)  # fmt: skip
def test_what_is_not_asked_of_everybody_at_the_place_leaves_the_countys_minutes(
    session: Session, county: SmallCounty, more: dict[str, object]
) -> None:
    assert asks(session, county, **more) == hub_rules(county.county).transfer_min


def test_another_countys_place_of_the_same_name_asks_nothing_here(session: Session, county: SmallCounty) -> None:
    assert asks(session, county, tenant_id=county.county.id + 1) == hub_rules(county.county).transfer_min


def test_a_hub_sorts_at_least_as_long_as_it_takes() -> None:
    instance = two_buses(30)
    hub = replace(instance, nodes=tuple(replace(n, kind="hub") for n in instance.nodes))
    assert change_min(hub, 1) == 40 and change_min(replace(hub, hub_sort_min=10), 1) == 30
