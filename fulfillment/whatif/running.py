"""What it costs to run goods: the money side of a changed timetable, by the county's own rule. Pure.

A run made for goods costs a start and its minutes on the road. A bus or boat that runs for its passengers costs the goods nothing, so
dropping it saves nothing; one more of it is run for the goods alone and costs in full. A longer way costs its minutes, whoever rides; a
larger bay costs per box and run. Shifting costs nothing. Only the runs of the day itself count (`until_min`), not those of the days after.
"""

from collections.abc import Iterable

from fulfillment.batching.instance import Departure, Instance
from supply.counties.profile_rules import RunRules

GOODS_MODES = ("mail", "freight", "courier", "postman", "drone")
RUNS = RunRules(
    per_run_fen=3000, per_min_fen=120, per_box_fen=100
)  # a county that says nothing: ¥30 a start, ¥1.20 a minute, ¥1 a box and run


def run_fen(departure: Departure, rules: RunRules) -> float:
    """What one run costs in full."""
    return rules.per_run_fen + rules.per_min_fen * _minutes(departure)


def running_fen(base: Instance, changed: Instance, rules: RunRules, *, until_min: float = 1440) -> float:
    """What the changed timetable costs to run more than the present one (negative: less), of the runs that start before `until_min`."""
    before, after = _today(base.departures, until_min), _today(changed.departures, until_min)
    more = sum(run_fen(d, rules) for name, d in after.items() if name not in before)
    less = sum(run_fen(d, rules) for name, d in before.items() if name not in after and d.mode in GOODS_MODES)
    both = ((before[name], d) for name, d in after.items() if name in before)
    return more - less + sum(_dearer(old, new, rules) for old, new in both)


def _dearer(old: Departure, new: Departure, rules: RunRules) -> float:
    boxes = (new.cap.boxes or 0) - (old.cap.boxes or 0)
    longer = _minutes(new) - _minutes(old)
    if old.mode not in GOODS_MODES:
        longer = max(0.0, longer)  # it goes to its last stop for the passengers, goods or none
    return rules.per_min_fen * longer + rules.per_box_fen * boxes


def _minutes(departure: Departure) -> float:
    return departure.stops[-1].arr - departure.stops[0].arr


def _today(departures: Iterable[Departure], until_min: float) -> dict[str, Departure]:
    return {d.id: d for d in departures if d.stops[0].arr < until_min}
