"""From a month's days to the few changes worth most: each kind is found where it helps, none where it does not, nothing half tried."""

import itertools
from dataclasses import replace

import pytest

from fulfillment.batching.instance import Capacity, Instance
from fulfillment.batching.solve import solve
from fulfillment.network.rules import RUNS
from fulfillment.whatif import trial
from fulfillment.whatif.candidates import candidates
from fulfillment.whatif.changes import AddRun, ChangeBay, DropRun, ExtraStop, ShiftRun, apply_changes
from fulfillment.whatif.focus import as_planned, focused
from fulfillment.whatif.month import TIMES_A_MONTH, Month, Solved
from fulfillment.whatif.propose import LEAST_FEN, MOST_PROPOSED, as_data, propose
from fulfillment.whatif.running import full_fen
from fulfillment.whatif.worth import Box

from .roads import county, parcel, run

BOX = Box(25_000, 60_000)
TIGHT = Capacity(50_000, 200_000, 1)


def week(day: Instance) -> Month:
    return Month((day,) * 7, RUNS, BOX)


def tried(day: Instance) -> dict[type, object]:
    plan = solve(day)
    return {type(c.change): c for c in reversed(candidates(week(day), [Solved(day, plan, plan.worth, n) for n in range(7)]))}


def test_a_full_run_that_makes_parcels_late_is_given_a_larger_bay():
    day = county(
        run("i1@2026-05-20", 500, "abh", cap=TIGHT),
        run("i1@2026-05-21", 1940, "abh", cap=TIGHT),
        parcels=tuple(parcel(f"p{n}", "a", 100) for n in range(9)),
    )
    found = propose(week(day), seconds=60).found
    assert isinstance(found[0].change, ChangeBay)
    assert (found[0].change.run, found[0].change.bay.boxes) == ("i1", 3)
    assert found[0].effect.month_fen > found[0].effect.doubt_fen >= 0
    assert found[0].effect.runs_fen == 2 * RUNS.per_box_fen * 7 * TIMES_A_MONTH


def test_a_goods_run_that_carries_nothing_is_dropped_for_what_it_costs_to_run():
    day = county(
        run("i1@2026-05-20", 500, "abh"), run("v1@2026-05-20", 480, "ch", line="L2", mode="freight"), parcels=(parcel("p1", "a", 100),)
    )
    (only,) = propose(week(day), seconds=60).found
    assert only.candidate[:3] == (DropRun("L2"), "empty", 0)
    assert only.effect.month_fen == -only.effect.runs_fen == full_fen(day.departures[1], RUNS) * 30


def test_a_bus_without_goods_is_nobodys_to_drop():
    day = county(run("i1@2026-05-20", 500, "abh"), run("i2@2026-05-20", 900, "abh"), parcels=(parcel("p1", "a", 100),))
    assert propose(week(day), seconds=60).found == ()


def test_a_run_that_comes_minutes_too_late_for_the_trunk_is_made_earlier():
    day = county(run("i1@2026-05-20", 980, "abh"), parcels=tuple(parcel(f"p{n}", "a", 100) for n in range(4)))
    found = propose(week(day), seconds=60).found
    assert found[0].candidate[:2] == (ShiftRun("i1", -10), "missed_trunk")
    assert found[0].candidate.seen == 4 * 7 * TIMES_A_MONTH


def test_a_run_that_leaves_just_before_parcels_are_ready_is_made_later():
    day = county(
        run("i1@2026-05-20", 500, "abh"), run("i2@2026-05-20", 1100, "abh"), parcels=(parcel("p1", "a", 508), parcel("p2", "a", 510))
    )
    first = tried(day)[ShiftRun]
    assert (first.change, first.why) == (ShiftRun("i1", 15), "missed_run")  # the one that takes both, by what it may save
    assert propose(week(day), seconds=60).found[0].change == ShiftRun("i1", 15)


