"""Proposals: the changes worth most a month, found by solving a month's typical days with and without each. Pure but for its clock.

Each typical day is solved once on the present timetable; `candidates` reads off those plans and their shadow prices what might help and
roughly how much; they are tried in that order (.trial), as many as the budget of solves allows. Only a change whose worth is larger than
what the gaps of all its plans leave open is proposed. What is proposed is tried once more all together: two changes may help the same
parcels, or each do without the other's run, so their worths need not add up.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

from fulfillment.batching.instance import Instance
from fulfillment.batching.solve import solve

from .candidates import Candidate, candidates
from .changes import Change
from .changes_data import change_as_data
from .month import Month, Solved
from .trial import PER_DAY, Budget, Effect, effect_of

MOST_TRIED = 60
MOST_PROPOSED = 5
FIRST_OF_A_KIND = 2  # before those of other kinds: five proposals are not one thought five times where there are others
LEAST_FEN = 100.0  # a month: less is not worth the reading
TRIED_WORK, TOGETHER_WORK = 80.0, 25.0  # as trial.Budget counts it
PRESENT = 0.4  # of the time, for the days on the present timetable
KEPT = 0.2  # of it, for trying what is proposed all together


@dataclass(frozen=True, slots=True)
class Proposal:
    candidate: Candidate
    effect: Effect

    @property
    def change(self) -> Change:
        return self.candidate.change


@dataclass(frozen=True, slots=True)
class Proposals:
    """`together` is what they do all at once; None for fewer than two, or where the budget ran out."""

    found: tuple[Proposal, ...]
    together: Effect | None
    candidates: int
    tried: int


def propose(month: Month, *, seconds: float, work: float = TRIED_WORK, clock: Callable[[], float] = time.monotonic) -> Proposals:
    """The best few, most first. What cannot be tried within `work`, or within `seconds`, is left out, never half tried."""
    until = clock() + seconds
    busy = [(n, day) for n, day in enumerate(month.days) if day.parcels]
    each_day = PRESENT * seconds / max(1, len(busy))
    solved = [_solved(n, day, each_day) for n, day in busy]
    found = candidates(month, solved)
    budget, tried = Budget(work, until - KEPT * seconds, clock), []
    for each in found[:MOST_TRIED]:
        effect = effect_of([each], month, solved, budget, LEAST_FEN)
        if effect is None:
            break
        tried.append(Proposal(each, effect))
    best = _best(p for p in tried if p.effect.month_fen > max(p.effect.doubt_fen, LEAST_FEN))
    together = None
    if len(best) > 1:
        together = effect_of([p.candidate for p in best], month, solved, Budget(TOGETHER_WORK, until, clock), -inf)
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
