"""What is woven and cut from bamboo."""

import math
from collections.abc import Callable

from .forms import ellipsoid, leaf, slab, straight, tube, turned
from .geometry import TURN, Point, bezier, ellipse, lerp, normals, rotate, smooth, steps, through
from .plate import LIGHT, Plate


def basket() -> str:
    p = Plate("竹篮")
    cx, top, bottom, wide, narrow, flat = 2200, 2050, 3560, 1460, 1060, 0.27
    hoop = [(cx + 1300 * math.cos(a), top + 40 - 1720 * math.sin(a)) for a in (lerp(math.pi, 0, t) for t in steps(48))]
    back = ellipse(cx, top, wide, wide * flat, 64)
    p.body(back, "d")
    p.hatch(back, 0, 44, lambda _x, y: 22 - 14 * smooth(top - 300, top + 300, y))

    def wall(a: float, v: float) -> Point:
        r = lerp(wide, narrow, v**1.15)
        return cx + r * math.cos(a), lerp(top, bottom, v) + lerp(wide, narrow, v) * flat * math.sin(a)

    outline = [wall(t * math.pi, 0) for t in steps(30)] + [wall(math.pi, t) for t in steps(10)[1:]]
    outline += [wall(lerp(math.pi, 0, t), 1) for t in steps(30)[1:]] + [wall(0, 1 - t) for t in steps(10)[1:-1]]
    p.body(outline, "a")
    rows, columns = 9, 22
    for r in range(rows):
        for c in range(columns):
            v0, v1, middle = 0.055 + 0.86 * r / rows, 0.055 + 0.86 * (r + 0.92) / rows, math.pi * (c + 0.5) / columns
            shade = 1 - (math.cos(middle) * LIGHT[0] + math.sin(middle) * 0.66)
            if (r + c) % 2:  # an upright
                for d in (-0.03, 0.01, 0.045):
                    p.swell(
                        [wall(middle + d, lerp(v0, v1, t)) for t in steps(2)],
                        [lerp(3, 18, smooth(0.2, 1.5, shade)) * lerp(1.1, 0.7, t) for t in steps(2)],
                    )
                continue
            a0, a1 = math.pi * c / columns - 0.015, math.pi * (c + 1) / columns + 0.015
            strip = [wall(a0, v0), wall(a1, v0), wall(a1, v1), wall(a0, v1)]
            p.block(strip, "c", 7, (0, 0))
            for m in range(3):
                v = lerp(v0, v1, (m + 0.8) / 3.4)
                p.swell([wall(lerp(a0, a1, t), v) for t in steps(2)], [lerp(3, 15, smooth(0.3, 1.5, shade)) * (0.5 + 0.25 * m)] * 3)
    for v, width in ((0.94, 86), (0, 104)):
        tube(p, [wall(t * math.pi, v) for t in steps(40)], straight, scale=width, ink="c", rings=54, wmax=14, outline=13)
    tube(p, ellipse(cx, top, wide, wide * flat, 41, math.pi, TURN), lambda _t: 62, ink="c", rings=44)
    tube(p, hoop, lambda _t: 84, ink="c", lines=6, outline=14)
    ways = normals(hoop)
    for i in range(1, 26):
        k = round(i / 26 * 48)
        (x, y), v2 = hoop[k], ways[k]
        p.swell(
            [(x + v2[0] * 84 * q + v2[1] * 30 * q, y + v2[1] * 84 * q - v2[0] * 30 * q) for q in (-1, -0.5, 0, 0.5, 1)], [9, 13, 14, 16, 12]
        )
    p.cut([wall(math.pi, t) for t in steps(10)], 12, closed=False)
    p.cut([wall(0, t) for t in steps(10)], 15, closed=False)
    return p.svg({"a": "#c9ad74", "c": "#e0c78f", "d": "#8f7648"})


def woven_tray() -> str:
    p = Plate("竹匾")
    p.block(ellipse(2200, 2050, 1800, 1800, 72), "c", 18)
    p.block(ellipse(2200, 2050, 1580, 1580, 72), "a", 14, (0, 0))
    for i in range(21):
        q = lerp(-0.95, 0.95, i / 20)
        edge = math.sqrt(1 - q * q)
        for j in range(21):
            t = lerp(-0.95, 0.95, j / 20)
            if abs(t) > edge - 0.03:
                continue
            x, y, r = 2200 + 1580 * q, 2050 + 1580 * t, 66
            shade = smooth(-1.1, 1.2, q * 0.6 + t * 0.8)
            ends = [(x - r, y), (x, y - 8), (x + r, y)] if (i + j) % 2 else [(x, y - r), (x - 8, y), (x, y + r)]
            p.swell(ends, [8 + 12 * shade] * 3)
            across = (0.0, 30.0) if (i + j) % 2 else (30.0, 0.0)
            p.swell([(px + across[0], py + across[1]) for px, py in ends], [6 + 8 * shade] * 3)
    for i in range(60):
        a = i / 60 * TURN
        p.stroke(
            [
                (2200 + 1590 * math.cos(a), 2050 + 1590 * math.sin(a)),
                (2200 + 1700 * math.cos(a + 0.03), 2050 + 1700 * math.sin(a + 0.03)),
                (2200 + 1790 * math.cos(a + 0.08), 2050 + 1790 * math.sin(a + 0.08)),
            ],
            10 + 8 * smooth(-1, 1, math.cos(a - 0.9)),
        )
    return p.svg({"a": "#dfc48c", "c": "#c9a463"})


