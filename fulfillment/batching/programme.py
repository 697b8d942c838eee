"""A small integer programme: choices to be taken or left, whole numbers beside them. Solved by HiGHS (Huangfu and Hall 2018)."""

import math
from typing import NamedTuple

import highspy
import numpy as np

Row = tuple[float, float, dict[int, float]]  # least, most, amount per column


class Solved(NamedTuple):
    """The value of every column, None if no solution was found; what no solution can cost less than."""

    values: list[float] | None
    bound: float


class Programme(NamedTuple):
    """Choices (0 or 1) with their costs, whole numbers between bounds that cost nothing, rows, and a solution to begin with."""

    costs: list[float]
    whole: list[tuple[float, float]]
    rows: list[Row]
    start: list[float]

    def run(self, seconds: float, *, close: float, nodes: int, presolve: bool = True) -> Solved:
        """At most so long. It ends within `close` of the bound or after `nodes`: these are counted, so that the same gives the same.

        presolve: off where a column stands in for others that it would be replaced by. HiGHS works without holding up other threads.
        """
        costs, whole, rows = self.costs, self.whole, self.rows
        columns = len(costs) + len(whole)
        begins: list[int] = [0]
        indexes: list[int] = []
        values: list[float] = []
        for _, _, amounts in rows:
            indexes += amounts.keys()
            values += amounts.values()
            begins.append(len(indexes))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, len(rows)
        lp.col_cost_ = np.array([*costs, *(0.0 for _ in whole)])
        lp.col_lower_ = np.array([*(0.0 for _ in costs), *(low for low, _ in whole)])
        lp.col_upper_ = np.array([*(1.0 for _ in costs), *(high for _, high in whole)])
        lp.row_lower_, lp.row_upper_ = np.array([low for low, _, _ in rows]), np.array([high for _, high, _ in rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = np.array(begins, dtype=np.int32), np.array(indexes, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(values, dtype=np.float64)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * columns
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        options = {"output_flag": False, "threads": 1, "random_seed": 1, "mip_rel_gap": close, "mip_max_nodes": nodes}
        for option, value in {**options, "presolve": "on" if presolve else "off", "time_limit": max(seconds, 0.01)}.items():
            highs.setOptionValue(option, value)
        highs.passModel(lp)
        solution = highspy.HighsSolution()
        solution.col_value = self.start
        highs.setSolution(solution)
        highs.run()
        found = list(highs.getSolution().col_value)
        bound = float(highs.getInfo().mip_dual_bound)
        return Solved(found if len(found) == columns else None, bound if math.isfinite(bound) else -math.inf)
