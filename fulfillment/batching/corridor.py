"""The part of the network that parcels of one way can use, cut into layers by how many legs they have left.

A layer holds, for every departure one may board with so many legs left, the stops from the first boarding to the last
alighting that still leads to the end. Layers are small (a village's buses, then its township's), so a whole backward scan
of a way costs a handful of array operations, however many parcels share it: a column each, each with prices of its own.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .cargo import Way
from .network import Bools, Floats, Ints
from .targets import Problem


@dataclass(frozen=True)
class Layer:
    """Local indexes: `events` by departure and stop; `rows` of boardings by node and time. One past the end means nowhere."""

    events: Ints  # network's numbers
    departure: Ints
    carried: Bools  # (events x tiers) whether its departure carries the tier
    by_distance: list[Ints]  # events that ride on, by how many stops of the layer follow on their departure
    alights: Ints  # events where one may alight to some use
    end_at: Ints  # per alight, its row of the end's costs
    onward: Ints  # per alight, the row of the next layer from which one may board
    rows: Ints  # events that may be boarded
    row_places: Ints  # their places in the network's row
    row_end: Ints  # per row, the last of its node
    jumps: list[Ints]  # per row, the row 1, 2, 4 … further on, not beyond its node's last
    fee: Floats  # per row


@dataclass(frozen=True)
class Corridor:
    """Layers by legs left, most first. `ends`: events at which one is done, and which `kind` of moment each is.

    `caught`: (kinds x trunks) which trunks such a moment makes; None where the end is a node.
    """

    way: Way
    layers: list[Layer]
    ends: Ints
    kind: Ints
    caught: Bools | None


class Grid(NamedTuple):
    """The network's arrays as the cutting needs them."""

    node: Ints
    departure: Ints
    first: Ints
    last: Bools  # per event, whether its departure ends there
    row_place: Ints  # per event, its place in the row; -1 where none boards
    after: Ints
    row_start: Ints


def grid_of(problem: Problem) -> Grid:
    network = problem.network
    first = np.array(network.first, dtype=np.int64)
    last = np.zeros(network.events, dtype=bool)
    last[first[1:] - 1] = True
    row_place = np.full(network.events, -1, dtype=np.int64)
    row_place[problem.layout.row] = problem.layout.row_places
    return Grid(
        np.array(network.node, dtype=np.int64), np.array(network.departure, dtype=np.int64), first, last, row_place,
        problem.layout.after, np.array(network.row_start, dtype=np.int64),
    )  # fmt: skip


def cut_corridor(problem: Problem, grid: Grid, way: Way, place: int, tiers: Bools) -> Corridor:
    """place: the earliest boarding of any of its parcels; tiers: which of them its parcels have."""
    ends, kind, caught = _ends(problem, grid, way)
    nowhere = len(problem.network.row)
    useful = problem.useful(tuple(np.flatnonzero(tiers).tolist()), way.to)
    from_place = np.full(len(problem.instance.nodes), nowhere, dtype=np.int64)
    from_place[way.node] = place
    cuts: list[tuple[Bools, Bools, Bools]] = []
    open_to = problem.carried[:, tiers].any(axis=1)
    is_end = np.zeros(problem.network.events, dtype=bool)
    is_end[ends] = True
    for left in range(way.legs, 0, -1):
        boards = (grid.row_place >= from_place[grid.node]) & useful[left] & open_to
        aboard = _behind(grid, boards)
        goes_on = _goes_on(grid, useful[left - 1])
        alights = aboard & (is_end | goes_on)
        boards &= _before(grid, alights)
        cuts.append((boards, alights, aboard))
        from_place = np.full(len(problem.instance.nodes), nowhere, dtype=np.int64)
        np.minimum.at(from_place, grid.node[alights], grid.after[alights])
    layers: list[Layer] = []
    below: Layer | None = None
    for boards, alights, aboard in reversed(cuts):
        below = _layer(problem, grid, boards, alights, aboard, ends, is_end, below)
        layers.append(below)
    return Corridor(way, layers[::-1], ends, kind, caught)


