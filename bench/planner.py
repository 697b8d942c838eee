"""How good and how fast the planner is: `python -m bench.planner [parcels …]`, printed as a Markdown table.

A plan is stopped at its bar, so its seconds hold where its gap does. It is made as the product makes it, in a process of its own;
the peak is the largest of these so far.
"""

import math
import resource
import sys
import time

from bench.planner_instances import county
from fulfillment.batching.answer import Plan
from fulfillment.batching.child import solve_apart
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import first_come
from fulfillment.batching.targets import build_problem

TIERS = ("ambient", "chilled", "frozen")
SEEDS = (1, 2, 3)
# Seconds, gap without boxes, gap with. Of 2,000 parcels in a second the gap is whatever a second gives.
BARS = {2_000: (1.0, math.inf, math.inf), 10_000: (15.0, 0.0005, 0.0025), 50_000: (120.0, 0.003, 0.003)}
EASY = (30.0, 0.0005, 0.0025)


def main(sizes: list[int]) -> None:
    _scan()
    print(
        "A gap is what the plan costs above what any plan must: parcels whole, boxes as shares "
        "(fulfillment/batching/generation.py and whole_parcels.py prove it).\n"
    )
    print("| parcels | boxes | seed | first come | s | planner | s | bar | holds | late | unserved | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for size in sizes:
        seconds, *gaps = BARS.get(size, EASY)
        for boxes, gap in zip((False, True), gaps, strict=True):
            for seed in SEEDS if size < 50_000 else SEEDS[:1]:
                file = county(seed, size, boxes=boxes)
                naive, plan = first_come(parse_instance(file)), solve_apart(parse_instance(file), seconds=seconds)
                case = f"{size:,} | {'whole' if boxes else 'none'} | {seed}"
                bar = f"{seconds:.0f} s" if gap == math.inf else f"≤ {gap:.2%}, {seconds:.0f} s"
                holds = "yes" if plan.gap <= gap and round(plan.seconds, 1) <= seconds else "**no**"
                peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
                print(f"| {case} | {_row(naive)} | {_row(plan)} | {bar} | {holds} | {plan.late} | {plan.unserved} | {peak} |", flush=True)


def _row(plan: Plan) -> str:
    return f"{plan.gap:.3%} | {plan.seconds:.1f}"


def _scan() -> None:
    problem = build_problem(parse_instance(county(1, 0)))
    begun = time.perf_counter()
    columns = sum(problem.outbound(tier).terminal.shape[1] for tier in TIERS)
    seconds = time.perf_counter() - begun
    print(f"scan of {columns} classes over {problem.network.events:,} stop events: {seconds * 1000:.0f} ms\n")


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [2_000, 10_000, 50_000])
