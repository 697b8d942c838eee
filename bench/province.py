"""A province's wave on this machine: ninety counties that share three trunks, planned by two processes as two workers would.

Counties are the planner's synthetic ones in the sizes a province has, drawn from a seed, each with tariffs of its own.
Their rail, air and mail-truck trunks ride on three lanes of the province that carry four fifths of what all would like to
send. Some quick rounds find the lanes' prices (first come first served, which knows a county's own limits), one full round
tells what every county wants at them and proves a bound, then shares are allotted and the plans made that would be written.
"""

import random
import resource
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from bench.planner_instances import county
from bench.rig import table
from fulfillment.batching.answer import Plan
from fulfillment.batching.instance import Instance, Trunk
from fulfillment.batching.lanes import allot, mean_demand, next_prices, step_of
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import first_come, solve

COUNTIES, WORKERS, SEED = 90, 2, 7
ROUNDS = 4  # the last one in full
SECONDS = 30.0
LANES = {0: "mail", 1: "air", 2: "rail"}  # by a trunk's number in the day; the cold one is the county's own
TIGHT = 0.8  # of what the counties want while it is free

Grams = dict[str, float]  # by lane and day, "rail@0"


class Bid(NamedTuple):
    """What one county answers to prices: nothing of its parcels or roads leaves it."""

    demand: Grams
    cost: float  # without what it paid for the lanes
    bound: float  # the lanes' price included
    seconds: float
    memory_mb: float
    parcels: int
    late: int
    unserved: int


