"""What is said of two plans is true of them: costs, doubts, fullest stretches; and facts of the model hold between them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.batching.answer import Plan, Worth
from fulfillment.batching.bound import roads_alone
from fulfillment.batching.generation import Relaxation, relax
from fulfillment.batching.instance import Capacity, Instance
from fulfillment.batching.pricing import Pricing
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import solve
from fulfillment.batching.targets import build_problem
from fulfillment.batching.worth import worth_of
from fulfillment.network.rules import RUNS
from fulfillment.whatif.changes import AddRun, Bay, ChangeBay, DropRun, ExtraStop, ShiftRun, apply_changes
from fulfillment.whatif.compare import Comparison, FillPair, Side, as_data, compare, fills
from fulfillment.whatif.running import running_fen
from fulfillment.whatif.worth import Box, worth_by_departure, worth_of_one_more_box
from tests.fulfillment.batching.instances import instances

from .roads import county, parcel, run

FULL = county(
    run("i1@2026-05-20", 500, "abh", cap=Capacity(50_000, 200_000, 1)), run("i2@2026-05-21", 2000, "abh"),
    run("v1@2026-05-20", 480, "ch", line="L2", mode="freight"), parcels=tuple(parcel(f"p{n}", "a", 100) for n in range(4)),
)  # fmt: skip


def free(instance: dict) -> Instance:
    """Without facts and wishes, which bind parcels to runs."""
    for p in instance["parcels"]:
        for wish in ("fixed_legs", "pin", "forbid"):
            p.pop(wish, None)
    return parse_instance(instance)


def relaxed(instance: Instance) -> Relaxation:
    """The cheapest mix where parcels may be split and boxes are shares, its prices and its bound."""
    pricing = Pricing(build_problem(instance))
    alone = roads_alone(pricing)
    return relax(pricing, alone, [None] * len(alone), lambda: False)


def relaxed_worth(instance: Instance) -> tuple[Worth, ...]:
    return worth_of(build_problem(instance), relaxed(instance).prices)


def beyond_gaps(cheaper: Plan, dearer: Plan) -> bool:
    """Whether one plan provably costs more than another, whatever the gaps leave open."""
    return cheaper.bound_fen > dearer.cost_fen + 1e-6


@given(instances(), st.data())
def test_more_room_never_costs_more(instance, data):
    base = free(instance)
    if not base.departures:
        return
    run_ = data.draw(st.sampled_from(base.departures))
    more = Bay(round(run_.cap.g) + 1000, round(run_.cap.ml) + 1000, None if run_.cap.boxes is None else run_.cap.boxes + 1,
               None if run_.cap.chilled_ml is None else round(run_.cap.chilled_ml) + 1000)  # fmt: skip
    assert not beyond_gaps(solve(apply_changes(base, [ChangeBay(run_.id, more)])), solve(base))


@given(instances())
def test_dropping_a_run_that_carries_nothing_changes_nothing(instance):
    base = free(instance)
    plan = solve(base)
    idle = [name for name, fill in fills(base, plan).items() if not fill.parcels]
    if not idle:
        return
    without = solve(apply_changes(base, [DropRun(idle[0])]))
    assert not beyond_gaps(plan, without)
    assert not beyond_gaps(without, plan)
    assert without.bound_fen <= plan.cost_fen + 1e-6


@given(instances(), st.data())
def test_a_box_more_gains_the_relaxed_problem_no_more_than_its_shadow_price(instance, data):
    """Linear duality: the optimum is convex in the room, so the price is the most that room can save."""
    base = free(instance)
    if not base.departures:
        return
    box = Box(2500, 5000)
    prices = relaxed_worth(base)
    chosen = data.draw(st.sampled_from(base.departures))
    cap = chosen.cap
    more = Bay(
        round(cap.g) + box.g,
        round(cap.ml) + box.ml,
        None if cap.boxes is None else cap.boxes + 1,
        None if cap.chilled_ml is None else round(cap.chilled_ml),
    )
    if "chilled" in chosen.tiers and cap.chilled_ml is None:
        return  # cold room is all of the room there: a box more would be cold room too
    gain = relaxed(base).cost - relaxed(apply_changes(base, [ChangeBay(chosen.id, more)])).cost
    assert gain <= worth_by_departure(prices, box).get(chosen.id, 0.0) + 0.01


def test_a_box_more_is_worth_what_the_parcels_left_behind_would_save():
    """Four half boxes and one box: two stay until tomorrow, 2,960 minutes of holding at 2 fen an hour for two of them."""
    price = worth_by_departure(relaxed_worth(FULL), Box(25_000, 60_000))
    assert set(price) == {"i1@2026-05-20"}
    gain = relaxed(FULL).cost - relaxed(apply_changes(FULL, [ChangeBay("i1", Bay(75_000, 260_000, 2))])).cost
    assert gain == pytest.approx(price["i1@2026-05-20"], abs=0.01)


def test_a_plans_own_prices_are_taken_and_a_box_is_its_kilograms_and_litres_too():
    told = replace(solve(FULL), worth=(
        Worth("box", "d", 0, 100.0), Worth("kg", "d", 1, 2.0), Worth("litre", "d", 1, 0.5), Worth("cold", "d", 1, 9.0), Worth("trunk", "k", None, 7.0),
    ))  # fmt: skip
    assert worth_of_one_more_box(told, "d", Box(25_000, 60_000)) == 100 + 2.0 * 25 + 0.5 * 60
    assert worth_of_one_more_box(told, "k", Box(25_000, 60_000)) == 0


def side(cost: float, bound: float, **more: float) -> Side:
    return Side(cost, bound, cost / bound - 1, 1, 0, 0, **more)


@pytest.mark.parametrize(
    ("base", "changed", "saves", "told"),
    [
        (side(1000, 990), side(900, 890), 100, True), (side(1000, 940), side(900, 850), 100, False), (side(1000, 1000), side(1000, 1000), 0, False),
        (side(1000, 1000), side(1100, 1100), -100, True), (side(1000, 1000), side(900, 900, runs_fen=300), -200, True),
    ],
)  # fmt: skip
def test_a_difference_inside_the_gaps_is_none(base: Side, changed: Side, saves: float, told: bool):
    comparison = Comparison(base, changed, (), ())
    assert (comparison.saves_fen, comparison.is_told) == (saves, told)


def test_the_fullest_stretch_of_a_run_and_of_a_line_is_told_on_both_sides():
    changed = apply_changes(FULL, [ChangeBay("i1", Bay(boxes=4))])
    told = compare(FULL, solve(FULL), changed, solve(changed))
    by_name = {pair.name: pair for pair in (*told.lines, *told.runs)}
    assert (by_name["i1@2026-05-20"].base.boxes, by_name["i1@2026-05-20"].changed.boxes) == (100, 50)
    assert (by_name["i1@2026-05-20"].base.weight, by_name["i1@2026-05-20"].changed.parcels) == (8, 4)
    assert (by_name["L1"].base.boxes, by_name["L1"].changed.boxes, by_name["L1"].base.parcels) == (100, 50, 4)
    assert "L2" not in by_name
    data = as_data(told)
    assert data["saves_fen"] == round(told.saves_fen) > 0
    assert data["is_told"] is True
    assert data["base"]["placed"] == data["changed"]["placed"] == 4


def test_a_run_that_is_gone_has_no_fill_and_one_that_is_new_had_none():
    changed = apply_changes(FULL, [DropRun("i1")])
    told = compare(FULL, solve(FULL), changed, solve(changed))
    assert next(pair for pair in told.runs if pair.name == "i1@2026-05-20") == FillPair(
        "i1@2026-05-20", fills(FULL, solve(FULL))["i1@2026-05-20"], None
    )
    assert told.saves_fen < 0


def test_running_costs_are_the_countys_rule_and_a_passengers_bus_costs_goods_nothing():
    cost = RUNS.per_run_fen + 20 * RUNS.per_min_fen
    assert running_fen(FULL, apply_changes(FULL, [DropRun("v1")]), RUNS) == -cost
    assert running_fen(FULL, apply_changes(FULL, [DropRun("i1")]), RUNS) == 0
    assert running_fen(FULL, apply_changes(FULL, [ShiftRun("v1", 9)]), RUNS) == 0
    assert running_fen(FULL, apply_changes(FULL, [ChangeBay("i1", Bay(boxes=3))]), RUNS) == 2 * RUNS.per_box_fen
    assert running_fen(FULL, apply_changes(FULL, [ExtraStop("i1", "c", "a", 7)]), RUNS) == 7 * RUNS.per_min_fen
    assert running_fen(FULL, replace(FULL, departures=(*FULL.departures, run("x@2026-05-20", 60, "ab"))), RUNS) == cost
    assert running_fen(FULL, apply_changes(FULL, [DropRun("i2")]), RUNS) == 0  # tomorrow's


def test_a_run_stays_of_its_day_however_far_it_is_shifted_or_copied():
    day = ("2026-05-20", 0), ("2026-05-21", 1440)
    early = county(*(run(f"v1@{name}", at + 360, "ch", mode="freight") for name, at in day))
    late = county(*(run(f"v1@{name}", at + 1380, "ch", mode="freight") for name, at in day))
    cost = RUNS.per_run_fen + 20 * RUNS.per_min_fen
    for base, minutes in ((early, -700), (early, 700), (late, 120), (late, -700)):
        assert running_fen(base, apply_changes(base, [ShiftRun("v1", minutes)]), RUNS) == 0
        assert running_fen(base, apply_changes(base, [AddRun("v1", minutes)]), RUNS) == cost
        twice = apply_changes(base, [AddRun("v1", minutes), AddRun("v1", minutes), AddRun(f"v1{minutes:+d}", 5)])
        assert running_fen(base, twice, RUNS) == 3 * cost
    assert running_fen(late, apply_changes(late, [ShiftRun("v1", 120), DropRun("v1")]), RUNS) == -cost
