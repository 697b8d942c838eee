"""Every line of a plan says which means it is, what the next best would have cost and why it was not taken."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from fulfillment.batching.instance import Capacity, Departure, Instance, Node, Parcel, Stop, Trunk, Zone
from fulfillment.batching.means import LineMeans, means_of
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import solve

from .instances import instances

BOTH = frozenset({"ambient", "chilled"})


def run(
    name: str, mode: str, fee: float, *, at: float = 100.0, tiers: frozenset[str] = frozenset({"ambient"}), g: float = 1e6
) -> Departure:
    """From v to the hub in twenty minutes."""
    stops = (Stop("v", at, at), Stop("hub", at + 20, at + 20))
    return Departure(name, f"L-{name}", mode, tiers, fee, stops, Capacity(g, 1e9))


def county(departures: list[Departure], parcels: list[Parcel]) -> Instance:
    trunk = Trunk("k", "post", "hub", 1000, 1040, 1e9, frozenset({"ambient", "chilled"}), {"z": Zone(300, 0, 20)})
    late = Trunk("k2", "post", "hub", 2440, 2480, 1e9, frozenset({"ambient", "chilled"}), {"z": Zone(300, 0, 20)})
    nodes = (Node("hub", "hub"), Node("v", "station"))
    return Instance(
        "x", datetime(2026, 5, 20, tzinfo=UTC), 4320, 15, 40, 10, 500, 4000, 3, nodes, tuple(departures), (trunk, late), tuple(parcels)
    )


def parcel(name: str, *, tier: str = "ambient", g: float = 1000, due: float = math.inf) -> Parcel:
    return Parcel(name, "v", 0, "z", None, tier, g, 1000, 50, due, 0)


def rows(departures: list[Departure], parcels: list[Parcel]) -> dict[str, LineMeans]:
    instance = county(departures, parcels)
    return {row.line: row for row in means_of(instance, solve(instance))}


def test_few_parcels_ride_the_empty_bus_and_the_saving_is_told() -> None:
    told = rows([run("bus", "bus", 50), run("van", "mail", 90)], [parcel("a"), parcel("b")])
    assert told == {"L-bus": LineMeans("L-bus", "passenger", 2, 360, "post", 400, "cheaper")}


def test_what_does_not_fit_the_bus_rides_the_post_because_the_bus_is_full() -> None:
    told = rows([run("bus", "bus", 50, g=2500), run("van", "mail", 90)], [parcel(f"p{n}") for n in range(6)])
    assert (told["L-bus"].parcels, told["L-bus"].reason) == (2, "cheaper")
    assert (told["L-van"].parcels, told["L-van"].reason, told["L-van"].next_means) == (4, "full", "passenger")
    assert told["L-van"].next_fen is None, "no bus has room for one more"


def test_what_is_cold_rides_what_has_a_cold_hold() -> None:
    told = rows([run("bus", "bus", 50), run("van", "mail", 90, tiers=BOTH)], [parcel("fish", tier="chilled")])
    assert told == {"L-van": LineMeans("L-van", "post", 1, 400, None, None, "cold")}


def test_what_nobody_else_reaches_has_no_second_choice() -> None:
    assert rows([run("van", "mail", 90)], [parcel("a")])["L-van"].reason == "only"
    two_buses = [run("bus", "bus", 50), run("coach", "coach", 70)]
    assert rows(two_buses, [parcel("a")])["L-bus"].reason == "only", "a coach is no other means than a bus"


def test_what_must_be_there_in_time_pays_for_it() -> None:
    told = rows([run("bus", "bus", 50, at=1500), run("van", "freight", 90)], [parcel("a", due=1040 + 1200)])
    assert (told["L-van"].reason, told["L-van"].next_means) == ("in_time", "passenger")
    assert told["L-van"].next_fen == 360 + 500


def test_equal_means_say_so() -> None:
    (row,) = rows([run("bus", "bus", 50), run("van", "mail", 50)], [parcel("a")]).values()
    assert (row.reason, row.next_fen) == ("same", row.fen)


@pytest.mark.parametrize("mode", ["bus", "zeppelin"])
def test_a_mode_nobody_knows_stands_for_itself(mode: str) -> None:
    (row,) = rows([run("x", mode, 50)], [parcel("a")]).values()
    assert row.means == {"bus": "passenger"}.get(mode, mode)


@settings(max_examples=40)
@given(instances(max_parcels=5))
def test_lines_add_up_to_the_parcels_that_ride_and_to_what_they_cost(raw) -> None:
    instance = parse_instance(raw)
    plan = solve(instance, seconds=5)
    told = means_of(instance, plan)
    lines = {d.id: d.line for d in instance.departures}
    riders = {p.id: lines[p.legs[0].departure] for p in plan.parcels if p.legs}
    free = {p["id"] for p in raw["parcels"] if not p.get("fixed_legs")}
    assert sum(row.parcels for row in told) == len(free & riders.keys())
    assert means_of(instance, plan) == told, "asking changes nothing"
