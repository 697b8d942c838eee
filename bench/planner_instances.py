"""Synthetic counties for the planner, in the published instance format; the same seed gives the same file.

One county has 1 hub, 11 townships, 160 villages and 91 lines, each run there and back several times a day for two days
(about 1,060 departures), four trunks a day to six zones, and mixed parcels: three quarters outbound.
"""

import random
from typing import Any

DAYS = 2
ZONES = [f"z{i}" for i in range(6)]


def county(seed: int, parcels: int, *, boxes: bool = True, fill: float = 2.5) -> dict[str, Any]:
    """An instance with `parcels` parcels; vehicles grow with them above 6,000; a larger `fill` means smaller vehicles."""
    rng = random.Random(seed)
    townships = [f"t{i}" for i in range(11)]
    villages = [f"v{i}" for i in range(160)]
    nodes = [{"id": "hub", "kind": "hub"}, *({"id": t, "kind": "township"} for t in townships)]
    nodes += [{"id": v, "kind": "station"} for v in villages]
    scale = max(parcels / 10_000, 0.6) / fill
    departures = [d for line in _lines(rng, townships, villages) for d in _departures(rng, line, scale, boxes)]
    return {
        "county": f"bench-{seed}", "start": "2026-05-20T00:00:00+08:00", "horizon_min": 1440 * (DAYS + 1),
        "transfer_min": 15, "hub_sort_min": 40, "handover_fee_fen": 15, "late_fen_per_day": 300, "unserved_fen": 4000,
        "max_handovers": 3, "nodes": nodes, "departures": departures, "trunks": _trunks(rng, parcels),
        "parcels": [_parcel(rng, i, villages) for i in range(parcels)],
    }  # fmt: skip


def _lines(rng: random.Random, townships: list[str], villages: list[str]) -> list[dict[str, Any]]:
    """11 township lines to the hub, 60 village lines to their township, 20 village lines straight to the hub."""
    lines = [{"id": f"L{i}", "route": [t, "hub"], "runs": 8, "mode": "bus"} for i, t in enumerate(townships)]
    rest = villages[:]
    rng.shuffle(rest)
    for i in range(60):
        route = [rest[(i * 3 + k) % len(rest)] for k in range(3)] + [townships[i % 11]]
        lines.append({"id": f"L{11 + i}", "route": route, "runs": 2, "mode": "bus"})
    for i in range(20):
        route = [*rng.sample(villages, 5), townships[i % 11], "hub"]
        lines.append({"id": f"L{71 + i}", "route": route, "runs": 3, "mode": "mail_van" if i % 4 == 0 else "coach"})
    return lines


def _departures(rng: random.Random, line: dict[str, Any], scale: float, boxes: bool) -> list[dict[str, Any]]:
    cold = line["mode"] == "mail_van" or rng.random() < 0.35
    size = {"bus": 1.0, "coach": 1.5, "mail_van": 4.0}[line["mode"]] * (2.0 if len(line["route"]) == 2 else 1.0)
    legs = [rng.randint(8, 25) for _ in line["route"][1:]]
    cap = {"g": int(250_000 * size * scale), "ml": int(1_000_000 * size * scale), "boxes": None}
    if boxes:
        cap["boxes"] = max(2, round(16 * size * scale))
    if cold:
        cap["chilled_ml"] = int(400_000 * size * scale)
    departures = []
    for day in range(DAYS):
        for run in range(line["runs"]):
            for back in (False, True):
                begin = day * 1440 + 360 + int(run * 720 / line["runs"]) + rng.randint(0, 60) + (90 if back else 0)
                route, rides = (line["route"][::-1], legs[::-1]) if back else (line["route"], legs)
                departures.append({
                    "id": f"{line['id']}-{day}-{run}{'b' if back else 'a'}", "line": line["id"], "mode": line["mode"],
                    "tiers": ["ambient", "chilled", "frozen"] if cold else ["ambient"],
                    "fee_fen": {"bus": 50, "coach": 70, "mail_van": 90}[line["mode"]],
                    "stops": _stops(route, rides, begin), "cap": cap,
                })  # fmt: skip
    return departures


def _stops(route: list[str], rides: list[int], begin: int) -> list[dict[str, Any]]:
    stops, at = [], begin
    for i, node in enumerate(route):
        stops.append({"node": node, "arr": at, "dep": at + (2 if 0 < i < len(route) - 1 else 0)})
        at = stops[-1]["dep"] + (rides[i] if i < len(rides) else 0)
    return stops


def _trunks(rng: random.Random, parcels: int) -> list[dict[str, Any]]:
    trunks = []
    for day in range(DAYS + 1):
        for i, (carrier, cutoff) in enumerate((("post", 660), ("courier", 840), ("post", 1035), ("cold", 1140))):
            zones = {z: {"base_fen": 300 + 40 * n + 30 * (i % 2), "per_kg_fen": 60 + 15 * n, "hours": 18 + 8 * n - 4 * (i % 2)}
                     for n, z in enumerate(ZONES)}  # fmt: skip
            trunks.append({
                "id": f"k{day}-{i}", "carrier": carrier, "cutoff": cutoff + day * 1440, "dep": cutoff + 45 + day * 1440,
                "cap_g": int(parcels * 2500 * rng.uniform(0.15, 0.4)) + 50_000, "zones": zones,
                "tiers": ["ambient", "chilled", "frozen"] if carrier == "cold" else ["ambient", "chilled"] if i != 1 else ["ambient"],
            })  # fmt: skip
    return trunks


def _parcel(rng: random.Random, i: int, villages: list[str]) -> dict[str, Any]:
    tier = rng.choices(["ambient", "chilled", "frozen"], [80, 17, 3])[0]
    g = rng.choice([500, 1000, 1500, 2500, 2500, 5000, 10_000])
    parcel: dict[str, Any] = {
        "id": f"p{i}", "tier": tier, "g": g, "ml": g * rng.choice([2, 3, 4]), "box_milli": g // 25,
        "ready": rng.choice([0, 300, 360, 420, 480, 540, 600, 720, 900, 1440 + 420, 1440 + 540]),
        "hold_fen_per_h": rng.choice([1, 2, 4]) if tier == "ambient" else 6,
        "shelf_min": None if tier == "ambient" else rng.choice([1440, 2880, None]),
    }  # fmt: skip
    day = 1440 * (parcel["ready"] // 1440)
    if rng.random() < 0.75:
        n = rng.randrange(len(ZONES))
        return parcel | {
            "origin": rng.choice(villages),
            "zone": ZONES[n],
            "due": day + 1035 + 45 + (18 + 8 * n) * 60 + rng.choice([0, 0, 1440]),
        }
    origin = "hub" if rng.random() < 0.85 else rng.choice(villages)
    return parcel | {"origin": origin, "to": rng.choice(villages), "due": day + 1200 + rng.choice([0, 1440])}
