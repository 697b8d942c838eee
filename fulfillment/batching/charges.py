"""What each parcel is charged in which line's programme, so that no fen it loses is counted twice.

A parcel is at home at the line it would pay most to keep off, and is charged there what every choice loses it: keeping off, too.
With any other line it is charged what riding there loses it beyond that. If it can ride stretches of several of the lines on one
road, all its charges are divided by so many. Whatever road it takes, its charges then add up to no more than it loses.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .cargo import Way
from .deadline import Deadline
from .generation import Relaxation
from .network import Floats
from .pricing import Pricing
from .stretches import Fares, Feeders, Stretches, at_once, fares_of

_MOST = 800  # choices of one line: with more, HiGHS proves nothing in the time that neighbourhoods are worth


@dataclass(frozen=True)
class Line:
    """The short stretches of a line, each of another departure. No more than `most` fen are to be proven lost there."""

    stretches: list[int]
    most: float


class Choice(NamedTuple):
    """What riding a set of stretches charges a parcel; its empty set comes first. Who is charged nothing may ride them together."""

    parcel: int
    ridden: Stretches
    fen: float


def share_out(pricing: Pricing, relaxation: Relaxation, lines: Sequence[Line], deadline: Deadline) -> list[tuple[Line, list[Choice]]]:
    """Of each line all choices that charge less than is to be proven. Lines with too many are left out, or when time is up."""
    told: list[tuple[Line, dict[Way, Fares]]] = []
    for line in lines:
        if deadline():
            break
        if losses := _losses(pricing, relaxation, line):
            told.append((line, losses))
    homes = np.zeros(len(relaxation.least))
    lines_of: dict[Way, list[Line]] = defaultdict(list)
    for line, losses in told:
        for way, fares in losses.items():
            homes[fares.parcels] = np.maximum(homes[fares.parcels], fares.fen[:, 0])
            lines_of[way].append(line)
    parts = {way: _at_once(pricing, relaxation, way, of) if len(of) > 1 else 1 for way, of in lines_of.items()}
    charged: list[tuple[Line, list[Choice]]] = []
    at_home: set[int] = set()
    for line, losses in told:
        choices = [Choice(i, s, 0.0) for i in sorted(pricing.cargo.wished) for s in ((), *((s,) for s in line.stretches))]
        for way, fares in losses.items():
            choices += _charge(fares, homes, at_home, line.most, parts[way])
        charged.append((line, choices))
    return charged


def _losses(pricing: Pricing, relaxation: Relaxation, line: Line) -> dict[Way, Fares] | None:
    """Of the parcels that can ride a stretch at all, what each set of them loses above their cheapest; None if they are too many."""
    cargo, least = pricing.cargo, relaxation.least
    unserved, limit = cargo.instance.unserved_fen, _limit(pricing, line)
    feeders, losses, count = Feeders(pricing, line.stretches), dict[Way, Fares](), 0
    for way, members in cargo.ways.items():
        coming = cargo.spent[members] + feeders.least(way, members)
        if way.to is None:
            coming += cargo.on_top[members].min(axis=1, initial=np.inf)
        if not len(near := members[coming < limit]):
            continue
        fares = fares_of(pricing, way, near, line.stretches, relaxation.prices, limit)
        if fares is None:
            return None
        fares.fen[:, 0] = np.minimum(fares.fen[:, 0], unserved)
        lost = np.maximum(fares.fen - least[near][:, None], 0.0)
        riding = np.isfinite(lost[:, 1:]).any(axis=1)
        if riding.any():
            losses[way] = replace(fares, parcels=near[riding], fen=lost[riding])
            count += np.isfinite(lost[riding]).sum()
            if count > _MOST:
                return None
    return losses


def _limit(pricing: Pricing, line: Line) -> float:
    """Fen at the prices: a dearer road would be charged more than is to be proven, however its charge is divided."""
    problem = pricing.problem
    return problem.instance.unserved_fen + max(1, problem.most_legs) * line.most


def _at_once(pricing: Pricing, relaxation: Relaxation, way: Way, lines: Sequence[Line]) -> int:
    """Of how many of the lines one road can ride a stretch, at most: each takes a leg."""
    members = pricing.cargo.ways[way]
    limit = max(_limit(pricing, line) for line in lines)
    stretches = [s for line in lines for s in line.stretches]
    return min(max(1, at_once(pricing, way, members, stretches, relaxation.prices, limit)), max(1, way.legs))


def _charge(fares: Fares, homes: Floats, at_home: set[int], most: float, parts: int) -> list[Choice]:
    """homes: per parcel what keeping off its home loses it; at_home: those whose home has been met."""
    choices = []
    for i, lost in zip(fares.parcels.tolist(), fares.fen, strict=True):
        here = i not in at_home and lost[0] >= homes[i]
        if here:
            at_home.add(i)
            charge = lost / parts
        else:
            charge = np.maximum(lost - homes[i], 0.0) / parts
            charge[0] = 0.0
        riding = [n for n in range(1, len(fares.sets)) if charge[n] < most]
        if riding:
            choices += [Choice(i, fares.sets[n], float(charge[n])) for n in (0, *riding)]
    return choices
