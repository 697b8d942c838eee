"""Every parcel's cheapest road at given prices, a whole way at a time: the backward scan with a column per parcel.

The recursion is that of `scan`, on the layers of a corridor: round l needs only round l-1. What one parcel pays on a
segment depends on its size, so each has a column of its own; nothing is rounded or grouped by size, and the result is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .cargo import Cargo, Way, load_cargo
from .corridor import Corridor, Layer, cut_corridor, grid_of
from .cost import Leg, Road, arrival_by
from .network import Bools, Floats, Ints
from .prices import Prices
from .search import find_road
from .targets import Problem
from .unhindered import Unhindered


def never() -> bool:
    return False


FEW = 6  # parcels of a way that are sooner searched for one by one
_WIDE = 512  # columns at a time


@dataclass
class Pricing:
    """Cheapest roads of a problem's parcels; corridors are cut when a way is first asked for."""

    problem: Problem
    cargo: Cargo = field(init=False)
    _corridors: dict[Way, Corridor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cargo = load_cargo(self.problem)
        self._grid = grid_of(self.problem)
        self._unhindered = Unhindered(self.problem, self.cargo, self.problem.outbound)

    def cheapest(self, limits: Floats, prices: Prices | None, out_of_time: Callable[[], bool] = never) -> dict[int, Road] | None:
        """Per parcel its cheapest road at these prices, tolls included, where it is not above the parcel's limit; None if stopped.

        limits: fen per parcel, -infinity for those that are not asked for.
        """
        cargo, found = self.cargo, dict[int, Road]()
        for i, fen in cargo.there.items():
            start = cargo.starts[i]
            if start.spent + fen <= limits[i]:
                found[i] = Road(start.fixed, None, start.since, start.spent + fen, len(start.fixed))
        for i in sorted(cargo.wished):
            if limits[i] > -np.inf:
                self._search(i, limits, prices, found)
        limits = self._unhindered.answer(limits, prices, found)
        for way, members in cargo.ways.items():
            if out_of_time():
                return None
            asked = members[limits[members] > -np.inf]
            if len(asked) <= FEW:
                for i in asked.tolist():
                    self._search(i, limits, prices, found)
                continue
            corridor = self.corridor(way)
            for n in range(0, len(asked), _WIDE):
                Scan(self, corridor, asked[n : n + _WIDE], prices).roads_below(limits, found)
        return found

    def row_place(self, event: int) -> int:
        """The place in the network's row of boarding at an event."""
        return int(self._grid.row_place[event])

    def fen_there(self, parcels: Ints) -> Floats:
        """(parcels x trunks) fen of leaving from where the parcels of one way stand, without a leg; infinity where they cannot."""
        cargo, instance, network = self.cargo, self.problem.instance, self.problem.network
        fen, node = np.full((len(parcels), len(instance.trunks)), np.inf), cargo.starts[int(parcels[0])].node
        for k, trunk in enumerate(instance.trunks):
            if network.node_of[trunk.hub] == node:
                catches = [network.catches(trunk, node, cargo.starts[i].since) for i in parcels.tolist()]
                fen[:, k] = np.where(catches, cargo.on_top[parcels, k], np.inf)
        return fen

    def corridor(self, way: Way) -> Corridor:
        if way not in self._corridors:
            members = self.cargo.ways[way]
            tiers = np.zeros(3, dtype=bool)
            tiers[self.cargo.tier[members]] = True
            self._corridors[way] = cut_corridor(self.problem, self._grid, way, int(self.cargo.place[members].min()), tiers)
        return self._corridors[way]

    def _search(self, i: int, limits: Floats, prices: Prices | None, found: dict[int, Road]) -> None:
        road = find_road(self.problem, self.problem.instance.parcels[i], limit=float(limits[i]), prices=prices)
        if road is not None:
            found[i] = road


class Scan:
    """One backward scan: some parcels of one way as columns.

    extra: per event, fen on top for whoever rides the segment that starts there; infinity closes it.
    """

    def __init__(self, pricing: Pricing, corridor: Corridor, parcels: Ints, prices: Prices | None, extra: Floats | None = None) -> None:
        self.pricing, self.corridor, self.parcels, self.prices, self.extra = pricing, corridor, parcels, prices, extra
        cargo = pricing.cargo
        self.amounts = cargo.amounts[parcels].T
        self.tier = cargo.tier[parcels]
        self.trunk_tolls = self._trunk_tolls()
        self.on_top = cargo.on_top[parcels] + self.trunk_tolls
        self.end = self._end()
        self.rides: list[Floats] = []
        self.alights: list[Floats] = []
        self.boards: list[Floats] = []
        waits = np.full((1, len(parcels)), np.inf)
        for layer in reversed(corridor.layers):
            waits = self._round(layer, waits)
        self.rides.reverse()
        self.alights.reverse()
        self.boards.reverse()
        self.waits = waits

    def _trunk_tolls(self) -> Floats:
        """(parcels x trunks)."""
        trunks = self.pricing.cargo.on_top.shape[1]
        return np.asarray(self.amounts[0][:, None] * (np.zeros(trunks) if self.prices is None else self.prices.per_kg(trunks)))

    def _end(self) -> Floats:
        """(ends + 1 x parcels) what being done there costs; the last row is no end."""
        corridor, cargo = self.corridor, self.pricing.cargo
        if corridor.caught is None:
            arrives = np.array(self.pricing.problem.network.arr)[corridor.ends]
            end = cargo.arrival_fen(self.parcels, arrives)
        else:
            end = self._best_trunks(corridor.caught)[corridor.kind]
        return np.vstack([end, np.full((1, len(self.parcels)), np.inf)])

    def _best_trunks(self, caught: Bools) -> Floats:
        """(kinds x parcels): moments that catch the same trunks are reckoned once."""
        best = np.full((len(caught), len(self.parcels)), np.inf)
        for n, trunks in enumerate(caught):
            best[n] = self.on_top[:, trunks].min(axis=1, initial=np.inf)
        return best

    def _round(self, layer: Layer, below: Floats) -> Floats:
        """Waits of a layer, one row more for nowhere; keeps what `_trace` needs."""
        events, columns = len(layer.events), len(self.parcels)
        ride = np.where(layer.carried[:, self.tier], 0.0, np.inf)
        if self.prices is not None:
            ride += self._tolls(layer) @ self.amounts
        if self.extra is not None:
            ride += self.extra[layer.events][:, None]
        alight = np.full((events + 1, columns), np.inf)
        alight[layer.alights] = np.minimum(self.end[layer.end_at], below[layer.onward])
        aboard = np.full((events, columns), np.inf)
        for here in layer.by_distance:
            aboard[here] = np.minimum(alight[here + 1], aboard[here + 1] if events else 0) + ride[here]
        board = aboard[layer.rows] + layer.fee[:, None]
        wait = board
        for jump in layer.jumps:
            wait = np.minimum(wait, wait[jump])
        self.rides.append(ride)
        self.alights.append(alight)
        self.boards.append(board)
        return np.vstack([wait, np.full((1, columns), np.inf)])

    def _tolls(self, layer: Layer) -> Floats:
        """(events x kinds) prices of the segments that start there."""
        assert self.prices is not None
        return self.prices.dense(self.pricing.problem.network.events)[layer.events]

    def least(self) -> Floats:
        """Per parcel what its cheapest road costs, tolls included; infinity where it has none."""
        _, riding = self._riding()
        return np.asarray(np.minimum(riding, self._there()[0]) + self.pricing.cargo.spent[self.parcels])

    def _riding(self) -> tuple[Ints, Floats]:
        """Where each parcel stands in the first layer, and what the rest of its road costs if it rides at all."""
        first, columns = self.corridor.layers[0] if self.corridor.layers else None, len(self.parcels)
        rows = np.zeros(columns, np.int64) if first is None else np.searchsorted(first.row_places, self.pricing.cargo.place[self.parcels])
        return rows, self.waits[rows, np.arange(columns)]

    def roads_below(self, limits: Floats, found: dict[int, Road]) -> None:
        """Write the roads that cost less than their parcels' limits to `found`."""
        rows, riding = self._riding()
        there, trunk = self._there()
        best = np.minimum(riding, there) + self.pricing.cargo.spent[self.parcels]
        for c in np.flatnonzero((best <= limits[self.parcels]) & (best < np.inf)).tolist():
            i = int(self.parcels[c])
            if there[c] <= riding[c]:
                found[i] = self._road(i, c, (), int(trunk[c]))
            else:
                found[i] = self._road(i, c, self._trace(c, int(rows[c])), None)

    def _there(self) -> tuple[Floats, Ints]:
        """What being done without a leg costs, and by which trunk."""
        if self.corridor.caught is None or not self.on_top.shape[1]:
            return np.full(len(self.parcels), np.inf), np.full(len(self.parcels), -1)
        fen = self.pricing.fen_there(self.parcels) + self.trunk_tolls
        best = fen.argmin(axis=1)
        return fen[np.arange(len(best)), best], best

    def _trace(self, column: int, row: int) -> tuple[Leg, ...]:
        """The legs that make up the cheapest riding from a row of the first layer; the earliest of equals."""
        legs: list[Leg] = []
        for layer, ride, alight, board in zip(self.corridor.layers, self.rides, self.alights, self.boards, strict=True):
            end = int(layer.row_end[row]) + 1
            event = int(layer.rows[row + int(np.argmin(board[row:end, column]))])
            run = int(np.searchsorted(layer.departure, layer.departure[event], side="right"))
            ahead = np.cumsum(ride[event : run - 1, column]) + alight[event + 1 : run, column]
            off = event + 1 + int(np.argmin(ahead))
            legs.append((int(layer.events[event]), int(layer.events[off])))
            at = int(np.searchsorted(layer.alights, off))
            if self.end[layer.end_at[at], column] <= alight[off, column]:
                break
            row = int(layer.onward[at])
        return tuple(legs)

    def _road(self, i: int, column: int, legs: tuple[Leg, ...], trunk: int | None) -> Road:
        problem, cargo = self.pricing.problem, self.pricing.cargo
        parcel, start = problem.instance.parcels[i], cargo.starts[i]
        since = problem.network.arr[legs[-1][1]] if legs else start.since
        if self.corridor.caught is None:
            trunk, arrives = None, since
            fen = cargo.arrival_fen(self.parcels[column : column + 1], np.array([since])).item()
        else:
            if legs:
                trunk = self._trunk_at(column, legs[-1][1])
            assert trunk is not None
            arrives, fen = arrival_by(problem.instance.trunks[trunk], parcel.zone or ""), cargo.on_top[i, trunk].item()
        toll = 0.0 if self.prices is None else self.prices.road_toll(parcel, legs, trunk)
        fares = sum(problem.fare(leg) for leg in legs)
        return Road(start.fixed + legs, trunk, arrives, start.spent + fares + fen, len(start.fixed), toll)

    def _trunk_at(self, column: int, event: int) -> int:
        assert self.corridor.caught is not None
        kind = self.corridor.kind[int(np.searchsorted(self.corridor.ends, event))]
        return int(np.argmin(np.where(self.corridor.caught[kind], self.on_top[column], np.inf)))
