"""One plate: flat colour a little off register, ink lines that swell into the shade, a cut outline; light from the upper left."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from html import escape

from .geometry import UNIT, Line, Point, lerp, normals, path, rotate, smooth

LIGHT = (-0.52, -0.62, 0.59)  # unit vector towards the light
INK = "#22302a"
DARK_INK = "#131917"
LOOSE_INK = "#cfc8b4"  # ink that stands on the bare ground, in the dark
WIDTH, HEIGHT = 4400, 4000


def lowered(colour: str) -> str:
    """The same printed colour in the dark."""
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(channel * 0.84):02x}" for channel in channels)


class Plate:
    """Marks in the order they are printed. A mark has an ink: `k` ink, `f` ink on the bare ground, or a name in the palette."""

    def __init__(self, title: str, seed: int | str = 1, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.title, self.width, self.height = title, width, height
        self.marks: list[tuple[str, str]] = []
        self.dice = random.Random(f"{title}/{seed}")  # noqa: S311 (a picture, not a secret)

    def flat(self, points: Sequence[Point], ink: str, tolerance: float = 4) -> None:
        self.marks.append((ink, path(points, tolerance=tolerance)))

    def body(self, points: Sequence[Point], ink: str, off: Point = (9, 7)) -> None:
        """Flat colour, off register."""
        self.flat([(x + off[0], y + off[1]) for x, y in points], ink)

    def swell(self, points: Sequence[Point], widths: Sequence[float], ink: str = "k", least: float = 2.2) -> None:
        """A line whose width follows `widths`; cut where it would be thinner than `least`."""
        run: list[tuple[Point, Point, float]] = []

        def flush() -> None:
            if len(run) > 2:
                left = [(x + n[0] * w / 2, y + n[1] * w / 2) for (x, y), n, w in run]
                right = [(x - n[0] * w / 2, y - n[1] * w / 2) for (x, y), n, w in run]
                self.flat(left + right[::-1], ink)
            run.clear()

        for point, normal, width in zip(points, normals(points), widths, strict=True):
            if width < least:
                flush()
            else:
                run.append((point, normal, width * self.dice.uniform(0.9, 1.1)))
        flush()

    def stroke(self, points: Sequence[Point], start: float, end: float | None = None, ink: str = "k") -> None:
        """A line from one width to another."""
        last = max(1, len(points) - 1)
        self.swell(points, [lerp(start, start if end is None else end, i / last) for i in range(len(points))], ink, 1)

    def cut(self, points: Sequence[Point], width: float = 13, closed: bool = True, ink: str = "k") -> None:
        """An outline, heavier on the side away from the light."""
        line = [*points, points[0], points[1]] if closed else list(points)
        widths = [width * (0.62 + 0.5 * abs(max(-1, min(1, -(n[0] * LIGHT[0] + n[1] * LIGHT[1]))))) for n in normals(line)]
        self.swell(line, widths, ink, 1)

    def block(self, points: Sequence[Point], ink: str, width: float = 13, off: Point = (9, 7)) -> None:
        """Body and outline."""
        self.body(points, ink, off)
        self.cut(points, width)

    def oval(self, x: float, y: float, rx: float, ry: float, ink: str, tilt: float = 0.0) -> None:
        """A small ellipse, written as two arcs: the cheapest mark there is."""
        dx, dy = round(2 * rx * math.cos(tilt) * UNIT), round(2 * rx * math.sin(tilt) * UNIT)
        if not (dx or dy):
            return
        arc = f"a{rx * UNIT:.3g} {ry * UNIT:.3g} {round(math.degrees(tilt))} 1 0"
        x0, y0 = round(x * UNIT - dx / 2), round(y * UNIT - dy / 2)
        self.marks.append((ink, f"M{x0} {y0}{arc} {dx} {dy}{arc} {-dx} {-dy}z"))

    def dot(self, x: float, y: float, radius: float, ink: str = "k") -> None:
        self.oval(x, y, radius, radius, ink)

    def beads(self, spots: Sequence[tuple[float, float, float, float, float]], ink: str, width: float = 10) -> None:
        """Ovals (x, y, rx, ry, tilt) with an outline heavier below: all the ink first, then the colour."""
        for x, y, rx, ry, tilt in spots:
            self.oval(x + width * 0.4, y + width * 0.5, rx + width, ry + width, "k", tilt)
        for x, y, rx, ry, tilt in spots:
            self.oval(x, y, rx, ry, ink, tilt)

    def hatch(self, polygon: Sequence[Point], angle: float, gap: float, width: Callable[[float, float], float], ink: str = "k") -> None:
        """Parallel cuts over a polygon; `width(x, y)` gives the swelling."""
        turned = [rotate(x, y, -angle) for x, y in polygon]
        y = min(point[1] for point in turned) + gap / 2
        bottom = max(point[1] for point in turned)
        while y < bottom:
            crossings = sorted(
                x1 + (y - y1) / (y2 - y1) * (x2 - x1)
                for (x1, y1), (x2, y2) in zip(turned, turned[1:] + turned[:1], strict=True)
                if (y1 <= y) != (y2 <= y)
            )
            for a, b in zip(crossings[::2], crossings[1::2], strict=False):
                n = max(3, int((b - a) / 60))
                points = [rotate(lerp(a, b, i / n), y, angle) for i in range(n + 1)]
                self.swell(points, [width(*point) for point in points], ink)
            y += gap

    def shade(
        self, polygon: Sequence[Point], angle: float = 0.7, gap: float = 42, width: float = 15, start: float = -0.1, end: float = 0.8
    ) -> None:
        """Cuts that gather on the side away from the light; `start` and `end` say where along the polygon's own size."""
        xs, ys = [p[0] for p in polygon], [p[1] for p in polygon]
        cx, cy = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        reach = math.hypot(max(xs) - min(xs), max(ys) - min(ys)) / 2 or 1

        def swelling(x: float, y: float) -> float:
            return width * smooth(start, end, ((x - cx) * 0.64 + (y - cy) * 0.77) / reach)

        self.hatch(polygon, angle, gap, swelling)

    def svg(self, palette: Mapping[str, str]) -> str:
        """The finished picture. The palette colours the marks; in the dark they are lowered, ink on bare ground turns light."""
        light = {"k": INK, "f": INK, **palette}
        dark = {"k": DARK_INK, "f": LOOSE_INK, **{name: lowered(colour) for name, colour in palette.items()}}
        merged: list[tuple[str, list[str]]] = []
        for ink, data in self.marks:  # neighbours of one ink share a path: a smaller file
            if merged and merged[-1][0] == ink:
                merged[-1][1].append(data)
            else:
                merged.append((ink, [data]))
        used = {ink for ink, _ in merged}
        style = "".join(f".{ink}{{fill:{dark[ink]}}}" for ink in sorted(used))
        shapes = "".join(f'<path class="{ink}" fill="{light[ink]}" d="{"".join(data)}"/>' for ink, data in merged)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {round(self.width * UNIT)} {round(self.height * UNIT)}"'
            f' width="{self.width // 10}" height="{self.height // 10}" role="img"><title>{escape(self.title)}</title>'
            f"<style>@media(prefers-color-scheme:dark){{{style}}}</style>{shapes}</svg>"
        )


def place(points: Sequence[Point], x: float, y: float, scale: float = 1.0, tilt: float = 0.0) -> Line:
    """A drawing made around (0, 0), moved, grown and turned."""
    placed = []
    for px, py in points:
        qx, qy = rotate(px * scale, py * scale, tilt)
        placed.append((x + qx, y + qy))
    return placed
