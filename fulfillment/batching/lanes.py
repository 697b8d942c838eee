"""Trunks that several counties feed: one price per lane, and a share of its room per county that nobody can overbook.

Counties exchange nothing but prices. Each plans by itself and pays the lane's price per kilogram on top of its own trunk's;
the price rises while the counties together want more than the lane carries and falls while they want less. That is the
decomposition of Dantzig and Wolfe (Decomposition Principle for Linear Programs, 1960) by its dual, with the subgradient step
of Held, Wolfe and Crowder (Validation of Subgradient Optimization, 1974). At one price many parcels change their mind
together, so what a county wants is the mean over the rounds, which comes to the joint optimum where the single answers jump
(Larsson, Patriksson and Strömberg, Ergodic, primal convergence in dual subgradient schemes, 1999).

Prices alone never promise that a lane is not overbooked. `allot` does: shares add up to the lane's room at most, nobody's
falls below what it has planned already, and a plan may not write more than its share.
"""

import math
from collections.abc import Hashable, Mapping
from typing import TypeVar

STEP_FEN = 40.0  # per kilogram, in the first round, for a lane that is wanted twice over
Lane = TypeVar("Lane", bound=Hashable)
County = TypeVar("County", bound=Hashable)


def next_prices(
    demand: Mapping[Lane, float], capacity: Mapping[Lane, float], prices: Mapping[Lane, float], step: float
) -> dict[Lane, float]:
    """The lanes' prices (fen per kg) after one round: up by `step` times the excess as a share of the room, never below zero.

    demand, capacity: grams by lane; a lane nobody named is not wanted. A lane without room counts its demand in kilograms.
    """
    return {
        lane: max(0.0, prices.get(lane, 0.0) + step * (demand.get(lane, 0.0) - room) / max(room, 1000.0)) for lane, room in capacity.items()
    }


def step_of(round_: int) -> float:
    """Fen per kg: steps that add up to any height and shrink to nothing, as convergence wants (round 1, 2, …)."""
    return STEP_FEN / math.sqrt(round_)


def mean_demand(before: float, demand: float, round_: int) -> float:
    """The mean over the rounds, later ones counting more (weights 1, 2, 3, …), so that early prices are soon forgotten."""
    return before + (demand - before) * 2 / (round_ + 1)


def allot(room: int, planned: Mapping[County, int], wanted: Mapping[County, float]) -> dict[County, int]:
    """Each county's share of a lane in whole grams; together at most `room`, or what is planned already if that is more.

    planned: grams that stand in written plans and are kept. wanted: grams a county would take at the present price. When
    all wishes fit, each has its wish and the rest is split evenly, so that a county with news need not wait for a round;
    when they do not, everyone gets the same part of what it wants beyond what it has.
    """
    counties = sorted(planned.keys() | wanted.keys(), key=str)
    if not counties:
        return {}
    have = {c: planned.get(c, 0) for c in counties}
    wish = {c: max(0.0, wanted.get(c, 0.0) - have[c]) for c in counties}
    rest = max(0, room - sum(have.values()))
    asked = sum(wish.values())
    if asked <= rest:
        spare = (rest - asked) / len(counties)
        return {c: have[c] + int(wish[c] + spare) for c in counties}
    return {c: have[c] + int(wish[c] * rest / asked) for c in counties}
