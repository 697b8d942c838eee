"""The backward scan: for every place and every commodity class, the cheapest legal way to the class's end.

It is the connection scan of Dibbelt, Pajor, Strasser and Wagner (Connection Scan Algorithm, 2013) turned round and cut
into rounds by legs as in RAPTOR (Delling, Pajor, Werneck 2012): round l needs only round l-1, so every round is a few
numpy operations over (events x classes) and no order among equal times has to be kept. A class is a column; what may
be ridden and at what price is given per segment, so the planner (prices), the promise (residual capacity) and the
bound (neither) use the same scan.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from .network import Floats, Ints, Network


@dataclass(frozen=True)
class Layout:
    """The network's index arrays in the shape the scan gathers with."""

    network: Network
    by_position: list[Ints]  # events that are not a last stop, grouped by stop index, deepest first
    row: Ints  # boardable events only
    row_places: Ints  # their places in the row
    after: Ints
    fee: Floats  # per event, of boarding there: fee and hand-over

    @cached_property
    def stretches(self) -> list[tuple[int, int]]:
        starts = self.network.row_start
        return [(a, b) for a, b in pairwise(starts) if b - a > 2]


def lay_out(network: Network) -> Layout:
    first = np.array(network.first)
    departure = np.array(network.departure, dtype=np.int64)
    position = np.arange(network.events) - first[departure]
    moving = np.arange(network.events) + 1 < first[departure + 1]
    row = np.array(network.row, dtype=np.int64)
    depth = int(position.max()) if network.events else 0
    fees = np.array([d.fee_fen for d in network.instance.departures], dtype=float) + network.instance.handover_fee_fen
    return Layout(
        network=network,
        by_position=[np.flatnonzero(moving & (position == p)) for p in range(depth - 1, -1, -1)],
        row=row[row >= 0],
        row_places=np.flatnonzero(row >= 0),
        after=np.array(network.after, dtype=np.int64),
        fee=fees[departure] if network.events else np.zeros(0),
    )


@dataclass(frozen=True)
class Labels:
    """Cheapest cost to go, infinite where there is no legal way; arrays are (places of the row) x classes.

    `wait[l]`: standing at a node with this and every later boarding of the row to choose from, at most l legs left.
    `board[l]`: boarding exactly this one, its fee included, at most l legs left (this one counted).
    `terminal`: (events x classes), cost of being done after alighting there.
    """

    wait: list[Floats]
    board: list[Floats]
    terminal: Floats
    ride: Floats

    def alight(self, layout: Layout, legs: int, first: int, last: int, column: int) -> Floats:
        """Cost to go after alighting at events `first` … `last - 1` with `legs` legs left."""
        go_on = self.wait[legs][layout.after[first:last], column]
        cheaper: Floats = np.minimum(self.terminal[first:last, column], go_on)
        return cheaper


def scan(layout: Layout, terminal: Floats, ride: Floats, *, legs: int, fee: Floats | None = None) -> Labels:
    """All classes at once.

    terminal: (events x K) cost of ending after alighting at an event, infinity where one cannot.
    ride: (events x 1) or (events x K) price of the segment that starts at an event, infinity where it is closed.
    legs: hand-overs allowed. fee: per event, overrides the boarding fees (zeros when times are scanned, not costs).
    The labels are of the terminal's precision. Once a round changes nothing, later ones are the same and are not made.
    """
    rows, classes = len(layout.network.row), terminal.shape[1]
    precision = terminal.dtype
    fees = (layout.fee if fee is None else fee)[layout.row, None].astype(precision)
    nothing = np.full((rows, classes), np.inf, dtype=precision)
    wait, board = [nothing], [nothing]
    for left in range(legs, 0, -1):
        alight = np.minimum(terminal, wait[-1][layout.after])
        aboard = np.full_like(terminal, np.inf)
        for here in layout.by_position:
            aboard[here] = np.minimum(alight[here + 1], aboard[here + 1]) + ride[here]
        boarding = np.full((rows, classes), np.inf, dtype=precision)
        boarding[layout.row_places] = aboard[layout.row] + fees
        waiting = boarding.copy()
        for a, b in layout.stretches:
            waiting[a:b] = np.minimum.accumulate(waiting[a:b][::-1], axis=0)[::-1]
        board.append(boarding)
        wait.append(waiting)
        if left > 1 and np.array_equal(waiting, wait[-2]):
            return Labels(wait + [waiting] * (left - 1), board + [boarding] * (left - 1), terminal, ride)
    return Labels(wait, board, terminal, ride)


def trace(layout: Layout, labels: Labels, place: int, column: int, legs: int, *, latest: bool = False) -> tuple[tuple[int, int], ...]:
    """The cheapest road from a place as (boarding event, alighting event) pairs; `latest` prefers the last equal boarding.

    The place must have a finite `wait[legs]` in this column.
    """
    network, road = layout.network, []
    while True:
        end = _stretch_end(network, place)
        costs = labels.board[legs][place:end, column]
        equal = np.flatnonzero(costs <= labels.wait[legs][place, column] + 1e-9)
        event = network.row[place + int(equal[-1] if latest else equal[0])]
        last = network.first[network.departure[event] + 1]
        ride = labels.ride[event : last - 1, column if labels.ride.shape[1] > 1 else 0]
        alight = int(np.argmin(np.cumsum(ride) + labels.alight(layout, legs - 1, event + 1, last, column))) + event + 1
        road.append((event, alight))
        place, legs = network.after[alight], legs - 1
        if labels.terminal[alight, column] <= labels.wait[legs][place, column]:
            return tuple(road)


def _stretch_end(network: Network, place: int) -> int:
    node = network.node[network.row[place]]
    return network.row_start[node + 1]
