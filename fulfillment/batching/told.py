"""From an assignment to the plan that is handed over: every parcel's legs by name, or the reason why it has none."""

from .answer import Plan, PlannedLeg, PlannedParcel
from .assignment import Assignment
from .cost import Road, is_late
from .deadline import Deadline
from .instance import Parcel, stop_label
from .prices import Prices
from .reasons import Reasons
from .targets import Problem
from .worth import worth_of

OPTIMAL_GAP = 1e-4


def tell_plan(assignment: Assignment, alone: list[Road | None], bound: float, prices: Prices, deadline: Deadline) -> Plan:
    """alone: as `bound.roads_alone`, what reasons are told from; bound: a lower bound of the cost."""
    problem = assignment.problem
    parcels = problem.instance.parcels
    cost = assignment.total()
    bound = min(bound, cost)  # equal but for the order of summing
    gap = _gap(cost, bound)
    reasons = Reasons(problem)
    return Plan(
        status="empty" if not parcels else "optimal" if gap <= OPTIMAL_GAP else "feasible",
        cost_fen=cost,
        bound_fen=bound,
        gap=gap,
        late=sum(r is not None and is_late(p, r.arrives) for p, r in zip(parcels, assignment.roads, strict=True)),
        unserved=sum(r is None for r in assignment.roads),
        worth=worth_of(problem, prices),
        parcels=tuple(
            PlannedParcel(p.id, reason=reasons.why(p, alone[i])) if road is None else _planned(problem, p, road)
            for i, (p, road) in enumerate(zip(parcels, assignment.roads, strict=True))
        ),
        seconds=deadline.taken,
    )


def _gap(cost: float, bound: float) -> float:
    """cost / bound - 1; a plan that costs something where nothing is proven counts as one whole above."""
    if bound > 0:
        return cost / bound - 1
    return 0.0 if cost <= 0 else 1.0


def _planned(problem: Problem, parcel: Parcel, road: Road) -> PlannedParcel:
    network, legs = problem.network, []
    for board, alight in road.legs:
        d = network.departure[board]
        trip = problem.instance.departures[d]
        legs.append(PlannedLeg(trip.id, stop_label(trip, network.stop(d, board)), stop_label(trip, network.stop(d, alight))))
    trunk = None if road.trunk is None else problem.instance.trunks[road.trunk].id
    return PlannedParcel(parcel.id, tuple(legs), trunk, parcel.to, road.arrives)
