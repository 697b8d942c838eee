"""Forms that most plates are made of: a round body, a leaf, a tube, a body of revolution, a slab, a heap."""

import math
from collections.abc import Callable

from .geometry import TURN, Line, Point, bezier, ellipse, lerp, normals, rotate, smooth, steps
from .plate import LIGHT, Plate

At = Callable[[float, float], Point]


def straight(_: float) -> float:
    return 1.0


def egg_shaped(v: float) -> float:
    return 1 - 0.16 * math.pow(max(0.0, -v), 1.5) - 0.03 * max(0.0, v)


def ellipsoid(
    p: Plate, cx: float, cy: float, rx: float, ry: float, *, tilt: float = 0.0, ink: str = "a", lines: int = 17, wmax: float = 20,
    ribs: int = 0, shape: Callable[[float], float] = straight, dark: tuple[float, float] = (0.42, 1.15), outline: float = 13,
) -> At:  # fmt: skip
    """A fruit body. `shape(v)` narrows it along its axis (v from −1 stem to 1 eye), `ribs` folds it.

    Returns where (u, v) lies on the paper; u and v run from −1 to 1 across and along.
    """

    def at(u: float, v: float) -> Point:
        x, y = rotate(u * rx * shape(v), v * ry, tilt)
        return cx + x, cy + y

    rim = []
    for i in range(48):
        a = i / 48 * TURN
        fold = 1 + (0.022 * math.cos(ribs * a) if ribs else 0)
        rim.append(at(math.cos(a) * fold, math.sin(a) * fold))
    p.body(rim, ink)
    lx, ly = rotate(LIGHT[0], LIGHT[1], -tilt)
    for i in range(lines):
        lam = lerp(-1.38, 1.38, (i + 0.5) / lines)
        points, widths = [], []
        for t in steps(13):
            lat = lerp(-1.4, 1.4, t)
            v, u, z = math.sin(lat), math.cos(lat) * math.sin(lam), math.cos(lat) * math.cos(lam)
            lit = u * lx + v * ly
            shade = 1 - (lit + z * LIGHT[2]) + (0.22 * math.cos(ribs * lam) if ribs else 0)
            reflected = 0.24 * smooth(0.72, 1, math.hypot(u, v)) * (lit < -0.2)
            width = wmax * smooth(dark[0], dark[1] + 0.5, shade - reflected)
            points.append(at(u, v))
            widths.append(width * (0.25 + 0.75 * math.cos(lat)) * (0.45 + 0.55 * math.cos(lam)))
        p.swell(points, widths)
    p.cut(rim, outline)
    return at


def leaf(
    p: Plate, root: Point, tip: Point, *, bend: float = 0.2, width: float = 0.22, ink: str = "g", veins: int = 9, teeth: float = 0,
    wmax: float = 11, dark_side: int = 1, outline: float = 12,
) -> None:  # fmt: skip
    """A leaf from stalk to tip; `bend` bows the midrib, `teeth` saws the edge."""
    dx, dy = tip[0] - root[0], tip[1] - root[1]
    length = math.hypot(dx, dy)
    nx, ny = -dy / length * length * bend, dx / length * length * bend
    mid = bezier(root, (root[0] + dx * 0.3 + nx, root[1] + dy * 0.3 + ny), (root[0] + dx * 0.7 + nx, root[1] + dy * 0.7 + ny), tip, 40)
    side_ways = normals(mid)

    def half(t: float) -> float:
        return length * width * (math.sin(math.pi * t**0.85) ** 0.8) * (1 - 0.25 * t) if 0 < t < 1 else 0.0

    def edge(side: int) -> Line:
        line = []
        for i, ((x, y), n) in enumerate(zip(mid, side_ways, strict=True)):
            h = half(i / 40) * (1 + teeth if teeth and i % 2 and 3 < i < 39 else 1)
            line.append((x + side * n[0] * h, y + side * n[1] * h))
        return line

    rim = edge(1) + edge(-1)[::-1]
    p.body(rim, ink)
    for side in (1, -1):
        for k in range(1, veins * 3):
            t = k / (veins * 3)
            i = int(t * 34) + 1
            j = min(40, i + 5)
            x, y = mid[i]
            ex, ey = mid[j][0] + side * side_ways[j][0] * half(j / 40) * 0.96, mid[j][1] + side * side_ways[j][1] * half(j / 40) * 0.96
            mx, my = (x + ex) / 2 - (mid[j][0] - x) * 0.18, (y + ey) / 2 - (mid[j][1] - y) * 0.18
            points = [
                ((1 - q) ** 2 * x + 2 * q * (1 - q) * mx + q * q * ex, (1 - q) ** 2 * y + 2 * q * (1 - q) * my + q * q * ey)
                for q in steps(5)
            ]
            first, last = (0.85, 0.3) if k % 3 == 0 else (0.95, 0.25) if side == dark_side else (0.5, -0.25)
            p.swell(points, [wmax * lerp(first, last, q) for q in steps(5)])
    p.swell(mid, [lerp(18, 6, t) * min(1.0, outline / 12) for t in steps(40)])
    p.cut(rim, outline)


