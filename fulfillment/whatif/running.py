"""What it costs to run goods: the money side of a changed timetable, by the county's own rule. Pure.

A run costs a start and its minutes on the road. A bus, a boat or a mail road goes anyway: dropping one of its runs saves nothing, unlike
those of the kinds that the county runs for its goods alone; one more of any is run for the goods and costs in full. A longer way costs its
minutes, whoever rides; a larger bay costs per box and run. Shifting costs nothing. Only the runs of the day itself count (`until_min`):
a run stays of its day, however far it is shifted, and a copy is of the day of what it copies.
"""

from collections.abc import Mapping

from fulfillment.batching.instance import Departure, Instance
from fulfillment.network.rules import run_fen
from supply.counties.profile_rules import RunRules

from .changes import copied_from


def full_fen(departure: Departure, rules: RunRules) -> float:
    """What a run costs in full."""
    return run_fen(_minutes(departure), rules)


def running_fen(base: Instance, changed: Instance, rules: RunRules, *, until_min: float = 1440) -> float:
    """What the changed timetable costs to run more than the present one (negative: less), of the runs that start before `until_min`."""
    present = {d.id: _starts(d) for d in base.departures}
    before = {d.id: d for d in base.departures if _starts(d) < until_min}
    after = {d.id: d for d in changed.departures if _began(d, present) < until_min}
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


def _began(departure: Departure, present: Mapping[str, float]) -> float:
    """When it leaves its first stop in the present timetable, or what it is a copy of does; a new one of no kin when it does itself."""
    name: str | None = departure.id
    while name is not None and name not in present:
        name = copied_from(name)
    return _starts(departure) if name is None else present[name]


def _starts(departure: Departure) -> float:
    return departure.stops[0].arr
