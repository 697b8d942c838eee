"""The master problem: which mix of known roads is cheapest for all parcels together, and what that makes room worth.

Dantzig and Wolfe 1960, over paths: one row per parcel (its roads and being unserved add up to one), one row per
resource that is short. Rows and columns are added as they are needed; HiGHS's simplex starts from where it stood.
"""

from collections import defaultdict

import highspy
import numpy as np

from .cost import Road
from .instance import Parcel
from .prices import Resource, Rooms, taken


class Master:
    """Parcels whose road meets nothing short stay outside the programme and simply ride it."""

    def __init__(self, parcels: tuple[Parcel, ...], rooms: Rooms, unserved_fen: float) -> None:
        self.parcels, self.rooms, self.unserved_fen = parcels, rooms, unserved_fen
        self.roads: list[list[Road]] = [[] for _ in parcels]
        self.users: dict[Resource, list[tuple[int, int]]] = defaultdict(list)  # (parcel, which of its roads)
        self.columns: dict[tuple[int, int], int] = {}
        self.parcel_row: dict[int, int] = {}
        self.resource_row: dict[Resource, int] = {}
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)

    def add_road(self, i: int, road: Road) -> None:
        which = len(self.roads[i])
        self.roads[i].append(road)
        for resource, _ in taken(self.parcels[i], road):
            self.users[resource].append((i, which))
        if i in self.parcel_row:
            self._add_column(i, which)

    def solve(self) -> float:
        """Cheapest mix within the rows known; the cost of all parcels."""
        self.highs.run()
        solution = self.highs.getSolution()
        self.values, self.duals = np.array(solution.col_value), np.array(solution.row_dual)
        outside = sum(
            self.roads[i][0].cost if self.roads[i] else self.unserved_fen for i in range(len(self.parcels)) if i not in self.parcel_row
        )
        return float(self.highs.getInfo().objective_function_value) + outside if self.parcel_row else outside

    def add_short_resources(self) -> bool:
        """Add a row for every resource that the present mix overfills; whether there was any."""
        used: dict[Resource, float] = defaultdict(float)
        for i, mix in enumerate(self.mixes()):
            for road, share in mix:
                for resource, amount in taken(self.parcels[i], road):
                    used[resource] += amount * share
        short = [r for r, amount in used.items() if r not in self.resource_row and amount > self.rooms.left_of(r) + 1e-7]
        for resource in sorted(short):
            self._add_resource(resource)
        return bool(short)

    def mixes(self) -> list[list[tuple[Road, float]]]:
        """Per parcel its roads and their shares; what is missing to one is unserved."""
        mixes = []
        for i, roads in enumerate(self.roads):
            if i not in self.parcel_row:
                mixes.append([(roads[0], 1.0)] if roads else [])
            else:
                columns = [self.columns[i, which] for which in range(len(roads))]
                shares = [float(self.values[c]) if c < len(self.values) else 0.0 for c in columns]  # newer ones have none yet
                mixes.append([(road, share) for road, share in zip(roads, shares, strict=True) if share > 1e-9])
        return mixes

    def prices(self) -> dict[Resource, float]:
        return {r: max(0.0, -float(self.duals[row])) for r, row in self.resource_row.items()}

    def known_cost(self, i: int) -> float:
        """What the parcel's best known road costs at the present prices."""
        if i in self.parcel_row:
            return float(self.duals[self.parcel_row[i]])
        return self.roads[i][0].cost if self.roads[i] else self.unserved_fen

    def _add_resource(self, resource: Resource) -> None:
        for i, _ in self.users[resource]:
            if i not in self.parcel_row:
                self._admit(i)
        columns = [self.columns[user] for user in self.users[resource]]
        amounts = [next(a for r, a in taken(self.parcels[i], self.roads[i][w]) if r == resource) for i, w in self.users[resource]]
        self.resource_row[resource] = self.highs.getNumRow()
        self.highs.addRow(
            -highspy.kHighsInf, self.rooms.left_of(resource), len(columns), np.array(columns, dtype=np.int32), np.array(amounts)
        )

    def _admit(self, i: int) -> None:
        self.parcel_row[i] = self.highs.getNumRow()
        self.highs.addRow(1.0, 1.0, 0, np.array([], dtype=np.int32), np.array([]))
        self.highs.addCol(self.unserved_fen, 0.0, highspy.kHighsInf, 1, np.array([self.parcel_row[i]], dtype=np.int32), np.array([1.0]))
        for which in range(len(self.roads[i])):
            self._add_column(i, which)

    def _add_column(self, i: int, which: int) -> None:
        road = self.roads[i][which]
        rows, values = [self.parcel_row[i]], [1.0]
        for resource, amount in taken(self.parcels[i], road):
            if resource in self.resource_row:
                rows.append(self.resource_row[resource])
                values.append(amount)
        self.columns[i, which] = self.highs.getNumCol()
        self.highs.addCol(road.cost, 0.0, highspy.kHighsInf, len(rows), np.array(rows, dtype=np.int32), np.array(values))
