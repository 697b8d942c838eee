"""Proposals: the changes worth most a month, found by solving a month's typical days with and without each. Pure but for its clock.

Each typical day is solved once on the present timetable; `candidates` reads off those plans and their shadow prices what might help and
roughly how much; the best of them are solved again, one by one, until time is up. Only a change whose worth is larger than what the
gaps of all its plans leave open is proposed. What is proposed is solved once more all together: two changes may help the same parcels,
or each do without the other's run, so their worths need not add up.

A day on which nothing was seen of a change is not solved again where its plan is still a plan afterwards: nothing can become dearer there,
and what it might save beyond that is left out.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from fulfillment.batching.instance import Instance
from fulfillment.batching.solve import solve

from .candidates import Candidate, candidates
from .changes import Change, ChangeRefused, DropRun, ExtraStop, ShiftRun, apply_changes, run_of
from .changes_data import change_as_data
from .month import TIMES_A_MONTH, Month, Solved
from .running import running_fen

MOST_TRIED = 40
MOST_PROPOSED = 5
FIRST_OF_A_KIND = 2  # before those of other kinds: five proposals are not one thought five times where there are others
LEAST_FEN = 1000.0  # a month: less is nobody's trouble
PER_DAY = 8.0  # seconds for one day's plan at most
PRESENT = 0.4  # of the time, for the days on the present timetable
KEPT = 0.2  # of it, for trying what is proposed all together


class Effect(NamedTuple):
    """Money is fen a month: what it saves in the model, running costs taken off, and what the gaps leave open."""

    month_fen: float
    doubt_fen: float
    runs_fen: float  # of it: what it costs to run more (negative: less)
    late: float  # late parcels fewer a month
    unplaced: float  # parcels without a road fewer a month


@dataclass(frozen=True, slots=True)
class Proposal:
    candidate: Candidate
    effect: Effect

    @property
    def change(self) -> Change:
        return self.candidate.change


@dataclass(frozen=True, slots=True)
class Proposals:
    """`together` is what they do all at once; None for fewer than two, or where time ran out."""

    found: tuple[Proposal, ...]
    together: Effect | None
    candidates: int
    tried: int


def propose(month: Month, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> Proposals:
    """The best few, most first. What cannot be tried within `seconds` is left out, never half tried."""
    until = clock() + seconds
    tried_by = until - KEPT * seconds
    busy = [(n, day) for n, day in enumerate(month.days) if day.parcels]
    each_day = PRESENT * seconds / max(1, len(busy))
    solved = [_solved(n, day, each_day) for n, day in busy]
    found = candidates(month, solved)
    tried = []
    for each in found[:MOST_TRIED]:
        effect = _effect([each], month, solved, tried_by, clock)
        if effect is None:
            break
        tried.append(Proposal(each, effect))
    worthy = [p for p in tried if p.effect.month_fen > max(p.effect.doubt_fen, LEAST_FEN)]
    best = _best(worthy)
    together = _effect([p.candidate for p in best], month, solved, until, clock) if len(best) > 1 else None
    return Proposals(tuple(best), together, len(found), len(tried))


def _best(worthy: Iterable[Proposal]) -> list[Proposal]:
    """The first of each kind before further ones of the same, then by worth; dearest first."""
    kinds: Counter[type[Change]] = Counter()
    ranked = []
    for each in sorted(worthy, key=_by_worth):
        kinds[type(each.change)] += 1
        ranked.append((kinds[type(each.change)] > FIRST_OF_A_KIND, each))
    ranked.sort(key=lambda r: r[0])
    return sorted((each for _, each in ranked[:MOST_PROPOSED]), key=_by_worth)


def _by_worth(proposal: Proposal) -> tuple[float, str]:
    return -proposal.effect.month_fen, repr(proposal.change)


def _solved(number: int, day: Instance, seconds: float) -> Solved:
    plan = solve(day, seconds=max(1.0, min(PER_DAY, seconds)))
    return Solved(day, plan, plan.worth, number)


def _effect(tried: Sequence[Candidate], month: Month, solved: Sequence[Solved], until: float, clock: Callable[[], float]) -> Effect | None:
    """What the changes do all at once; None when time ran out before all the days that matter were solved."""
    by_number = {s.number: s for s in solved}
    saved = doubt = runs = late = unplaced = 0.0
    for n, day in enumerate(month.days):
        changed, made = _changed(day, tried, month)
        if changed is day:
            continue
        runs += running_fen(day, changed, month.rules)
        if (base := by_number.get(n)) is None:
            continue
        if not any(n in each.days for each in made) and _still_a_plan(base, made):
            doubt += base.plan.cost_fen - base.plan.bound_fen
            continue
        if clock() >= until:
            return None
        plan = solve(changed, seconds=max(1.0, min(PER_DAY, until - clock())), worth=base.prices)
        saved += base.plan.cost_fen - plan.cost_fen
        doubt += base.plan.cost_fen - base.plan.bound_fen + plan.cost_fen - plan.bound_fen
        late += base.plan.late - plan.late
        unplaced += base.plan.unserved - plan.unserved
    return Effect(*(n * TIMES_A_MONTH for n in (saved - runs, doubt, runs, late, unplaced)))


def _still_a_plan(base: Solved, made: Sequence[Candidate]) -> bool:
    """Whether nothing that the day's plan rides was changed, but for a larger bay or a run more."""
    touched = {each.change.run for each in made if isinstance(each.change, DropRun | ShiftRun | ExtraStop)}
    lines = {d.id: d.line for d in base.instance.departures}
    return not any(touched & {run_of(leg.departure), lines[leg.departure]} for p in base.plan.parcels for leg in p.legs)


def _changed(day: Instance, tried: Sequence[Candidate], month: Month) -> tuple[Instance, list[Candidate]]:
    """The day with those that can be made on it, and which these are: a run need not run every day."""
    made = []
    for each in tried:
        with suppress(ChangeRefused):
            day = apply_changes(day, [each.change], month.spots)
            made.append(each)
    return day, made


def as_data(proposals: Proposals) -> dict[str, Any]:
    """How they are kept and told."""
    return {
        "candidates": proposals.candidates, "tried": proposals.tried,
        "together": None if proposals.together is None else _told(proposals.together),
        "items": [
            {"change": change_as_data(p.change), "why": p.candidate.why, "seen": round(p.candidate.seen), **_told(p.effect)}
            for p in proposals.found
        ],
    }  # fmt: skip


def _told(effect: Effect) -> dict[str, int]:
    return {name: round(value) for name, value in effect._asdict().items()}