def board(title: str = "砧板") -> str:
    """A chopping board of pressed bamboo, a knife on it."""
    p = Plate(title)
    on = slab(p, 2200, 2500, 3500, 2500, 330, ink="a", side="b", round_by=230, gap=80)
    for i in range(1, 11):
        n = lerp(-1250, 1250, i / 11)
        p.stroke([on(-1740, n), on(0, n + 6), on(1740, n)], 14, 9)
        for _ in range(3):
            m = p.dice.uniform(-1500, 1500)
            p.stroke([on(m, n), on(m, n + 60), on(m, n + 224)], 9)
    hole = [on(-1420 + 120 * math.cos(a), -940 + 150 * math.sin(a)) for a in (i / 20 * TURN for i in range(20))]
    p.block(hole, "d", 12, (0, 0))
    blade = [on(-700, -150), on(950, -520), on(1080, -110), on(-560, 380)]
    p.body(blade, "s", (26, 34))
    p.block(blade, "s", 14, (0, 0))
    p.swell([on(-590, 300), on(250, 60), on(1060, -180)], [16, 16, 16])
    p.shade(blade, -0.2, 70, 10, -0.2, 0.9)
    handle = [on(940, -510), on(1700, -760), on(1760, -560), on(1010, -310)]
    p.block(handle, "d", 14, (0, 0))
    return p.svg({"a": "#e0c184", "b": "#b98f4f", "d": "#8a5c35", "s": "#cfd5d2"})


def tea_board() -> str:
    p = Plate("竹茶盘")
    on = slab(p, 2200, 2750, 3600, 2300, 240, ink="a", side="b", round_by=140, gap=90)
    for i in range(9):
        n = lerp(-900, 900, i / 8)
        p.swell([on(-1500, n), on(0, n), on(1500, n)], [44, 44, 44], "d")
    for x, y, k in ((1350, 2450, 0.62), (3100, 2700, 0.62)):
        turned(p, x, y - 380 * k, y + 360 * k, lambda t: lerp(560, 300, t**1.5), scale=k, ink="w", inside="t", rings=12, wmax=13)
    turned(
        p, 2250, 1700, 2550, lambda t: 380 + 300 * math.sin(math.pi * (0.16 + 0.7 * t)), ink="c", inside="c", flat=0.22, rings=18, wmax=16
    )
    p.block(through([(1880, 1650), (2000, 1520), (2250, 1470), (2500, 1520), (2620, 1650), (2250, 1740)], 6, closed=True), "c", 13)
    ellipsoid(p, 2250, 1400, 90, 90, ink="c", lines=4, wmax=12)
    tube(p, bezier((2850, 2350), (3150, 2300), (3080, 1900), (3330, 1780), 16), lambda t: lerp(120, 60, t), ink="c", rings=9, wmax=13)
    tube(p, bezier((1620, 1900), (1150, 1750), (1150, 2450), (1640, 2400), 20), lambda _t: 66, ink="c", rings=9, wmax=12)
    return p.svg({"a": "#d6b272", "b": "#a9803f", "d": "#8a6330", "c": "#8d5a41", "w": "#eef0e8", "t": "#b98a3f"})


def chopsticks() -> str:
    p = Plate("竹筷")
    for i, tilt in enumerate((-0.34, -0.22, -0.08, 0.06, 0.2, 0.34)):
        spine = [
            (2200 + rotate(0, lerp(1500, -1900, t), tilt)[0] + (i - 2.5) * 60, 2350 + rotate(0, lerp(1500, -1900, t), tilt)[1])
            for t in steps(30)
        ]
        tube(p, spine, lambda t: lerp(46, 96, t), ink="a" if i % 2 else "b", rings=3, lines=4, wmax=13, outline=13)
        for t in (0.82, 0.88):
            k = round(t * 30)
            x, y = spine[k]
            v = normals(spine)[k]
            p.swell([(x - v[0] * 90, y - v[1] * 90), (x, y), (x + v[0] * 90, y + v[1] * 90)], [40, 40, 40], "r")
    turned(p, 2200, 2350, 3620, lambda _t: 760, ink="c", flat=0.22, rings=16, wmax=15)
    for y in (2480, 3480):
        p.swell(ellipse(2200, y, 765, 165, 24, 0.03, math.pi - 0.03), [60] * 24, "d")
    p.swell(ellipse(2200, 2350, 760, 167, 40), [16] * 40)
    return p.svg({"a": "#dcbf82", "b": "#c8a15e", "c": "#b9965a", "d": "#7f5c30", "r": "#b8462f"})


def bamboo_tubes() -> str:
    p = Plate("竹筒")
    for x, top, r in ((1250, 1500, 480), (3150, 1250, 500), (2200, 1900, 560)):
        wall = turned(p, x, top, 3500, straight, scale=r, ink="a", inside="w", flat=0.24, rings=22, wmax=16)
        p.swell(ellipse(x, top, r * 0.82, r * 0.2, 30), [13] * 30)
        for t in (0.32, 0.74):
            p.swell([wall(a * math.pi, t) for a in steps(24)], [34] * 25, "b")
            p.swell([wall(a * math.pi, t + 0.02) for a in steps(24)], [15] * 25)
    for root, tip in (((3600, 1250), (4200, 500)), ((3600, 1250), (4300, 1150)), ((820, 1500), (200, 900))):
        leaf(p, root, tip, bend=0.08, width=0.12, veins=7)
    return p.svg({"a": "#a9b56c", "b": "#7f8f4c", "w": "#efe2bb", "g": "#7b9a6b"})


BAMBOO: dict[str, Callable[[], str]] = {
    "basket": basket,
    "woven-tray": woven_tray,
    "board": board,
    "tea-board": tea_board,
    "chopsticks": chopsticks,
    "bamboo-tubes": bamboo_tubes,
}
