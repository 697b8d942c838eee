"""Whatever stands in an instance file: a legal plan and exit 0, or one line that names the item, exit 2 and nothing written."""

import copy
import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.batching.solve import plan_instance

from .checker import judge

STOPS = [{"node": "v17", "arr": 430, "dep": 432}, {"node": "t1", "arr": 450, "dep": 455}, {"node": "hub", "arr": 500, "dep": 500}]
PARCEL = {"tier": "ambient", "g": 1500, "ml": 4000, "box_milli": 80, "due": 2880, "hold_fen_per_h": 2, "shelf_min": None}
GOOD = {
    "county": "x", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 4320, "transfer_min": 15, "hub_sort_min": 40,
    "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 4000, "max_handovers": 3,
    "nodes": [{"id": "hub", "kind": "hub"}, {"id": "hub2", "kind": "hub"}, {"id": "t1", "kind": "township"}, {"id": "v17", "kind": "station"}],
    "departures": [
        {"id": "d1", "line": "L3", "mode": "bus", "tiers": ["ambient"], "fee_fen": 50, "stops": STOPS,
         "cap": {"g": 250000, "ml": 1200000, "boxes": 16}},
        {"id": "d2", "line": "L4", "mode": "mail_van", "tiers": ["ambient", "chilled"], "fee_fen": 0, "stops": STOPS[1:],
         "cap": {"g": 2000, "ml": 9000, "boxes": None, "chilled_ml": 4000}},
        {"id": "d3", "line": "L5", "mode": "van", "tiers": ["ambient", "chilled"], "fee_fen": 20,
         "stops": [{"node": "hub", "arr": 600, "dep": 600}, {"node": "hub2", "arr": 640, "dep": 640}, {"node": "t1", "arr": 700, "dep": 700}],
         "cap": {"g": 90000, "ml": 900000, "boxes": 4}}],
    "trunks": [{"id": f"k{i}", "carrier": "post", "hub": hub, "cutoff": 1035, "dep": 1080, "cap_g": 6000, "tiers": ["ambient", "chilled"],
                "zones": {"z0": {"base_fen": 300, "per_kg_fen": 90, "hours": 20}}} for i, hub in enumerate(["hub", "hub2"])],
    "parcels": [
        PARCEL | {"id": "p1", "origin": "v17", "ready": 400, "zone": "z0"},
        PARCEL | {"id": "p2", "origin": "t1", "ready": 0, "zone": "z0", "tier": "chilled", "shelf_min": 1440, "pin": ["k1"]},
        PARCEL | {"id": "p3", "origin": "hub", "ready": 100.5, "to": "t1", "forbid": ["d1"]},
        PARCEL | {"id": "p4", "origin": "v17", "ready": 400, "zone": "z0", "due": None,
                  "fixed_legs": [{"departure": "d1", "board": "v17", "alight": "t1"}]}],
}  # fmt: skip
GOOD = json.loads(json.dumps(GOOD))  # no two places share a part


