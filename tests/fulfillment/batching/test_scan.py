"""The scan against an oracle that shares nothing with it: Dijkstra on a time-expanded graph by networkx."""

import math

import networkx as nx
from hypothesis import given

from fulfillment.batching.reading import parse_instance
from fulfillment.batching.targets import build_problem

from .instances import instances


def earliest_arrival(instance, origin, ready, to, tier):
    """Dijkstra over (departure, stop, legs used): edges ride on or change; weights are minutes."""
    kinds = {n["id"]: n["kind"] for n in instance["nodes"]}
    graph = nx.DiGraph()
    stops = [(d, i, s) for d in instance["departures"] if tier in d["tiers"] for i, s in enumerate(d["stops"])]
    most = instance["max_handovers"]
    for d, i, s in stops:
        aboard = {legs: (d["id"], i, legs, "aboard") for legs in range(1, most + 1)}
        for legs in aboard:
            if i + 1 < len(d["stops"]):
                down = d["stops"][i + 1]
                graph.add_edge(aboard[legs], (d["id"], i + 1, legs, "off"), weight=down["arr"] - s["dep"])
            if i:
                graph.add_edge((d["id"], i, legs, "off"), aboard[legs], weight=s["dep"] - s["arr"])
        if ready + instance["transfer_min"] <= s["dep"] + 1e-6 and s["node"] == origin:
            graph.add_edge("start", aboard[1], weight=max(s["dep"] - ready, 0))
        change = instance["hub_sort_min" if kinds[s["node"]] == "hub" else "transfer_min"]
        for d2, i2, s2 in stops:
            if s2["node"] == s["node"] and s["arr"] + change <= s2["dep"] + 1e-6:
                for legs in range(1, most):
                    graph.add_edge((d["id"], i, legs, "off"), (d2["id"], i2, legs + 1, "aboard"), weight=max(s2["dep"] - s["arr"], 0))
        if s["node"] == to:
            for legs in range(1, most + 1):
                graph.add_edge((d["id"], i, legs, "off"), "end", weight=0)
    if "start" not in graph or "end" not in graph or not nx.has_path(graph, "start", "end"):
        return math.inf
    return ready + nx.dijkstra_path_length(graph, "start", "end")


@given(instances())
def test_earliest_arrivals_equal_the_oracle(instance):
    parcels = [p | {"zone": None, "to": p.get("to") or "h", "pin": [], "fixed_legs": []} for p in instance["parcels"]]
    problem = build_problem(parse_instance(instance | {"parcels": parcels}))
    for parcel in problem.instance.parcels:
        times = problem.inbound(parcel.tier)[1]
        start = problem.start(parcel)
        scanned = times.wait[start.legs][start.place, problem.column(parcel.tier, parcel.to)]
        expected = earliest_arrival(instance, parcel.origin, parcel.ready, parcel.to, parcel.tier)
        assert scanned == expected or math.isclose(scanned, expected, abs_tol=1e-5)
