"""A file that cannot be planned is refused in words that name the item; nothing is written."""

import copy
import json

import pytest

from fulfillment.batching.instance import InstanceError
from fulfillment.batching.reading import parse_instance, read_instance
from fulfillment.batching.solve import plan_instance, solve

GOOD = {
    "county": "x", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 4320, "transfer_min": 15, "hub_sort_min": 40,
    "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 4000, "max_handovers": 3,
    "nodes": [{"id": "hub", "kind": "hub"}, {"id": "v17", "kind": "station"}],
    "departures": [{"id": "d1", "line": "L3", "mode": "bus", "tiers": ["ambient"], "fee_fen": 50,
                    "stops": [{"node": "v17", "arr": 430, "dep": 432}, {"node": "hub", "arr": 500, "dep": 500}],
                    "cap": {"g": 250000, "ml": 1200000, "boxes": 16}}],
    "trunks": [{"id": "k1", "carrier": "post", "cutoff": 1035, "dep": 1080, "cap_g": 6000000, "tiers": ["ambient", "chilled"],
                "zones": {"z0": {"base_fen": 300, "per_kg_fen": 90, "hours": 20}}}],
    "parcels": [{"id": "p1", "origin": "v17", "ready": 400, "zone": "z0", "tier": "ambient", "g": 1500, "ml": 4000,
                 "box_milli": 80, "due": 2880, "hold_fen_per_h": 2, "shelf_min": None}],
}  # fmt: skip

BAD = [
    (("departures", 0, "stops", 0, "dep"), 410, 'departures[0] "d1": stop 0: dep 410 before arr 430'),
    (("departures", 0, "stops", 1, "arr"), 431, 'departures[0] "d1": stop 1: arr 431 before dep 432 of stop 0'),
    (("departures", 0, "stops", 1, "node"), "mars", 'departures[0] "d1": stop 1: node: "mars" is not known'),
    (("departures", 0, "stops"), [], 'departures[0] "d1": stops: needs at least 2, has 0'),
    (("departures", 0, "tiers"), ["warm"], 'departures[0] "d1": tiers: "warm" is not known'),
    (("departures", 0, "cap", "g"), -1, 'departures[0] "d1": cap: g: -1 is below 0'),
    (("departures", 0, "cap", "boxes"), 1.5, 'departures[0] "d1": cap: boxes: must be a whole number, is 1.5'),
    (("departures", 0, "fee_fen"), "50", 'departures[0] "d1": fee_fen: must be a number, is "50"'),
    (("departures", 0, "id"), None, "departures[0]: id: must be text, is null"),
    (("parcels", 0, "id"), "p\ud800", 'parcels[0]: id: "p\\ud800" is half a character'),
    (("parcels", 0, "pin"), ["\ud800"], 'parcels[0] "p1": pin: "\\ud800" is not known'),
    (("trunks", 0, "dep"), 1000, 'trunks[0] "k1": dep 1000 before cutoff 1035'),
    (("trunks", 0, "hub"), "v17", 'trunks[0] "k1": hub: "v17" is not known'),
    (("trunks", 0, "zones", "z0", "hours"), True, 'trunks[0] "k1": zone "z0": hours: must be a number, is true'),
    (("nodes", 0, "kind"), "moon", 'nodes[0] "hub": kind: "moon" is not known'),
    (("nodes", 1, "id"), "hub", 'nodes[1] "hub": id is used twice'),
    (("nodes", 0, "kind"), "pier", 'trunks[0] "k1": hub: must be named, the county has 0 hubs'),
    (("parcels", 0, "to"), "hub", 'parcels[0] "p1": needs either "zone" or "to"'),
    (("parcels", 0, "zone"), None, 'parcels[0] "p1": needs either "zone" or "to"'),
    (("parcels", 0, "origin"), "v99", 'parcels[0] "p1": origin: "v99" is not known'),
    (("parcels", 0, "g"), -5, 'parcels[0] "p1": g: -5 is below 0'),
    (("parcels", 0, "g"), 1e400, 'parcels[0] "p1": g: must be a number, is inf'),
    (("parcels", 0, "pin"), ["d9"], 'parcels[0] "p1": pin: "d9" is not known'),
    (("parcels", 0, "forbid"), "d1", 'parcels[0] "p1": forbid: must be a list, is "d1"'),
    (("parcels", 0, "fixed_legs"), [{"departure": "d1", "board": "hub", "alight": "v17"}],
     'parcels[0] "p1": fixed leg 0: alights before it boards'),
    (("parcels", 0, "fixed_legs"), [{"departure": "d1", "board": "v17", "alight": "v18"}],
     'parcels[0] "p1": fixed leg 0: alight "v18": departure "d1" does not stop there'),
    (("parcels", 0), 7, "parcels[0]: must be an object"),
    (("start",), "2026-05-20T00:00:00", "instance: start: 2026-05-20T00:00:00 has no UTC offset"),
    (("start",), "soon", "instance: start: Invalid isoformat string: 'soon'"),
    (("parcels",), None, "instance: parcels: must be a list, is null"),
]  # fmt: skip


