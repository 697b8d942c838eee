"""Each change does what it says to the roads, and refuses what cannot be, naming the item."""

from dataclasses import replace

import pytest

from fulfillment.batching.instance import FixedLeg, Instance
from fulfillment.whatif.changes import (
    MOST_CHANGES,
    AddRun,
    Bay,
    Change,
    ChangeBay,
    ChangeRefused,
    CloseNode,
    DropRun,
    ExtraStop,
    OpenNode,
    ShiftRun,
    apply_changes,
)
from fulfillment.whatif.changes_data import KINDS, change_as_data, change_of
from fulfillment.whatif.roadtimes import RoadTimes, Spot, straight_km

from .roads import county, parcel, run

BASE = county(
    run("i1@2026-05-20", 500, "abh"), run("i1@2026-05-21", 1940, "abh"), run("i2@2026-05-20", 800, "abh"),
    run("f1@2026-05-20", 480, "ca", line="L2", mode="freight"),
    parcels=(parcel("p1", "a", 100), parcel("p2", "b", 100), parcel("p3", "c", 100), parcel("p4", "a", 110)),
)  # fmt: skip


def ids(instance: Instance) -> list[str]:
    return [d.id for d in instance.departures]


def stops(instance: Instance, name: str) -> list[tuple[str, float, float]]:
    return [tuple(s) for s in next(d for d in instance.departures if d.id == name).stops]


def test_a_dropped_run_is_gone_on_every_day_and_a_dropped_line_with_all_its_runs():
    assert ids(apply_changes(BASE, [DropRun("i1")])) == ["i2@2026-05-20", "f1@2026-05-20"]
    assert ids(apply_changes(BASE, [DropRun("L1")])) == ["f1@2026-05-20"]
    assert ids(apply_changes(BASE, [DropRun("i1@2026-05-20")])) == ["i1@2026-05-21", "i2@2026-05-20", "f1@2026-05-20"]


def test_a_shifted_run_leaves_every_stop_so_much_later_or_earlier():
    assert stops(apply_changes(BASE, [ShiftRun("i2", -15)]), "i2@2026-05-20") == [("a", 785, 785), ("b", 805, 805), ("h", 825, 825)]
    assert stops(apply_changes(BASE, [ShiftRun("i2", 20)]), "i1@2026-05-20") == stops(BASE, "i1@2026-05-20")


def test_an_added_run_is_a_copy_at_another_time_with_its_own_or_another_bay():
    twice = apply_changes(BASE, [AddRun("i1", 60), AddRun("i1", 60, Bay(g=9, tiers=("ambient",)))])
    assert ids(twice)[4:] == ["i1+60@2026-05-20", "i1+60@2026-05-21", "i1+60+@2026-05-20", "i1+60+@2026-05-21"]
    assert stops(twice, "i1+60@2026-05-20")[0] == ("a", 560, 560)
    assert (twice.departures[4].cap, twice.departures[6].cap.g, twice.departures[6].tiers) == (
        BASE.departures[0].cap,
        9,
        frozenset({"ambient"}),
    )
    assert ids(apply_changes(twice, [DropRun("i1+60")])) == [*ids(BASE), "i1+60+@2026-05-20", "i1+60+@2026-05-21"]


def test_a_changed_bay_changes_what_was_named_and_nothing_else():
    changed = apply_changes(BASE, [ChangeBay("i1", Bay(boxes=9, tiers=("ambient",)))]).departures[0]
    assert (changed.cap, changed.tiers) == (replace(BASE.departures[0].cap, boxes=9), frozenset({"ambient"}))
    assert apply_changes(BASE, [ChangeBay("i1", Bay(chilled_ml=5))]).departures[0].cap.chilled_ml == 5


def test_an_extra_stop_takes_the_minutes_that_runs_drive_there_and_back():
    """f1 drives c–a in 20 minutes; b–c is not driven, so from c on it goes by a: 40. Everything later moves by what is more."""
    assert stops(apply_changes(BASE, [ExtraStop("i1", "c", "a")]), "i1@2026-05-20") == [
        ("a", 500, 500),
        ("c", 520, 520),
        ("b", 560, 560),
        ("h", 580, 580),
    ]


def test_an_extra_stop_takes_what_the_dispatcher_says_all_together():
    assert stops(apply_changes(BASE, [ExtraStop("i1", "c", "a", 6)]), "i1@2026-05-20") == [
        ("a", 500, 500),
        ("c", 513, 513),
        ("b", 526, 526),
        ("h", 546, 546),
    ]


def test_where_nobody_drives_an_extra_stop_goes_by_the_map_at_the_stretchs_own_speed():
    spots = {"a": Spot(29.0, 121.0), "b": Spot(29.2, 121.0), "d": Spot(29.1, 121.0)}
    assert apply_changes(BASE, [ExtraStop("i1", "d", "a")], spots).departures[0].stops[1].arr == pytest.approx(510)
    with pytest.raises(ChangeRefused, match=r"“d”要多久"):
        apply_changes(BASE, [ExtraStop("i1", "d", "a")])
    assert straight_km(spots["a"], spots["b"]) == pytest.approx(22.24, abs=0.01)


