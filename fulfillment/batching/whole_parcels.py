"""What whole parcels add to the bound: where a line is short, the least that is lost if no parcel is split.

The relaxation may leave a part of a parcel behind: where a line is short by four kilograms and what rides weighs ten, a whole
ten must stay, and six kilograms of priced room stay empty. So everything but the short stretches of one line is kept at its price
(Geoffrion 1974), and what remains is a small integer programme: which parcels ride which of them, for how much more than their
cheapest road, and what room with a price nobody takes. What a parcel loses is divided among the lines' programmes (see `charges`),
so that their values add up (Lagrangean decomposition, Guignard and Kim 1987), and the sum is a true bound.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from .charges import Choice, Line, share_out
from .deadline import Deadline
from .generation import Relaxation
from .load import empty_load
from .prices import Rooms
from .pricing import Pricing
from .programme import Programme, Row
from .standing import Standing, Unavoidable

_WORTH = 5e-5  # of the bound: where less is lost, or one parcel more or less pays less, nobody looks
_NEAR = 0.05  # of a line's dearest stretch: those below it are left at their price
_CLOSE, _NODES = 1e-4, 200
_ABREAST = 2  # programmes solved at the same time; a number of the method, not of the machine
_TOLERANCE = 1e-6  # so much of a choice HiGHS may take for none or all


def lost_by_whole_parcels(pricing: Pricing, relaxation: Relaxation, standing: Standing, deadline: Deadline) -> list[Unavoidable]:
    """Line by line what every plan loses above `relaxation.at_prices`; the sum is proven too. standing: any legal plan, to look by."""
    rooms = Rooms(empty_load(pricing.problem.instance, pricing.problem.network))
    charged = share_out(pricing, relaxation, _short_lines(pricing, relaxation, standing), deadline)
    drawn = [_draw_up(pricing, relaxation, line, choices, rooms) for line, choices in charged]
    with ThreadPoolExecutor(_ABREAST) as threads:
        return list(threads.map(lambda one: one.least_lost(deadline.left), drawn))


def _short_lines(pricing: Pricing, relaxation: Relaxation, standing: Standing) -> list[Line]:
    """Lines where a whole parcel more or less makes a difference, most lost first; of every departure its dearest stretch."""
    network, instance, prices = pricing.problem.network, pricing.problem.instance, relaxation.prices.segments
    losses, largest = standing.by_segment(), pricing.cargo.amounts.max(axis=0, initial=0)
    dear = {s: float(np.dot(prices[s], largest)) for s in losses}  # what the largest parcel pays
    of: dict[str, dict[int, int]] = defaultdict(dict)
    for s in sorted(losses):
        d = network.departure[s]
        dearest = of[instance.departures[d].line]
        dearest[d] = max(dearest.get(d, s), s, key=lambda s: dear[s])
    worth, lines = _WORTH * relaxation.bound, []
    for dearest in of.values():
        most = max(dear[s] for s in dearest.values())
        stretches = [s for s in dearest.values() if dear[s] >= _NEAR * most]
        lost = sum(losses[s] for s in stretches)
        if min(most, lost) > worth:
            lines.append((-lost, Line(stretches, min(lost, most * len(stretches)))))
    return [line for _, line in sorted(lines, key=lambda one: (one[0], one[1].stretches))]


def _draw_up(pricing: Pricing, relaxation: Relaxation, line: Line, choices: Sequence[Choice], rooms: Rooms) -> "_Drawn":
    """Columns are the choices that ride; what they cost is told against the parcel's empty one."""
    prices, wished = relaxation.prices.segments, pricing.cargo.wished
    nobody = sum(price * float(rooms.left_by_kind[kind, s]) for s in line.stretches for kind, price in enumerate(prices[s]) if price > 0)
    costs: list[float] = []
    uses: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    one_of: dict[int, dict[int, float]] = defaultdict(dict)
    empty = 0.0
    for choice in choices:
        if not choice.ridden:
            empty = choice.fen
            nobody += empty
            continue
        column, worth = len(costs), 0.0
        for s in choice.ridden:
            for kind, amount in enumerate(pricing.cargo.amounts[choice.parcel].tolist()):
                if amount > 0 and math.isfinite(rooms.left_by_kind[kind, s]):
                    uses[kind, s][column] = amount
                    worth += prices[s][kind] * amount
        costs.append(choice.fen - empty - worth)
        if choice.parcel not in wished:
            one_of[choice.parcel][column] = 1.0
    rows: list[Row] = [(-np.inf, float(rooms.left_by_kind[kind, s]), amounts) for (kind, s), amounts in uses.items()]
    rows += [(-np.inf, 1.0, columns) for columns in one_of.values() if len(columns) > 1]
    rows.append((0.0, 0.0, {**dict.fromkeys(range(len(costs)), 1.0), len(costs): -1.0}))
    departures = frozenset(pricing.problem.network.departure[s] for s in line.stretches)
    return _Drawn(departures, Programme(costs, [(0.0, float(len(costs)))], rows, [0.0] * (len(costs) + 1)), nobody, line.most)


class _Drawn(NamedTuple):
    """The programme of one line; what is lost when nobody rides; the most that is worth knowing.

    How many ride is a column of its own: HiGHS cuts and branches by it, and proves in a fifth of a second what took it five.
    """

    departures: frozenset[int]
    programme: Programme
    nobody: float
    most: float

    def least_lost(self, seconds: float) -> Unavoidable:
        bound = self.programme.run(seconds, close=_CLOSE, nodes=_NODES, presolve=False).bound
        unsure = _TOLERANCE * (self.nobody + sum(map(abs, self.programme.costs)))
        return Unavoidable(self.departures, max(0.0, min(self.nobody + bound - unsure, self.most)))