def places(part, at=()):
    """Every place in a file, as the keys that lead to it."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inside:
        yield (*at, key)
        yield from places(value, (*at, key))


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


numbers = st.one_of(
    st.sampled_from(
        [float("nan"), float("inf"), -1, -0.0, 0, 1e308, -1e308, 5e-324, 1e12, -1e12, 1e13, 2**63, 10**400, -(10**4000), 0.1 + 0.2]
    ),
    st.floats(-1e12, 1e12),
    st.integers(-5000, 5000),
)
texts = st.one_of(
    st.sampled_from(["", "\ud800", "\x00", "hub\n", "杨梅" * 40, "v17 ", "‮", "d1", "k1", "p1", "d1#0", "t1#1", "1e9"]), st.text(max_size=5)
)
hostile = st.one_of(
    numbers,
    texts,
    st.sampled_from([None, True, False, [], {}, [[]], [None], [{}], {"": None}]),
    st.sampled_from([100, 950, 970, 985, 990, 994, 100_000]).map(lambda levels: f"deep {levels}"),
)
damage = st.tuples(st.sampled_from([*places(GOOD)]), st.sampled_from(["drop", "set", "set", "set", "twice", "add"]), hostile)


def harm(file, at, how, value):
    """One wrong done to a file; nothing where an earlier wrong has taken the place away."""
    part, value = file, copy.deepcopy(value)
    try:
        for key in at[:-1]:
            part = part[key]
        if how == "drop":
            del part[at[-1]]
        elif how == "set":
            part[at[-1]] = value
        elif how == "twice":
            part.append(copy.deepcopy(part[at[-1]]))
        elif how == "add":
            part[at[-1]][value if isinstance(value, str) else "?"] = value
    except (KeyError, IndexError, TypeError, AttributeError):
        pass


def text_of(file):
    """The file as a hostile program would write it: NaN, half characters and nesting no library writes."""
    raw = json.dumps(file)
    return re.sub(r'"deep (\d+)"', lambda found: "[" * int(found[1]) + "]" * int(found[1]), raw)


def run(folder, raw):
    """(exit code, what was said, the answer or None); a second answer must not be left from a first."""
    source, out = folder / "in.json", folder / "out.json"
    source.write_text(raw, encoding="utf-8")
    out.unlink(missing_ok=True)
    code = plan_instance(source, out, seconds=5)
    left = {p.name for p in folder.iterdir()} - {"in.json"}
    assert left == ({"out.json"} if code == 0 else set())
    return code, json.loads(out.read_text()) if code == 0 else None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


NAMED = re.compile(r"jishi plan: (instance: |(nodes|departures|trunks|parcels)\[\d+\]|\S*in\.json: )")


@given(damages=st.lists(damage, min_size=1, max_size=3))
def test_any_file_is_planned_or_refused_by_name(folder, capsys, damages):
    file = copy.deepcopy(GOOD)
    for one in damages:
        harm(file, *one)
    raw = text_of(file)
    code, answer = run(folder, raw)
    said = capsys.readouterr()
    if code == 0:
        judge({"max_handovers": 3} | json.loads(raw), answer)
        assert all(math.isfinite(answer[number]) for number in ("cost_fen", "bound_fen", "gap", "seconds"))
        assert answer["bound_fen"] <= answer["cost_fen"]
        assert said.err == ""
    else:
        assert code == 2
        assert NAMED.match(said.err), said.err
        assert said.err.count("\n") == 1 and len(said.err) < 400


HELD_BY_NAME = [at for at in places(GOOD) if len(at) > 2 and at[0] != "nodes" and not (len(at) == 3 and at[-1] == "id")]


@given(at=st.sampled_from(HELD_BY_NAME), how=st.sampled_from(["drop", "set"]), value=hostile)
def test_what_is_wrong_with_an_item_is_said_of_that_item(folder, capsys, at, how, value):
    file = copy.deepcopy(GOOD)
    harm(file, at, how, value)
    code, _ = run(folder, text_of(file))
    said = capsys.readouterr().err
    if code == 2 and "in.json" not in said:  # what JSON cannot hold at all is the file's fault
        # a leg that is gone is missed by the parcel that rides it
        stops = at[0] == "departures" and at[2] == "stops" and said.startswith('jishi plan: parcels[3] "p4": fixed leg 0: ')
        assert stops or said.startswith(f'jishi plan: {at[0]}[{at[1]}] "{GOOD[at[0]][at[1]]["id"]}": '), said


def test_however_deep_a_file_is_nested_it_is_refused(folder, capsys):
    for levels in [*range(780, 1010), 100_000]:
        file = copy.deepcopy(GOOD) | {"county": f"deep {levels}"}
        assert run(folder, text_of(file))[0] == 2
        assert NAMED.match(capsys.readouterr().err)


@pytest.mark.parametrize("name", ["hub\n", "\ud800", "a\u2028b", "\x1b[2J"])
def test_a_hostile_name_is_shown_on_one_line_and_does_nothing_to_the_screen(folder, capsys, name):
    for at in [("parcels", 0), ("trunks", 0), ("departures", 0), ("nodes", 0)]:
        file = copy.deepcopy(GOOD)
        item = file[at[0]][at[1]]
        item["id"] = name
        item["kind" if at[0] == "nodes" else "tier" if at[0] == "parcels" else "tiers"] = 7
        assert run(folder, text_of(file))[0] == 2
        said = capsys.readouterr().err
        assert said.endswith("\n") and said[:-1].isprintable(), said


def test_a_wish_for_a_name_that_a_departure_and_a_trunk_bear_is_refused(folder, capsys):
    file = copy.deepcopy(GOOD)
    file["trunks"][0]["id"] = "d1"
    file["parcels"][0]["pin"] = ["d1"]
    assert run(folder, text_of(file))[0] == 2
    assert capsys.readouterr().err == 'jishi plan: parcels[0] "p1": pin: "d1" is a departure and a trunk\n'
