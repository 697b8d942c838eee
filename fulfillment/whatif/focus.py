"""A day on which only some parcels are planned anew: all others ride as the day's plan has them, and take up what they take up. Pure.

What a change does to a busy day is found on the parcels it touches: those that ride a changed run, those it was read off, those sent from
where it calls that are late or left, and all that are sent from there where room or a run is added. Unless the day's plan is known to be
the best, the small problem is solved on both timetables, so that nothing is put down to the change that a longer search would have found
without it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from math import inf

from fulfillment.batching.answer import Plan
from fulfillment.batching.cost import arrival_fen, is_late, trunk_fen
from fulfillment.batching.instance import Departure, FixedLeg, Instance, Parcel, stops_called

from .candidates import Candidate
from .changes import AddRun, ChangeBay, CloseNode, OpenNode, run_of
from .month import Solved


def touched(base: Solved, made: Sequence[Candidate]) -> set[str]:
    """The parcels of a day that these changes touch, by id."""
    found = {parcel for each in made for number, parcel in each.seen_by if number == base.number}
    origins, dues = ({p.id: getattr(p, name) for p in base.instance.parcels} for name in ("origin", "due"))
    in_trouble = {p.id for p in base.plan.parcels if p.arrives is None or p.arrives > dues[p.id]}
    for each in made:
        if isinstance(each.change, CloseNode | OpenNode):  # nobody proposes these: they change what is sent, not only how
            return {p.id for p in base.instance.parcels}
        runs = {d.id: d for d in base.instance.departures if is_of(d, each.change.run)}
        found |= {p.id for p in base.plan.parcels if any(leg.departure in runs for leg in p.legs)}
        called = {stop.node for d in runs.values() for stop in d.stops[:-1]}
        helped = origins if isinstance(each.change, AddRun | ChangeBay) else in_trouble
        found |= {parcel for parcel in helped if origins[parcel] in called}
    return found


def is_of(departure: Departure, run: str) -> bool:
    """Whether a change to `run` means this departure: `run` is its own id, its run or its line."""
    return run in (departure.id, departure.line, run_of(departure.id))


def focused(day: Instance, plan: Plan, free: Collection[str]) -> Instance:
    """The day with the `free` parcels to be planned; the others as fixed passengers, one per leg and tier, and off their trunks' room.

    day: the plan's own, or a changed one whose changed runs only `free` parcels ride.
    """
    by_id, departures = {p.id: p for p in day.parcels}, {d.id: d for d in day.departures}
    aboard: dict[tuple[FixedLeg, str], list[Parcel]] = defaultdict(list)
    sent: dict[str, float] = defaultdict(float)
    for answer in plan.parcels:
        if answer.id in free:
            continue
        parcel = by_id[answer.id]
        for leg in answer.legs:
            d = departures[leg.departure]
            on, off = (stops_called(d, label)[0] for label in (leg.board, leg.alight))
            aboard[FixedLeg(d.id, on, off), parcel.tier].append(parcel)
        if answer.trunk is not None:
            sent[answer.trunk] += parcel.g
    passengers = [_passenger(n, departures[leg.departure], leg, tier, them) for n, ((leg, tier), them) in enumerate(aboard.items())]
    trunks = tuple(replace(t, cap_g=max(0, t.cap_g - sent[t.id])) for t in day.trunks)
    return replace(day, parcels=(*passengers, *(p for p in day.parcels if p.id in free)), trunks=trunks)


def as_planned(base: Solved, free: Collection[str]) -> Plan:
    """The plan of `focused` on the present timetable as the day's plan has it, unsolved: its cost is exact, its bound that of the day."""
    day, plan = base.instance, base.plan
    small = focused(day, plan, free)
    departures, trunks = {d.id: d for d in day.departures}, {t.id: t for t in day.trunks}
    answers = {p.id: p for p in plan.parcels}

    def fares(legs: Iterable[str]) -> float:
        return sum(departures[leg].fee_fen + day.handover_fee_fen for leg in legs)

    def cost(parcel: Parcel) -> float:
        if parcel.fixed_legs:
            return fares(leg.departure for leg in parcel.fixed_legs)
        answer = answers[parcel.id]
        if answer.arrives is None:
            return day.unserved_fen
        rest = arrival_fen(day, parcel, answer.arrives) if answer.trunk is None else trunk_fen(day, parcel, trunks[answer.trunk])
        return fares(leg.departure for leg in answer.legs) + rest

    in_all = sum(cost(parcel) for parcel in small.parcels)
    late = sum(is_late(p, arrives) for p in small.parcels if not p.fixed_legs and (arrives := answers[p.id].arrives) is not None)
    left = sum(answers[p.id].arrives is None for p in small.parcels if not p.fixed_legs)
    return replace(plan, parcels=(), cost_fen=in_all, bound_fen=in_all - plan.cost_fen + plan.bound_fen, late=late, unserved=left)


def _passenger(n: int, departure: Departure, leg: FixedLeg, tier: str, them: Sequence[Parcel]) -> Parcel:
    board, alight = departure.stops[leg.board], departure.stops[leg.alight]
    return Parcel(
        id=f"#{n}", origin=board.node, ready=board.dep, zone=None, to=alight.node, tier=tier, g=sum(p.g for p in them),
        ml=sum(p.ml for p in them), box_milli=sum(p.box_milli for p in them), due=inf, hold_fen_per_h=0, fixed_legs=(leg,),
    )  # fmt: skip
