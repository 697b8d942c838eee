"""Plan one instance: roads alone, first placing, column generation, rounding, exchanges, answer.

This is the one entry to the planner, for files, for the database path and for child processes alike.
"""

import math
import sys
from pathlib import Path

from .answer import Plan, Worth, write_answer
from .assign import first_come_order, place_in_order, regrets, scarce_first_order
from .assignment import Assignment
from .bound import bound_alone, roads_alone
from .choices import find_choices
from .cost import Road
from .deadline import Deadline
from .detours import round_each, with_detours
from .exchange import CLEAR_GAP, ROUND_GAINS, SMALL, exchange
from .generation import Relaxation, relax
from .instance import Instance, InstanceError
from .network import Floats
from .prices import Prices
from .pricing import Pricing
from .reading import read_instance
from .rounding import round_up
from .standing import Standing, Unavoidable
from .targets import build_problem
from .told import OPTIMAL_GAP, tell_plan
from .whole_parcels import lost_by_whole_parcels
from .worth import prices_from

# How long later steps take, as parts of the time until every parcel has its road alone: how fast the machine is shows in that.
_CHOOSING = 0.45  # detours, choices and rounding
_TELLING = 0.35  # what telling the plan takes, and a last step that overruns


def solve(instance: Instance, *, seconds: float = 30.0, worth: tuple[Worth, ...] = ()) -> Plan:
    """A legal plan that accounts for every parcel once, with a valid lower bound; the best found within `seconds`.

    worth: that of an earlier plan on like departures, where the search for prices then begins.
    The same instance gives the same plan, unless time runs out before the search has ended.
    """
    deadline = Deadline(seconds)
    problem = build_problem(instance)
    pricing = Pricing(problem)
    alone = roads_alone(pricing)
    step = deadline.taken
    deadline.put_aside(_TELLING * step)
    lost = regrets(pricing)
    assignment = place_in_order(problem, scarce_first_order(problem, lost), alone, deadline)
    bound, prices = bound_alone(problem, alone), Prices()
    if assignment.total() > bound * (1 + OPTIMAL_GAP) and not deadline():
        relaxation = relax(pricing, alone, assignment.roads, deadline, prices_from(problem, worth))
        bound, prices = max(bound, relaxation.bound), relaxation.prices
        if deadline.left > _CHOOSING * step:
            known = with_detours(pricing, alone, relaxation.known, assignment, deadline)
            assignment, bound = _search(pricing, relaxation, known, assignment, lost, bound, deadline)
    return tell_plan(assignment, alone, bound, prices, deadline)


def _search(
    pricing: Pricing, relaxation: Relaxation, known: list[list[Road]], first: Assignment, lost: Floats, bound: float, deadline: Deadline
) -> tuple[Assignment, float]:
    """The best assignment found from a relaxation and roads known, and the best bound; `first` is legal already."""
    problem, prices = pricing.problem, relaxation.prices
    begun = deadline.taken
    choices = find_choices(pricing, known, prices)
    choosing = deadline.taken - begun
    assignment = min(round_up(problem, relaxation, choices, lost, deadline), first, key=Assignment.total)
    unavoidable: list[Unavoidable] = []
    if assignment.total() > bound * (1 + OPTIMAL_GAP):
        unavoidable = lost_by_whole_parcels(pricing, relaxation, Standing(assignment, choices, prices), deadline)
        bound = max(bound, relaxation.at_prices + math.fsum(fen for _, fen in unavoidable))
    crowded = exchange(assignment, choices, prices, bound, deadline, unavoidable=unavoidable)
    while assignment.total() > bound * (1 + CLEAR_GAP) and deadline.left > choosing:
        before = assignment.total()
        known = round_each(pricing, choices, known, crowded, prices, lambda: deadline.left <= choosing)
        choices = find_choices(pricing, known, prices)
        crowded = exchange(assignment, choices, prices, bound, deadline, unavoidable=unavoidable, largest=SMALL)
        if before - assignment.total() < ROUND_GAINS * before:
            break
    return assignment, bound


def first_come(instance: Instance) -> Plan:
    """The yardstick: first come, first served, no second thoughts."""
    deadline = Deadline(math.inf)
    problem = build_problem(instance)
    alone = roads_alone(Pricing(problem))
    assignment = place_in_order(problem, first_come_order(problem), alone, deadline)
    return tell_plan(assignment, alone, bound_alone(problem, alone), Prices(), deadline)


def plan_instance(instance_path: Path | str, out_path: Path | str, seconds: float = 30.0) -> int:
    """`jishi plan --instance F --out P`: exit code 0, or 2 with a message and nothing written."""
    try:
        plan = solve(read_instance(instance_path), seconds=seconds)
        write_answer(out_path, plan)
    except InstanceError as error:
        print(f"jishi plan: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"jishi plan: {out_path}: cannot be written: {error.strerror or error}", file=sys.stderr)
        return 2
    print(
        f"{plan.status}: {len(plan.parcels)} parcels, cost {plan.cost_fen:.0f} fen, bound {plan.bound_fen:.0f} fen, "
        f"gap {plan.gap:.3%}, {plan.late} late, {plan.unserved} unserved, {plan.seconds:.1f} s"
    )
    return 0
