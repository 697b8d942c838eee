"""Which means carries what, and why not another: 宜客则客、宜邮则邮、宜货则货, said for every line of a plan.

A line's parcels are those that board it first. What the next best means would have cost is found by asking the planner's own search
once more with every departure of the chosen means forbidden: on the room the plan leaves, and on an empty county, so that
"dearer" and "full" are told apart. Of a line a few parcels are asked for, the lightest, the middle and the heaviest.
"""

from collections import defaultdict
from dataclasses import replace
from typing import NamedTuple

from .answer import Plan, PlannedLeg, PlannedParcel
from .cost import Leg, Road, arrival_fen, is_late, trunk_fen
from .instance import EPS, Instance, Parcel, stops_called
from .load import Load, empty_load
from .network import Network
from .search import find_road
from .targets import Problem, build_problem

MEANS = {
    "bus": "passenger", "coach": "passenger", "loop": "passenger", "mail": "post", "postman": "post", "freight": "freight",
    "ferry": "ferry", "courier": "courier", "private": "courier", "drone": "courier",
}  # fmt: skip
"""The means a mode belongs to; a mode that is not known stands for itself."""

REASONS = ("only", "cold", "full", "in_time", "cheaper", "same")
ASKED = 3  # parcels of a line


class LineMeans(NamedTuple):
    """What one line took of a plan. `fen` is the model's cost of a parcel's whole road on average; `next_fen` what it would be
    by the next best means, None where there is none; `reason` one of REASONS."""

    line: str
    means: str
    parcels: int
    fen: float
    next_means: str | None
    next_fen: float | None
    reason: str


class _Asked(NamedTuple):
    fen: float
    other: Road | None
    next_means: str | None
    reason: str


def means_of(instance: Instance, plan: Plan) -> list[LineMeans]:
    """A row for each line that some planned parcel boards first, those with most parcels first. Nothing is changed."""
    problem = build_problem(instance)
    parcels = {p.id: p for p in instance.parcels}
    load = empty_load(instance, problem.network)
    by_line: dict[str, list[tuple[Parcel, PlannedParcel]]] = defaultdict(list)
    for planned in plan.parcels:
        parcel = parcels[planned.id]
        if planned.reason is None:
            load.add_planned(parcel, planned)
            if planned.legs and not parcel.fixed_legs:
                first = problem.network.departure_of[planned.legs[0].departure]
                by_line[instance.departures[first].line].append((parcel, planned))
    rows = [_row(problem, load, line, carried) for line, carried in by_line.items()]
    return sorted(rows, key=lambda row: (-row.parcels, row.line))


def _row(problem: Problem, load: Load, line: str, carried: list[tuple[Parcel, PlannedParcel]]) -> LineMeans:
    means = _means(problem, problem.network.departure_of[carried[0][1].legs[0].departure])
    spent = [_fen(problem.instance, problem.network, *each) for each in carried]
    others = frozenset(d.id for d in problem.instance.departures if MEANS.get(d.mode, d.mode) == means)
    carried.sort(key=lambda each: (each[0].g, each[0].id))
    some = {n: carried[n] for n in {0, len(carried) // 2, len(carried) - 1}}
    asked = [_ask(problem, load, parcel, planned, others) for parcel, planned in some.values()]
    reason = min((a.reason for a in asked), key=REASONS.index)
    ways = [a for a in asked if a.other is not None]
    dearer = [a.other.cost - a.fen for a in asked if a.other is not None]
    fen = sum(spent) / len(spent)
    telling = next((a for a in asked if a.reason == reason and a.next_means), ways[0] if ways else None)
    next_means = telling.next_means if telling else None
    return LineMeans(line, means, len(carried), fen, next_means, fen + sum(dearer) / len(dearer) if dearer else None, reason)


def _ask(problem: Problem, load: Load, parcel: Parcel, planned: PlannedParcel, others: frozenset[str]) -> _Asked:
    """The best road of one parcel without these departures, and why it was not taken."""
    fen = _fen(problem.instance, problem.network, parcel, planned)
    without = replace(parcel, forbid=parcel.forbid | others, pin=frozenset())
    empty = find_road(problem, without)
    if empty is None:
        warm = parcel.tier != "ambient" and find_road(problem, replace(without, tier="ambient")) is not None
        return _Asked(fen, None, None, "cold" if warm else "only")
    _lift(problem, load, parcel, planned, -1)
    other = find_road(problem, without, load)
    _lift(problem, load, parcel, planned, 1)
    if other is None or empty.cost <= fen + EPS < other.cost:
        return _Asked(fen, other, _first_means(problem, empty), "full")
    late = is_late(parcel, other.arrives) and not is_late(parcel, planned.arrives or 0.0)
    reason = "in_time" if late else "cheaper" if other.cost > fen + EPS else "same"
    return _Asked(fen, other, _first_means(problem, other), reason)


def _lift(problem: Problem, load: Load, parcel: Parcel, planned: PlannedParcel, sign: int) -> None:
    """Take a parcel of the plan off (-1), or put it back (1)."""
    for leg in planned.legs:
        load.take_leg(parcel, _events(problem, leg), sign)
    if planned.trunk is not None:
        load.trunk_g[problem.network.trunk_of[planned.trunk]] -= sign * parcel.g


def _events(problem: Problem, leg: PlannedLeg) -> Leg:
    d = problem.network.departure_of[leg.departure]
    board, alight = (stops_called(problem.instance.departures[d], label)[0] for label in (leg.board, leg.alight))
    return problem.network.first[d] + board, problem.network.first[d] + alight


def _fen(instance: Instance, network: Network, parcel: Parcel, planned: PlannedParcel) -> float:
    """What the plan's road of a parcel costs in the model."""
    rides = (instance.departures[network.departure_of[leg.departure]] for leg in planned.legs)
    spent = sum(ride.fee_fen + instance.handover_fee_fen for ride in rides)
    if planned.trunk is not None:
        return spent + trunk_fen(instance, parcel, instance.trunks[network.trunk_of[planned.trunk]])
    return spent + arrival_fen(instance, parcel, planned.arrives or 0.0)


def _means(problem: Problem, departure: int) -> str:
    mode = problem.instance.departures[departure].mode
    return MEANS.get(mode, mode)


def _first_means(problem: Problem, road: Road) -> str | None:
    return _means(problem, problem.network.departure[road.legs[0][0]]) if road.legs else None