def spoiled(path, value):
    data = copy.deepcopy(GOOD)
    item = data
    for key in path[:-1]:
        item = item[key]
    item[path[-1]] = value
    return data


@pytest.mark.parametrize(("path", "value", "message"), BAD, ids=[m for _, _, m in BAD])
def test_a_bad_item_is_named(path, value, message):
    with pytest.raises(InstanceError) as refused:
        parse_instance(spoiled(path, value))
    assert str(refused.value) == message


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_part_is_named(key):
    if key == "max_handovers":
        assert parse_instance({k: v for k, v in GOOD.items() if k != key}).max_handovers == 3
        return
    with pytest.raises(InstanceError, match=f"instance: {key}: is missing"):
        parse_instance({k: v for k, v in GOOD.items() if k != key})


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"\xff\xfe", b'{"nodes": NaN}', b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"], ids=range(7)
)
def test_a_file_that_is_no_instance_exits_2_and_writes_nothing(tmp_path, capsys, raw):
    folder = tmp_path / "files"
    folder.mkdir()
    source = folder / "in.json"
    source.write_bytes(raw)
    assert plan_instance(source, folder / "out.json") == 2
    assert capsys.readouterr().err.startswith("jishi plan: ")
    assert list(folder.iterdir()) == [source]


def test_a_bad_item_in_a_file_exits_2_and_is_named(tmp_path, capsys):
    source, out = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps(spoiled(("departures", 0, "stops", 0, "dep"), 410)))
    assert plan_instance(source, out) == 2
    assert capsys.readouterr().err == 'jishi plan: departures[0] "d1": stop 0: dep 410 before arr 430\n'
    assert not out.exists()


def test_half_a_character_in_a_file_exits_2_and_is_named(tmp_path, capsys):
    source, out = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps(spoiled(("parcels", 0, "id"), "\ud800")))
    assert plan_instance(source, out) == 2
    assert capsys.readouterr().err == 'jishi plan: parcels[0]: id: "\\ud800" is half a character\n'
    assert not out.exists()


def test_any_number_of_handovers_may_be_allowed():
    as_many_as_you_like = solve(parse_instance(GOOD | {"max_handovers": 10**9}))
    assert as_many_as_you_like.parcels == solve(parse_instance(GOOD)).parcels
    assert solve(parse_instance(GOOD | {"max_handovers": 0})).parcels[0].reason == "no_road"


def test_a_file_that_is_not_there_or_an_answer_that_cannot_be_written_exits_2(tmp_path, capsys):
    assert plan_instance(tmp_path / "none.json", tmp_path / "out.json") == 2
    source = tmp_path / "in.json"
    source.write_text(json.dumps(GOOD))
    assert plan_instance(source, tmp_path / "no" / "out.json") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_good_file_is_planned(tmp_path):
    source, out = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps(GOOD))
    assert plan_instance(source, out, seconds=5) == 0
    plan = json.loads(out.read_text())
    assert plan["status"] == "optimal"
    assert plan["parcels"] == [{"id": "p1", "legs": [{"departure": "d1", "board": "v17", "alight": "hub"}], "trunk": "k1", "arrives": 2280}]
    assert read_instance(source).parcels[0].id == "p1"


def test_a_name_of_a_node_that_could_mean_another_stop_is_refused_before_an_answer_is_unreadable():
    file = copy.deepcopy(GOOD)
    file["nodes"] += [{"id": "v17#2", "kind": "station"}]
    stops = [{"node": node, "arr": 430 + 10 * n, "dep": 430 + 10 * n} for n, node in enumerate(["v17", "v17#2", "v17", "hub"])]
    file["departures"][0]["stops"] = stops
    with pytest.raises(InstanceError, match=r'departures\[0\] "d1": stop 1: "v17#2" may mean another stop'):
        parse_instance(file)
    file["departures"][0]["stops"] = stops[1:]
    assert solve(parse_instance(file)).unserved == 0
