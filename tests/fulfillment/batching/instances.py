"""Small counties for Hypothesis, in the published format: crowded, with loops, two hubs, cold tiers, facts and wishes."""

from functools import cache, lru_cache
from typing import Any

from hypothesis import strategies as st

TIERS = ["ambient", "chilled", "frozen"]
CARRIED = st.sampled_from([TIERS, TIERS, ["ambient"], ["ambient", "chilled"], ["chilled", "frozen"]])
HUBS = st.sampled_from([["h"], ["h", "h2"]])
SERVED = st.sampled_from([["z0", "z1"], ["z0"]])
SENT = st.sampled_from([["ambient"], TIERS])
minutes = st.one_of(st.integers(0, 40).map(lambda m: m * 5), st.sampled_from([7.5, 12.25, 33.3, 60.0000005]))
early = st.sampled_from([0, 0, 0, 5, 20, 33.3, 100])


@lru_cache(maxsize=None, typed=True)
def among(*values: Any) -> st.SearchStrategy[Any]:
    """One of these. A county draws hundreds of values: a strategy made anew for each would cost more than all else."""
    return st.sampled_from(values)


@cache
def visits(nodes: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(among(*nodes), min_size=2, max_size=5)


@st.composite
def instances(draw: st.DrawFn, *, max_parcels: int = 8, max_departures: int = 14) -> dict[str, Any]:
    hubs = tuple(draw(HUBS))
    places = ["a", "b", "c", "d"][: draw(st.integers(1, 4))]
    nodes = [{"id": h, "kind": "hub"} for h in hubs] + [{"id": p, "kind": "station"} for p in places]
    ids = tuple(n["id"] for n in nodes)
    departures = [draw(departure(f"d{i}", ids)) for i in range(draw(among(max_departures, max_departures, max_departures // 2, 0)))]
    trunks = [draw(trunk(f"k{i}", hubs)) for i in range(draw(among(3, 2, 1, 0)))]
    choices = [d["id"] for d in departures] + [t["id"] for t in trunks]
    return {
        "county": "small",
        "start": "2026-05-20T00:00:00+08:00",
        "horizon_min": 4320,
        "transfer_min": draw(among(0, 5, 15)),
        "hub_sort_min": draw(among(0, 10, 20)),
        "handover_fee_fen": 15,
        "late_fen_per_day": 300,
        "unserved_fen": draw(among(4000, 600)),
        "max_handovers": draw(among(3, 3, 2, 1)),
        "nodes": nodes,
        "departures": departures,
        "trunks": trunks,
        "parcels": [
            draw(parcel(f"p{i}", ids, departures, choices)) for i in range(draw(among(max_parcels, max_parcels, max_parcels // 2, 0)))
        ],
    }


@cache
@st.composite
def departure(draw: st.DrawFn, name: str, nodes: tuple[str, ...]) -> dict[str, Any]:
    stops, at = [], draw(minutes)
    for node in draw(visits(nodes)):
        stops.append({"node": node, "arr": at, "dep": at + draw(among(0, 0, 5))})
        at = stops[-1]["dep"] + draw(among(0, 5, 10, 20))
    cap = {"g": draw(among(0, 1500, 3000, 9000)), "ml": draw(among(4000, 20_000))}
    cap["boxes"] = draw(among(None, 0, 1, 2))
    if draw(st.booleans()):
        cap["chilled_ml"] = draw(among(0, 3000, 8000))
    tiers = draw(CARRIED)
    return {
        "id": name,
        "line": "L",
        "mode": "bus",
        "tiers": tiers,
        "fee_fen": draw(among(0, 50, 90)),
        "stops": stops,
        "cap": cap,
    }


@cache
@st.composite
def trunk(draw: st.DrawFn, name: str, hubs: tuple[str, ...]) -> dict[str, Any]:
    cutoff = draw(among(120, 200, 250, 1500))
    zones = {z: {"base_fen": draw(among(300, 500)), "per_kg_fen": draw(among(0, 90)), "hours": draw(among(2, 20))}
             for z in draw(SERVED)}  # fmt: skip
    return {
        "id": name,
        "carrier": "post",
        "cutoff": cutoff,
        "dep": cutoff + draw(among(0, 45)),
        "cap_g": draw(among(0, 3000, 100_000)),
        "tiers": draw(SENT),
        "zones": zones,
        "hub": draw(among(*hubs)),
    }


@st.composite
def parcel(draw: st.DrawFn, name: str, nodes: tuple[str, ...], departures: list[dict[str, Any]], choices: list[str]) -> dict[str, Any]:
    made = {
        "id": name,
        "origin": draw(among(*nodes)),
        "ready": draw(early),
        "tier": draw(among("ambient", "ambient", "chilled", "frozen")),
        "g": draw(among(0, 500, 1500, 2000)),
        "ml": draw(among(0, 2000, 4000)),
        "box_milli": draw(among(0, 80, 500, 700, 1200)),
        "due": draw(among(None, 50, 150, 1600, 3000)),
        "hold_fen_per_h": draw(among(0, 2, 7.5)),
        "shelf_min": draw(among(None, None, 90, 1440)),
    }
    made |= {"zone": draw(among("z0", "z0", "z0", "z1", "z9"))} if draw(st.booleans()) else {"to": draw(among(*nodes))}
    wish = draw(among(None, None, None, "pin", "forbid", "fixed_legs"))
    if wish == "fixed_legs" and departures:
        ridden = draw(st.sampled_from(departures))
        board = draw(st.integers(0, len(ridden["stops"]) - 2))
        alight = draw(st.integers(board + 1, len(ridden["stops"]) - 1))
        made["origin"] = ridden["stops"][board]["node"]
        made["fixed_legs"] = [{"departure": ridden["id"], "board": _label(ridden, board), "alight": _label(ridden, alight)}]
    elif wish in ("pin", "forbid") and choices:
        made[wish] = draw(st.lists(st.sampled_from(choices), max_size=2, unique=True))
    return made


def _label(departure: dict[str, Any], stop: int) -> str:
    nodes = [s["node"] for s in departure["stops"]]
    return f"{nodes[stop]}#{stop}" if nodes.count(nodes[stop]) > 1 else nodes[stop]