def test_a_station_whose_parcels_change_where_a_run_passes_nearby_is_given_a_stop():
    feeder = run("f1@2026-05-20", 400, "ca", line="L2", gap=4)
    day = county(
        run("i1@2026-05-20", 500, "bah"),
        feeder,
        run("g1@2026-05-20", 40, "bc", line="L3", gap=18),
        parcels=tuple(parcel(f"p{n}", "c", 100) for n in range(20)),
    )
    found = tried(day)[ExtraStop]
    assert (found.change, found.why) == (ExtraStop("i1", "c", "b"), "handover")


def test_where_parcels_are_left_behind_one_more_run_is_tried_and_worth_it():
    day = county(run("i1@2026-05-20", 300, "abh"), parcels=tuple(parcel(f"p{n}", "a", 400) for n in range(6)))
    found = propose(week(day), seconds=60).found
    assert (*found[0].candidate[:2], found[0].effect.unplaced) == (AddRun("i1", 105), "left", 6 * 7 * TIMES_A_MONTH)


def test_what_is_not_tried_in_time_is_not_proposed():
    day = county(
        run("i1@2026-05-20", 500, "abh", cap=TIGHT),
        run("i1@2026-05-21", 1940, "abh"),
        parcels=tuple(parcel(f"p{n}", "a", 100) for n in range(9)),
    )
    ticks = itertools.count()
    late = propose(week(day), seconds=10, clock=lambda: float(next(ticks)))
    assert late.tried == 0 < late.candidates
    assert late.found == ()


def test_the_same_month_gives_the_same_proposals():
    day = county(
        run("i1@2026-05-20", 980, "abh", cap=TIGHT),
        run("v1@2026-05-20", 480, "ch", line="L2", mode="freight"),
        parcels=tuple(parcel(f"p{n}", "a", 100) for n in range(4)),
    )
    told = as_data(propose(week(day), seconds=60))
    assert told == as_data(propose(week(day), seconds=60))
    assert [item["month_fen"] for item in told["items"]] == sorted((item["month_fen"] for item in told["items"]), reverse=True)
    assert len(told["items"]) <= 5


def test_a_month_without_parcels_proposes_only_what_costs_and_carries_nothing():
    day = county(run("v1@2026-05-20", 480, "ch", line="L2", mode="freight"))
    (only,) = propose(week(day), seconds=60).found
    assert only.change == DropRun("L2")


def test_of_a_line_that_carries_something_only_the_idle_runs_are_dropped():
    vans = [run(f"v{n}@2026-05-20", 480 + 100 * n, "ch", line="L2", mode="freight") for n in range(5)]
    day = county(*vans, parcels=tuple(parcel(f"p{n}", "c", 450) for n in range(8)))
    found = propose(week(day), seconds=60).found
    assert {p.change for p in found} == {DropRun(f"v{n}") for n in range(1, 5)}


def test_five_thoughts_are_of_several_kinds_where_others_are_worth_anything():
    vans = [run(f"v{n}@2026-05-20", 480 + 100 * n, "ch", line="L2", mode="freight") for n in range(8)]
    day = county(
        *vans,
        run("i1@2026-05-20", 980, "abh"),
        parcels=(*(parcel(f"p{n}", "c", 450) for n in range(8)), *(parcel(f"q{n}", "a", 100) for n in range(4))),
    )
    found = propose(week(day), seconds=60).found
    assert len(found) == MOST_PROPOSED
    assert [type(p.change) for p in found].count(DropRun) == 4
    assert ShiftRun("i1", -10) in {p.change for p in found}


def test_what_the_proposals_are_worth_all_together_is_solved_not_added():
    """Either of two vans can carry what both share: each may go, both may not."""
    day = county(
        run("v1@2026-05-20", 480, "ch", line="L2", mode="freight"), run("v2@2026-05-20", 490, "ch", line="L3", mode="freight"),
        parcels=(parcel("p1", "c", 100), parcel("p2", "c", 100)),
    )  # fmt: skip
    told = propose(week(day), seconds=60)
    assert {p.change for p in told.found} == {DropRun("L2"), DropRun("L3")}
    assert told.together.unplaced == -2 * 7 * TIMES_A_MONTH
    assert told.together.month_fen < min(p.effect.month_fen for p in told.found)


