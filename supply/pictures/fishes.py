"""Fish, squid and other swimmers."""

import math
from collections.abc import Callable, Sequence

from .forms import leaf, tube
from .geometry import TURN, Line, Point, bezier, ellipse, lerp, normals, rotate, smooth, steps, through
from .plate import Plate, place


def fish(
    title: str, body: str, *, belly: str = "#f0e3c4", deep: float = 0.30, long: float = 3300, fin: str | None = None, scales: bool = True,
    tail: float = 1.0, spots: int = 0, stripe: bool = False, count: int = 1,
) -> str:  # fmt: skip
    """A fish lying to the left; `deep` is half its height by its length."""
    p = Plate(title)
    for x, y, k, tilt in [(2060, 2050, 1.0, -0.06)] if count == 1 else [(2200, 1330, 0.92, -0.08), (2000, 2680, 1.0, 0.05)]:
        one_fish(p, x, y, long * k, deep, tilt, scales=scales, tail=tail, spots=spots, stripe=stripe)
    return p.svg({"a": body, "b": belly, "c": fin or body, "w": "#fff6e8"})


def one_fish(
    p: Plate, x: float, y: float, long: float, deep: float, tilt: float, *, scales: bool, tail: float, spots: int, stripe: bool
) -> None:
    def half(t: float) -> float:
        return (
            long
            * deep
            * (math.pow(math.sin(math.pi * min(1.0, t / 0.86 * 0.94 + 0.03)), 0.72) * (1 - 0.42 * t) + 0.10 * smooth(0.6, 0.9, t))
        )

    def on(t: float, q: float) -> Point:
        dx, dy = rotate((t - 0.46) * long, q * half(t) * (0.94 if q < 0 else 1.0), tilt)
        return x + dx, y + dy

    def fan(points: Sequence[Point], ink: str, rays: int, a: Line, b: Line) -> None:
        p.block(points, ink, 12)
        for i in range(rays):
            t = (i + 0.5) / rays
            start, end = a[round(t * (len(a) - 1))], b[round(t * (len(b) - 1))]
            p.stroke([start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 6), end], 12, 4)

    root = [on(0.86, q) for q in (-0.9, -0.3, 0.3, 0.9)]
    edge = through([on(1.06, -2.9 * tail), on(1.0, -1.0 * tail), on(0.975, 0), on(1.0, 1.0 * tail), on(1.06, 2.9 * tail)], 6)
    fan([root[0], *edge, root[3]], "c", 12, root, edge)
    back = [on(lerp(0.30, 0.74, t), -0.96) for t in steps(16)]
    crest = [on(lerp(0.36, 0.78, t), -1.0 - 0.42 * math.sin(math.pi * min(1.0, t + 0.16)) ** 0.8) for t in steps(16)]
    fan(back + crest[::-1], "c", 17, back, crest)
    under = [on(lerp(0.58, 0.74, t), 0.95) for t in steps(8)]
    keel = [on(lerp(0.64, 0.80, t), 1.55 - 0.5 * t) for t in steps(8)]
    fan(under + keel[::-1], "c", 8, under, keel)
    rim = [on(t, -1) for t in steps(40)] + [on(1 - t, 1) for t in steps(40)]
    rim = [point for point, t in zip(rim, [*steps(40), *[1 - s for s in steps(40)]], strict=True) if t <= 0.875]
    p.body(rim, "a")
    p.body(
        [on(lerp(0.01, 0.87, t), 0.22 + 0.1 * math.sin(t * 9)) for t in steps(20)] + [on(lerp(0.87, 0.01, t), 1) for t in steps(20)],
        "b",
        (4, 3),
    )
    if scales:
        for row in range(11):
            q = lerp(-0.82, 0.82, row / 10)
            for i in range(15):
                t = 0.28 + (i + 0.5 * (row % 2)) * 0.039
                if t > 0.85:
                    continue
                r = 0.021
                arc = [on(t + r * math.cos(a), q + 0.085 * math.sin(a)) for a in (lerp(-1.25, 1.25, s) for s in steps(6))]
                p.swell(arc, [(6 + 9 * smooth(-0.4, 1, q)) * (0.45 + math.sin(math.pi * s)) for s in steps(6)])
    else:
        for row in range(9):
            q = lerp(-0.7, 0.95, row / 8)
            p.swell(
                [on(lerp(0.25, 0.85, s), q) for s in steps(20)],
                [13 * smooth(-0.5, 1.2, q) * math.sin(math.pi * (0.1 + 0.85 * s)) for s in steps(20)],
            )
    if stripe:
        p.swell([on(lerp(0.26, 0.86, s), -0.12 - 0.14 * math.cos(s * 3)) for s in steps(20)], [15] * 21)
    for _ in range(spots):
        t, q = p.dice.uniform(0.2, 0.84), p.dice.uniform(-0.9, 0.35)
        p.oval(*on(t, q), p.dice.uniform(16, 34), p.dice.uniform(12, 22), "k")
    gill = [on(0.225 + 0.035 * math.cos(a * 0.9), 0.92 * math.sin(a)) for a in (lerp(-1.35, 1.35, s) for s in steps(16))]
    p.swell(gill, [9 + 20 * math.sin(math.pi * s) for s in steps(16)])
    for row in range(6):
        q = lerp(0.1, 0.85, row / 5)
        p.swell(
            [on(lerp(0.05, 0.2, s), q * (0.8 + 0.2 * s)) for s in steps(8)],
            [12 * q * math.sin(math.pi * (0.1 + 0.8 * s)) for s in steps(8)],
        )
    p.cut(rim, 15)
    p.swell([on(0.0, 0.1), on(0.04, 0.24), on(0.085, 0.30)], [20, 16, 8])
    ex, ey = on(0.105, -0.28)
    p.beads([(ex, ey, long * 0.026, long * 0.026, 0.0)], "w", 12)
    p.dot(ex + 4, ey, long * 0.016)
    fin_root, fin_tip = on(0.27, 0.25), on(0.43, 0.72)
    leaf(p, fin_root, fin_tip, bend=0.1, width=0.24, ink="c", veins=5, wmax=9)


