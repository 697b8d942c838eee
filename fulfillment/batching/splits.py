"""The parcels that the relaxation split between roads, settled together by a small mixed-integer programme.

A basic solution splits at most as many parcels as there are short resources, so this is small however large the county.
Boxes are shares here as in the relaxation; that they are whole is seen to afterwards.
"""

from collections import defaultdict

import highspy
import numpy as np

from .assignment import Assignment
from .cost import Road
from .prices import Resource, Rooms, taken

_NODES = 200  # a count, not seconds: the same instance gives the same plan
_SECONDS = 10.0  # only against a programme that does not get to count


def settle_splits(assignment: Assignment, split: list[int], known: list[list[Road]]) -> dict[int, Road]:
    """Which known road each split parcel should take on the room left; those missing are better unserved, or undecided."""
    parcels, rooms = assignment.problem.instance.parcels, Rooms(assignment.load)
    unserved = assignment.problem.instance.unserved_fen
    choices = [(i, road) for i in split for road in known[i]]
    uses: dict[Resource, list[tuple[int, float]]] = defaultdict(list)
    for column, (i, road) in enumerate(choices):
        for resource, amount in taken(parcels[i], road):
            uses[resource].append((column, amount))
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("mip_max_nodes", _NODES),
        ("mip_rel_gap", 1e-6),
        ("time_limit", _SECONDS),
    ):
        highs.setOptionValue(option, value)
    for _, road in choices:
        highs.addCol(road.cost - unserved, 0.0, 1.0, 0, np.array([], dtype=np.int32), np.array([]))
    highs.changeColsIntegrality(len(choices), np.arange(len(choices), dtype=np.int32), np.full(len(choices), highspy.HighsVarType.kInteger))
    one_each: dict[int, list[int]] = defaultdict(list)
    for column, (i, _) in enumerate(choices):
        one_each[i].append(column)
    for columns in one_each.values():
        highs.addRow(0.0, 1.0, len(columns), np.array(columns, dtype=np.int32), np.ones(len(columns)))
    for resource, users in uses.items():
        if sum(amount for _, amount in users) > rooms.left_of(resource):
            indexes, amounts = np.array([c for c, _ in users], dtype=np.int32), np.array([a for _, a in users])
            highs.addRow(0.0, rooms.left_of(resource), len(users), indexes, amounts)
    highs.run()
    values = highs.getSolution().col_value
    return {choices[c][0]: choices[c][1] for c, value in enumerate(values) if value > 0.5}
