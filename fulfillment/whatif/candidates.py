"""Which changes may be worth trying: five kinds, each read off a month's plans and shadow prices, each with a rough worth. Pure.

A shift is offered for every so many minutes that somebody missed a run or a trunk by, with all who missed it by that or less.

The rough worth only says what to try first; what a change is worth is found by solving (fulfillment.whatif.propose).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fulfillment.batching.answer import PlannedParcel
from fulfillment.batching.instance import Departure, Instance, Parcel, Trunk, stops_called
from fulfillment.batching.network import change_min

from .changes import AddRun, Bay, Change, ChangeBay, DropRun, ExtraStop, ShiftRun, run_of
from .month import TIMES_A_MONTH, Month, Solved, present_run
from .roadtimes import RoadTimes
from .running import full_fen
from .worth import worth_by_departure

MORE_BOXES = 2  # a bay is made larger by
LEAST_SHIFT, MOST_SHIFT, STEP = 10, 30, 5  # minutes
MOST_DETOUR_MIN = 15
FEW_RIDERS = 2.0  # a day: a run made for goods with no more may be dropped


class Candidate(NamedTuple):
    """`seen` is what it was read off, a month: parcels (of a full bay: fen a box more is worth); `rough_fen` a month, to screen by.

    `days` are the days, by their place in the month, on which anything was seen of it, `seen_by` on which of whom: (day, parcel).
    """

    change: Change
    why: str  # full | empty | few | missed_trunk | missed_run | missed_link | handover | left
    seen: float
    rough_fen: float
    days: frozenset[int] = frozenset()
    seen_by: frozenset[tuple[int, str]] = frozenset()


def candidates(month: Month, solved: Sequence[Solved]) -> list[Candidate]:
    """No change twice, the kinds in turn, each with its roughly best first."""
    found: dict[Change, Candidate] = {}
    for each in (
        *_larger_bays(month, solved), *_idle_runs(month, solved), *_shifts(month, solved), *_extra_stops(month, solved),
        *_extra_runs(month, solved),
    ):  # fmt: skip
        if each.change not in found or each.rough_fen > found[each.change].rough_fen:
            found[each.change] = each
    return _in_turn(sorted((c for c in found.values() if c.rough_fen > 0), key=lambda c: (-c.rough_fen, repr(c.change))))


def _in_turn(ordered: list[Candidate]) -> list[Candidate]:
    """The best of each kind, then the second of each, and so on: time may end before all are tried."""
    places: Counter[type[Change]] = Counter()
    ranked: list[tuple[int, int, Candidate]] = []
    for each in ordered:
        ranked.append((places[type(each.change)], len(ranked), each))
        places[type(each.change)] += 1
    return [each for _, _, each in sorted(ranked, key=lambda r: r[:2])]


def _larger_bays(month: Month, solved: Sequence[Solved]) -> Iterator[Candidate]:
    """Where the shadow prices say that a box more is worth more than it costs."""
    worth: dict[str, float] = defaultdict(float)
    days: dict[str, set[int]] = defaultdict(set)
    for day in solved:
        for departure, fen in worth_by_departure(day.prices, month.box).items():
            worth[run_of(departure)] += fen * TIMES_A_MONTH
            days[run_of(departure)].add(day.number)
    for run, fen in worth.items():
        if (known := present_run(month.days, run)) is not None:
            cap = known.cap
            bay = Bay(
                round(cap.g) + MORE_BOXES * month.box.g, round(cap.ml) + MORE_BOXES * month.box.ml,
                None if cap.boxes is None else cap.boxes + MORE_BOXES,
            )  # fmt: skip
            cost = month.rules.per_box_fen * MORE_BOXES * _days_run(month, run) * TIMES_A_MONTH
            yield Candidate(ChangeBay(run, bay), "full", fen, MORE_BOXES * fen - cost, frozenset(days[run]))


def _days_run(month: Month, run: str) -> int:
    return sum(any(run_of(d.id) == run and d.stops[0].arr < 1440 for d in day.departures) for day in month.days)


def _riders(solved: Sequence[Solved]) -> dict[str, float]:
    """Parcels by run, a month."""
    riders: dict[str, float] = defaultdict(float)
    for day in solved:
        for answer in day.plan.parcels:
            for run in {run_of(leg.departure) for leg in answer.legs}:
                riders[run] += TIMES_A_MONTH
    return riders


def _idle_runs(month: Month, solved: Sequence[Solved]) -> Iterator[Candidate]:
    """Runs made for goods that carry none, or hardly any; a line with no other runs goes as a whole: its vehicle drives both ways."""
    riders = _riders(solved)
    runs: dict[str, dict[str, Departure]] = defaultdict(dict)
    for day in month.days:
        for departure in day.departures:
            if departure.mode in month.rules.kinds and departure.stops[0].arr < 1440:
                runs[departure.line][run_of(departure.id)] = departure
    for line, mine in runs.items():
        idle = {run for run in mine if riders[run] <= FEW_RIDERS * _days_run(month, run) * TIMES_A_MONTH}
        for change, dropped in [(line, idle)] if len(idle) == len(mine) else [(run, {run}) for run in sorted(idle)]:
            carried = math.fsum(riders[run] for run in dropped)
            saved = math.fsum(full_fen(mine[run], month.rules) * _days_run(month, run) * TIMES_A_MONTH for run in sorted(dropped))
            late = month.days[0].late_fen_per_day
            yield Candidate(DropRun(change), "few" if carried else "empty", carried, saved - carried * late / 2)


def _shifts(month: Month, solved: Sequence[Solved]) -> Iterator[Candidate]:
    """Runs that parcels missed by minutes, first or where they change, and runs that came minutes too late for a trunk."""
    gains: dict[tuple[str, str], dict[int, list[tuple[int, str, float]]]] = defaultdict(lambda: defaultdict(list))
    for day in solved:
        runs = _runs_of(day.instance)
        for parcel, answer in _riding(day):
            for run, minutes, why, gain in _misses(day.instance, runs, parcel, answer):
                gains[run, why][minutes].append((day.number, parcel.id, gain * TIMES_A_MONTH))
    for (run, why), by_minutes in gains.items():
        for minutes in by_minutes:
            each = [missed for m, those in by_minutes.items() if m * minutes > 0 and abs(m) <= abs(minutes) for missed in those]
            seen_by = frozenset((number, parcel) for number, parcel, _ in each)
            rough, days = math.fsum(gain for _, _, gain in each), frozenset(number for number, _ in seen_by)
            yield Candidate(ShiftRun(run, minutes), why, len(seen_by) * TIMES_A_MONTH, rough, days, seen_by)


def _riding(day: Solved) -> Iterator[tuple[Parcel, PlannedParcel]]:
    by_id = {p.id: p for p in day.instance.parcels}
    return ((by_id[a.id], a) for a in day.plan.parcels if a.legs)


class _Runs(NamedTuple):
    """Departures by id, and by line and place with when they first leave it: looked up for every parcel of a day."""

    by_id: dict[str, Departure]
    calling: dict[tuple[str, str], list[tuple[float, Departure]]]


def _runs_of(instance: Instance) -> _Runs:
    calling: dict[tuple[str, str], list[tuple[float, Departure]]] = defaultdict(list)
    for departure in instance.departures:
        for node, leaves in {s.node: s.dep for s in reversed(departure.stops)}.items():
            calling[departure.line, node].append((leaves, departure))
    return _Runs({d.id: d for d in instance.departures}, calling)


def _misses(instance: Instance, runs: _Runs, parcel: Parcel, answer: PlannedParcel) -> Iterator[tuple[str, int, str, float]]:
    """What this parcel missed by at most half an hour: (run, minutes to shift it, why, fen it would save)."""
    departures = runs.by_id
    first, last = departures[answer.legs[0].departure], departures[answer.legs[-1].departure]
    board, alight = stops_called(first, answer.legs[0].board)[0], stops_called(last, answer.legs[-1].alight)[0]
    there = last.stops[alight].node
    ready, leaves = parcel.ready + instance.transfer_min, first.stops[board].dep
    here = first.stops[board].node
    for left, other in runs.calling[first.line, here]:
        if ready - MOST_SHIFT <= left < ready and _leads(other, here, there, first, last):
            yield run_of(other.id), _rounded(ready - left), "missed_run", parcel.hold_fen_per_h * (leaves - left) / 60
    yield from _missed_links(instance, runs, parcel, answer)
    trunk = next((t for t in instance.trunks if t.id == answer.trunk), None)
    if trunk is None:
        return
    sorted_at = last.stops[alight].arr + instance.hub_sort_min
    for earlier in instance.trunks:
        if _serves(earlier, parcel, trunk) and 0 < sorted_at - earlier.cutoff <= MOST_SHIFT:
            yield run_of(last.id), -_rounded(sorted_at - earlier.cutoff), "missed_trunk", _sooner(instance, parcel, trunk, earlier)


def _missed_links(instance: Instance, runs: _Runs, parcel: Parcel, answer: PlannedParcel) -> Iterator[tuple[str, int, str, float]]:
    """Runs of the line it changes to that left at most half an hour before it could board there."""
    change = {n.id: change_min(instance, at) for at, n in enumerate(instance.nodes)}
    for leg, next_leg in zip(answer.legs, answer.legs[1:], strict=False):
        before, after = runs.by_id[leg.departure], runs.by_id[next_leg.departure]
        stop, board = before.stops[stops_called(before, leg.alight)[0]], after.stops[stops_called(after, next_leg.board)[0]]
        there = after.stops[stops_called(after, next_leg.alight)[0]].node
        ready = stop.arr + change[stop.node]
        for left, other in runs.calling[after.line, board.node]:
            if ready - MOST_SHIFT <= left < ready and _leads(other, board.node, there, after, after):
                yield run_of(other.id), _rounded(ready - left), "missed_link", parcel.hold_fen_per_h * (board.dep - left) / 60


def _leads(other: Departure, here: str, there: str, first: Departure, last: Departure) -> bool:
    """Whether it goes to where the parcel changed or ended."""
    wanted = there if first is last else None
    nodes = [s.node for s in other.stops]
    return wanted is None or wanted in nodes[nodes.index(here) + 1 :]


def _serves(earlier: Trunk, parcel: Parcel, taken: Trunk) -> bool:
    return earlier.hub == taken.hub and earlier.dep < taken.dep and parcel.zone in earlier.zones and parcel.tier in earlier.tiers


def _sooner(instance: Instance, parcel: Parcel, taken: Trunk, earlier: Trunk) -> float:
    """Holding, lateness and the trunks' own prices."""
    zone = parcel.zone or ""
    held = parcel.hold_fen_per_h * (taken.dep - earlier.dep) / 60
    price = taken.zones[zone].base_fen - earlier.zones[zone].base_fen
    late = taken.dep + taken.zones[zone].hours * 60 > parcel.due >= earlier.dep + earlier.zones[zone].hours * 60
    return held + price + (instance.late_fen_per_day if late else 0.0)