def test_a_mail_road_and_a_bus_go_anyway_so_that_dropping_them_is_not_proposed():
    day = county(*(run(f"{mode}@2026-05-20", 480, "ch", line=mode, mode=mode) for mode in ("mail", "postman", "bus", "ferry")))
    assert propose(week(day), seconds=60).found == ()


def test_a_day_on_which_nothing_was_seen_is_not_solved_again_and_not_counted():
    busy = county(run("i1@2026-05-20", 980, "abh"), parcels=tuple(parcel(f"p{n}", "a", 100) for n in range(4)))
    other = run("x1@2026-05-20", 400, "ch", line="L9")
    calm = county(run("i1@2026-05-20", 980, "abh"), other, parcels=(parcel("p9", "c", 100),))
    month = Month((busy, calm, calm), RUNS, BOX)
    first = propose(month, seconds=60).found[0]
    assert (first.change, first.candidate.days) == (ShiftRun("i1", -10), frozenset({0}))
    saved = solve(busy).cost_fen - solve(apply_changes(busy, [first.change])).cost_fen
    assert first.effect.month_fen == pytest.approx(saved * TIMES_A_MONTH)


def crowded() -> Instance:
    """Something of every kind: a full run, one that comes late for the trunk, vans that carry nothing."""
    return county(
        run("i1@2026-05-20", 980, "abh", cap=TIGHT),
        run("i1@2026-05-21", 2420, "abh", cap=TIGHT),
        *(run(f"v{n}@2026-05-20", 480 + 100 * n, "ch", line=f"L{n}", mode="freight") for n in range(2, 5)),
        parcels=(*(parcel(f"p{n}", "a", 100) for n in range(6)), *(parcel(f"q{n}", "b", 900 + 40 * n) for n in range(3))),
    )


def test_how_much_is_tried_is_counted_in_solves_and_not_in_seconds():
    whole = as_data(propose(week(crowded()), seconds=1e9))
    slow = itertools.count(step=100.0)  # a machine on which every look at the clock is minutes later
    assert as_data(propose(week(crowded()), seconds=1e9, clock=lambda: next(slow))) == whole
    little = propose(week(crowded()), seconds=1e9, work=12)
    assert 0 < little.tried < whole["tried"] <= little.candidates


def test_a_change_that_is_worth_nothing_on_its_best_day_is_not_solved_on_the_others(monkeypatch):
    solves = []
    monkeypatch.setattr(trial, "solve", lambda day, **more: solves.append(day) or solve(day, **more))
    day = county(run("i1@2026-05-20", 500, "abh"), run("i2@2026-05-20", 520, "abh"), parcels=(parcel("p1", "a", 502),))
    month = week(day)
    plan = solve(day)
    solved = [Solved(day, plan, plan.worth, n) for n in range(7)]
    (missed,) = [c for c in candidates(month, solved) if c.change == ShiftRun("i1", 10)]
    told = trial.effect_of([missed], month, solved, trial.Budget(100, 1e9, lambda: 0.0), LEAST_FEN)
    assert len(solves) == 1
    assert told.month_fen < LEAST_FEN


def test_a_shift_is_offered_for_all_who_missed_by_that_or_less():
    day = county(
        run("i1@2026-05-20", 500, "abh"),
        run("i2@2026-05-20", 1100, "abh"),
        parcels=(parcel("p1", "a", 500), parcel("p2", "a", 515), parcel("p3", "a", 522)),
    )
    plan = solve(day)
    found = {c.change: c for c in candidates(week(day), [Solved(day, plan, plan.worth, 0)])}
    seen = [{name for _, name in found[ShiftRun("i1", minutes)].seen_by} for minutes in (10, 20, 30)]
    assert seen == [{"p1"}, {"p1", "p2"}, {"p1", "p2", "p3"}]


