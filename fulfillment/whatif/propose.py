"""Proposals: the changes worth most a month, found by solving a month's typical days with and without each. Pure but for its clock.

Each typical day is solved once on the present timetable; `candidates` reads off those plans and their shadow prices what might help and
roughly how much; the best of them are solved again, one by one, until time is up. Only a change whose worth is larger than what the
gaps of all its plans leave open is proposed.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fulfillment.batching.instance import Instance
from fulfillment.batching.solve import solve

from .candidates import Candidate, candidates
from .changes import Change, ChangeRefused, DropRun, apply_changes
from .changes_data import change_as_data
from .month import TIMES_A_MONTH, Month, Solved
from .running import running_fen

MOST_TRIED = 20
MOST_PROPOSED = 5
MOST_OF_A_KIND = 2  # so that five proposals are not one thought five times
LEAST_FEN = 1000.0  # a month: less is nobody's trouble
PER_DAY = 8.0  # seconds for one day's plan at most


@dataclass(frozen=True, slots=True)
class Proposal:
    """Money is fen a month: what it saves in the model, running costs taken off, and what the gaps leave open."""

    change: Change
    why: str
    seen: float
    month_fen: float
    doubt_fen: float
    runs_fen: float  # of it: what it costs more to run (negative: less)
    late: float  # late parcels fewer a month
    unplaced: float  # parcels without a road fewer a month


@dataclass(frozen=True, slots=True)
class Proposals:
    found: tuple[Proposal, ...]
    candidates: int
    tried: int


def propose(month: Month, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> Proposals:
    """The best few, most first. What cannot be tried within `seconds` is left out, never half tried."""
    until = clock() + seconds
    solved = [_solved(day, until - clock()) for day in month.days if day.parcels]
    found = candidates(month, solved)
    tried = []
    for each in found[:MOST_TRIED]:
        judged = _judge(each, month, solved, until, clock)
        if judged is None:
            break
        tried.append(judged)
    worthy = [p for p in tried if p.month_fen > max(p.doubt_fen, LEAST_FEN)]
    worthy.sort(key=lambda p: (-p.month_fen, repr(p.change)))
    return Proposals(tuple(_mixed(worthy)[:MOST_PROPOSED]), len(found), len(tried))


def _mixed(worthy: list[Proposal]) -> list[Proposal]:
    kinds: Counter[type[Change]] = Counter()
    kept = []
    for each in worthy:
        kinds[type(each.change)] += 1
        if kinds[type(each.change)] <= MOST_OF_A_KIND:
            kept.append(each)
    return kept


def _solved(day: Instance, left: float) -> Solved:
    plan = solve(day, seconds=max(1.0, min(PER_DAY, left / 4)))
    return Solved(day, plan, plan.worth)


def _judge(each: Candidate, month: Month, solved: Sequence[Solved], until: float, clock: Callable[[], float]) -> Proposal | None:
    """None when time ran out before all its days were solved."""
    by_day = {id(s.instance): s for s in solved}
    saved = doubt = runs = late = unplaced = 0.0
    for day in month.days:
        changed = _changed(day, each.change, month)
        if changed is day:
            continue
        runs += running_fen(day, changed, month.rules)
        if (base := by_day.get(id(day))) is None:
            continue
        if _unused(base, day, changed, each.change):
            doubt += base.plan.cost_fen - base.plan.bound_fen
            continue
        if clock() >= until:
            return None
        plan = solve(changed, seconds=max(1.0, min(PER_DAY, until - clock())))
        saved += base.plan.cost_fen - plan.cost_fen
        doubt += base.plan.cost_fen - base.plan.bound_fen + plan.cost_fen - plan.bound_fen
        late += base.plan.late - plan.late
        unplaced += base.plan.unserved - plan.unserved
    a_month = (n * TIMES_A_MONTH for n in (saved - runs, doubt, runs, late, unplaced))
    return Proposal(each.change, each.why, each.seen, *a_month)


def _unused(base: Solved, day: Instance, changed: Instance, change: Change) -> bool:
    """Whether only runs are dropped that the day's plan does not use: then it is still a plan, and nothing can be cheaper."""
    gone = {d.id for d in day.departures} - {d.id for d in changed.departures}
    return isinstance(change, DropRun) and not any(leg.departure in gone for p in base.plan.parcels for leg in p.legs)


def _changed(day: Instance, change: Change, month: Month) -> Instance:
    """The day itself where the run does not run on it."""
    try:
        return apply_changes(day, [change], month.spots)
    except ChangeRefused:
        return day


def as_data(proposals: Proposals) -> dict[str, Any]:
    """How they are kept and told."""
    return {
        "candidates": proposals.candidates, "tried": proposals.tried,
        "items": [
            {
                "change": change_as_data(p.change), "why": p.why, "seen": round(p.seen), "month_fen": round(p.month_fen),
                "doubt_fen": round(p.doubt_fen), "runs_fen": round(p.runs_fen), "late": round(p.late), "unplaced": round(p.unplaced),
            }
            for p in proposals.found
        ],
    }  # fmt: skip