def sizes(counties: int = COUNTIES) -> list[int]:
    """Parcels of a wave by county: two in ninety have ten thousand, seven some thousands, the others 500 to 3,000, mostly few."""
    rng = random.Random(SEED)
    large, middle = max(1, counties // 45), counties // 12
    drawn = [10_000] * large + [rng.randrange(3500, 6000, 100) for _ in range(middle)]
    return drawn + [500 + int(2500 * rng.random() ** 3) for _ in range(counties - len(drawn))]


def main(_: Path, counties: int = COUNTIES) -> str:
    parcels = sizes(counties)
    begun = time.monotonic()
    with ProcessPoolExecutor(WORKERS) as workers:

        def ask(how: Callable[[Instance], Plan], prices: Grams, shares: list[Grams] | None = None) -> tuple[list[Bid], float]:
            at = time.monotonic()
            terms = shares or [{} for _ in parcels]
            return list(workers.map(partial(_answer, how, prices), range(counties), parcels, terms)), time.monotonic() - at

        prices: Grams = {}
        quick, quick_s = ask(first_come, prices)
        lanes = sorted({lane for bid in quick for lane, grams in bid.demand.items() if grams > 0})
        wanted = [{lane: bid.demand.get(lane, 0.0) for lane in lanes} for bid in quick]
        room = {lane: int(TIGHT * sum(bid.demand.get(lane, 0.0) for bid in quick)) for lane in lanes}
        prices = next_prices(_sum(quick, lanes), room, dict.fromkeys(lanes, 0.0), step_of(1))
        history = [(prices, _sum(quick, lanes))]
        for n in range(2, ROUNDS):
            quick, seconds = ask(first_come, prices)
            quick_s += seconds
            _mean(wanted, quick, lanes, n)
            history.append((prices, _sum(quick, lanes)))
            prices = next_prices(_sum(quick, lanes), room, prices, step_of(n))
        full, full_s = ask(_in_full, prices)
        _mean(wanted, full, lanes, ROUNDS)
        history.append((prices, _sum(full, lanes)))
        shares = {lane: allot(room[lane], {}, {n: w[lane] for n, w in enumerate(wanted)}) for lane in lanes}
        plans, plan_s = ask(_in_full, prices, [{lane: float(shares[lane][n]) for lane in lanes} for n in range(counties)])
    return _told(plans, full, history, room, prices, (quick_s, full_s, plan_s, time.monotonic() - begun))


def _in_full(instance: Instance) -> Plan:
    return solve(instance, seconds=SECONDS)


def _answer(how: Callable[[Instance], Plan], prices: Mapping[str, float], seed: int, parcels: int, shares: Mapping[str, float]) -> Bid:
    """One county's task: read, put the lanes' terms on its trunks, plan, say what it takes of each lane."""
    own = _tariff(parse_instance(county(1000 + seed, parcels)), seed)
    lanes = {t.id: lane for t in own.trunks if (lane := _lane(t))}
    instance = replace(own, trunks=tuple(_on_terms(t, lanes.get(t.id, ""), prices, shares) for t in own.trunks))
    plan = how(instance)
    weight, demand = {p.id: p.g for p in own.parcels}, dict.fromkeys(lanes.values(), 0.0)
    for placed in plan.parcels:
        if placed.trunk in lanes:
            demand[lanes[placed.trunk]] += weight[placed.id]
    paid = sum(prices.get(lane, 0.0) * grams / 1000 for lane, grams in demand.items())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Bid(demand, plan.cost_fen - paid, plan.bound_fen, plan.seconds, memory, parcels, plan.late, plan.unserved)


def _tariff(instance: Instance, seed: int) -> Instance:
    """A county's own prices for its trunks: the province's hubs are nearer to one than to another."""
    rng, trunks = random.Random(seed), []
    dearer: dict[str, float] = {}
    for trunk in instance.trunks:
        factor = dearer.setdefault(trunk.id.partition("-")[2], rng.uniform(0.6, 1.4))
        zones = {name: replace(z, base_fen=z.base_fen * factor, per_kg_fen=z.per_kg_fen * factor) for name, z in trunk.zones.items()}
        trunks.append(replace(trunk, zones=zones))
    return replace(instance, trunks=tuple(trunks))


def _lane(trunk: Trunk) -> str | None:
    day, number = trunk.id.removeprefix("k").split("-")
    return f"{LANES[int(number)]}@{day}" if int(number) in LANES else None


def _on_terms(trunk: Trunk, lane: str, prices: Mapping[str, float], shares: Mapping[str, float]) -> Trunk:
    price = prices.get(lane, 0.0)
    zones = {name: replace(zone, per_kg_fen=zone.per_kg_fen + price) for name, zone in trunk.zones.items()}
    return replace(trunk, zones=zones, cap_g=min(trunk.cap_g, shares.get(lane, trunk.cap_g)))


def _sum(bids: list[Bid], lanes: list[str]) -> Grams:
    return {lane: sum(bid.demand.get(lane, 0.0) for bid in bids) for lane in lanes}


def _mean(wanted: list[Grams], bids: list[Bid], lanes: list[str], round_: int) -> None:
    for mine, bid in zip(wanted, bids, strict=True):
        for lane in lanes:
            mine[lane] = mean_demand(mine[lane], bid.demand.get(lane, 0.0), round_)


def _told(
    plans: list[Bid], full: list[Bid], history: list[tuple[Grams, Grams]], room: dict[str, int], prices: Grams, took: tuple[float, ...]
) -> str:
    lanes = sorted(room)
    sent = _sum(plans, lanes)
    assert all(sent[lane] <= room[lane] + 1e-3 for lane in lanes), "no lane is overbooked"
    cost = sum(p.cost for p in plans)
    # the prices' own bound on all counties together: what they pay at least, less what the lanes' room would earn
    bound = sum(b.bound for b in full) - sum(prices[lane] * room[lane] / 1000 for lane in lanes)
    seconds = sorted(p.seconds for p in plans)
    cuts = quantiles(seconds, n=20)
    quick_s, full_s, plan_s, whole = took
    of_each = [p.parcels for p in plans]
    total = sum(of_each)
    figures = table(["", ""], [
        ["counties, parcels of the wave", f"{len(plans)}, {total:,} ({min(of_each):,} to {max(of_each):,})"],
        ["plans of all counties, two processes", f"{plan_s:.0f} s ({sum(seconds):.0f} s of solving, {total / plan_s:.0f} parcels/s)"],
        ["a county: p50, p95, longest", f"{cuts[9]:.1f} s, {cuts[18]:.1f} s, {seconds[-1]:.1f} s"],
        [f"prices: {ROUNDS - 1} quick rounds, one in full", f"{quick_s:.0f} s, {full_s:.0f} s"],
        ["all together, with making the counties up", f"{whole:.0f} s"],
        ["memory of a process at its most", f"{max(p.memory_mb for p in plans):.0f} MB"],
        ["all plans above the bound of all counties together", f"{cost / bound - 1:.2%}"],
        ["late, without a road", f"{sum(p.late for p in plans):,}, {sum(p.unserved for p in plans):,}"],
    ])  # fmt: skip
    shown = [lane for lane in lanes if lane.endswith("@0")]
    rounds = table(
        ["round", *(f"{lane.partition('@')[0]}: fen/kg, wanted of its room" for lane in shown)],
        [
            [str(n), *(f"{at[lane]:.0f}, {want[lane] / room[lane]:.0%}" for lane in shown)]
            for n, (at, want) in enumerate(_priced(history), 1)
        ]
        + [["plans", *(f"{prices[lane]:.0f}, {sent[lane] / room[lane]:.0%}" for lane in shown)]],
    )
    return f"{figures}\n\nThe first day's lanes:\n\n{rounds}"


def _priced(history: list[tuple[Grams, Grams]]) -> list[tuple[Grams, Grams]]:
    """Each round's answers with the prices they answered to; the first round is free."""
    free = dict.fromkeys(history[0][0], 0.0)
    return [(free, history[0][1]), *history[1:]]
