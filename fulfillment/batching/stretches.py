"""What it costs each parcel, at the prices, to ride some of a line's short stretches and no others.

One backward scan (`pricing`) per set of stretches and way: those not in the set are closed, those in it are rewarded so highly
that the scan takes them all if any legal road does, and the reward is taken off again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .cargo import Way
from .network import Floats, Ints
from .prices import Prices
from .pricing import Pricing, Scan

_MOST = 64  # sets of one way

Stretches = tuple[int, ...]  # segments, ascending


@dataclass(frozen=True)
class Fares:
    """Of the parcels of one way, (parcels x sets) fen, at the prices, of the cheapest road riding exactly that set; the first is empty."""

    parcels: Ints
    sets: list[Stretches]
    fen: Floats


class Feeders:
    """Who can come to ride one of the stretches at all, and what coming there costs at least: most parcels of a county cannot."""

    def __init__(self, pricing: Pricing, stretches: Sequence[int]) -> None:
        self.pricing, network = pricing, pricing.problem.network
        self.boards = sorted({b for s in stretches for b in range(network.first[network.departure[s]], s + 1)})
        self.places = [pricing.row_place(b) for b in self.boards]
        self.fares = [pricing.problem.fare((b, b)) for b in self.boards]
        terminal = np.full((network.events, 1), np.inf)
        by_node: dict[int, int] = {}
        for b, place in zip(self.boards, self.places, strict=True):
            by_node[network.node[b]] = max(by_node.get(network.node[b], -1), place)
        for e, node in enumerate(network.node):
            if network.after[e] <= by_node.get(node, -1):
                terminal[e, 0] = 0.0
        self.labels = pricing.problem.towards(terminal, pricing.problem.open_to(None))

    def least(self, way: Way, members: Ints) -> float:
        """Fen of all legs up to and with the stretch, at least; infinity if no road of the way can go over one."""
        problem, cargo = self.pricing.problem, self.pricing.cargo
        tiers = tuple(np.unique(cargo.tier[members]).tolist())
        useful = problem.useful(tiers, way.to)
        here = int(cargo.place[members].min())
        coming = [float(self.labels.wait[legs][here, 0]) for legs in range(way.legs)]  # by at most so many legs
        least = math.inf
        for b, place, fare in zip(self.boards, self.places, self.fares, strict=True):
            if problem.network.node[b] == way.node and place >= here and useful[way.legs][b]:
                return fare
            least = min(least, *(fare + fen for legs, fen in enumerate(coming) if useful[way.legs - legs][b]), math.inf)
        return least


def fares_of(pricing: Pricing, way: Way, members: Ints, stretches: Sequence[int], prices: Prices, limit: float) -> Fares | None:
    """None if the parcels of the way could ride the stretches, each of another departure, in more ways than are worth telling apart.

    limit: fen; roads above it are taken for none.
    """
    reward = _reward(limit)
    most = at_once(pricing, way, members, stretches, prices, limit)
    sets = [s for size in range(min(most, way.legs) + 1) for s in combinations(sorted(stretches), size)]
    if most > way.legs or len(sets) > _MOST:
        return None
    columns = []
    for ridden in sets:
        fen = _rewarded(pricing, way, members, ridden, [s for s in stretches if s not in ridden], prices, reward) + len(ridden) * reward
        if (fen < -reward / 2).any():
            return None
        columns.append(np.where(fen > reward / 2, np.inf, fen))
    return Fares(members, sets, np.array(columns).T)


def at_once(pricing: Pricing, way: Way, members: Ints, stretches: Sequence[int], prices: Prices, limit: float) -> int:
    """How many of the stretches one road of the way below `limit` can ride at most; one ridden twice counts twice."""
    reward = _reward(limit)
    riding = _rewarded(pricing, way, members, stretches, (), prices, reward)
    return max(0, round(-min(0.0, float(riding.min())) / reward))


def _reward(limit: float) -> float:
    """More than any road below the limit costs, by enough to tell one reward more from a dear road."""
    return 4 * max(limit, 1e5)


def _rewarded(
    pricing: Pricing, way: Way, members: Ints, open_to: Sequence[int], closed: Sequence[int], prices: Prices, reward: float
) -> Floats:
    extra = np.zeros(pricing.problem.network.events)
    extra[list(open_to)] = -reward
    extra[list(closed)] = np.inf
    return Scan(pricing, pricing.corridor(way), members, prices, extra).least()