def mudskipper() -> str:
    p = Plate("跳鱼")
    for x, y, k, flip in ((2350, 1450, 0.9, 1), (2050, 2750, 1.0, 1)):
        spine = place([(lerp(-1650, 1650, t) * flip, 260 * math.sin(t * 5.2 - 0.6)) for t in steps(50)], x, y, k)

        def radius(t: float, k: float = k) -> float:
            return k * (300 * math.pow(math.sin(math.pi * (0.20 + 0.70 * t)), 0.7) * (1 - 0.68 * t) + 30)

        ways = normals(spine)
        for a, b, high in ((0.24, 0.44, 560), (0.52, 0.86, 330)):  # two sails
            base = [
                (
                    spine[round(t * 50)][0] - ways[round(t * 50)][0] * radius(t) * 0.8,
                    spine[round(t * 50)][1] - ways[round(t * 50)][1] * radius(t) * 0.8,
                )
                for t in (lerp(a, b, q) for q in steps(14))
            ]
            top = [
                (bx + 60 * k, by - high * k * math.sin(math.pi * min(1.0, 0.25 + 0.75 * q)) ** 0.7)
                for (bx, by), q in zip(base, steps(14), strict=True)
            ]
            p.block(base + top[::-1], "b", 12)
            for i in range(1, 14):
                p.stroke([base[i], ((base[i][0] + top[i][0]) / 2 + 8, (base[i][1] + top[i][1]) / 2), top[i]], 13, 6)
                p.dot((base[i][0] + top[i][0] * 2) / 3 + 20, (base[i][1] + top[i][1] * 2) / 3, 17 * k, "w")
        tail = spine[-1]
        leaf(p, (tail[0] - 60, tail[1]), (tail[0] + 620 * k * flip, tail[1] + 40), bend=0.03, width=0.30, ink="b", veins=8, wmax=9)
        tube(p, spine, radius, rings=44, wmax=13, outline=15)
        for _ in range(44):
            t, q = p.dice.uniform(0.12, 0.9), p.dice.uniform(-0.8, 0.4)
            (sx, sy), v = spine[round(t * 50)], ways[round(t * 50)]
            p.dot(sx + v[0] * q * radius(t), sy + v[1] * q * radius(t), p.dice.uniform(12, 26) * k, "w" if t > 0.3 and q < 0 else "k")
        hx, hy = spine[3]
        for dx in (0, 190):
            p.beads([(hx + dx * k, hy - 300 * k, 118 * k, 112 * k, 0.0)], "c", 13)
            p.dot(hx + (dx - 20) * k, hy - 312 * k, 52 * k)
        p.swell(
            bezier(
                (hx - 150 * k, hy + 120 * k), (hx - 40 * k, hy + 220 * k), (hx + 120 * k, hy + 210 * k), (hx + 260 * k, hy + 120 * k), 12
            ),
            [20] * 13,
        )
        leaf(p, (hx + 560 * k, hy + 200 * k), (hx + 900 * k, hy + 560 * k), bend=0.1, width=0.32, ink="b", veins=6, wmax=9)
    return p.svg({"a": "#8d8a66", "b": "#6f86a0", "c": "#a9a37c", "w": "#dfe3d6"})


