"""The roads worth naming for one class of parcels, from every node at once.

The planner's backward scan prices every boarding towards every trunk. A boarding is worth naming if every later one of its
node costs more, or leads nowhere. The roads from these boardings are followed all together, a few array operations a leg:
what is asked of a county grows with its departures, what is done in Python only with the roads found.
"""

from typing import NamedTuple

import numpy as np

from fulfillment.batching.cost import Leg
from fulfillment.batching.network import Bools, Floats, Ints
from fulfillment.batching.scan import Labels
from fulfillment.batching.targets import Problem


class Offers(NamedTuple):
    """Arrays by road. `order_by`: latest moment to be ready that still makes the first departure (or the trunk, from the hub itself)."""

    node: Ints
    trunk: Ints
    order_by: Floats
    legs_fen: Floats
    legs: list[tuple[Leg, ...]]


def find_offers(problem: Problem, segments: Bools, trunks: Ints) -> Offers:
    """The roads over open segments to open trunks; the problem's parcels do not matter.

    Legs cost whole fen: single precision holds them exactly, in half the memory and time.
    """
    instance, network = problem.instance, problem.network
    terminal = problem.trunk_terminal[:, trunks].astype(np.float32)
    labels = problem.towards(terminal, np.where(segments, 0, np.inf).astype(np.float32)[:, None])
    waits = labels.wait[-1]
    column, place = np.divmod(last_at_their_price(waits), len(network.row))
    node = np.searchsorted(network.row_start, place, side="right") - 1
    order_by = np.array([network.row_dep[p] for p in place.tolist()]) - instance.transfer_min
    here = [instance.trunks[k] for k in trunks]  # from the hub itself, without a leg
    return Offers(
        node=np.append(node, np.array([network.node_of[trunk.hub] for trunk in here], dtype=np.int64)),
        trunk=np.append(trunks[column], trunks),
        order_by=np.append(order_by, [trunk.cutoff - instance.hub_sort_min for trunk in here]),
        legs_fen=np.append(waits[place, column].astype(float), np.zeros(len(here))),
        legs=[*follow(problem, labels, segments, place, column), *(() for _ in here)],
    )


def last_at_their_price(waits: Floats) -> Ints:
    """The boardings that all later ones of their node are dearer than, as column x places + place, ascending."""
    last = np.zeros(waits.shape[::-1], dtype=bool)
    last[:, :-1] = (waits[:-1] < waits[1:] - 1e-9).T
    return np.flatnonzero(last)


def follow(problem: Problem, labels: Labels, segments: Bools, place: Ints, column: Ints) -> list[tuple[Leg, ...]]:
    """The cheapest road from each place in its column, as `scan.trace` with `latest` would find them one by one."""
    after, first = problem.layout.after, np.array(problem.network.first)
    end = np.repeat(first[1:], np.diff(first))  # per event, one past its departure's last
    row = np.zeros(len(problem.network.row), dtype=np.int64)
    row[problem.layout.row_places] = problem.layout.row
    closed = np.append(0, np.cumsum(~segments))  # segments closed before each event
    roads: list[tuple[Leg, ...]] = [()] * len(place)
    going = np.arange(len(place))
    for left in range(problem.most_legs, 0, -1):
        if not len(going):
            break
        last = last_at_their_price(labels.wait[left])
        first_place = column * len(row)
        board = row[last[np.searchsorted(last, first_place + place)] - first_place]
        ahead = end[board] - board - 1  # stops
        begins = np.cumsum(ahead) - ahead
        of = np.repeat(np.arange(len(board)), ahead)  # which road each stop ahead is of
        stop = np.arange(len(of)) - begins[of] + board[of] + 1
        cost = np.minimum(labels.terminal[stop, column[of]], labels.wait[left - 1][after[stop], column[of]])
        cost[closed[stop] > closed[board[of]]] = np.inf
        cheapest = np.where(cost == np.minimum.reduceat(cost, begins)[of], stop, len(after))
        alight = np.minimum.reduceat(cheapest, begins)
        for road, leg in zip(going.tolist(), zip(board.tolist(), alight.tolist(), strict=True), strict=True):
            roads[road] = (*roads[road], leg)
        place = after[alight]
        further = np.isinf(labels.terminal[alight, column])  # not in the hub in time for the trunk: there it costs nothing to stay
        going, place, column = going[further], place[further], column[further]
    return roads
