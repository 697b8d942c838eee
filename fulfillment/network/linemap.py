"""The county's lines as a metro diagram: true order of stops, only 0, 45 and 90 degrees, no false distances.

Text stays text: the diagram can be searched, translated and read aloud, and a list with the same facts stands beside it.
No two texts cover each other: names and number plates settle on sides, and a plain stop's name that finds none is left out.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from .layout import Cell, MapLine, MapStop, between, distance, lay_out

Point = tuple[float, float]
Box = tuple[float, float, float, float]
SETTLING = 6  # rounds in which names may still change sides
CLEAR = 2.0  # kept free around a text
SLIGHT = 12.0  # square units two boxes may share before a name is called covered
SIDES = (
    (1.0, 0.0, "start"), (-1.0, 0.0, "end"), (0.0, 1.0, "middle"), (0.0, -1.0, "middle"),
    (0.7, -0.9, "start"), (-0.7, -0.9, "end"), (0.7, 0.9, "start"), (-0.7, 0.9, "end"),
)  # fmt: skip


class Lettering(NamedTuple):
    """One of the two drawings: grid step, letter size, stop radius, line width, all in drawing units; how many pixels wide it is shown."""

    step: int
    letter: int
    radius: float
    width: float
    css: str
    shown: int


DESK = Lettering(70, 18, 7, 6, "map only-desk", 1100)
PHONE = Lettering(74, 30, 9, 8, "map map--s only-phone", 360)
FINGER = 32  # pixels around a dot: more than half of 44, because neighbours take some of it


def _overlap(a: Box, b: Box) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    if wide <= 0:
        return 0.0
    return wide * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _inside(box: Box, a: Point, b: Point) -> float:
    """How much of the segment from a to b lies in the box."""
    enters, leaves = 0.0, 1.0
    for axis in (0, 1):
        low, high, begin, step = box[axis], box[axis + 2], a[axis], b[axis] - a[axis]
        if step == 0:
            if not low <= begin <= high:
                return 0.0
            continue
        near, far = sorted(((low - begin) / step, (high - begin) / step))
        enters, leaves = max(enters, near), min(leaves, far)
    return max(0.0, leaves - enters) * math.dist(a, b)


def _wider(box: Box, margin: float) -> Box:
    return (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)


def _nearer(shape: list[Point], own: Point, other: Point) -> list[Point]:
    """The part of a convex shape that lies nearer to `own` than to `other`: Sutherland and Hodgman's clipping by one line."""
    middle, along = ((own[0] + other[0]) / 2, (own[1] + other[1]) / 2), (other[0] - own[0], other[1] - own[1])

    def beyond(point: Point) -> float:
        return (point[0] - middle[0]) * along[0] + (point[1] - middle[1]) * along[1]

    kept: list[Point] = []
    for a, b in zip(shape, shape[1:] + shape[:1], strict=True):
        here, there = beyond(a), beyond(b)
        if here <= 0:
            kept.append(a)
        if here * there < 0:
            part = here / (here - there)
            kept.append((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part))
    return kept


class _Place(NamedTuple):
    """Where a name or a number plate may stand: how good that is without its neighbours, where its text begins, the box it fills."""

    cost: float
    x: float
    y: float
    anchor: str
    box: Box


