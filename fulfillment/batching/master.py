"""The master problem: which mix of known roads is cheapest for all parcels together, and what that makes room worth.

Dantzig and Wolfe 1960, over paths: one row per parcel (its roads and being unserved add up to one), one row per
resource that is short. Rows and columns are added as they are needed; HiGHS's simplex starts from where it stood.
"""

from collections import defaultdict
from collections.abc import Iterable

import highspy
import numpy as np

from .cargo import Cargo
from .cost import Road
from .network import Floats, Ints
from .prices import KINDS, Resource, Rooms, taken

_NONE: Ints = np.zeros(0, dtype=np.int64)


class Master:
    """Parcels whose road meets nothing short stay outside the programme and simply ride it."""

    def __init__(self, cargo: Cargo, rooms: Rooms) -> None:
        self.cargo, self.rooms, self.unserved_fen = cargo, rooms, cargo.instance.unserved_fen
        self.roads: list[Road] = []
        self.parcel: list[int] = []  # per road
        self.mine: list[list[int]] = [[] for _ in cargo.starts]  # roads of each parcel
        self.segments: list[Ints] = []  # of each road, those it may choose
        self.users: dict[int, list[int]] = defaultdict(list)  # roads by segment
        self.trunk_users: dict[int, list[int]] = defaultdict(list)
        self.column: dict[int, int] = {}  # of roads inside
        self.parcel_row: dict[int, int] = {}
        self.resource_row: dict[Resource, int] = {}
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)

    def add_roads(self, roads: Iterable[tuple[int, Road]]) -> None:
        """Parcels with a road that is new to them."""
        inside = []
        for i, road in roads:
            r = len(self.roads)
            self.roads.append(road)
            self.parcel.append(i)
            self.mine[i].append(r)
            segments = np.concatenate([np.arange(*leg, dtype=np.int64) for leg in road.chosen]) if road.chosen else _NONE
            self.segments.append(segments)
            for s in dict.fromkeys(segments.tolist()):
                self.users[s].append(r)
            if road.trunk is not None:
                self.trunk_users[road.trunk].append(r)
            if i in self.parcel_row:
                inside.append(r)
        self._add_columns(inside)

    def solve(self) -> float:
        """Cheapest mix within the rows known; the cost of all parcels."""
        self.highs.run()
        solution = self.highs.getSolution()
        self.values, self.duals = np.array(solution.col_value), np.array(solution.row_dual)
        outside = sum(
            self.roads[mine[0]].cost if mine else self.unserved_fen for i, mine in enumerate(self.mine) if i not in self.parcel_row
        )
        return float(self.highs.getInfo().objective_function_value) + outside if self.parcel_row else outside

    def add_short_resources(self) -> bool:
        """Add a row for every resource that the present mix overfills; whether there was any."""
        shares = self._shares()
        riding = np.flatnonzero(shares)
        if not len(riding):
            return False
        parcels = np.array(self.parcel)[riding]
        taken_up = self.cargo.amounts[parcels] * shares[riding, None]
        lengths = [len(self.segments[r]) for r in riding]
        where, of = np.concatenate([self.segments[r] for r in riding]), np.repeat(np.arange(len(riding)), lengths)
        events = self.rooms.left_by_kind.shape[1]
        used = np.array([np.bincount(where, weights=taken_up[of, kind], minlength=events) for kind in range(len(KINDS))])
        short = [(KINDS[kind], int(s)) for kind, s in np.argwhere(used > self.rooms.left_by_kind + 1e-7)]
        leaving: dict[int, float] = defaultdict(float)
        for r, kilograms in zip(riding.tolist(), taken_up[:, 0].tolist(), strict=True):
            if (trunk := self.roads[r].trunk) is not None:
                leaving[trunk] += kilograms
        short += [("trunk", k) for k, kilograms in leaving.items() if kilograms > self.rooms.left_of(("trunk", k)) + 1e-7]
        fresh = sorted(resource for resource in short if resource not in self.resource_row)
        admitted = sorted({self.parcel[r] for resource in fresh for r in self._users(resource)} - self.parcel_row.keys())
        self._admit(admitted)
        for resource in fresh:
            self._add_resource(resource)
        self._start_from(admitted)
        return bool(fresh)

    def _shares(self) -> Floats:
        """Per road the share of its parcel that rides it."""
        shares = np.zeros(len(self.roads))
        for i, mine in enumerate(self.mine):
            if mine and i not in self.parcel_row:
                shares[mine[0]] = 1.0
        for r, column in self.column.items():
            shares[r] = self.values[column] if column < len(self.values) else 0.0  # newer ones have none yet
        shares[shares < 1e-9] = 0.0
        return shares

    def mixes(self) -> list[list[tuple[Road, float]]]:
        """Per parcel its roads and their shares; what is missing to one is unserved."""
        shares = self._shares()
        return [[(self.roads[r], float(shares[r])) for r in mine if shares[r] > 0] for mine in self.mine]

    def known(self) -> list[list[Road]]:
        return [[self.roads[r] for r in mine] for mine in self.mine]

    def prices(self) -> dict[Resource, float]:
        return {r: max(0.0, -float(self.duals[row])) for r, row in self.resource_row.items()}

    def known_costs(self) -> Floats:
        """Per parcel what its best known road, or being unserved, costs at the present prices."""
        costs = np.array([self.roads[mine[0]].cost if mine else self.unserved_fen for mine in self.mine])
        for i, row in self.parcel_row.items():
            costs[i] = self.duals[row]
        return costs

    def _users(self, resource: Resource) -> list[int]:
        kind, where = resource
        return self.trunk_users[where] if kind == "trunk" else self.users[where]

    def _add_resource(self, resource: Resource) -> None:
        columns, amounts = [], []
        for r in self._users(resource):
            amount = sum(a for what, a in taken(self.cargo.instance.parcels[self.parcel[r]], self.roads[r]) if what == resource)
            if amount > 0:
                columns.append(self.column[r])
                amounts.append(amount)
        self.resource_row[resource] = self.highs.getNumRow()
        self.highs.addRow(
            -highspy.kHighsInf, self.rooms.left_of(resource), len(columns), np.array(columns, dtype=np.int32), np.array(amounts)
        )

    def _admit(self, parcels: list[int]) -> None:
        """Take parcels into the programme, with all their roads."""
        if not parcels:
            return
        row, column, nothing = self.highs.getNumRow(), self.highs.getNumCol(), np.zeros(0)
        ones, n = np.ones(len(parcels)), len(parcels)
        self.highs.addRows(n, ones, ones, 0, np.zeros(n, dtype=np.int32), nothing.astype(np.int32), nothing)
        self.highs.addCols(
            n, ones * self.unserved_fen, np.zeros(n), np.full(n, highspy.kHighsInf), n, np.arange(n, dtype=np.int32),
            np.arange(row, row + n, dtype=np.int32), ones,
        )  # fmt: skip
        assert self.highs.getNumCol() == column + n
        self.parcel_row.update({i: row + k for k, i in enumerate(parcels)})
        self._add_columns([r for i in parcels for r in self.mine[i]])

    def _start_from(self, parcels: list[int]) -> None:
        """Begin with new parcels on their first roads, which are the cheapest: the dual simplex starts from there.

        Left to itself the simplex would first have to find a mix at all.
        """
        if not parcels:
            return
        basis = self.highs.getBasis()
        columns, rows = list(basis.col_status), list(basis.row_status)
        basic, lower = highspy.HighsBasisStatus.kBasic, highspy.HighsBasisStatus.kLower
        rows += [basic] * (self.highs.getNumRow() - len(rows))
        columns += [lower] * (self.highs.getNumCol() - len(columns))
        for i in parcels:
            rows[self.parcel_row[i]] = lower
            columns[self.column[self.mine[i][0]]] = basic
        basis.col_status, basis.row_status, basis.valid = columns, rows, True
        self.highs.setBasis(basis)

    def _add_columns(self, roads: list[int]) -> None:
        if not roads:
            return
        begins: list[int] = []
        rows: list[int] = []
        values: list[float] = []
        for r in roads:
            begins.append(len(rows))
            i = self.parcel[r]
            entries: dict[int, float] = {self.parcel_row[i]: 1.0}
            for resource, amount in taken(self.cargo.instance.parcels[i], self.roads[r]):
                if (row := self.resource_row.get(resource)) is not None:
                    entries[row] = entries.get(row, 0.0) + amount
            rows += entries.keys()
            values += entries.values()
        first, n = self.highs.getNumCol(), len(roads)
        self.highs.addCols(
            n, np.array([self.roads[r].cost for r in roads]), np.zeros(n), np.full(n, highspy.kHighsInf), len(rows),
            np.array(begins, dtype=np.int32), np.array(rows, dtype=np.int32), np.array(values),
        )  # fmt: skip
        self.column.update({r: first + k for k, r in enumerate(roads)})
