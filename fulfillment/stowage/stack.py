"""One bay, loaded and emptied from one end: in which order boxes stand so that the fewest must be lifted out of the way.

What boards at a stop goes in with the earliest to alight outermost, so one stop's boxes never stand in each other's way. Boxes of
different stops do where the one inside alights first. A box that is lifted goes back sorted with what boards, and lifting deeper
than one must can save lifting twice, so every depth that uncovers a buried box is tried. (The problem: M. Avriel, M. Penn,
N. Shpirer, "Container ship stowage problem: complexity and connection to the coloring of circle graphs", Discrete Applied
Mathematics 103, 2000.) Room is not looked at here.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

EXACT = 5  # groups in one bay up to which every useful depth is tried


class Group(NamedTuple):
    """Whole boxes that board at one stop and alight at another, positions of the trip; `key` tells them apart."""

    key: int
    board: int
    alight: int
    boxes: int


class Step(NamedTuple):
    """The work in one bay at one stop, in this order. `on` goes in deepest first and holds what was lifted; `standing` from inside out."""

    stop: int
    lifted: tuple[Group, ...]
    off: tuple[Group, ...]
    on: tuple[Group, ...]
    standing: tuple[Group, ...]


class Handling(NamedTuple):
    """`lifts`: boxes lifted that stay aboard, over the whole run. `exact`: no order needs fewer."""

    lifts: int
    steps: tuple[Step, ...]
    exact: bool


Stack = tuple[Group, ...]


def least_lifts(groups: Iterable[Group]) -> Handling:
    """The order with the fewest lifted boxes for these groups in one bay."""
    mine = tuple(sorted(groups))
    stops = sorted({g.board for g in mine} | {g.alight for g in mine})
    if len(mine) > EXACT:
        either = [_by_rule(mine, stops, deep=deep) for deep in (False, True)]
        return min(either, key=lambda handling: handling.lifts)

    @cache
    def best(n: int, stack: Stack) -> tuple[int, tuple[Step, ...]]:
        if n == len(stops):
            return 0, ()
        found: tuple[int, tuple[Step, ...]] | None = None
        for depth in _depths(stack, stops[n], mine):
            step, lifts = _work(stack, stops[n], mine, depth)
            if found is not None and lifts >= found[0]:
                continue
            after, rest = best(n + 1, step.standing)
            if found is None or lifts + after < found[0]:
                found = lifts + after, (step, *rest)
        assert found is not None
        return found

    lifts, steps = best(0, ())
    return Handling(lifts, steps, exact=True)


def _by_rule(groups: Sequence[Group], stops: Sequence[int], *, deep: bool) -> Handling:
    """The same depth by rule at every stop: only what must come out, or down to the innermost buried group."""
    stack: Stack = ()
    steps, total = [], 0
    for stop in stops:
        step, lifts = _work(stack, stop, groups, _depths(stack, stop, groups)[-1 if deep else 0])
        steps.append(step)
        total, stack = total + lifts, step.standing
    return Handling(total, tuple(steps), exact=total == 0)


def _depths(stack: Stack, stop: int, groups: Sequence[Group]) -> list[int]:
    """How many groups may stay untouched, most first: what must come out decides that, fewer only where it uncovers a buried group."""
    most = next((i for i, g in enumerate(stack) if g.alight == stop), len(stack))
    outside = max((g.alight for g in groups if g.board == stop), default=stop)
    depths = [most]
    for i in range(len(stack) - 1, -1, -1):
        if i < most and stack[i].alight < outside:
            depths.append(i)
        outside = max(outside, stack[i].alight)
    return depths


def _work(stack: Stack, stop: int, groups: Sequence[Group], depth: int) -> tuple[Step, int]:
    out = stack[depth:]
    lifted = tuple(g for g in out if g.alight != stop)
    on = tuple(sorted((*lifted, *(g for g in groups if g.board == stop)), key=lambda g: (-g.alight, g.key)))
    off = tuple(g for g in out if g.alight == stop)
    return Step(stop, lifted, off, on, stack[:depth] + on), sum(g.boxes for g in lifted)