class _Drawing:
    """The diagram of one lettering."""

    def __init__(self, lines: Sequence[MapLine], hub: MapStop, at: Mapping[str, Cell], letters: Lettering) -> None:
        self.lines, self.hub, self.at, self.letters = lines, hub, at, letters
        self.stops = {stop.code: stop for line in lines for stop in line.stops}
        self.ways = [line.stops[::-1] if distance(hub, line.stops[-1]) < distance(hub, line.stops[0]) else line.stops for line in lines]
        self.ends = {stops[-1].code for stops in self.ways}
        self.tracks: list[tuple[Point, Point]] = []
        self.words: dict[str, Box] = {}  # names and number plates, by stop or line
        self.dots = {code: self._dot(code) for code in at}

    def _dot(self, code: str) -> Box:
        (x, y), reach = self.place(code), self.letters.radius + (11 if code == self.hub.code else 2)
        return (x - reach, y - reach, x + reach, y + reach)

    def place(self, code: str) -> Point:
        x, y = self.at[code]
        return float(x * self.letters.step), float(y * self.letters.step)

    def roads(self) -> list[str]:
        """Every line as a polyline; where several share a step they run side by side."""
        shared: dict[tuple[Cell, Cell], list[str]] = {}
        ways = []
        for line, stops in zip(self.lines, self.ways, strict=True):
            cells = [self.at[stops[0].code]]
            for stop in stops[1:]:
                cells += between(cells[-1], self.at[stop.code])
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
                self.tracks.append(((a[0] * step, a[1] * step), (b[0] * step, b[1] * step)))
            bad = "" if line.runs else " map__line--bad"
            out.append(f'<polyline class="map__line ln{line.ink}{bad}" stroke-width="{width:.1f}" points="{" ".join(data)}"/>')
        return out

    def _weighed(self, code: str, place: _Place) -> _Place:
        """The place with the cost of what it would cover for good: a stop is worse than a line."""
        box = _wider(place.box, CLEAR)
        dots = sum(_overlap(box, other) for stop, other in self.dots.items() if stop != code)
        return place._replace(cost=place.cost + 5 * dots + sum(_inside(box, *track) for track in self.tracks))

    def _best(self, code: str, places: list[_Place]) -> _Place:
        """The cheapest place among the words as they stand now: covering one is worst."""
        others = [box for other, box in self.words.items() if other != code]

        def cost(place: _Place) -> float:
            box = _wider(place.box, CLEAR)
            return place.cost + 20 * sum(_overlap(box, other) for other in others)

        return min(places, key=lambda place: (cost(place), place))

    def settle(self, here: str | None) -> dict[str, _Place]:
        """Where names (by stop) and number plates (by line) stand: each looks for its best side, then again knowing the others.

        A name that still covers something is left out: plain stops first, shops last. On the phone only shops, ends and this
        place are named.
        """
        order = [code for code, stop in self.stops.items() if stop.href or code == here]
        plates = {f"line {line.number}": self._plates(line, stops) for line, stops in zip(self.lines, self.ways, strict=True)}
        plain = [code for code in self.stops if code in self.ends or self.letters is DESK]
        plain.sort(key=lambda code: code not in self.ends)
        named = {code: self._sides(code) for code in dict.fromkeys((*order, *plain)) if code != self.hub.code}
        possible = {code: named[code] for code in order if code in named} | plates | named
        possible = {code: [self._weighed(code, place) for place in places] for code, places in possible.items()}
        chosen: dict[str, _Place] = {}
        for _ in range(SETTLING):
            before = dict(chosen)
            for code, places in possible.items():
                chosen[code] = self._best(code, places)
                self.words[code] = chosen[code].box
            if chosen == before:
                break
        for code in reversed(named):
            others = [box for other, box in (*self.words.items(), *self.dots.items()) if other != code]
            if code != here and any(_overlap(self.words[code], box) > SLIGHT for box in others):
                del chosen[code], self.words[code]
        return chosen

    def _plates(self, line: MapLine, stops: Sequence[MapStop]) -> list[_Place]:
        """A line's number stands beyond its far end, or beside it."""
        (x, y), (bx, by), size = self.place(stops[-1].code), self.place(stops[-2].code), self.letters.letter
        ahead, wide, found = math.atan2(y - by, x - bx), size * (0.55 * len(line.number) + 0.75), []
        for reach in (1.6, 2.0, 2.8, 3.7, 4.8):
            for turn in (0.0, 0.79, -0.79, 1.57, -1.57, 2.3, -2.3):
                px, py = x + size * reach * math.cos(ahead + turn), y + size * reach * math.sin(ahead + turn)
                box = (px - wide / 2, py - size * 0.65, px + wide / 2, py + size * 0.65)
                found.append(_Place(15 * reach + 6 * abs(turn), px, py, "middle", box))
        return found

    def _sides(self, code: str) -> list[_Place]:
        (x, y), size = self.place(code), self._size(code)
        wide, found = size * 1.03 * len(self.stops[code].name), []
        for rank, (dx, dy, anchor) in enumerate(SIDES):
            tx, ty = x + dx * (self.letters.radius + 7), y + dy * (self.letters.radius + 4 + size * 0.5)
            left = {"start": tx, "end": tx - wide, "middle": tx - wide / 2}[anchor]
            found.append(_Place(3.0 * rank, tx, ty, anchor, (left, ty - size * 0.52, left + wide, ty + size * 0.52)))
        return found

    def _size(self, code: str) -> float:
        return self.letters.letter * (1.22 if self.stops[code].href else 1.0)

    def numbers(self, settled: Mapping[str, _Place]) -> list[str]:
        """The number plates."""
        size, out = self.letters.letter, []
        for line in self.lines:
            _, px, py, _, box = settled[f"line {line.number}"]
            out.append(
                f'<g class="map__no ln{line.ink}">'
                f'<rect x="{box[0]:.0f}" y="{box[1]:.0f}" width="{box[2] - box[0]:.0f}" height="{size * 1.3:.0f}" rx="2"/>'
                f'<text x="{px:.0f}" y="{py + size * 0.31:.0f}">{escape(line.number)}</text></g>'
            )
        return out

    def hit(self, code: str, reach: float) -> list[Point]:
        """What a finger may touch for a shop: an octagon around its dot, without what lies nearer to another shop."""
        (x, y), far = self.place(code), reach / math.cos(math.pi / 8)
        shape = [(x + far * math.cos(turn), y + far * math.sin(turn)) for turn in (math.pi * (n + 0.5) / 4 for n in range(8))]
        for other, stop in self.stops.items():
            if stop.href and other != code:
                shape = _nearer(shape, (x, y), self.place(other))
        return shape

    def labels(self, settled: Mapping[str, _Place], here: str | None, reach: float) -> list[str]:
        """Dots and names; a shop's dot is a link, and so is what lies within `reach` of it."""
        out = []
        for code, stop in self.stops.items():
            if code == self.hub.code:
                continue
            (x, y), own, text = self.place(code), bool(stop.href), ""
            if code == here:
                dot = f'<rect class="map__here" x="{x - 11:.0f}" y="{y - 11:.0f}" width="22" height="22" rx="2"/>'
            else:
                dot = f'<circle class="map__stop{" map__stop--v" if own else ""}" cx="{x:.0f}" cy="{y:.0f}" r="{self.letters.radius:.0f}"/>'
            if place := settled.get(code):
                kind, base = " map__name--v" if own else "", place.y + self._size(code) * 0.36
                text = (
                    f'<text class="map__name{kind}" x="{place.x:.0f}" y="{base:.0f}" text-anchor="{place.anchor}">'
                    f"{escape(stop.name)}</text>"
                )
            hit = f'<polygon class="map__hit" points="{" ".join(f"{px:.0f},{py:.0f}" for px, py in self.hit(code, reach))}"/>'
            said = "" if text else f' aria-label="{escape(stop.name)}"'
            out.append(f'<a href="{escape(stop.href)}"{said}>{hit}{dot}{text}</a>' if own else dot + text)
        return out

    def svg(self, title: str, here: str | None) -> str:
        roads, settled = self.roads(), self.settle(here)
        drawn = [*self.words.values(), *self.dots.values()]
        left, top = min(b[0] for b in drawn) - 8, min(b[1] for b in drawn) - 8
        right, bottom = max(b[2] for b in drawn) + 8, max(b[3] for b in drawn) + 8
        frame = f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}"
        reach = max(self.letters.step * 0.45, FINGER * (right - left) / self.letters.shown)
        parts = [*roads, *self.labels(settled, here, reach), *self.numbers(settled)]
        half, size = 16 + self.letters.radius * 0.4, self.letters.letter
        hub = f'<rect class="map__hub" x="{-half:.0f}" y="{-half:.0f}" width="{2 * half:.0f}" height="{2 * half:.0f}" rx="2"/>'
        hub += f'<text class="map__hubname" x="0" y="{size * 0.36:.0f}">{escape(self.hub.name[:1])}</text>'
        return f'<svg class="{self.letters.css}" viewBox="{frame}" role="group" aria-label="{escape(title)}">{"".join(parts)}{hub}</svg>'


def linemap_svg(lines: Sequence[MapLine], hub: MapStop, title: str, *, here: str | None = None) -> str:
    """Both drawings of the diagram, for the desk and for the phone, as inline SVG; `here` is the stop shown as a seal.

    Up to about fifteen lines stay legible; a caller with more chooses which. Lines need two stops or more.
    """
    at = lay_out(lines, hub)
    return "".join(_Drawing(lines, hub, at, letters).svg(title, here) for letters in (DESK, PHONE))
