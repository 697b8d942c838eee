"""A few parcels placed anew at once, inside the process that asks: what a disruption needs while somebody looks on.

Each keeps the road it has where that is still legal and nothing cheaper is left, else takes its cheapest road on the room that is
left, the scarcest first (fulfillment.batching.assign). No relaxation is solved: for some dozens of parcels among thousands that
stay it gains next to nothing, and a process that loads the solver takes longer to start than the whole repair. What is left to
gain is looked for afterwards in the background (fulfillment.disruptions.better).
"""

from collections.abc import Mapping
from dataclasses import replace

from .answer import Plan, PlannedLeg
from .assign import place_in_order, regrets, scarce_first_order
from .bound import bound_alone, roads_alone
from .cost import Leg, Road, arrival_by, is_late
from .deadline import Deadline
from .instance import EPS, Instance, Parcel, stops_called
from .prices import Prices
from .pricing import Pricing
from .targets import Problem, build_problem
from .told import tell_plan

Standing = Mapping[str, tuple[tuple[PlannedLeg, ...], str | None]]  # by parcel: the legs beyond its fixed ones, and its trunk


def repair(instance: Instance, before: Standing | None = None, *, seconds: float = 5.0) -> Plan:
    """A legal plan of every parcel that is not a fixed passenger (`#…`, never moved); `before` are the roads they have.

    After `seconds` those not looked at yet stay without a road: the caller says so, and the background finds them one.
    """
    deadline = Deadline(seconds)
    problem = build_problem(instance)
    pricing = Pricing(problem)
    alone = roads_alone(pricing)
    wishes = _prefer(problem, alone, before or {})
    assignment = place_in_order(problem, scarce_first_order(problem, regrets(pricing)), wishes, deadline)
    return tell_plan(assignment, alone, bound_alone(problem, alone), Prices(), deadline)


def _prefer(problem: Problem, alone: list[Road | None], before: Standing) -> list[Road | None]:
    """The best road of each alone; of equally cheap ones the road it has."""
    wishes = list(alone)
    for i, (parcel, best) in enumerate(zip(problem.instance.parcels, alone, strict=True)):
        if best is not None and parcel.id in before and (old := road_as_planned(problem, parcel, *before[parcel.id])):
            wishes[i] = old if old.cost <= best.cost + EPS else best
    return wishes


def road_as_planned(problem: Problem, parcel: Parcel, legs: tuple[PlannedLeg, ...], trunk: str | None) -> Road | None:
    """The road these legs and this trunk are, if the parcel may still take it; room is not asked for."""
    network, start = problem.network, problem.start(parcel)
    node, place, spent, since = start.node, start.place, start.spent, start.since
    chosen: list[Leg] = []
    for leg in legs:
        d = network.departure_of.get(leg.departure)
        if d is None or parcel.tier not in problem.instance.departures[d].tiers or leg.departure in parcel.forbid:
            return None
        ends = [stops_called(problem.instance.departures[d], label) for label in (leg.board, leg.alight)]
        if not all(ends):
            return None
        board, alight = (network.first[d] + end[0] for end in ends)
        if board >= alight or network.node[board] != node or board not in network.row[place : network.row_start[node + 1]]:
            return None
        chosen.append((board, alight))
        spent += problem.instance.departures[d].fee_fen + problem.instance.handover_fee_fen
        node, place, since = network.node[alight], network.after[alight], network.arr[alight]
    if len(chosen) > start.legs:
        return None
    for goal in problem.goals(parcel):
        if (None if goal.trunk is None else problem.instance.trunks[goal.trunk].id) == trunk:
            cost = spent + problem.ending(parcel, goal, node, since)
            arrives = since if goal.trunk is None else arrival_by(problem.instance.trunks[goal.trunk], parcel.zone or "")
            return Road((*start.fixed, *chosen), goal.trunk, arrives, cost, len(start.fixed)) if cost < float("inf") else None
    return None


def cost_of(instance: Instance, before: Standing) -> tuple[float, int, int]:
    """What the roads parcels have now cost in the model, how many are late and how many have none that can still be made.

    Only departures that somebody rides are looked at: what else runs costs nothing.
    """
    ridden = {leg.departure for legs, _ in before.values() for leg in legs} | {f.departure for p in instance.parcels for f in p.fixed_legs}
    problem = build_problem(replace(instance, departures=tuple(d for d in instance.departures if d.id in ridden)))
    total, late, without = 0.0, 0, 0
    for parcel in instance.parcels:
        road = road_as_planned(problem, parcel, *before.get(parcel.id, ((), None)))
        total += instance.unserved_fen if road is None else road.cost
        late += road is not None and is_late(parcel, road.arrives)
        without += road is None
    return total, late, without
