"""How good and how fast the planner is: `python -m bench.planner [parcels …]`, printed as a Markdown table."""

import sys
import time

from bench.planner_instances import county
from fulfillment.batching.answer import Plan
from fulfillment.batching.reading import parse_instance
from fulfillment.batching.solve import first_come, solve
from fulfillment.batching.targets import build_problem

TIERS = ("ambient", "chilled", "frozen")


def main(sizes: list[int]) -> None:
    _scan()
    print("| parcels | boxes | seed | first come | s | planner | s | late | unserved |\n|---|---|---|---|---|---|---|---|---|")
    for size in sizes:
        for boxes in (False, True):
            for seed in (1, 2):
                instance = parse_instance(county(seed, size, boxes=boxes))
                naive, plan = first_come(instance), solve(instance, seconds=60)
                case = f"{size:,} | {'whole' if boxes else 'none'} | {seed}"
                print(f"| {case} | {_row(naive)} | {_row(plan)} | {plan.late} | {plan.unserved} |", flush=True)


def _row(plan: Plan) -> str:
    return f"{plan.gap:.2%} | {plan.seconds:.1f}"


def _scan() -> None:
    problem = build_problem(parse_instance(county(1, 0)))
    begun = time.perf_counter()
    columns = sum(problem.outbound(tier).terminal.shape[1] for tier in TIERS)
    seconds = time.perf_counter() - begun
    print(f"scan of {columns} classes over {problem.network.events:,} stop events: {seconds * 1000:.0f} ms\n")


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [2_000, 10_000])
