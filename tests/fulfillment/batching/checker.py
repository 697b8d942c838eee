"""Judge a plan by the published formats alone: plain dicts in, no line of the planner used.

`judge` raises AssertionError with the parcel's name if the answer breaks the model, and returns what it costs.
`all_roads` lists every legal road of a parcel by plain enumeration, `optimum` tries every combination of them.
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

EPS = 2e-6  # the model compares with 1e-6; the judge allows for sums
Json = dict[str, Any]


@dataclass
class Verdict:
    cost: float
    late: int
    unserved: int


def judge(instance: Json, answer: Json) -> Verdict:
    parcels = {p["id"]: p for p in instance["parcels"]}
    assert [p["id"] for p in answer["parcels"]] == list(parcels), "every parcel exactly once, in the file's order"
    cost, late, unserved = 0.0, 0, 0
    roads = {}
    for said in answer["parcels"]:
        parcel = parcels[said["id"]]
        if "reason" in said:
            assert set(said) == {"id", "reason"}, said
            assert said["reason"] in {"no_road", "no_cold_path", "no_capacity", "past_shelf", "no_trunk", "forbidden"}
            unserved += 1
            cost += instance["unserved_fen"]
            continue
        legs = [leg_of(instance, leg) for leg in said["legs"]]
        arrives = check_road(instance, parcel, legs, said.get("trunk"))
        assert math.isclose(arrives, said["arrives"], abs_tol=1e-6), said
        assert (said.get("trunk") is None) == (parcel.get("to") is not None), said
        assert said.get("to") == parcel.get("to"), said
        cost += road_cost(instance, parcel, legs, said.get("trunk"))
        late += parcel["due"] is not None and arrives > parcel["due"] + 1e-6
        roads[said["id"]] = (legs, said.get("trunk"))
    check_capacity(instance, roads)
    return Verdict(cost, late, unserved)


def check_road(instance: Json, parcel: Json, legs: list, trunk_id: str | None) -> float:
    """Legs are (departure, board index, alight index); the arrival time, or AssertionError."""
    name = parcel["id"]
    kinds = {n["id"]: n["kind"] for n in instance["nodes"]}
    fixed = [leg_of(instance, leg) for leg in parcel.get("fixed_legs") or []]
    assert legs[: len(fixed)] == fixed, f"{name}: fixed legs are facts"
    assert len(legs) <= max(instance["max_handovers"], len(fixed)), f"{name}: too many hand-overs"
    at, since = parcel["origin"], parcel["ready"]
    for i, (departure, board, alight) in enumerate(legs):
        stops = departure["stops"]
        assert stops[board]["node"] == at and board < alight, f"{name}: leg {i} does not join"
        if i >= len(fixed):
            change = instance["hub_sort_min"] if i > 0 and kinds[at] == "hub" else instance["transfer_min"]
            assert since + change <= stops[board]["dep"] + EPS, f"{name}: leg {i} misses its departure"
            assert parcel["tier"] in departure["tiers"], f"{name}: leg {i} does not carry {parcel['tier']}"
            assert departure["id"] not in (parcel.get("forbid") or []), f"{name}: leg {i} is forbidden"
        at, since = stops[alight]["node"], stops[alight]["arr"]
    used = {departure["id"] for departure, _, _ in legs} | {trunk_id}
    assert set(parcel.get("pin") or []) <= used, f"{name}: a pinned choice is missing"
    shelf = math.inf if parcel.get("shelf_min") is None else parcel["shelf_min"]
    if trunk_id is None:
        assert at == parcel["to"], f"{name}: does not end at its end"
        assert since - parcel["ready"] <= shelf + EPS, f"{name}: too old"
        return since
    trunk = next(t for t in instance["trunks"] if t["id"] == trunk_id)
    hub = trunk.get("hub") or next(n["id"] for n in instance["nodes"] if n["kind"] == "hub")
    assert at == hub, f"{name}: does not end at the trunk's hub"
    assert since + instance["hub_sort_min"] <= trunk["cutoff"] + EPS, f"{name}: misses the cut-off"
    assert parcel["tier"] in trunk["tiers"] and parcel["zone"] in trunk["zones"], f"{name}: wrong trunk"
    assert trunk_id not in (parcel.get("forbid") or []), f"{name}: trunk is forbidden"
    assert trunk["dep"] - parcel["ready"] <= shelf + EPS, f"{name}: too old"
    return trunk["dep"] + 60 * trunk["zones"][parcel["zone"]]["hours"]


def road_cost(instance: Json, parcel: Json, legs: list, trunk_id: str | None) -> float:
    cost = sum(departure["fee_fen"] + instance["handover_fee_fen"] for departure, _, _ in legs)
    if trunk_id is None:
        arrives = done = legs[-1][0]["stops"][legs[-1][2]]["arr"] if legs else parcel["ready"]
    else:
        trunk = next(t for t in instance["trunks"] if t["id"] == trunk_id)
        zone = trunk["zones"][parcel["zone"]]
        cost += zone["base_fen"] + zone["per_kg_fen"] * parcel["g"] / 1000
        done, arrives = trunk["dep"], trunk["dep"] + 60 * zone["hours"]
    late = 0 if parcel["due"] is None else arrives - parcel["due"]
    days = math.ceil((late - 1e-6) / 1440) if late > 1e-6 else 0
    return cost + days * instance["late_fen_per_day"] + (done - parcel["ready"]) / 60 * parcel["hold_fen_per_h"]


def check_capacity(instance: Json, roads: dict[str, tuple[list, str | None]]) -> None:
    """Every segment in grams, millilitres, cold millilitres and whole boxes; every trunk in grams."""
    facts, used = _Aboard(instance), _Aboard(instance)
    for parcel in instance["parcels"]:
        fixed = [leg_of(instance, leg) for leg in parcel.get("fixed_legs") or []]
        chosen = roads.get(parcel["id"], (fixed, None))[0][len(fixed) :]
        for leg in fixed:
            facts.take(parcel, leg)
        for leg in [*fixed, *chosen]:
            used.take(parcel, leg)
    caps = {departure["id"]: departure["cap"] for departure in instance["departures"]}
    for at in used.segments:  # where nothing rides, nothing is too much
        for what in ("g", "ml", "chilled_ml", "boxes"):
            cap = caps[at[0]].get(what)
            # what was scanned aboard before is a fact, even where it is too much
            allowed = math.inf if cap is None else max(cap, facts.amount(what, at))
            assert used.amount(what, at) <= allowed + EPS, f"{at} carries {used.amount(what, at)} {what}, may {cap}"
    for trunk in instance["trunks"]:
        weight = sum(p["g"] for p in instance["parcels"] if roads.get(p["id"], ([], None))[1] == trunk["id"])
        assert weight <= trunk["cap_g"] + EPS, f"{trunk['id']} carries {weight} g"


class _Aboard:
    def __init__(self, instance: Json) -> None:
        self.sums: dict[tuple[str, tuple[str, int]], float] = defaultdict(float)
        self.milli: dict[tuple[str, int, int, str], float] = defaultdict(float)
        self.segments: dict[tuple[str, int], None] = {}

    def take(self, parcel: Json, leg: tuple[Json, int, int]) -> None:
        departure, board, alight = leg
        self.milli[departure["id"], board, alight, parcel["tier"]] += parcel["box_milli"]
        for segment in range(board, alight):
            at = (departure["id"], segment)
            self.segments[at] = None
            self.sums["g", at] += parcel["g"]
            self.sums["ml", at] += parcel["ml"]
            self.sums["chilled_ml", at] += parcel["ml"] if parcel["tier"] != "ambient" else 0

    def amount(self, what: str, at: tuple[str, int]) -> float:
        if what != "boxes":
            return self.sums[what, at]
        return sum(
            math.ceil(milli / 1000 - 1e-9) for (d, board, alight, _), milli in self.milli.items() if d == at[0] and board <= at[1] < alight
        )


def leg_of(instance: Json, leg: Json) -> tuple[Json, int, int]:
    departure = next(d for d in instance["departures"] if d["id"] == leg["departure"])
    nodes = [s["node"] for s in departure["stops"]]

    def index(label: str) -> int:
        if label in nodes:
            assert nodes.count(label) == 1, f"{label} is visited twice: which visit?"
            return nodes.index(label)
        node, _, i = label.rpartition("#")
        assert nodes[int(i)] == node and nodes.count(node) > 1, label
        return int(i)

    return departure, index(leg["board"]), index(leg["alight"])


def all_roads(instance: Json, parcel: Json) -> list[tuple[list, str | None]]:
    """Every legal road of a parcel that was alone in the county."""
    fixed = [leg_of(instance, leg) for leg in parcel.get("fixed_legs") or []]
    hubs = {n["id"] for n in instance["nodes"] if n["kind"] == "hub"}
    may_carry = [d for d in instance["departures"] if parcel["tier"] in d["tiers"] and d["id"] not in (parcel.get("forbid") or [])]
    roads, open_ends = [], [fixed]
    while open_ends:
        legs = open_ends.pop()
        for trunk in [None] if parcel.get("to") is not None else [t["id"] for t in instance["trunks"]]:
            try:
                check_road(instance, parcel, legs, trunk)
            except AssertionError:
                continue
            roads.append((legs, trunk))
        at = legs[-1][0]["stops"][legs[-1][2]] if legs else {"node": parcel["origin"], "arr": parcel["ready"]}
        change = instance["hub_sort_min"] if legs and at["node"] in hubs else instance["transfer_min"]
        for departure in may_carry if len(legs) < instance["max_handovers"] else []:
            for board, stop in enumerate(departure["stops"]):
                if stop["node"] == at["node"] and at["arr"] + change <= stop["dep"] + EPS:  # else no road that goes on from it is legal
                    open_ends += [[*legs, (departure, board, alight)] for alight in range(board + 1, len(departure["stops"]))]
    return roads


def optimum(instance: Json) -> float:
    """The least cost of all legal plans, by trying every combination; for a handful of parcels."""
    choices = []
    for parcel in instance["parcels"]:
        priced = [(road_cost(instance, parcel, *road), road) for road in all_roads(instance, parcel)]
        choices.append((parcel, sorted([p for p in priced if p[0] <= instance["unserved_fen"]], key=lambda p: p[0])))
    best = len(choices) * instance["unserved_fen"]

    def go_on(i: int, cost: float, roads: dict[str, tuple[list, str | None]]) -> None:
        nonlocal best
        if cost + sum(min([c[0][0], instance["unserved_fen"]] if c else [instance["unserved_fen"]]) for _, c in choices[i:]) >= best - 1e-9:
            return
        try:
            check_capacity(instance, roads)
        except AssertionError:
            return
        if i == len(choices):
            best = cost
            return
        parcel, priced = choices[i]
        for price, road in priced:
            go_on(i + 1, cost + price, roads | {parcel["id"]: road})
        go_on(i + 1, cost + instance["unserved_fen"], roads)

    go_on(0, 0.0, {})
    return best