def tube(
    p: Plate, spine: Line, profile: Callable[[float], float], *, scale: float = 1.0, ink: str = "a", rings: int = 0, lines: int = 0,
    wmax: float = 11, outline: float = 12,
) -> None:  # fmt: skip
    """A stalk, a body, a cane: radius `profile(t)` × `scale` along the spine, hatched across (`rings`) or along the grain (`lines`)."""

    def radius(t: float) -> float:
        return profile(t) * scale

    side_ways, n = normals(spine), len(spine) - 1
    left = [(x + v[0] * radius(i / n), y + v[1] * radius(i / n)) for i, ((x, y), v) in enumerate(zip(spine, side_ways, strict=True))]
    right = [(x - v[0] * radius(i / n), y - v[1] * radius(i / n)) for i, ((x, y), v) in enumerate(zip(spine, side_ways, strict=True))]
    rim = left + right[::-1]
    p.body(rim, ink)

    def shade(v: Point, q: float) -> float:
        return 1 - (q * (v[0] * LIGHT[0] + v[1] * LIGHT[1]) + math.sqrt(max(0.0, 1 - q * q)) * LIGHT[2])

    for k in range(rings):
        i = min(n, max(1, round((k + 0.5) / rings * n)))
        (x, y), v = spine[i], side_ways[i]
        r = radius(i / n)
        points, widths = [], []
        for q in (lerp(-1, 1, t) for t in steps(7)):
            bow = (1 - q * q) * r * 0.28
            points.append((x + v[0] * r * q + v[1] * bow, y + v[1] * r * q - v[0] * bow))
            widths.append(wmax * smooth(0.35, 1.35, shade(v, q)))
        p.swell(points, widths)
    for k in range(lines):
        q = lerp(-0.92, 0.92, k / max(1, lines - 1))
        p.swell(
            [
                (x + v[0] * radius(i / n) * q, y + v[1] * radius(i / n) * q)
                for i, ((x, y), v) in enumerate(zip(spine, side_ways, strict=True))
            ],
            [wmax * smooth(0.35, 1.3, shade(v, q)) for v in side_ways],
        )
    p.cut(rim, outline)


def turned(
    p: Plate, cx: float, top: float, bottom: float, profile: Callable[[float], float], *, scale: float = 1.0, ink: str = "a",
    inside: str | None = None, flat: float = 0.26, rings: int = 22, wmax: float = 16, outline: float = 14,
) -> Callable[[float, float], Point]:  # fmt: skip
    """A body of revolution standing upright: bowl, jar, steamer. radius `profile(t)` × `scale` from rim (0) to foot (1).

    `flat` is how far we look from above; `inside` fills the open mouth.
    Returns where (angle from 0 right to π left, height t) lies on the front wall.
    """

    def radius(t: float) -> float:
        return profile(t) * scale

    def wall(angle: float, t: float) -> Point:
        return cx + radius(t) * math.cos(angle), lerp(top, bottom, t) + radius(t) * flat * math.sin(angle)

    rim = [wall(0, t) for t in steps(24)] + [wall(a * math.pi, 1) for a in steps(24)] + [wall(math.pi, 1 - t) for t in steps(24)]
    rim += [wall(math.pi + a * math.pi, 0) for a in steps(24)]
    p.body(rim, ink)
    for k in range(rings):
        t = (k + 0.7) / rings
        points = [wall(lerp(0.02, math.pi - 0.02, q), t) for q in steps(22)]
        widths = []
        for q in steps(22):
            a = lerp(0.02, math.pi - 0.02, q)
            lit = math.cos(a) * LIGHT[0] + math.sin(a) * 0.72
            reflected = 0.3 * smooth(0.86, 1, math.cos(a))
            widths.append(wmax * smooth(0.5, 1.45, 1 - lit - reflected))
        p.swell(points, widths)
    p.cut(rim, outline)
    mouth = ellipse(cx, top, radius(0), radius(0) * flat, 48)
    if inside:
        p.block(mouth, inside, 12, (0, 0))
    return wall


