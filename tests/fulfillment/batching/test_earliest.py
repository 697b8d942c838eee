"""Earliest arrivals by the scan against Dijkstra on a time-expanded network by networkx, on timetables made up and on Ninghai's.

The oracle shares nothing with the planner: Ninghai's timetable it reads from the county's own GTFS feed, cut-offs and tiers from
the x_ tables beside it; the planner reads the database. In the network a moment at a place is a knot, one row of moments per
number of rides taken so far; waiting leads along the row, riding down to the next calls.
"""

import itertools
import json
import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import pytest
from hypothesis import given

from core import db
from fulfillment.batching.instance import Parcel
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.roads import Roads, instance_of, read_roads
from fulfillment.batching.targets import build_problem
from fulfillment.network.rules import hub_rules
from fulfillment.network.service import load_network
from fulfillment.timetable.service import open_days
from supply.counties.profile import profile_of
from supply.counties.profile_rules import HubRules
from supply.counties.service import load_places
from tests.fulfillment.batching.instances import instances
from tests.fulfillment.conftest import DAY
from tests.fulfillment.timetable.gtfs.feeds import empty_county, exported

EPS = 1e-6


class Halt(NamedTuple):
    node: str
    arrives: float
    closes: float  # loading


class Rules(NamedTuple):
    transfer: float
    sort: float
    legs: int
    hubs: frozenset[str]

    def change(self, node: str) -> float:
        return self.sort if node in self.hubs else self.transfer


def expand(runs: Iterable[list[Halt]], rules: Rules) -> tuple[nx.DiGraph, dict[str, list[float]]]:
    """The network of these runs, and the moments of each place at which something closes there."""
    graph, closing = nx.DiGraph(), defaultdict(set)
    runs = list(runs)
    for run in runs:
        for halt in run[:-1]:
            closing[halt.node].add(halt.closes)
    rows = {node: sorted(moments) for node, moments in closing.items()}
    for node, row in rows.items():
        for legs in range(rules.legs):
            for one, then in itertools.pairwise(row):
                graph.add_edge(("wait", node, one, legs), ("wait", node, then, legs), weight=then - one)
    for r, run in enumerate(runs):
        for legs in range(rules.legs):
            for n, halt in enumerate(run[:-1]):
                below, there = run[n + 1], ("off", r, n + 1, legs + 1)
                graph.add_edge(("wait", halt.node, halt.closes, legs), there, weight=max(0, below.arrives - halt.closes))
                if n:
                    graph.add_edge(("off", r, n, legs + 1), there, weight=below.arrives - halt.arrives)
        for legs in range(1, rules.legs + 1):
            for n, halt in enumerate(run[1:], 1):
                graph.add_edge(("off", r, n, legs), ("at", halt.node, halt.arrives), weight=0)
                row = rows.get(halt.node, [])
                k = bisect_left(row, halt.arrives + rules.change(halt.node) - EPS)
                if k < len(row) and legs < rules.legs:
                    graph.add_edge(("off", r, n, legs), ("wait", halt.node, row[k], legs), weight=max(0, row[k] - halt.arrives))
    return graph, rows


def earliest(graph: nx.DiGraph, rows: dict[str, list[float]], rules: Rules, origin: str, ready: float) -> dict[str, float]:
    """The first moment at every place that can be reached from `origin` by at least one ride."""
    row = rows.get(origin, [])
    k = bisect_left(row, ready + rules.transfer - EPS)
    found: dict[str, float] = {}
    if k < len(row) and ("wait", origin, row[k], 0) in graph:
        for knot in nx.single_source_dijkstra_path_length(graph, ("wait", origin, row[k], 0), weight="weight"):
            if knot[0] == "at":  # its moment is exact, the sum of weights only orders
                found[knot[1]] = min(found.get(knot[1], math.inf), knot[2])
    return found


def scanned(problem: Any, parcel: Parcel) -> float:
    start = problem.start(parcel)
    return float(problem.inbound(parcel.tier)[1].wait[start.legs][start.place, problem.column(parcel.tier, parcel.to)])


@given(instances(max_departures=16))
def test_on_any_timetable_the_scan_arrives_when_dijkstra_does(instance: dict[str, Any]) -> None:
    everywhere = [
        p | {"id": f"{p['id']}-{n['id']}", "zone": None, "to": n["id"], "pin": [], "fixed_legs": []}
        for p in instance["parcels"][:3]
        for n in instance["nodes"]
    ]
    rules = Rules(
        instance["transfer_min"],
        instance["hub_sort_min"],
        instance["max_handovers"],
        frozenset(n["id"] for n in instance["nodes"] if n["kind"] == "hub"),
    )
    problem = build_problem(parse_instance(instance | {"parcels": everywhere}))
    for parcel in problem.instance.parcels:
        runs = [[Halt(s["node"], s["arr"], s["dep"]) for s in d["stops"]] for d in instance["departures"] if parcel.tier in d["tiers"]]
        graph, rows = expand(runs, rules)
        there = earliest(graph, rows, rules, parcel.origin, parcel.ready).get(parcel.to or "", math.inf)
        assert scanned(problem, parcel) == pytest.approx(there, abs=1e-5)


