"""What it costs to run goods: the money side of a changed timetable, by the county's own rule. Pure.

A run costs a start and its minutes on the road. A bus, a boat or a mail road goes anyway: dropping one of its runs saves nothing, unlike
those of the kinds that the county runs for its goods alone; one more of any is run for the goods and costs in full. A longer way costs its
minutes, whoever rides; a larger bay costs per box and run. Shifting costs nothing. Only the runs of the day itself count (`until_min`).
"""

from collections.abc import Iterable

from fulfillment.batching.instance import Departure, Instance
from fulfillment.network.rules import run_fen
from supply.counties.profile_rules import RunRules


def full_fen(departure: Departure, rules: RunRules) -> float:
    """What a run costs in full."""
    return run_fen(_minutes(departure), rules)


def running_fen(base: Instance, changed: Instance, rules: RunRules, *, until_min: float = 1440) -> float:
    """What the changed timetable costs to run more than the present one (negative: less), of the runs that start before `until_min`."""
    before, after = _today(base.departures, until_min), _today(changed.departures, until_min)
    more = sum(full_fen(d, rules) for name, d in after.items() if name not in before)
    less = sum(full_fen(d, rules) for name, d in before.items() if name not in after and d.mode in rules.kinds)
    both = ((before[name], d) for name, d in after.items() if name in before)
    return more - less + sum(_dearer(old, new, rules) for old, new in both)


def _dearer(old: Departure, new: Departure, rules: RunRules) -> float:
    boxes = (new.cap.boxes or 0) - (old.cap.boxes or 0)
    longer = _minutes(new) - _minutes(old)
    if old.mode not in rules.kinds:
        longer = max(0.0, longer)  # it goes to its last stop anyway, goods or none
    return rules.per_min_fen * longer + rules.per_box_fen * boxes


def _minutes(departure: Departure) -> float:
    return departure.stops[-1].arr - departure.stops[0].arr


def _today(departures: Iterable[Departure], until_min: float) -> dict[str, Departure]:
    return {d.id: d for d in departures if d.stops[0].arr < until_min}
