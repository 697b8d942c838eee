"""The parcels as arrays: where each stands, how much of every room it takes, what each trunk would cost it.

Rows are the instance's parcels in their order. The figures are those of `cost` and `targets`, for all parcels at once.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .cost import arrival_by, arrival_fen
from .instance import DAY, EPS, TIERS, Instance, Parcel
from .network import Floats, Ints
from .prices import amounts
from .targets import Problem, Start

TIER_OF = {tier: n for n, tier in enumerate(TIERS)}


class Way(NamedTuple):
    """What parcels have in common that ride the same network to the same end: place they stand at, where they go, legs left.

    `to` is None for parcels that leave by a trunk.
    """

    node: int
    to: str | None
    legs: int


@dataclass(frozen=True)
class Cargo:
    """`wished` parcels name departures or trunks they must or must not use: they are searched for one by one.

    Those `there` stand where they go; nothing is cheaper than to be done, as legs cost and time does not earn.
    """

    instance: Instance
    starts: list[Start]
    place: Ints  # first boarding it can make
    spent: Floats  # fen, its fixed legs
    amounts: Floats  # (parcels x 4), as prices.KINDS
    tier: Ints
    ready: Floats
    due: Floats
    hold: Floats  # fen per minute
    deadline: Floats
    on_top: Floats  # (parcels x trunks) fen of leaving by it, infinity where it cannot
    wished: set[int]
    there: dict[int, float]  # fen of being done, without the fixed legs
    ways: dict[Way, Ints] = field(default_factory=dict)  # the other parcels by way

    def arrival_fen(self, parcels: Ints, arrives: Floats) -> Floats:
        """(moments x parcels) lateness and holding of ending at `to` at each of these moments."""
        moments = np.where(np.isinf(arrives), 0.0, arrives)[:, None]
        late = moments - self.due[parcels]
        days = np.where(late > EPS, np.ceil((late - EPS) / DAY), 0.0)
        held = self.hold[parcels] * (moments - self.ready[parcels])
        fen = self.instance.late_fen_per_day * days + held
        return np.where((arrives[:, None] > self.deadline[parcels] + EPS) | np.isinf(arrives[:, None]), np.inf, fen)


def load_cargo(problem: Problem) -> Cargo:
    instance = problem.instance
    parcels = instance.parcels
    starts = [problem.start(p) for p in parcels]
    wished = {i for i, p in enumerate(parcels) if p.pin or p.forbid}
    ready, due, hold, deadline = (
        np.array(values, dtype=float)
        for values in (
            [p.ready for p in parcels], [p.due for p in parcels], [p.hold_fen_per_h / 60 for p in parcels], [p.deadline for p in parcels],
        )
    )  # fmt: skip
    there = {
        i: fen
        for i, (parcel, start) in enumerate(zip(parcels, starts, strict=True))
        if i not in wished and (fen := _there(problem, parcel, start)) < math.inf
    }
    ways: dict[Way, list[int]] = defaultdict(list)
    for i, (parcel, start) in enumerate(zip(parcels, starts, strict=True)):
        if i not in wished and i not in there:
            ways[Way(start.node, parcel.to, start.legs)].append(i)
    return Cargo(
        instance=instance,
        starts=starts,
        place=np.array([s.place for s in starts], dtype=np.int64),
        spent=np.array([s.spent for s in starts], dtype=float),
        amounts=np.array([amounts(p) for p in parcels], dtype=float).reshape(len(parcels), 4),
        tier=np.array([TIER_OF[p.tier] for p in parcels], dtype=np.int64),
        ready=ready,
        due=due,
        hold=hold,
        deadline=deadline,
        on_top=_on_top(instance, parcels, ready, due, hold, deadline),
        wished=wished,
        there=there,
        ways={way: np.array(members, dtype=np.int64) for way, members in ways.items()},
    )


def _on_top(instance: Instance, parcels: Sequence[Parcel], ready: Floats, due: Floats, hold: Floats, deadline: Floats) -> Floats:
    """`cost.trunk_fen` for every parcel and trunk."""
    on_top = np.full((len(parcels), len(instance.trunks)), np.inf)
    grams = np.array([p.g for p in parcels], dtype=float)
    of: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, parcel in enumerate(parcels):
        if parcel.zone is not None:
            of[parcel.zone, parcel.tier].append(i)
    for (name, tier), members in of.items():
        these = np.array(members, dtype=np.int64)
        for k, trunk in enumerate(instance.trunks):
            zone = trunk.zones.get(name)
            if zone is None or tier not in trunk.tiers:
                continue
            late = arrival_by(trunk, name) - due[these]
            days = np.where(late > EPS, np.ceil((late - EPS) / DAY), 0.0)
            fen = zone.base_fen + zone.per_kg_fen * grams[these] / 1000 + instance.late_fen_per_day * days
            fen += hold[these] * (trunk.dep - ready[these])
            on_top[these, k] = np.where(trunk.dep > deadline[these] + EPS, np.inf, fen)
    return on_top


def _there(problem: Problem, parcel: Parcel, start: Start) -> float:
    """Cost of being done for a parcel with `to` that stands there; those that stand at a hub choose among trunks (see `pricing`)."""
    if parcel.to is None or start.node != problem.network.node_of[parcel.to]:
        return math.inf
    return arrival_fen(problem.instance, parcel, start.since)
