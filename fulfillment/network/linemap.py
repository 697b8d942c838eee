"""The county's lines as a metro diagram: true order of stops, only 0, 45 and 90 degrees, no false distances.

Stops stand on a grid. Each line is laid outwards from the hub by a small beam search that keeps the true bearing, avoids
crossings and turns little; a stop that two lines share stands once. Text stays text: the diagram can be searched,
translated and read aloud, and a list with the same facts stands beside it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

Cell = tuple[int, int]
Box = tuple[float, float, float, float]
WAYS: tuple[Cell, ...] = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
BEAM = 40
SIDES = (
    (1.0, 0.0, "start"), (-1.0, 0.0, "end"), (0.0, 1.0, "middle"), (0.0, -1.0, "middle"),
    (0.7, -0.9, "start"), (-0.7, -0.9, "end"), (0.7, 0.9, "start"), (-0.7, 0.9, "end"),
)  # fmt: skip


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


class Lettering(NamedTuple):
    """One of the two drawings: grid step, letter size, stop radius, line width, all in drawing units."""

    step: int
    letter: int
    radius: float
    width: float
    css: str


DESK = Lettering(70, 18, 7, 6, "map only-desk")
PHONE = Lettering(74, 30, 9, 8, "map map--s only-phone")


def _bearing(a: MapStop, b: MapStop) -> float:
    return math.atan2(-(b.lat - a.lat), (b.lon - a.lon) * math.cos(math.radians(a.lat)))


def _far(a: MapStop, b: MapStop) -> float:
    return math.hypot(b.lat - a.lat, (b.lon - a.lon) * math.cos(math.radians(a.lat)))


def _off(a: float, b: float) -> float:
    """The angle between two bearings, 0 … π."""
    return abs((a - b + math.pi) % (2 * math.pi) - math.pi)


def _between(a: Cell, b: Cell) -> list[Cell]:
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
        for cell in _between(a, b):
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
        return stops[::-1] if _far(self.hub, last) < _far(self.hub, first) else stops

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
        path = [trial.cells[-1], *_between(trial.cells[-1], onward)]
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


def _overlap(a: Box, b: Box) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


class _Drawing:
    """The diagram of one lettering."""

    def __init__(self, lines: Sequence[MapLine], hub: MapStop, at: Mapping[str, Cell], letters: Lettering) -> None:
        self.lines, self.hub, self.at, self.letters = lines, hub, at, letters
        self.stops = {stop.code: stop for line in lines for stop in line.stops}
        self.ways = [line.stops[::-1] if _far(hub, line.stops[-1]) < _far(hub, line.stops[0]) else line.stops for line in lines]
        self.ends = {stops[-1].code for stops in self.ways}
        self.boxes: list[Box] = []  # what is already drawn
        self.words: list[Box] = []  # names among it: covering one is worse than covering a line
        step = letters.step
        for x, y in at.values():
            self.boxes.append((x * step - 9, y * step - 9, x * step + 9, y * step + 9))

    def place(self, code: str) -> tuple[float, float]:
        x, y = self.at[code]
        return float(x * self.letters.step), float(y * self.letters.step)

    def roads(self) -> list[str]:
        """Every line as a polyline; where several share a step they run side by side."""
        shared: dict[tuple[Cell, Cell], list[str]] = {}
        ways = []
        for line, stops in zip(self.lines, self.ways, strict=True):
            cells = [self.at[stops[0].code]]
            for stop in stops[1:]:
                cells += _between(cells[-1], self.at[stop.code])
            ways.append((line, cells))
            for a, b in pairwise(cells):
                numbers = shared.setdefault((min(a, b), max(a, b)), [])
                if line.number not in numbers:
                    numbers.append(line.number)
        out = []
        for line, cells in ways:
            width = self.letters.width if line.load is None else 3 + 10 * min(1.0, line.load)
            data = []
            for a, b in pairwise(cells):
                key = (min(a, b), max(a, b))
                beside = (shared[key].index(line.number) - (len(shared[key]) - 1) / 2) * min(width + 1, 18 / len(shared[key]))
                dx, dy = key[1][0] - key[0][0], key[1][1] - key[0][1]
                long, step = math.hypot(dx, dy), self.letters.step
                ox, oy = -dy / long * beside, dx / long * beside
                data += [f"{x * step + ox:.0f},{y * step + oy:.0f}" for x, y in (a, b)]
                mx, my = (a[0] + b[0]) / 2 * step, (a[1] + b[1]) / 2 * step
                self.boxes.append(
                    (mx - step * abs(dx) / 2 - 3, my - step * abs(dy) / 2 - 3, mx + step * abs(dx) / 2 + 3, my + step * abs(dy) / 2 + 3)
                )
            bad = "" if line.runs else " map__line--bad"
            out.append(f'<polyline class="map__line ln{line.ink}{bad}" stroke-width="{width:.1f}" points="{" ".join(data)}"/>')
        return out

    def numbers(self) -> list[str]:
        """A number plate beyond the far end of each line."""
        size, out = self.letters.letter, []
        for line, stops in zip(self.lines, self.ways, strict=True):
            (x, y), (bx, by) = self.place(stops[-1].code), self.place(stops[-2].code)
            ahead, wide = math.atan2(y - by, x - bx), size * (0.55 * len(line.number) + 0.75)
            tried = []
            for reach in (1.9, 2.8, 3.7, 4.8):
                for turn in (0.0, 0.79, -0.79, 1.57, -1.57, 2.3, -2.3):
                    px, py = x + size * reach * math.cos(ahead + turn), y + size * reach * math.sin(ahead + turn)
                    at = (px - wide / 2, py - size * 0.65, px + wide / 2, py + size * 0.65)
                    hidden = sum(_overlap(at, other) for other in self.boxes)
                    tried.append((hidden + 9 * reach + 6 * abs(turn), px, py, at))
            _, px, py, box = min(tried)
            self.boxes.append(box)
            out.append(
                f'<g class="map__no ln{line.ink}">'
                f'<rect x="{box[0]:.0f}" y="{box[1]:.0f}" width="{wide:.0f}" height="{size * 1.3:.0f}" rx="2"/>'
                f'<text x="{px:.0f}" y="{py + size * 0.31:.0f}">{escape(line.number)}</text></g>'
            )
        return out

    def labels(self, here: str | None) -> list[str]:
        """Dots and names; on the phone only shops, ends and this place are named."""
        size, out = self.letters.letter, []
        for code, stop in sorted(self.stops.items(), key=lambda item: not item[1].href):  # shops choose their side first
            if code == self.hub.code:
                continue
            x, y = self.place(code)
            own = bool(stop.href)
            if code == here:
                dot = f'<rect class="map__here" x="{x - 11:.0f}" y="{y - 11:.0f}" width="22" height="22" rx="2"/>'
            else:
                dot = f'<circle class="map__stop{" map__stop--v" if own else ""}" cx="{x:.0f}" cy="{y:.0f}" r="{self.letters.radius:.0f}"/>'
            named = self.letters is DESK or own or code in self.ends or code == here
            text = self._label(stop.name, x, y, size, own) if named else ""
            hit = f'<circle class="map__hit" cx="{x:.0f}" cy="{y:.0f}" r="{self.letters.step * 0.45:.0f}"/>'
            out.append(f'<a href="{escape(stop.href)}">{hit}{dot}{text}</a>' if own else dot + text)
        return out

    def _label(self, name: str, x: float, y: float, size: int, own: bool) -> str:
        wide, best = size * (1.26 if own else 1.04) * len(name), None
        for rank, (dx, dy, anchor) in enumerate(SIDES):
            tx, ty = x + dx * (self.letters.radius + 7), y + dy * (self.letters.radius + 4 + size * 0.5)
            left = {"start": tx, "end": tx - wide, "middle": tx - wide / 2}[anchor]
            box = (left, ty - size * 0.55, left + wide, ty + size * 0.55)
            cost = sum(_overlap(box, other) for other in self.boxes) + 4 * sum(_overlap(box, other) for other in self.words) + 3 * rank
            if best is None or cost < best[0]:
                best = (cost, tx, ty, anchor, box)
        assert best is not None
        _, tx, ty, anchor, box = best
        self.boxes.append(box)
        self.words.append(box)
        kind = " map__name--v" if own else ""
        return f'<text class="map__name{kind}" x="{tx:.0f}" y="{ty + size * 0.36:.0f}" text-anchor="{anchor}">{escape(name)}</text>'

    def svg(self, title: str, here: str | None) -> str:
        parts = [*self.roads(), *self.labels(here), *self.numbers()]
        half, size = 16 + self.letters.radius * 0.4, self.letters.letter
        hub = f'<rect class="map__hub" x="{-half:.0f}" y="{-half:.0f}" width="{2 * half:.0f}" height="{2 * half:.0f}" rx="2"/>'
        hub += f'<text class="map__hubname" x="0" y="{size * 0.36:.0f}">{escape(self.hub.name[:1])}</text>'
        left, top = min(b[0] for b in self.boxes) - 8, min(b[1] for b in self.boxes) - 8
        right, bottom = max(b[2] for b in self.boxes) + 8, max(b[3] for b in self.boxes) + 8
        frame = f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}"
        return f'<svg class="{self.letters.css}" viewBox="{frame}" role="group" aria-label="{escape(title)}">{"".join(parts)}{hub}</svg>'


def linemap_svg(lines: Sequence[MapLine], hub: MapStop, title: str, *, here: str | None = None) -> str:
    """Both drawings of the diagram, for the desk and for the phone, as inline SVG; `here` is the stop shown as a seal.

    Up to about fifteen lines stay legible; a caller with more chooses which. Lines need two stops or more.
    """
    at = lay_out(lines, hub)
    return "".join(_Drawing(lines, hub, at, letters).svg(title, here) for letters in (DESK, PHONE))