def test_a_run_that_left_minutes_before_parcels_could_change_to_it_is_made_later():
    day = county(
        run("f1@2026-05-20", 400, "ca", line="L2"),
        run("i1@2026-05-20", 415, "abh"),
        run("i2@2026-05-20", 1100, "abh"),
        parcels=tuple(parcel(f"p{n}", "c", 100) for n in range(8)),
    )
    plan = solve(day)
    (found,) = [c for c in candidates(week(day), [Solved(day, plan, plan.worth, 0)]) if c.why == "missed_link"]
    assert (found.change, found.seen) == (ShiftRun("i1", 10), 8 * TIMES_A_MONTH)
    assert ShiftRun("i1", 10) in {p.change for p in propose(week(day), seconds=60).found}


def test_a_run_is_made_later_by_what_the_place_itself_asks_for_changing():
    day = county(
        run("f1@2026-05-20", 400, "ca", line="L2"), run("i1@2026-05-20", 415, "abh"), run("i2@2026-05-20", 1100, "abh"),
        parcels=tuple(parcel(f"p{n}", "c", 100) for n in range(8)),
    )  # fmt: skip
    day = replace(day, nodes=tuple(replace(node, change_min=25 if node.id == "a" else 0) for node in day.nodes))
    plan = solve(day)
    (found,) = [c for c in candidates(week(day), [Solved(day, plan, plan.worth, 0)]) if c.why == "missed_link"]
    assert found.change == ShiftRun("i1", 30), "it is there at 420, may board at 445, and the run leaves at 415"


def test_on_a_day_with_many_parcels_only_those_a_change_touches_are_planned_anew(monkeypatch):
    day = crowded()
    others = tuple(parcel(f"d{n}", "d", 400) for n in range(20))
    roomy = run("x1@2026-05-20", 480, "dh", line="L9", cap=Capacity(10**6, 10**7, 100))
    day = replace(day, departures=(*day.departures, roomy), parcels=(*day.parcels, *others))
    alone = as_data(propose(week(day), seconds=1e9))
    monkeypatch.setattr(trial, "MANY", 0)
    sizes = []
    monkeypatch.setattr(trial, "solve", lambda day, **more: sizes.append(len(day.parcels)) or solve(day, **more))
    focused_on = as_data(propose(week(day), seconds=1e9))
    assert [item["change"] for item in focused_on["items"]] == [item["change"] for item in alone["items"]]
    for one, other in zip(focused_on["items"], alone["items"], strict=True):
        assert abs(one["month_fen"] - other["month_fen"]) <= other["doubt_fen"] + one["doubt_fen"] + 1
    assert max(sizes) < len(day.parcels) - len(others) / 2, "the others are a few passengers"


def test_who_is_not_touched_rides_on_and_takes_up_what_it_did():
    day = crowded()
    plan = solve(day)
    everybody = {p.id for p in day.parcels}
    assert solve(focused(day, plan, everybody)).cost_fen == pytest.approx(plan.cost_fen)
    for free in (set(), {"p0", "q1"}, everybody):
        now = as_planned(Solved(day, plan, plan.worth, 0), free)
        anew = solve(focused(day, plan, free))
        assert now.bound_fen <= now.cost_fen + 1e-6
        assert anew.cost_fen <= now.cost_fen + 1e-6, "as planned is one way of doing it"
        assert now.cost_fen - anew.cost_fen <= plan.cost_fen - plan.bound_fen + 1e-6, "and no better one is hidden"
        assert (now.late, now.unserved) == (anew.late, anew.unserved)
    nobody = focused(day, plan, set())
    assert all(p.fixed_legs for p in nobody.parcels)
    sent = sum(p.g for p in day.parcels if next(a for a in plan.parcels if a.id == p.id).trunk)
    assert sum(t.cap_g for t in day.trunks) - sum(t.cap_g for t in nobody.trunks) == sent
    assert solve(nobody).unserved == 0