def ribbonfish() -> str:
    p = Plate("带鱼")
    for y, phase, k in ((1150, 0.2, 0.92), (2150, 2.4, 1.0), (3100, 0.9, 0.96)):
        spine = [(lerp(450, 4050, t), y + 210 * math.sin(t * 5.6 + phase) * (0.35 + 0.65 * t)) for t in steps(70)]

        def radius(t: float, k: float = k) -> float:
            return k * (235 * math.pow(smooth(-0.02, 0.16, t), 0.8) * (1 - smooth(0.45, 1.02, t) * 0.94) + 6)

        ways = normals(spine)
        ridge = [(x - v[0] * radius(t) * 1.5, y0 - v[1] * radius(t) * 1.5) for (x, y0), v, t in zip(spine, ways, steps(70), strict=True)][
            10:64
        ]
        back = [(x - v[0] * radius(t) * 0.9, y0 - v[1] * radius(t) * 0.9) for (x, y0), v, t in zip(spine, ways, steps(70), strict=True)][
            10:64
        ]
        p.block(back + ridge[::-1], "b", 9)
        for i in range(1, 53, 2):
            p.stroke([back[i], ((back[i][0] + ridge[i][0]) / 2 + 4, (back[i][1] + ridge[i][1]) / 2), ridge[i]], 10, 5)
        tube(p, spine, radius, lines=9, wmax=15, outline=14)
        hx, hy = spine[4]
        p.beads([(hx + 70, hy - 50, 68 * k, 68 * k, 0.0)], "w", 11)
        p.dot(hx + 70, hy - 50, 38 * k)
        p.swell([(hx - 190, hy + 20), (hx - 60, hy + 70), (hx + 60, hy + 60)], [14, 22, 8])
        gx, gy = spine[10]
        p.swell(ellipse(gx - 60, gy, 90, radius(0.14) * 0.9, 14, -1.3, 1.3), [6 + 16 * math.sin(math.pi * t) for t in steps(13)])
    return p.svg({"a": "#d5d9d6", "b": "#b9c3c6", "w": "#fff6e8"})


def squid() -> str:
    """鱿鱼干: split flat and dried, hung by the tail."""
    p = Plate("鱿鱼干")
    for x, k, tilt in ((3050, 0.88, 0.14), (1650, 1.0, -0.08)):
        mantle = place(
            through(
                [
                    (0, -1750),
                    (260, -1500),
                    (780, -1080),
                    (560, -820),
                    (520, -300),
                    (430, 350),
                    (0, 430),
                    (-430, 350),
                    (-520, -300),
                    (-560, -820),
                    (-780, -1080),
                    (-260, -1500),
                ],
                7,
                closed=True,
            ),
            x,
            1950,
            k,
            tilt,
        )
        for i in range(8):
            q = lerp(-1, 1, i / 7)
            root = place([(q * 300, 650)], x, 1950, k, tilt)[0]
            tip = place([(q * 560, 1600 - 260 * abs(q))], x, 1950, k, tilt)[0]
            arm = bezier(root, (root[0] + q * 40, root[1] + 300), (tip[0] - q * 160, tip[1] - 300), tip, 20)
            tube(p, arm, lambda t: lerp(72, 12, t), scale=k, ink="b", rings=9, wmax=10, outline=10)
        head = place(through([(-330, 380), (330, 380), (370, 620), (260, 820), (-260, 820), (-370, 620)], 6, closed=True), x, 1950, k, tilt)
        p.block(head, "b", 13)
        p.shade(head, 0.6, 40, 13)
        for side in (-1, 1):
            ex, ey = place([(side * 250, 600)], x, 1950, k, tilt)[0]
            p.beads([(ex, ey, 66 * k, 66 * k, 0.0)], "w", 11)
            p.dot(ex, ey, 36 * k)
        p.block(mantle, "a", 15)
        p.shade(mantle, 1.45 + tilt, 52, 16, -0.2, 0.9)
        p.swell(
            place(bezier((0, -1650), (20, -900), (-20, -200), (0, 390), 20), x, 1950, k, tilt),
            [6 + 15 * math.sin(math.pi * t) for t in steps(20)],
        )
        for _ in range(40):
            q, t = p.dice.uniform(-0.8, 0.8), p.dice.uniform(-1150, 330)
            p.dot(*place([(q * 480, t)], x, 1950, k, tilt)[0], p.dice.uniform(8, 17), "c")
    return p.svg({"a": "#e3b184", "b": "#d79a72", "c": "#b0623f", "w": "#f7ead2"})