def slab(
    p: Plate, x: float, y: float, length: float, depth: float, height: float, *, angle: float = 0.0, ink: str = "a", side: str = "b",
    round_by: float = 60, squash: float = 0.52, gap: float = 44,
) -> Callable[[float, float], Point]:  # fmt: skip
    """A block lying on the table, seen from above: top, one visible side, shade. Returns where (m, n) from its middle lies on the top."""
    ux, uy = math.cos(angle), math.sin(angle) * squash
    vx, vy = -math.sin(angle), math.cos(angle) * squash

    def on(m: float, n: float) -> Point:
        return x + ux * m + vx * n, y + uy * m + vy * n

    a, b, r = length / 2, depth / 2, max(20.0, round_by)
    corners = ((a - r, b - r, 0), (-a + r, b - r, 1), (-a + r, -b + r, 2), (a - r, -b + r, 3))
    top = [
        on(qx + r * math.cos((s + t) * math.pi / 2), qy + r * math.sin((s + t) * math.pi / 2)) for qx, qy, s in corners for t in steps(5)
    ]
    low = [(px, py + height) for px, py in top]
    lo, hi = min(range(len(low)), key=lambda i: low[i][0]), max(range(len(low)), key=lambda i: low[i][0])

    def nearer(line: Line) -> Line:
        one = [line[(lo + k) % len(line)] for k in range((hi - lo) % len(line) + 1)]
        other = [line[(lo - k) % len(line)] for k in range((lo - hi) % len(line) + 1)]
        return max((one, other), key=lambda part: sum(q[1] for q in part) / len(part))

    face = nearer(top) + nearer(low)[::-1]
    p.body(face, side, (0, 0))
    p.hatch(face, math.pi / 2, 34, lambda px, py: 4 + 13 * smooth(x - length * 0.2, x + length * 0.55, px))
    p.body(top, ink, (0, 0))
    p.hatch(top, angle * 0.62 + 0.02, gap, lambda px, py: 9 * smooth(-0.15, 0.55, ((px - x) * 0.6 + (py - y)) / length))
    p.cut(face, 12)
    p.cut(top, 12)
    return on


def heap(cx: float, base: float, width: float, height: float, n: int = 40, flat: float = 0.16) -> Line:
    """The outline of something poured out."""
    crest = [(cx + lerp(-1, 1, t) * width, base - height * math.cos(lerp(-1, 1, t) * math.pi / 2) ** 1.25) for t in steps(n)]
    foot = [(cx + width * math.cos(t * math.pi), base + width * flat * math.sin(t * math.pi)) for t in steps(n)]
    return crest + foot[1:-1]


def flower(p: Plate, on: At, size: float = 105) -> None:
    """The flower stamped on a cake, in red."""
    for k in range(6):
        p.oval(*on(size * math.cos(k / 6 * TURN), size * math.sin(k / 6 * TURN)), size * 0.42, size * 0.29, "r")
    p.oval(*on(0, 0), size * 0.28, size * 0.19, "r")


def around(x: float, y: float, flat: float = 1.0) -> At:
    """Where (m, n) from the middle (x, y) lies, on a ground seen as `flat` as that."""

    def on(m: float, n: float) -> Point:
        return x + m, y + n * flat

    return on