class Ninghai(NamedTuple):
    """The county's own feed, and its roads as the planner reads them."""

    feed: dict[str, list[dict[str, str]]]
    roads: Roads
    rules: HubRules


@pytest.fixture
def ninghai(nine: object, database: str, tmp_path: Path) -> Ninghai:
    """Its places and network alone, with departures for two days; no transaction stays open while the oracle thinks."""
    profile = profile_of("ninghai")
    with db.writing() as session:
        county = empty_county(session, "ninghai", "nh")
        load_places(session, profile, county.id)
        load_network(session, profile, county.id)
        session.flush()
        open_days(session, county, DAY, DAY + timedelta(days=1))
        return Ninghai(exported(session, county, tmp_path / "f.zip"), read_roads(session, county.id, DAY, 2), hub_rules(county))


def minute(text: str) -> int:
    hours, minutes, _ = text.split(":")
    return int(hours) * 60 + int(minutes)


def takes_goods(windows: list[list[int]], first: int, last: int) -> bool:
    """A run takes goods if the whole of it lies in one of its line's windows, which may pass midnight."""
    return not windows or any(a <= first + shift and last + shift <= b for a, b in windows for shift in (0, 1440))


def runs_of(feed: dict[str, list[dict[str, str]]], tier: str, days: int) -> list[list[Halt]]:
    """What carries the tier on these days from DAY on, as a reader of the feed would have it."""
    bays = {v["code"] for v in feed["x_vehicles.txt"] if tier in v["tiers"].split("|") and int(v["bay_g"])}
    carrying = {t["code"] for t in feed["x_trips.txt"] if t["vehicle"] in bays}
    closes = {line["code"]: int(line["close_min"]) for line in feed["x_lines.txt"]}
    windows = {line["code"]: json.loads(line["goods_windows"] or "[]") for line in feed["x_lines.txt"]}
    weeks = {c["service_id"]: c for c in feed["calendar.txt"]}
    single = {(d["service_id"], d["date"]): d["exception_type"] for d in feed["calendar_dates.txt"]}
    calls: dict[str, list[dict[str, str]]] = defaultdict(list)
    for call in feed["stop_times.txt"]:
        calls[call["trip_id"]].append(call)
    runs = []
    for n in range(days):
        day = DAY + timedelta(days=n)
        name, weekday = f"{day:%Y%m%d}", f"{day:%A}".lower()
        for trip in feed["trips.txt"]:
            week = weeks[trip["service_id"]]
            usual = week[weekday] == "1" and week["start_date"] <= name <= week["end_date"]
            span = minute(calls[trip["trip_id"]][0]["departure_time"]), minute(calls[trip["trip_id"]][-1]["arrival_time"])
            if not takes_goods(windows[trip["route_id"]], *span):
                continue
            if trip["trip_id"] in carrying and single.get((trip["service_id"], name), "1" if usual else "2") == "1":
                early = closes[trip["route_id"]] - n * 1440
                runs.append([
                    Halt(c["stop_id"], minute(c["arrival_time"]) + n * 1440, minute(c["departure_time"]) - early) for c in calls[trip["trip_id"]]
                ])  # fmt: skip
    return runs


def test_on_ninghais_timetable_the_scan_arrives_when_dijkstra_does(ninghai: Ninghai) -> None:
    feed = ninghai.feed
    hub = feed["x_hub_rules.txt"][0]
    places = {n["code"]: n["kind"] for n in feed["x_nodes.txt"]}
    hubs = frozenset(code for code, kind in places.items() if kind == "hub")
    rules = Rules(int(hub["transfer_min"]), int(hub["hub_sort_min"]), int(hub["max_handovers"]), hubs)
    origins = {*sorted(places)[:: len(places) // 4], *hubs}
    for tier, ready in (("ambient", 360.0), ("ambient", 1005.0), ("chilled", 480.0)):
        graph, rows = expand(runs_of(feed, tier, 2), rules)
        parcels = [Parcel(f"{o}>{t}", o, ready, None, t, tier, 1000, 2000, 50, math.inf, 0) for o in origins for t in places if t != o]
        problem = build_problem(instance_of(ninghai.roads, ninghai.rules, parcels))
        there = {origin: earliest(graph, rows, rules, origin, ready) for origin in origins}
        arrivals = {p.id: scanned(problem, p) for p in parcels}
        assert arrivals == {p.id: pytest.approx(there[p.origin].get(p.to or "", math.inf)) for p in parcels}
        assert sum(map(math.isfinite, arrivals.values())) > len(parcels) / 3