def test_a_closed_places_parcels_go_to_another_as_much_later_as_the_road_takes():
    closed = apply_changes(BASE, [CloseNode("a", "b")])
    assert [(p.id, p.origin, p.ready) for p in closed.parcels] == [("p1", "b", 120), ("p2", "b", 100), ("p3", "c", 100), ("p4", "b", 130)]
    assert ids(closed) == ["i1@2026-05-20", "i1@2026-05-21", "i2@2026-05-20"]  # nothing is left of the feeder
    assert all(s.node != "a" for d in closed.departures for s in d.stops)


def test_a_new_place_takes_a_share_of_anothers_parcels_and_waits_for_a_stop():
    opened = apply_changes(BASE, [OpenNode("n", "a", 50)])
    assert [p.origin for p in opened.parcels] == ["a", "b", "c", "n"]
    assert opened.nodes[-1].id == "n"
    stopping = apply_changes(opened, [ExtraStop("i1", "n", "a", 4)])
    assert stops(stopping, "i1@2026-05-20")[1] == ("n", 512, 512)


def test_changes_take_effect_one_after_the_other():
    assert stops(apply_changes(BASE, [AddRun("i1", 60), ShiftRun("i1+60", 5)]), "i1+60@2026-05-20")[0][1] == 565
    with pytest.raises(ChangeRefused):
        apply_changes(BASE, [ShiftRun("i1+60", 5), AddRun("i1", 60)])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (DropRun("no"), "no"), (DropRun(""), "“”"), (ShiftRun("i1", 0), "720"), (ShiftRun("i1", 721), "720"), (AddRun("no", 5), "no"),
        (ChangeBay("i1", Bay(g=-1)), "i1"), (ChangeBay("i1", Bay(tiers=("hot",))), "i1"), (ExtraStop("i1", "no", "a"), "no"),
        (ExtraStop("i1", "c", "h"), "h"), (ExtraStop("i1", "b", "a"), "b"), (ExtraStop("i1", "c", "a", -1), "720"),
        (CloseNode("h", "a"), "h"), (CloseNode("a", "a"), "a"), (CloseNode("a", "no"), "no"), (CloseNode("no", "a"), "no"),
        (OpenNode("a", "b", 50), "a"), (OpenNode("", "b", 50), "“”"), (OpenNode("n", "no", 50), "no"), (OpenNode("n", "a", 0), "100"),
    ],
)  # fmt: skip
def test_an_impossible_change_is_refused_by_name(change: Change, named: str):
    with pytest.raises(ChangeRefused, match=named):
        apply_changes(BASE, [change])


def test_what_a_parcel_rides_already_stays_as_it_is():
    bound = replace(BASE, parcels=(replace(BASE.parcels[0], fixed_legs=(FixedLeg("i1@2026-05-20", 0, 2),)),))
    for change in (DropRun("i1"), ShiftRun("L1", 5), ExtraStop("i1", "c", "a"), CloseNode("a", "b"), ChangeBay("i1", Bay(g=1))):
        with pytest.raises(ChangeRefused, match="p1"):
            apply_changes(bound, [change])


def test_a_scenario_has_only_so_many_changes():
    with pytest.raises(ChangeRefused):
        apply_changes(BASE, [ShiftRun("i1", 1)] * (MOST_CHANGES + 1))


CHANGES = [
    DropRun("i1"), ShiftRun("i1", -5), AddRun("i1", 30, Bay(g=1, tiers=("ambient",))), AddRun("i1", 30), ChangeBay("i1", Bay(boxes=3)),
    ExtraStop("i1", "c", "a", 6), ExtraStop("i1", "c", "a"), CloseNode("a", "b"), OpenNode("n", "a", 20),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_change_told_as_data_is_the_same_change(change: Change):
    assert change_of(change_as_data(change)) == change


def test_every_kind_of_change_has_data_and_a_name():
    from fulfillment.whatif.changes_data import NAMES

    assert {type(change) for change in CHANGES} == set(KINDS.values())
    assert NAMES.keys() == KINDS.keys()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "kind"), ({"kind": "fly"}, "kind"), ({"kind": "drop_run"}, "run"), ({"kind": "shift_run", "run": "i1"}, "minutes"),
        ({"kind": "change_bay", "run": "i1"}, "g"), ({"kind": "add_run", "run": "i1", "minutes": 5, "vehicle": "tank"}, "vehicle"),
    ],
)  # fmt: skip
def test_data_that_is_no_change_names_the_field(data: dict[str, object], field: str):
    with pytest.raises(ChangeRefused) as refused:
        change_of(data)
    assert refused.value.more["field"] == field


def test_a_road_nobody_drives_has_no_minutes():
    times = RoadTimes(BASE, {})
    assert (times.between("c", "h"), times.between("a", "a"), times.between("d", "h")) == (60, 0, None)