def _rounded(minutes: float) -> int:
    return max(LEAST_SHIFT, math.ceil(minutes / STEP) * STEP)


def _extra_stops(month: Month, solved: Sequence[Solved]) -> Iterator[Candidate]:
    """A run that parcels change to could fetch them itself where its way leads nearly past them."""
    gains: dict[tuple[str, str, str], float] = defaultdict(float)
    detours: dict[tuple[str, str, str], float | None] = {}
    seen_by: dict[tuple[str, str, str], list[tuple[int, str]]] = defaultdict(list)
    for day in solved:
        times = RoadTimes(day.instance, month.spots)
        departures = {d.id: d for d in day.instance.departures}
        for parcel, answer in _riding(day):
            for leg, next_leg in zip(answer.legs, answer.legs[1:], strict=False):
                second = departures[next_leg.departure]
                at = stops_called(second, next_leg.board)[0] - 1
                if at < 0 or parcel.origin in {s.node for s in second.stops}:
                    continue
                key = run_of(second.id), parcel.origin, second.stops[at].node
                if key not in detours:
                    detours[key] = _detour(times, second, at, parcel.origin)
                gains[key] += departures[leg.departure].fee_fen + day.instance.handover_fee_fen
                seen_by[key].append((day.number, parcel.id))
    for (run, node, after), detour in detours.items():
        if detour is not None and detour <= MOST_DETOUR_MIN:
            gain, those = gains[run, node, after] * TIMES_A_MONTH, seen_by[run, node, after]
            cost = month.rules.per_min_fen * detour * _days_run(month, run) * TIMES_A_MONTH
            days, n = frozenset(number for number, _ in those), len(those) * TIMES_A_MONTH
            yield Candidate(ExtraStop(run, node, after), "handover", n, gain - cost, days, frozenset(those))


