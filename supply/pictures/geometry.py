"""Points, curves and compact path data. Units are tenths of a pixel at natural size; y grows downwards."""

import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
Line = list[Point]
TURN = 2 * math.pi
UNIT = 0.33  # file units per drawing unit: keeps a plate near 20 kB


def lerp(a: float, b: float, t: float) -> float:
    return a + (b - a) * t


def smooth(a: float, b: float, x: float) -> float:
    """0 below `a`, 1 above `b`, an S between."""
    t = min(1.0, max(0.0, (x - a) / (b - a)))
    return t * t * (3 - 2 * t)


def rotate(x: float, y: float, angle: float) -> Point:
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def steps(n: int) -> list[float]:
    """n + 1 numbers from 0 to 1."""
    return [i / n for i in range(n + 1)]


def ellipse(cx: float, cy: float, rx: float, ry: float, n: int = 40, start: float = 0.0, end: float = TURN, tilt: float = 0.0) -> Line:
    """n points of an ellipse, from angle `start` to `end` (the last included only on an open arc)."""
    last = n if abs(end - start - TURN) < 1e-9 else n - 1
    points = []
    for i in range(n):
        a = lerp(start, end, i / last)
        x, y = rotate(rx * math.cos(a), ry * math.sin(a), tilt)
        points.append((cx + x, cy + y))
    return points


def bezier(p0: Point, p1: Point, p2: Point, p3: Point, n: int = 24) -> Line:
    """A cubic Bézier curve as n + 1 points."""
    points = []
    for t in steps(n):
        u = 1 - t
        a, b, c, d = u**3, 3 * u * u * t, 3 * u * t * t, t**3
        points.append((a * p0[0] + b * p1[0] + c * p2[0] + d * p3[0], a * p0[1] + b * p1[1] + c * p2[1] + d * p3[1]))
    return points


def through(points: Sequence[Point], n: int = 8, closed: bool = False) -> Line:
    """A smooth line through `points` (Catmull-Rom), n pieces between neighbours."""
    count = len(points)
    spans = count if closed else count - 1

    def at(i: int) -> Point:
        return points[i % count] if closed else points[min(count - 1, max(0, i))]

    line: Line = []
    for i in range(spans):
        a, b, c, d = at(i - 1), at(i), at(i + 1), at(i + 2)
        for k in range(n):
            t = k / n
            line.append(
                tuple(  # type: ignore[arg-type]
                    0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t + (3 * q - p - 3 * r + s) * t**3)
                    for p, q, r, s in zip(a, b, c, d, strict=True)
                )
            )
    if not closed:
        line.append(points[-1])
    return line


def normals(points: Sequence[Point]) -> Line:
    """Unit normals, left of the way the line runs."""
    out = []
    for i in range(len(points)):
        a, b = points[max(0, i - 1)], points[min(len(points) - 1, i + 1)]
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = math.hypot(dx, dy) or 1
        out.append((-dy / length, dx / length))
    return out


def thin(points: Line, tolerance: float) -> Line:
    """Drop points that lie within `tolerance` of the line between those kept (Douglas and Peucker 1973)."""
    if len(points) < 3:
        return points
    (ax, ay), (bx, by) = points[0], points[-1]
    length = math.hypot(bx - ax, by - ay)
    far, at = 0.0, 0
    for i, (x, y) in enumerate(points[1:-1], 1):
        d = abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length if length > 1e-6 else math.hypot(x - ax, y - ay)
        if d > far:
            far, at = d, i
    if far <= tolerance:
        return [points[0], points[-1]]
    return thin(points[: at + 1], tolerance)[:-1] + thin(points[at:], tolerance)


def path(points: Iterable[Point], close: bool = True, tolerance: float = 4) -> str:
    """Compact path data: whole file units, relative moves."""
    out: list[str] = []
    px = py = 0
    for i, (fx, fy) in enumerate(thin(list(points), tolerance)):
        x, y = round(fx * UNIT), round(fy * UNIT)
        if i == 0:
            out.append(f"M{x} {y}l")
        elif (x, y) != (px, py):
            dx, dy = x - px, y - py
            step = f"{dx}{'' if dy < 0 else ' '}{dy}"
            out.append(step if out[-1].endswith("l") or dx < 0 else " " + step)
        px, py = x, y
    return "".join(out) + ("z" if close else "")