def octopus() -> str:
    """望潮: a small octopus."""
    p = Plate("望潮")
    for i in range(8):
        side, n = (-1 if i < 4 else 1), i % 4
        root = (2200 + side * (120 + n * 70), 1900 + n * 40)
        tip = (2200 + side * (1750 - n * 430), 2350 + n * 420)
        arm = bezier(
            root,
            (root[0] + side * (650 - n * 120), root[1] + 120),
            (tip[0] + side * 200, tip[1] - 500),
            (tip[0] - side * 240, tip[1] + 120),
            34,
        )
        tube(p, arm, lambda t: lerp(150, 18, t), rings=20, wmax=12, outline=12)
        p.beads(
            [
                (x - 30 * side, y + lerp(70, 8, j / 34), lerp(34, 8, j / 34), lerp(30, 8, j / 34), 0.0)
                for j, (x, y) in enumerate(arm)
                if j % 4 == 2
            ],
            "b",
            7,
        )
    head = place(
        through([(-420, 700), (-560, 100), (-440, -620), (0, -860), (440, -620), (560, 100), (420, 700), (0, 860)], 7, closed=True),
        2200,
        1350,
    )
    p.block(head, "a", 15)
    p.shade(head, 0.8, 44, 17, -0.1, 0.9)
    for _ in range(30):
        p.dot(2200 + p.dice.uniform(-380, 380), 1200 + p.dice.uniform(-500, 420), p.dice.uniform(8, 20))
    for side in (-1, 1):
        p.beads([(2200 + side * 300, 1800, 110, 96, 0.0)], "b", 14)
        p.oval(2200 + side * 300, 1800, 62, 30, "k")
    return p.svg({"a": "#b98c7c", "b": "#ecd9c4"})


def jelly() -> str:
    p = Plate("海蜇")
    bell = [
        *ellipse(2200, 1750, 1350, 1150, 30, math.pi, TURN),
        *[(lerp(3550, 850, t), 1760 + 90 * abs(math.sin(t * 14))) for t in steps(40)],
    ]
    for i in range(9):
        x = lerp(1150, 3250, i / 8)
        tube(
            p,
            bezier((x, 1750), (x + 160 * (-1) ** i, 2400), (x - 180 * (-1) ** i, 2900), (x + 60, 3500 - 300 * abs(i - 4) / 4), 30),
            lambda t: lerp(95, 24, t),
            ink="b",
            rings=24,
            wmax=10,
            outline=10,
        )
    p.block(bell, "a", 15)
    for i in range(15):
        lam = lerp(-1.35, 1.35, i / 14)
        p.swell(
            [(2200 + 1330 * math.sin(lam) * math.cos(la), 1780 - 1120 * math.sin(la)) for la in (lerp(0.02, 1.45, t) for t in steps(14))],
            [16 * smooth(-0.9, 1.3, lam) * (1 - t) + 3 for t in steps(14)],
            least=4,
        )
    return p.svg({"a": "#ddb7a0", "b": "#c98e78"})


FISHES: dict[str, Callable[[], str]] = {
    "croaker": lambda: fish("黄鱼", "#dfae4e", belly="#f2d689", count=2, stripe=True),
    "sea-fish": lambda: fish("海鱼", "#9fb0b2", belly="#eae5d2", deep=0.33, stripe=True),
    "pomfret": lambda: fish("鲳鱼", "#b9c2c4", belly="#e9e6da", deep=0.46, scales=False, long=3000),
    "grass-fish": lambda: fish("淡水鱼", "#94a184", belly="#e9e2c6", deep=0.25),
    "dried-fish": lambda: fish("鱼鲞", "#d3ab79", belly="#ecd5a8", deep=0.30, scales=False, spots=30, count=2),
    "mudskipper": mudskipper,
    "ribbonfish": ribbonfish,
    "squid": squid,
    "octopus": octopus,
    "jelly": jelly,
}
