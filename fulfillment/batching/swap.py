"""Some parcels placed anew together, everything else staying put: one small integer programme over their choices.

Choices of road per parcel, the room that the others leave on every segment and trunk, and whole boxes as they are counted
(`load`): a whole number of boxes for each boarding stop, unload stop and tier that is not below the shares inside.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from .assignment import Assignment
from .cost import Road
from .instance import EPS, Parcel
from .load import boxes
from .prices import Resource, left_of, taken
from .programme import Programme, Row

_WORTH_FEN = 1e-3
_FEW = 100  # a programme of so few choices is searched to its end, or nearly: how close to its bound it ends, nodes at most
_CLOSELY, _MANY_NODES = 1e-4, 50
_ROUGHLY, _ROOT_ALONE = 3e-3, 1  # a larger one: branching takes longer than another neighbourhood, and gains a fiftieth
_Group = tuple[int, int, str]  # boarding and alighting event, tier
_Column = tuple[int, Road | None]  # number of the parcel, what it is given


class Swap:
    """Some parcels' best places among their options, the present one included, while everything else stays put.

    It is drawn up from the assignment, solved by itself (in a thread, if the caller likes: it shares nothing), then carried out.
    """

    def __init__(self, assignment: Assignment, parcels: Sequence[int], options: Sequence[Sequence[Road | None]]) -> None:
        self.parcels = parcels
        self.before = [assignment.roads[i] for i in parcels]
        self.after: list[Road | None] | None = None
        _take_off(assignment, parcels)
        self._programme = _draw_up(assignment, parcels, self.before, options)
        _put_back(assignment, parcels, self.before)

    def solve(self, seconds: float) -> None:
        """At most so long; without an answer everything will stay as it is."""
        columns, programme = self._programme
        close, nodes = (_CLOSELY, _MANY_NODES) if len(columns) <= _FEW else (_ROUGHLY, _ROOT_ALONE)
        values = programme.run(seconds, close=close, nodes=nodes, presolve=False).values
        if values is not None:
            self.after = [None] * len(self.parcels)
            for (n, road), value in zip(columns, values, strict=False):
                if value > 0.5:
                    self.after[n] = road

    def carry_out(self, assignment: Assignment) -> bool:
        """Whether it made the assignment cheaper; if it does not, or others have taken the room meanwhile, nothing changes."""
        if self.after is None:
            return False
        cost = sum(assignment.cost(i) for i in self.parcels)
        _take_off(assignment, self.parcels)
        fitted = _put_where_it_fits(assignment, self.parcels, self.after)
        if fitted and sum(assignment.cost(i) for i in self.parcels) < cost - _WORTH_FEN:
            return True
        _take_off(assignment, self.parcels)
        _put_back(assignment, self.parcels, self.before)
        return False


def _take_off(assignment: Assignment, parcels: Sequence[int]) -> None:
    for i in parcels:
        assignment.take_off(i)


def _put_back(assignment: Assignment, parcels: Sequence[int], roads: Sequence[Road | None]) -> None:
    for i, road in zip(parcels, roads, strict=True):
        if road is not None:
            assignment.put(i, road)


def _put_where_it_fits(assignment: Assignment, parcels: Sequence[int], roads: Sequence[Road | None]) -> bool:
    """Whether everything fits; the programme's tolerances are not the load's."""
    for i, road in zip(parcels, roads, strict=True):
        if road is not None:
            if not assignment.load.fits(assignment.problem.instance.parcels[i], road):
                return False
            assignment.put(i, road)
    return True


def _draw_up(
    assignment: Assignment, parcels: Sequence[int], before: Sequence[Road | None], options: Sequence[Sequence[Road | None]]
) -> tuple[list[_Column], Programme]:
    """What may be chosen, by the number of its parcel, and the programme. The parcels are off the load."""
    instance = assignment.problem.instance
    columns: list[_Column] = []
    rows: list[Row] = []
    uses: dict[Resource, dict[int, float]] = defaultdict(dict)
    inside: dict[_Group, dict[int, float]] = defaultdict(dict)
    for n, (i, roads) in enumerate(zip(parcels, options, strict=True)):
        first = len(columns)
        for road in roads:
            if road is not None:
                _note(uses, inside, instance.parcels[i], road, len(columns))
            columns.append((n, road))
        rows.append((1.0, 1.0, dict.fromkeys(range(first, len(columns)), 1.0)))
    for resource, amounts in uses.items():
        if resource[0] != "box" and _most(amounts, columns) > (left := left_of(assignment.load, resource)):
            rows.append((-np.inf, left, amounts))
    groups = _add_boxes(assignment, inside, columns, rows)
    costs = [instance.unserved_fen if road is None else road.cost for _, road in columns]
    start = [1.0 if road is before[n] else 0.0 for n, road in columns]
    start += [float(boxes(milli + sum(a * start[c] for c, a in inside[g].items()))) for g, milli in groups]
    return columns, Programme(costs, [(float(boxes(milli)), 1e4) for _, milli in groups], rows, start)


def _note(uses: dict[Resource, dict[int, float]], inside: dict[_Group, dict[int, float]], parcel: Parcel, road: Road, column: int) -> None:
    for resource, amount in taken(parcel, road):
        uses[resource][column] = uses[resource].get(column, 0.0) + amount
    if parcel.box_milli:
        for leg in road.chosen:
            group = inside[*leg, parcel.tier]
            group[column] = group.get(column, 0.0) + parcel.box_milli


def _most(amounts: dict[int, float], columns: list[_Column]) -> float:
    """What all parcels could take of a resource together: each of its options at most one."""
    most: dict[int, float] = {}
    for column, amount in amounts.items():
        n = columns[column][0]
        most[n] = max(most.get(n, 0.0), amount)
    return sum(most.values())


def _add_boxes(
    assignment: Assignment, inside: dict[_Group, dict[int, float]], columns: list[_Column], rows: list[Row]
) -> list[tuple[_Group, float]]:
    """Rows for segments whose boxes might not do; returns the groups that got a column, and the shares others have in them."""
    load = assignment.load
    might: dict[int, int] = defaultdict(int)
    over: dict[int, list[_Group]] = defaultdict(list)
    for group, amounts in inside.items():
        others = load.milli.get(group, 0.0)
        more = boxes(others + _most(amounts, columns)) - boxes(others)
        for s in range(group[0], group[1]):
            might[s] += more
            over[s].append(group)
    short = [s for s, more in might.items() if more > load.boxes[s]]
    groups = {g: len(columns) + n for n, g in enumerate(sorted({g for s in short for g in over[s]}))}
    for group, column in groups.items():
        shares = {c: a / 1000 for c, a in inside[group].items()}
        rows.append((-np.inf, EPS - load.milli.get(group, 0.0) / 1000, {**shares, column: -1.0}))
    for s in short:
        standing = sum(boxes(load.milli.get(g, 0.0)) for g in over[s])
        rows.append((-np.inf, max(load.boxes[s], 0.0) + standing, {groups[g]: 1.0 for g in over[s]}))
    return [(g, load.milli.get(g, 0.0)) for g in groups]
