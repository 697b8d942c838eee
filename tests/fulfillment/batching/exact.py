"""The exact optimum of the published model, by HiGHS: every legal road of every parcel is a column, boxes are whole numbers.

It shares no line with the planner: roads are listed by the judge's plain enumeration (hand-overs, cut-offs, sorting time, shelf
life, tiers, pins, forbidden choices, facts and several hubs are in it), room is counted here. For a dozen parcels or so.
`crowded` draws such counties from a seed, the same on every machine.
"""

import math
import random
from collections import defaultdict
from typing import Any

import highspy
import numpy as np

from .checker import all_roads, leg_of, road_cost

Json = dict[str, Any]
EVERY_TIER = ["ambient", "chilled", "frozen"]


def exact_optimum(instance: Json) -> float:
    """The least cost of all legal plans, to HiGHS's tolerance of 1e-6 of it."""
    programme = _Programme(instance)
    for parcel in instance["parcels"]:
        roads = [(road_cost(instance, parcel, *road), road) for road in all_roads(instance, parcel)]
        programme.choose_one(parcel, [(cost, legs, trunk) for cost, (legs, trunk) in roads if cost < instance["unserved_fen"]])
    return len(instance["parcels"]) * instance["unserved_fen"] + programme.least()


class _Programme:
    def __init__(self, instance: Json) -> None:
        self.instance = instance
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("mip_rel_gap", 0.0)
        self.columns = 0
        self.rows: dict[tuple[str, str, int], dict[int, float]] = defaultdict(lambda: defaultdict(float))  # (what, departure, segment)
        self.trunk_rows: dict[str, dict[int, float]] = defaultdict(dict)
        self.shares: dict[tuple[str, int, int, str], dict[int, float]] = defaultdict(lambda: defaultdict(float))  # thousandths by box group
        self.facts: dict[tuple[str, str, int], float] = defaultdict(float)
        self.fact_shares: dict[tuple[str, int, int, str], float] = defaultdict(float)
        for parcel in instance["parcels"]:
            for departure, board, alight in self._fixed(parcel):
                self.fact_shares[departure["id"], board, alight, parcel["tier"]] += parcel["box_milli"]
                for what, amount in _takes(parcel):
                    for segment in range(board, alight):
                        self.facts[what, departure["id"], segment] += amount

    def _fixed(self, parcel: Json) -> list[tuple[Json, int, int]]:
        return [leg_of(self.instance, leg) for leg in parcel.get("fixed_legs") or []]

    def choose_one(self, parcel: Json, roads: list[tuple[float, list[Any], str | None]]) -> None:
        """At most one of a parcel's roads; its fixed legs are aboard whichever it takes."""
        mine = []
        for cost, legs, trunk in roads:
            column = self._whole(cost - self.instance["unserved_fen"], 1)
            mine.append(column)
            for departure, board, alight in legs[len(self._fixed(parcel)) :]:
                self.shares[departure["id"], board, alight, parcel["tier"]][column] += parcel["box_milli"]
                for what, amount in _takes(parcel):
                    for segment in range(board, alight):
                        self.rows[what, departure["id"], segment][column] += amount
            if trunk is not None:
                self.trunk_rows[trunk][column] = parcel["g"]
        self._row(0, 1, dict.fromkeys(mine, 1.0))

    def least(self) -> float:
        """What the best choice saves against leaving every parcel (zero or less)."""
        caps = {d["id"]: d["cap"] for d in self.instance["departures"]}
        for (what, departure, segment), uses in self.rows.items():
            if caps[departure].get(what) is not None:
                self._row(-math.inf, max(caps[departure][what] - self.facts[what, departure, segment], 0), uses)
        for trunk in self.instance["trunks"]:
            self._row(-math.inf, trunk["cap_g"], self.trunk_rows[trunk["id"]])
        self._count_boxes(caps)
        if not self.columns:
            return 0.0
        assert self.highs.run() == highspy.HighsStatus.kOk
        assert self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(self.highs.getInfo().objective_function_value)

    def _count_boxes(self, caps: dict[str, Json]) -> None:
        """A group (departure, boarding, alighting, tier) needs whole boxes for its shares; a segment holds so many boxes."""
        boxes: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
        facts: dict[tuple[str, int], int] = defaultdict(int)
        for group in [*self.fact_shares.keys(), *(self.shares.keys() - self.fact_shares.keys())]:
            departure, board, alight, _ = group
            column = self._whole(0.0, math.inf)
            self._row(self.fact_shares[group], math.inf, {column: 1000.0} | {c: -milli for c, milli in self.shares[group].items()})
            for segment in range(board, alight):
                boxes[departure, segment][column] = 1.0
                facts[departure, segment] += math.ceil(self.fact_shares[group] / 1000)
        for (departure, segment), uses in boxes.items():
            if caps[departure].get("boxes") is not None:
                self._row(-math.inf, max(caps[departure]["boxes"], facts[departure, segment]), uses)

    def _whole(self, cost: float, high: float) -> int:
        self.highs.addCol(cost, 0, high, 0, np.array([], np.int32), np.array([]))
        self.highs.changeColIntegrality(self.columns, highspy.HighsVarType.kInteger)
        self.columns += 1
        return self.columns - 1

    def _row(self, low: float, high: float, uses: dict[int, float]) -> None:
        if uses:
            self.highs.addRow(low, high, len(uses), np.array([*uses], np.int32), np.array([*uses.values()], float))


