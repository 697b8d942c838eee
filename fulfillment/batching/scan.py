"""The backward scan: for every place and every commodity class, the cheapest legal way to the class's end.

It is the connection scan of Dibbelt, Pajor, Strasser and Wagner (Connection Scan Algorithm, 2013) turned round and cut
into rounds by legs as in RAPTOR (Delling, Pajor, Werneck 2012): round l needs only round l-1, so every round is a few
numpy operations over (events x classes) and no order among equal times has to be kept. A class is a column; what may
be ridden and at what price is given per segment, so the planner (prices), the promise (residual capacity) and the
bound (neither) use the same scan.
"""

from dataclasses import dataclass

import numpy as np

from .network import Floats, Ints, Network


@dataclass(frozen=True)
class Ranks:
    """Members of many runs put in order of rank, the longest runs first: what has a next rank is then a prefix of each.

    steps: (the members of a rank that have a next one, that next rank) as slices of the order, by rising rank.
    """

    order: Ints
    at: Ints  # where each member stands in the order
    steps: list[tuple[slice, slice]]


@dataclass(frozen=True)
class Layout:
    """The network's index arrays in the shape the scan gathers with."""

    network: Network
    stops: Ranks  # events of a departure by stop index
    waits: Ranks  # places of a node's row, the last first
    boards: Ints  # per place of the row, where its event stands in the order of `stops`; one past the end where none boards
    boardings: Ints  # the network's row
    row: Ints  # boardable events only
    row_places: Ints  # their places in the row
    after: Ints
    fee: Floats  # per event, of boarding there: fee and hand-over


def lay_out(network: Network) -> Layout:
    departure = np.array(network.departure, dtype=np.int64)
    row, row_start = np.array(network.row, dtype=np.int64), np.array(network.row_start, dtype=np.int64)
    stops = _rank(np.array(network.first, dtype=np.int64), backwards=False)
    fees = np.array([d.fee_fen for d in network.instance.departures], dtype=float) + network.instance.handover_fee_fen
    return Layout(
        network=network,
        stops=stops,
        waits=_rank(row_start, backwards=True),
        boards=np.append(stops.at, network.events)[row],
        boardings=row,
        row=row[row >= 0],
        row_places=np.flatnonzero(row >= 0),
        after=np.array(network.after, dtype=np.int64),
        fee=fees[departure] if network.events else np.zeros(0),
    )


def _rank(starts: Ints, *, backwards: bool) -> Ranks:
    """starts: where each run begins, and one past the last member."""
    lengths = np.diff(starts)
    run = np.repeat(np.arange(len(lengths)), lengths)
    members = np.arange(len(run))
    rank = starts[run + 1] - 1 - members if backwards else members - starts[run]
    order = np.lexsort((run, -lengths[run], rank))
    at = np.empty_like(order)
    at[order] = members
    bounds = np.searchsorted(rank[order], np.arange(lengths.max(initial=0) + 1)).tolist()
    steps = [
        (slice(here, here + end - further), slice(further, end)) for here, further, end in zip(bounds, bounds[1:], bounds[2:], strict=False)
    ]
    return Ranks(order, at, steps)


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
    (events, classes), precision = terminal.shape, terminal.dtype
    rows, order, after = len(layout.boardings), layout.stops.order, layout.after[layout.stops.order]
    fees = np.zeros((rows, 1), dtype=precision)
    fees[layout.row_places] = (layout.fee if fee is None else fee)[layout.row, None]
    nothing = np.broadcast_to(np.array(np.inf, dtype=precision), (rows, classes))
    wait, board = [nothing], [nothing]
    ended, rides = terminal[order], ride[order]
    alight, going_on = ended, np.empty_like(ended)
    aboard = np.full((events + 1, classes), np.inf, dtype=precision)  # the last is where nobody boards
    for left in range(legs, 0, -1):
        for here, further in reversed(layout.stops.steps):
            np.minimum(alight[further], aboard[further], out=aboard[here])
            aboard[here] += rides[here]
        boarding = aboard[layout.boards]
        boarding += fees
        waiting = boarding[layout.waits.order]
        for later, here in layout.waits.steps:
            np.minimum(waiting[here], waiting[later], out=waiting[here])
        waiting = waiting[layout.waits.at]
        board.append(boarding)
        wait.append(waiting)
        if left > 1 and np.array_equal(waiting, wait[-2]):
            return Labels(wait + [waiting] * (left - 1), board + [boarding] * (left - 1), terminal, ride)
        if left > 1:
            alight = np.minimum(ended, np.take(waiting, after, axis=0, out=going_on, mode="clip"), out=going_on)
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
