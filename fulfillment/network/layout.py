"""Where the stops of a line diagram stand: on a grid, in true order, with only 0, 45 and 90 degrees between them.

Each line is laid outwards from the hub by a small beam search that keeps the true bearing, avoids crossings and turns little;
a stop that two lines share stands once.
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Cell = tuple[int, int]
WAYS: tuple[Cell, ...] = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
BEAM = 40


class MapStop(NamedTuple):
    """A stop: public code, name, where it truly lies, its page where it has a shop of its own."""

    code: str
    name: str
    lat: float
    lon: float
    href: str = ""


class MapLine(NamedTuple):
    """A line: number, ink 1…8, stops in order; `load` 0…1 widens it; a line that does not run today is dashed."""

    number: str
    ink: int
    stops: Sequence[MapStop]
    load: float | None = None
    runs: bool = True


def _bearing(a: MapStop, b: MapStop) -> float:
    return math.atan2(-(b.lat - a.lat), (b.lon - a.lon) * math.cos(math.radians(a.lat)))


def distance(a: MapStop, b: MapStop) -> float:
    return math.hypot(b.lat - a.lat, (b.lon - a.lon) * math.cos(math.radians(a.lat)))


def _off(a: float, b: float) -> float:
    """The angle between two bearings, 0 … π."""
    return abs((a - b + math.pi) % (2 * math.pi) - math.pi)


def between(a: Cell, b: Cell) -> list[Cell]:
    """Grid cells from a to b: the diagonal first, then straight; a itself left out."""
    cells, (x, y) = [], a
    while (x, y) != b:
        x, y = x + (b[0] > x) - (b[0] < x), y + (b[1] > y) - (b[1] < y)
        cells.append((x, y))
    return cells


class _Trial(NamedTuple):
    cost: float
    cells: list[Cell]
    way: int | None


class Layout:
    """Where every stop stands; built line by line."""

    def __init__(self, hub: MapStop) -> None:
        self.hub = hub
        self.at: dict[str, Cell] = {hub.code: (0, 0)}
        self.taken: set[Cell] = {(0, 0)}
        self.middles: set[Cell] = set()  # doubled midpoints of used steps: two diagonals that cross share one

    def _use(self, a: Cell, b: Cell) -> None:
        before = a
        for cell in between(a, b):
            self.middles.add((before[0] + cell[0], before[1] + cell[1]))
            before = cell

    def _anchor(self, stop: MapStop) -> None:
        """A line that never meets the hub begins where it truly lies, three steps away."""
        angle = _bearing(self.hub, stop)
        near = (round(3 * math.cos(angle)), round(3 * math.sin(angle)))
        free = (cell for reach in range(12) for cell in _ring(near, reach) if cell not in self.taken)
        self._put(stop, next(free))

    def _put(self, stop: MapStop, cell: Cell) -> None:
        self.at[stop.code] = cell
        self.taken.add(cell)

    def outward(self, stops: Sequence[MapStop]) -> Sequence[MapStop]:
        """The stops from the end that has a place, else from the end nearer to the hub."""
        first, last = stops[0], stops[-1]
        if (first.code in self.at) != (last.code in self.at):
            return stops[::-1] if last.code in self.at else stops
        return stops[::-1] if distance(self.hub, last) < distance(self.hub, first) else stops

    def add(self, stops: Sequence[MapStop]) -> None:
        """Place the stops of one line that have no place yet."""
        if stops[0].code not in self.at:
            self._anchor(stops[0])
        i = 1
        while i < len(stops):
            if stops[i].code in self.at:
                self._use(self.at[stops[i - 1].code], self.at[stops[i].code])
                i += 1
                continue
            run = [stops[i]]
            while i + len(run) < len(stops) and stops[i + len(run)].code not in self.at:
                run.append(stops[i + len(run)])
            before = self.at[stops[i - 1].code]
            onward = self.at[stops[i + len(run)].code] if i + len(run) < len(stops) else None
            for stop, cell in zip(run, self._lay(stops[i - 1], run, onward), strict=True):
                self._use(before, cell)
                self._put(stop, cell)
                before = cell
            i += len(run)

    def _lay(self, root: MapStop, run: Sequence[MapStop], onward: Cell | None) -> list[Cell]:
        """The cheapest cells for a run of new stops from `root`, which then goes on to the cell of a stop that stands already."""
        trials = [_Trial(0.0, [self.at[root.code]], None)]
        before = root
        for stop in run:
            grown: list[_Trial] = []
            toward, local = _bearing(self.hub, stop), _bearing(before, stop)
            for trial in trials:
                grown.extend(self._steps(trial, toward, local, onward))
            trials = sorted(grown, key=lambda trial: trial.cost)[:BEAM]
            before = stop
        if onward:
            trials.sort(key=lambda trial: trial.cost + self._joining(trial, onward))
        return trials[0].cells[1:]

    def _joining(self, trial: _Trial, onward: Cell) -> float:
        path = [trial.cells[-1], *between(trial.cells[-1], onward)]
        through = sum(4.0 for cell in path[1:-1] if cell in self.taken or cell in trial.cells)
        crossed = sum(4.0 for a, b in pairwise(path) if (a[0] + b[0], a[1] + b[1]) in self.middles)
        return 0.8 * len(path) + through + crossed

    def _steps(self, trial: _Trial, toward: float, local: float, onward: Cell | None) -> list[_Trial]:
        x, y = trial.cells[-1]
        found = []
        for way, (dx, dy) in enumerate(WAYS):
            turn = 0 if trial.way is None else min((way - trial.way) % 8, (trial.way - way) % 8)
            if turn > 2:
                continue
            for reach in (1, 2, 3, 5, 8):
                path = [(x + dx * k, y + dy * k) for k in range(1, reach + 1)]
                if any(cell in self.taken or cell in trial.cells for cell in path):
                    break
                end = path[-1]
                crossed = sum((2 * cx - dx, 2 * cy - dy) in self.middles for cx, cy in path)
                crowd = sum((end[0] + side, end[1]) in self.taken or (end[0] + side, end[1]) in trial.cells[:-1] for side in (-1, 1))
                cost = 2.0 * _off(math.atan2(end[1], end[0]), toward) + 0.8 * _off(math.atan2(dy, dx), local)
                cost += 0.55 * turn + 0.5 * (reach - 1) + 6 * crossed + 0.5 * crowd + 0.05 * math.hypot(*end)
                if onward:
                    cost += 0.7 * max(abs(end[0] - onward[0]), abs(end[1] - onward[1]))
                found.append(_Trial(trial.cost + cost, [*trial.cells, end], way))
        return found or [_Trial(trial.cost + 50, [*trial.cells, self._free_near((x, y), trial)], None)]

    def _free_near(self, cell: Cell, trial: _Trial) -> Cell:
        return next(c for reach in range(1, 60) for c in _ring(cell, reach) if c not in self.taken and c not in trial.cells)


def _ring(middle: Cell, reach: int) -> list[Cell]:
    """The cells at exactly this many steps around."""
    x, y = middle
    span = range(-reach, reach + 1)
    return [(x + dx, y + dy) for dx in span for dy in span if max(abs(dx), abs(dy)) == reach]


def lay_out(lines: Sequence[MapLine], hub: MapStop) -> dict[str, Cell]:
    """Grid cells of all stops, the hub at (0, 0); the same lines always give the same cells."""
    layout, uses = Layout(hub), Counter(stop.code for line in lines for stop in {stop.code: stop for stop in line.stops}.values())

    def detour(line: MapLine) -> int:
        """Stops of its own before the last one it shares: the straighter way to a shared stop is laid first."""
        alone = [uses[stop.code] == 1 for stop in layout.outward(line.stops)]
        shared = [i for i, lonely in enumerate(alone) if not lonely]
        return sum(alone[: shared[-1]]) if shared else 0

    for line in sorted(lines, key=detour):
        layout.add(layout.outward(line.stops))
    return layout.at