def _takes(parcel: Json) -> list[tuple[str, float]]:
    cold = [] if parcel["tier"] == "ambient" else [("chilled_ml", parcel["ml"])]
    return [("g", parcel["g"]), ("ml", parcel["ml"]), *cold]


def crowded(seed: int) -> Json:
    """Two hubs with a shuttle, six villages, vehicles of one or two boxes that meet on the way, and fourteen parcels for them."""
    rng = random.Random(seed)
    villages = [f"v{i}" for i in range(6)]
    departures = [_ride(rng, f"d{i}", [*rng.sample(villages, 2), rng.choice(["h", "h2"])], 60 + 25 * i) for i in range(8)]
    departures += [_ride(rng, f"s{i}", ["h", "h2"] if i % 2 else ["h2", "h"], 200 + 60 * i) for i in range(3)]
    departures += [_ride(rng, f"b{i}", [hub, *rng.sample(villages, 2)], 260 + 50 * i) for i, hub in enumerate(["h", "h2", "h"])]
    trunks = [_trunk(rng, f"k{i}", hub, cutoff) for i, (hub, cutoff) in enumerate([("h", 330), ("h2", 420), ("h", 1500)])]
    return {
        "county": f"crowded-{seed}", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 4320, "transfer_min": 10, "hub_sort_min": 20,
        "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 2500, "max_handovers": 3,
        "nodes": [*({"id": h, "kind": "hub"} for h in ("h", "h2")), *({"id": v, "kind": "station"} for v in villages)],
        "departures": departures, "trunks": trunks, "parcels": [_parcel(rng, f"p{i}", villages, departures, trunks) for i in range(14)],
    }  # fmt: skip


def _ride(rng: random.Random, name: str, nodes: list[str], at: int) -> Json:
    stops = []
    for node in nodes:
        stops.append({"node": node, "arr": at, "dep": at + 2})
        at += 2 + rng.randint(8, 30)
    cap = {"g": rng.choice([4000, 8000]), "ml": rng.choice([12_000, 30_000]), "boxes": rng.choice([1, 2, 2]), "chilled_ml": 6000}
    return {"id": name, "line": name[0], "mode": "bus", "tiers": EVERY_TIER if rng.random() < 0.6 else ["ambient"],
            "fee_fen": rng.choice([20, 50, 90]), "stops": stops, "cap": cap}  # fmt: skip


def _trunk(rng: random.Random, name: str, hub: str, cutoff: int) -> Json:
    zones = {
        z: {"base_fen": rng.choice([300, 380]), "per_kg_fen": rng.choice([60, 90]), "hours": rng.choice([14, 20])} for z in ("z0", "z1")
    }
    return {"id": name, "carrier": "post", "hub": hub, "cutoff": cutoff, "dep": cutoff + 30, "cap_g": rng.choice([5000, 9000, 14_000]),
            "tiers": EVERY_TIER, "zones": zones}  # fmt: skip


def _parcel(rng: random.Random, name: str, villages: list[str], departures: list[Json], trunks: list[Json]) -> Json:
    tier = rng.choices(EVERY_TIER, [70, 20, 10])[0]
    g = rng.choice([500, 1000, 1500, 2500])
    parcel = {"id": name, "origin": rng.choice(villages), "ready": rng.choice([0, 30, 90]), "tier": tier, "g": g, "ml": g * 3,
              "box_milli": g // 4, "due": rng.choice([900, 1400, 2600]), "hold_fen_per_h": rng.choice([1, 3]),
              "shelf_min": None if tier == "ambient" else rng.choice([480, 1440, None])}  # fmt: skip
    parcel |= {"zone": rng.choice(["z0", "z1"])} if rng.random() < 0.75 else {"to": rng.choice(villages)}
    wish = rng.random()
    if wish < 0.1 and "zone" in parcel:
        parcel["pin"] = [rng.choice(trunks)["id"]]
    elif wish < 0.25:
        parcel["forbid"] = [rng.choice([*departures, *trunks])["id"]]
    elif wish < 0.35:
        ridden = rng.choice(departures)
        first, then = ridden["stops"][0]["node"], ridden["stops"][1]["node"]
        parcel |= {"origin": first, "tier": "ambient", "fixed_legs": [{"departure": ridden["id"], "board": first, "alight": then}]}
    return parcel
