"""What changes do to a month, found by solving its days with and without them. Pure but for its clock.

How much may be solved is counted, not timed: a solve counts for one and for its parcels, so that the same month gives the same answer on a
busy machine and on an idle one. The clock only ends what would take far too long.

The days are tried in the order in which most was seen of the change; as soon as it cannot be worth anything any more the rest is spared. A
day on which nothing was seen is not solved where its plan is still a plan afterwards: nothing can become dearer there, and what it might
save beyond that is left out. On a day with many parcels only those are planned anew that the change touches (.focus).
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from fulfillment.batching.answer import Plan
from fulfillment.batching.instance import Instance
from fulfillment.batching.solve import solve

from .candidates import Candidate
from .changes import ChangeRefused, DropRun, ExtraStop, ShiftRun, apply_changes
from .focus import as_planned, focused, is_of, touched
from .month import TIMES_A_MONTH, Month, Solved
from .running import running_fen

PER_DAY = 8.0  # seconds for one day's plan at most
MANY = 150  # parcels of a day beyond which only those that a change touches are planned anew
AS_MUCH_AS_THE_ROADS = 300.0  # so many parcels are as much to solve as the timetable itself


class Effect(NamedTuple):
    """Money is fen a month: what it saves in the model, running costs taken off, and what the gaps leave open."""

    month_fen: float
    doubt_fen: float
    runs_fen: float  # of it: what it costs to run more (negative: less)
    late: float  # late parcels fewer a month
    unplaced: float  # parcels without a road fewer a month


@dataclass
class Budget:
    """What may still be solved: `work` in solves of an empty day, and until when by the clock."""

    work: float
    until: float
    clock: Callable[[], float]

    def spend(self, parcels: int) -> bool:
        """Whether there is enough left to solve a day with so many parcels; takes it off."""
        self.work -= 1 + parcels / AS_MUCH_AS_THE_ROADS
        return self.work >= 0 and self.clock() < self.until

    @property
    def seconds(self) -> float:
        return max(1.0, min(PER_DAY, self.until - self.clock()))


class _Day(NamedTuple):
    """One of the days to be solved again; `seen` orders them."""

    base: Solved
    changed: Instance
    made: list[Candidate]
    seen: int


class _Saving(NamedTuple):
    """Of one day: fen, what the gaps leave open, late and unplaced parcels fewer."""

    fen: float
    doubt: float
    late: int
    unplaced: int


def effect_of(tried: Sequence[Candidate], month: Month, solved: Sequence[Solved], budget: Budget, least_fen: float) -> Effect | None:
    """What the changes do all at once; None when the budget ran out before all the days that matter were solved.

    least_fen: a month; once the days solved show that less than this is left the effect is told as it stands, and is less.
    """
    days, doubt, runs = _days(tried, month, solved)
    savings: list[_Saving] = []
    for n, day in enumerate(days):
        best = max((s.fen for s in savings), default=0.0)
        if savings and (sum(s.fen for s in savings) + best * (len(days) - n) - runs) * TIMES_A_MONTH < least_fen:
            break
        saving = _solve_again(day, budget)
        if saving is None:
            return None
        savings.append(saving)
    saved, more_doubt, late, unplaced = (sum(kind) for kind in zip(*savings, strict=True)) if savings else (0.0, 0.0, 0, 0)
    return Effect(*(each * TIMES_A_MONTH for each in (saved - runs, doubt + more_doubt, runs, late, unplaced)))


def _days(tried: Sequence[Candidate], month: Month, solved: Sequence[Solved]) -> tuple[list[_Day], float, float]:
    """The days to solve again, those with most to see first; the doubt of the others; what the month's changed runs cost more a week."""
    by_number = {s.number: s for s in solved}
    doubt = runs = 0.0
    days = []
    for n, day in enumerate(month.days):
        changed, made = _changed(day, tried, month)
        if not made:
            continue
        runs += running_fen(day, changed, month.rules)
        if (base := by_number.get(n)) is None:
            continue
        if not any(n in each.days for each in made) and _still_a_plan(base, made):
            doubt += base.plan.cost_fen - base.plan.bound_fen
        else:
            days.append(_Day(base, changed, made, sum(number == n for each in made for number, _ in each.seen_by)))
    return sorted(days, key=lambda d: (-d.seen, d.base.number)), doubt, runs


def _solve_again(day: _Day, budget: Budget) -> _Saving | None:
    base = day.base
    if len(base.instance.parcels) <= MANY:
        if not budget.spend(len(base.instance.parcels)):
            return None
        return _difference(base.plan, solve(day.changed, seconds=budget.seconds, worth=base.prices))
    free = touched(base, day.made)
    if not budget.spend(len(free)) or not (_is_best(base) or budget.spend(len(free))):
        return None
    now = _at_present(base, free, budget)
    then = solve(focused(day.changed, base.plan, free), seconds=budget.seconds, worth=base.prices)
    return _difference(now, then)


def _at_present(base: Solved, free: Collection[str], budget: Budget) -> Plan:
    if _is_best(base):
        return as_planned(base, free)
    return solve(focused(base.instance, base.plan, free), seconds=budget.seconds, worth=base.prices)


def _is_best(base: Solved) -> bool:
    """Whether a longer search would have found nothing."""
    return base.plan.status == "optimal"


def _difference(now: Plan, then: Plan) -> _Saving:
    open_fen = now.cost_fen - now.bound_fen + then.cost_fen - then.bound_fen
    return _Saving(now.cost_fen - then.cost_fen, open_fen, now.late - then.late, now.unserved - then.unserved)


def _still_a_plan(base: Solved, made: Sequence[Candidate]) -> bool:
    """Whether nothing that the day's plan rides was changed, but for a larger bay or a run more."""
    moved = [each.change.run for each in made if isinstance(each.change, DropRun | ShiftRun | ExtraStop)]
    gone = {d.id for d in base.instance.departures if any(is_of(d, run) for run in moved)}
    return not any(leg.departure in gone for p in base.plan.parcels for leg in p.legs)


def _changed(day: Instance, tried: Sequence[Candidate], month: Month) -> tuple[Instance, list[Candidate]]:
    """The day with those that can be made on it, and which these are: a run need not run every day."""
    made = []
    for each in tried:
        with suppress(ChangeRefused):
            day = apply_changes(day, [each.change], month.spots)
            made.append(each)
    return day, made