def _detour(times: RoadTimes, departure: Departure, at: int, node: str) -> float | None:
    way = times.by_way_of(departure, at, node, None)
    return None if way is None else sum(way) - (departure.stops[at + 1].arr - departure.stops[at].dep)


def _extra_runs(month: Month, solved: Sequence[Solved]) -> Iterator[Candidate]:
    """Where parcels are left or late, one more run of the line that calls there, when they are ready."""
    clusters: dict[str, list[tuple[Parcel, float]]] = defaultdict(list)
    seen_by: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for day in solved:
        by_id, instance = {p.id: p for p in day.instance.parcels}, day.instance
        for answer in day.plan.parcels:
            parcel = by_id[answer.id]
            if answer.reason is not None:
                clusters[parcel.origin].append((parcel, instance.unserved_fen))
            elif answer.arrives is not None and answer.arrives > parcel.due:
                clusters[parcel.origin].append((parcel, instance.late_fen_per_day))
            else:
                continue
            seen_by[parcel.origin].append((day.number, parcel.id))
    for origin, left in sorted(clusters.items()):
        ready = sorted(p.ready for p, _ in left)[len(left) // 2] % 1440 + solved[0].instance.transfer_min
        for run, minutes, copied in _runs_before(solved[0].instance, origin, ready):
            cost = full_fen(copied, month.rules) * _days_run(month, run) * TIMES_A_MONTH
            gain, those = math.fsum(fen for _, fen in left) * TIMES_A_MONTH, frozenset(seen_by[origin])
            days = frozenset(number for number, _ in those)
            yield Candidate(AddRun(run, minutes), "left", len(left) * TIMES_A_MONTH, gain - cost, days, those)


def _runs_before(instance: Instance, origin: str, ready: float) -> list[tuple[str, int, Departure]]:
    """The two runs to a hub whose boarding there was missed by least, and by how much later a copy would have to leave."""
    hubs = {n.id for n in instance.nodes if n.kind == "hub"}
    found = []
    for departure in instance.departures:
        if not 0 <= departure.stops[0].arr < 1440:
            continue
        at = next((i for i, s in enumerate(departure.stops[:-1]) if s.node == origin), None)
        if at is not None and hubs & {s.node for s in departure.stops[at + 1 :]} and departure.stops[at].dep < ready:
            found.append((math.ceil((ready - departure.stops[at].dep) / STEP) * STEP, departure))
    return [(run_of(d.id), minutes, d) for minutes, d in sorted(found, key=lambda f: (f[0], f[1].id))[:2] if minutes <= 720]
