"""Two plans of one day's parcels side by side: what they cost, who is late, who is left, how full the runs are. Pure.

A plan found in limited time costs a little more than the best there is, and by how much is known only up to its gap. So a difference
is said to be one only where it is larger than what the two gaps leave open.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fulfillment.batching.answer import Plan
from fulfillment.batching.instance import Departure, Instance
from fulfillment.batching.load import empty_load
from fulfillment.batching.network import build_network

MOST_FILLS = 40


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plans; `runs_fen` is what the changed timetable costs to run more than the present one, per day."""

    cost_fen: float
    bound_fen: float
    gap: float
    placed: int
    late: int
    unplaced: int
    runs_fen: float = 0.0

    @property
    def in_all_fen(self) -> float:
        return self.cost_fen + self.runs_fen

    @property
    def open_fen(self) -> float:
        """What a longer search might still take off."""
        return max(0.0, self.cost_fen - self.bound_fen)


@dataclass(frozen=True, slots=True)
class Fill:
    """The fullest stretch of a run (or of a line's fullest run), in percent; None where that kind is not counted."""

    weight: int | None
    boxes: int | None
    parcels: int


@dataclass(frozen=True, slots=True)
class FillPair:
    name: str  # a line's code, or a departure's id
    base: Fill | None  # None: it does not run
    changed: Fill | None


@dataclass(frozen=True, slots=True)
class Comparison:
    base: Side
    changed: Side
    lines: tuple[FillPair, ...]
    runs: tuple[FillPair, ...]

    @property
    def saves_fen(self) -> float:
        """Per day; negative when the change costs."""
        return self.base.in_all_fen - self.changed.in_all_fen

    @property
    def doubt_fen(self) -> float:
        return self.base.open_fen + self.changed.open_fen

    @property
    def is_told(self) -> bool:
        """Whether the difference is larger than what both gaps leave open (half a fen is none)."""
        return abs(self.saves_fen) > max(self.doubt_fen, 0.5)


def side_of(plan: Plan, runs_fen: float = 0.0) -> Side:
    placed = len(plan.parcels) - plan.unserved
    return Side(plan.cost_fen, plan.bound_fen, plan.gap, placed, plan.late, plan.unserved, runs_fen)


def compare(base: Instance, base_plan: Plan, changed: Instance, changed_plan: Plan, *, runs_fen: float = 0.0) -> Comparison:
    """runs_fen: what the changed timetable's runs cost more per day (fulfillment.whatif.running)."""
    before, after = fills(base, base_plan), fills(changed, changed_plan)
    lines = _pairs(_by_line(base, before), _by_line(changed, after))
    runs = [pair for pair in _pairs(before, after) if pair.base != pair.changed]
    return Comparison(side_of(base_plan), side_of(changed_plan, runs_fen), tuple(lines[:MOST_FILLS]), tuple(runs[:MOST_FILLS]))


def fills(instance: Instance, plan: Plan) -> dict[str, Fill]:
    """Every departure's fullest stretch as the plan loads it."""
    network = build_network(instance)
    load = empty_load(instance, network)
    riders: dict[str, int] = defaultdict(int)
    by_id = {p.id: p for p in instance.parcels}
    for answer in plan.parcels:
        if answer.reason is None:
            load.add_planned(by_id[answer.id], answer)
        for leg in answer.legs:
            riders[leg.departure] += 1
    found = {}
    for d, departure in enumerate(instance.departures):
        stretches = range(network.first[d], network.first[d + 1] - 1)
        cap = departure.cap
        kg = _percent(cap.g, [cap.g - load.g[s] for s in stretches])
        boxes = None if cap.boxes is None else _percent(cap.boxes, [cap.boxes - load.boxes[s] for s in stretches])
        found[departure.id] = Fill(kg, boxes, riders[departure.id])
    return found


def _percent(room: float, used: Sequence[float]) -> int | None:
    return round(100 * max(used, default=0.0) / room) if room > 0 else None


def _by_line(instance: Instance, runs: dict[str, Fill]) -> dict[str, Fill]:
    """A line's fullest run of each kind, and all its parcels."""
    mine: dict[str, list[Departure]] = defaultdict(list)
    for departure in instance.departures:
        mine[departure.line].append(departure)
    return {line: _worst([runs[d.id] for d in departures]) for line, departures in mine.items()}


def _worst(fills: list[Fill]) -> Fill:
    def most(values: list[int | None]) -> int | None:
        return max((v for v in values if v is not None), default=None)

    return Fill(most([f.weight for f in fills]), most([f.boxes for f in fills]), sum(f.parcels for f in fills))


def _pairs(before: dict[str, Fill], after: dict[str, Fill]) -> list[FillPair]:
    """What carries anything on either side, the largest difference first."""
    pairs = [FillPair(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]
    carrying = [p for p in pairs if (p.base and p.base.parcels) or (p.changed and p.changed.parcels)]
    return sorted(carrying, key=lambda p: (-_difference(p), p.name))


def _difference(pair: FillPair) -> float:
    def of(fill: Fill | None) -> tuple[int, int]:
        return (max(fill.weight or 0, fill.boxes or 0), fill.parcels) if fill else (0, 0)

    (a, m), (b, n) = of(pair.base), of(pair.changed)
    return abs(a - b) + abs(m - n) / 1000


def as_data(comparison: Comparison) -> dict[str, Any]:
    """How a comparison is kept and told: whole fen, percents, names."""
    return {
        "base": _side(comparison.base), "changed": _side(comparison.changed),
        "saves_fen": round(comparison.saves_fen), "doubt_fen": round(comparison.doubt_fen), "is_told": comparison.is_told,
        "lines": [_pair(p) for p in comparison.lines], "runs": [_pair(p) for p in comparison.runs],
    }  # fmt: skip


def _side(side: Side) -> dict[str, Any]:
    return {
        "cost_fen": round(side.cost_fen), "bound_fen": round(side.bound_fen), "gap": side.gap, "runs_fen": round(side.runs_fen),
        "placed": side.placed, "late": side.late, "unplaced": side.unplaced,
    }  # fmt: skip


def _pair(pair: FillPair) -> dict[str, Any]:
    def told(fill: Fill | None) -> dict[str, Any] | None:
        return None if fill is None else {"weight_pct": fill.weight, "boxes_pct": fill.boxes, "parcels": fill.parcels}

    return {"name": pair.name, "base": told(pair.base), "changed": told(pair.changed)}