def _ends(problem: Problem, grid: Grid, way: Way) -> tuple[Ints, Ints, Bools | None]:
    if way.to is not None:
        ends = np.flatnonzero(grid.node == problem.network.node_of[way.to])
        return ends, np.zeros(len(ends), dtype=np.int64), None
    return problem.catching_events


def _goes_on(grid: Grid, useful: Bools) -> Bools:
    """Per event: whether someone who alights there can still board something useful."""
    latest = np.full(len(grid.row_start) - 1, -1, dtype=np.int64)
    events = np.flatnonzero(useful & (grid.row_place >= 0))
    np.maximum.at(latest, grid.node[events], grid.row_place[events])
    return grid.after <= latest[grid.node]


def _behind(grid: Grid, boards: Bools) -> Bools:
    """Per event: whether its departure was boarded at an earlier stop."""
    seen = np.cumsum(boards)
    before = np.concatenate(([0], seen))
    return before[:-1] > before[grid.first[grid.departure]]


def _before(grid: Grid, alights: Bools) -> Bools:
    """Per event: whether a later stop of its departure is alighted at."""
    before = np.concatenate(([0], np.cumsum(alights)))
    return before[grid.first[grid.departure + 1]] > before[1:]


def _layer(
    problem: Problem, grid: Grid, boards: Bools, alights: Bools, aboard: Bools, ends: Ints, is_end: Bools, below: Layer | None
) -> Layer:
    rides = (boards | (aboard & _before(grid, alights))) | alights
    events = np.flatnonzero(rides)
    local = np.full(problem.network.events, len(events), dtype=np.int64)
    local[events] = np.arange(len(events))
    same = np.append(grid.departure[events][1:] == grid.departure[events][:-1], False) if len(events) else np.zeros(0, dtype=bool)
    distance = np.zeros(len(events), dtype=np.int64)
    ending = np.flatnonzero(~same)
    if len(events):
        distance = ending[np.searchsorted(ending, np.arange(len(events)))] - np.arange(len(events))
    places = np.sort(grid.row_place[boards & rides])
    rows = local[np.array(problem.network.row, dtype=np.int64)[places]]
    node = grid.node[events[rows]] if len(rows) else np.zeros(0, dtype=np.int64)
    row_end = _last_of_run(node)
    jumps, reach = [], 1
    while len(rows) and reach <= int((row_end - np.arange(len(rows))).max()):
        jumps.append(np.minimum(np.arange(len(rows)) + reach, row_end))
        reach *= 2
    down = np.flatnonzero(alights)
    fees = problem.layout.fee[events[rows]] if len(rows) else np.zeros(0)
    return Layer(
        events=events,
        departure=grid.departure[events],
        carried=problem.carried[events],
        by_distance=[np.flatnonzero(distance == d) for d in range(1, int(distance.max(initial=0)) + 1)],
        alights=local[down],
        end_at=np.where(is_end[down], np.searchsorted(ends, down), len(ends)),
        onward=_onward(grid, down, below),
        rows=rows,
        row_places=places,
        row_end=row_end,
        jumps=jumps,
        fee=fees,
    )


def _onward(grid: Grid, down: Ints, below: Layer | None) -> Ints:
    """Per alighting, the first row of the layer below at or after its place and at its node; one past the end if none."""
    if below is None or not len(below.rows):
        return np.zeros(len(down), dtype=np.int64)
    at = np.searchsorted(below.row_places, grid.after[down])
    node_of_row = grid.node[below.events[below.rows]]
    here = (at < len(below.rows)) & (node_of_row[np.minimum(at, len(below.rows) - 1)] == grid.node[down])
    return np.where(here, at, len(below.rows))


def _last_of_run(values: Ints) -> Ints:
    """Per index the last index with the same value in a row of equal values."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    ending = np.flatnonzero(np.append(values[1:] != values[:-1], True))
    return ending[np.searchsorted(ending, np.arange(len(values)))]
