"""What grows above the ground: tea, flowers, greens, shoots, grain."""

import math
from collections.abc import Callable

from .forms import ellipsoid, heap, leaf, tube
from .fruits import GREEN, round_fruit
from .geometry import TURN, Line, Point, bezier, ellipse, lerp, normals, rotate, smooth, steps
from .plate import Plate


def tea() -> str:
    p = Plate("茶")

    def sprig(x: float, y: float, k: float, lean: float, m: int) -> None:
        tip = (x + lean * 900 * k, y - 1900 * k)
        stem = bezier((x, y), (x + lean * 100 * k, y - 700 * k), (x + lean * 500 * k, y - 1200 * k), tip, 30)
        for t, dx, dy, bend, width, ink, veins in (
            (0.30, -1150, -620, 0.15, 0.17, "g", 10),
            (0.52, 1180, -760, -0.15, 0.17, "h", 10),
            (0.78, -640, -1000, 0.16, 0.16, "h", 8),
            (0.93, 300, -1130, -0.07, 0.11, "b", 8),
        ):
            root = stem[int(t * 30)]
            leaf(
                p,
                root,
                (root[0] + m * dx * k, root[1] + dy * k),
                bend=bend * m,
                width=width,
                ink=ink,
                veins=veins,
                teeth=0.04,
                dark_side=m if dx < 0 else -m,
            )
        tube(p, stem, lambda t: lerp(34, 18, t) * k + 6, ink="g", rings=22)

    sprig(3080, 3900, 1.02, -0.10, -1)
    sprig(1560, 3940, 1.34, 0.12, 1)
    return p.svg({"g": "#7b9a6b", "h": "#9db583", "b": "#c3cf9c"})


def blossom(p: Plate, x: float, y: float, r: float, petals: int = 4, ink: str = "y") -> None:
    """A small open flower."""
    turn = p.dice.uniform(0, 1)
    angles = [turn + i / petals * TURN for i in range(petals)]
    p.beads([(x + r * 0.6 * math.cos(a), y + r * 0.6 * math.sin(a), r * 0.48, r * 0.38, a) for a in angles], ink, 9)
    p.dot(x, y, r * 0.2)


def osmanthus() -> str:
    p = Plate("桂花")
    stem = bezier((3500, 3700), (2900, 2900), (2300, 2100), (1250, 700), 40)
    for i, side, length in (
        (5, 1, 1500),
        (9, -1, 1450),
        (16, 1, 1500),
        (20, -1, 1500),
        (28, 1, 1300),
        (31, -1, 1250),
        (39, 1, 900),
        (39, -1, 700),
    ):
        (x, y), n = stem[i], normals(stem)[i]
        dx, dy = rotate(-n[0] * side, -n[1] * side, 0.55 * side)
        leaf(
            p,
            (x, y),
            (x + dx * length, y + dy * length),
            bend=0.08 * side,
            width=0.17,
            veins=10,
            dark_side=side,
            ink="g" if side > 0 else "h",
        )
    tube(p, stem, lambda t: lerp(56, 24, t), ink="s", rings=30, wmax=12)
    for i in (8, 18, 28, 37):
        x, y = stem[i]
        for _ in range(9):
            a, d = p.dice.uniform(0, TURN), p.dice.uniform(40, 330)
            blossom(p, x + d * math.cos(a), y + d * math.sin(a), 118)
    return p.svg({**GREEN, "y": "#eeb849"})


def rape_flower() -> str:
    p = Plate("油菜花")
    for x, top, lean in ((1500, 900, -160), (2300, 560, 40), (3060, 1000, 220)):
        stem = bezier((2240 + (x - 2240) * 0.35, 3900), (x - lean, 2800), (x - lean * 0.4, 1900), (x, top), 30)
        for i, side in ((8, 1), (14, -1)):
            a = stem[i]
            leaf(p, a, (a[0] + side * 760, a[1] - 420), bend=0.12 * side, width=0.2, veins=7, teeth=0.1, dark_side=side)
        tube(p, stem, lambda t: lerp(34, 16, t), ink="h", rings=20, wmax=9)
        for k in range(12):
            turn = k * 2.4
            r = 70 + 34 * k
            blossom(p, x + r * 0.85 * math.cos(turn), top + 120 + r * 0.62 * math.sin(turn) - 4 * k, 175)
    return p.svg({**GREEN, "y": "#efc945"})


def shoot(p: Plate, x: float, base: float, k: float, tilt: float = 0.0) -> None:
    """One bamboo shoot: sheaths folded over each other to a point."""

    def on(u: float, t: float) -> Point:
        half = 560 * k * max(0.0, 1 - t) ** 0.72 * (1 + 0.16 * math.sin(t * 3.0)) + 8
        dx, dy = rotate(u * half, -2900 * k * t, tilt)
        return x + dx, base + dy

    rim: Line = [on(-1, t) for t in steps(30)] + [on(1, 1 - t) for t in steps(30)]
    foot = [on(math.cos(a * math.pi), 0) for a in steps(12)]
    foot = [(fx, fy + 110 * k * math.sin(a * math.pi)) for (fx, fy), a in zip(foot, steps(12), strict=True)]
    p.body(rim + foot, "a")
    for row in range(7):
        t0, side = row * 0.115, 1 if row % 2 else -1
        reach = min(1.0, t0 + 0.36)
        edge = [on(side * lerp(-1.0, 0.92, q), lerp(t0, reach, q**0.8)) for q in steps(16)]
        lower = [on(side, lerp(reach, max(0.0, t0 - 0.05), q)) for q in steps(8)] + [
            on(side * lerp(1, -1, q), max(0.0, t0 - 0.02 * math.sin(q * 3))) for q in steps(10)
        ]
        sheath = edge + lower
        p.body(sheath, "b" if row % 2 else "a", (0, 0))
        for line in range(15):
            u = lerp(-0.95, 0.95, line / 14)
            top = t0 + (reach - t0) * smooth(-1.1, 1, side * u) ** 1.2
            points = [on(u * lerp(1, 0.97, q), lerp(max(0.0, t0 - 0.01), top, q)) for q in steps(6)]
            p.swell(points, [(5 + 12 * smooth(-0.3, 1, u)) * k * lerp(1.1, 0.35, q) for q in steps(6)])
        p.cut(edge, 13 * k, closed=False)
    p.cut(rim + foot, 15 * k)


def bamboo_shoot() -> str:
    p = Plate("春笋")
    shoot(p, 3080, 3420, 0.86, 0.20)
    shoot(p, 1320, 3480, 0.92, -0.16)
    shoot(p, 2180, 3700, 1.12, 0.03)
    return p.svg({"a": "#c9a874", "b": "#b08a58"})


def water_bamboo() -> str:
    p = Plate("茭白")
    for x, tilt in ((1250, -0.22), (2200, 0.02), (3100, 0.24)):
        for side in (-1, 0, 1):
            dx, dy = rotate(side * 240, -3000, tilt + side * 0.10)
            leaf(p, (x, 3300), (x + dx, 3500 + dy), bend=0.05 * side, width=0.07, veins=9, ink="g" if side else "h")
        dx, dy = rotate(0, -1850, tilt)
        tube(
            p,
            bezier((x, 3650), (x, 3000), (x + dx * 0.6, 3650 + dy * 0.6), (x + dx, 3650 + dy)),
            lambda t: 330 * math.sin(math.pi * (0.22 + 0.72 * t)) ** 0.9,
            ink="w",
            rings=14,
            wmax=13,
        )
    return p.svg({"w": "#f0ead2", **GREEN})


def greens(title: str = "青菜") -> str:
    """青菜: thick pale stalks, round leaves."""
    p = Plate(title)
    for dx, top, lean, width in (
        (-900, 900, -1, 0.36),
        (900, 900, 1, 0.36),
        (-420, 420, -0.4, 0.38),
        (450, 400, 0.4, 0.38),
        (0, 700, 0.05, 0.40),
    ):
        root, tip = (2200 + dx * 0.75, 2150.0 + abs(dx) * 0.1), (2200 + dx * 1.75, top)
        leaf(
            p,
            root,
            tip,
            bend=0.05 * (1 if lean > 0 else -1),
            width=width,
            veins=9,
            wmax=13,
            ink="g" if abs(dx) > 500 else "h",
            dark_side=1 if lean > 0 else -1,
        )
        spine = bezier((2200 + dx * 0.22, 3650), (2200 + dx * 0.55, 3100), (2200 + dx * 0.72, 2700), (root[0] + dx * 0.18, 1750))
        tube(p, spine, lambda t: lerp(270, 60, t), ink="w", lines=8, wmax=13)
    return p.svg({"g": "#6f9361", "h": "#8aaa70", "w": "#e6e9c8"})


def pumpkin() -> str:
    return round_fruit("南瓜", 1480, 1060, "#dd9a45", ribs=11, leaves=((-0.9, 1150),), dark=(0.35, 1.05))


def corn() -> str:
    p = Plate("玉米")
    for x, y, tilt in ((1500, 2200, -0.30), (2850, 2100, 0.28)):
        at = ellipsoid(p, x, y, 520, 1500, tilt=tilt, ink="d", lines=3, wmax=3, shape=lambda v: 1 - 0.30 * max(0, -v) ** 2)
        for row in range(21):
            v = lerp(-0.92, 0.80, row / 20)
            for lam in (lerp(-1.25, 1.25, t) for t in steps(6)):
                x0, y0 = at(math.sin(lam) * math.sqrt(max(0.0, 1 - v * v)), v)
                p.oval(x0, y0, 66 * math.cos(lam) + 14, 60, "b" if lam > 0.6 else "a")
        bx, by = at(0, 1.0)
        for side in (-1, 1):
            dx, dy = rotate(side * 900, -1750, tilt)
            leaf(p, (bx, by + 120), (bx + dx, by + dy), bend=0.22 * side, width=0.20, veins=9, dark_side=side, ink="g" if side > 0 else "h")
    return p.svg({"a": "#ecc557", "b": "#d6a33c", "d": "#6a4a1c", **GREEN})


def pods() -> str:
    """毛豆, 蚕豆: pods with the beans showing."""
    p = Plate("豆荚")
    for x, y, tilt, k in (
        (1350, 1150, 0.5, 1.0),
        (2950, 1250, -0.45, 1.0),
        (2150, 2050, 0.15, 1.15),
        (1450, 3000, -0.3, 1.0),
        (3050, 2850, 0.4, 1.0),
    ):
        spine = [
            (x + q[0], y + q[1])
            for q in (rotate(lerp(-1000, 1000, t) * k, 170 * math.cos(lerp(-1.5, 1.5, t)) * k, tilt) for t in steps(40))
        ]
        tube(
            p,
            spine,
            lambda t: (265 + 34 * math.cos(t * TURN * 3 + math.pi)) * math.sin(math.pi * (0.02 + 0.96 * t)) ** 0.45,
            scale=k,
            rings=10,
            wmax=10,
        )
        for t in (0.19, 0.5, 0.81):
            bx, by = spine[round(t * 40)]
            bean = ellipse(bx, by, 190 * k, 150 * k, 24, tilt=tilt)
            p.body(bean, "b", (0, 0))
            p.shade(bean, 0.7, 34, 13, 0.0, 0.9)
            p.swell(bean[1:14], [4 + 13 * math.sin(math.pi * q) for q in steps(12)])
        p.stroke(
            [
                spine[0],
                (spine[0][0] - 90 * math.cos(tilt), spine[0][1] - 90 * math.sin(tilt)),
                (spine[0][0] - 170 * math.cos(tilt), spine[0][1] - 200 * math.sin(tilt) - 40),
            ],
            34,
            20,
        )
    return p.svg({"a": "#93b070", "b": "#a7c384"})


def rice() -> str:
    """稻穗: bowed ears over a heap of grain."""
    p = Plate("稻米")
    for x, tip, side in ((1500, (600, 1700), -1), (2500, (3900, 1650), 1), (2050, (1750, 620), -1)):
        leaf(p, (2150 + (x - 2150) * 0.4, 3300), (x + side * 700, 420), bend=0.10 * side, width=0.05, veins=8)
        ear = bezier((2150 + (x - 2150) * 0.3, 3300), (x, 1500), (x + side * 300, 300), tip, 60)
        p.stroke(ear, 30, 14)
        for i in range(24, 61, 2):
            (gx, gy), n = ear[i], normals(ear)[i]
            ways = [rotate(n[0] * s, n[1] * s, -0.75 * s) for s in (-1, 1)]
            p.beads([(gx + dx * 95, gy + dy * 95, 118, 54, math.atan2(dy, dx)) for dx, dy in ways], "y", 9)
    pile = heap(2200, 3450, 1500, 620)
    p.block(pile, "a", 13)
    for _ in range(150):
        t, h = p.dice.uniform(-0.93, 0.93), p.dice.uniform(0, 1)
        gx, gy = 2200 + t * 1400, 3480 + 120 * math.cos(t * 1.5) - h * 620 * math.cos(t * math.pi / 2) ** 1.2
        p.oval(gx, gy, 38, 7 + 6 * smooth(-0.6, 0.8, t), "k", p.dice.uniform(0, 3.1))
    return p.svg({"a": "#f3ead2", "y": "#dcb763", **GREEN})


def mushroom() -> str:
    p = Plate("香菇")
    for x, y, k in ((3000, 1700, 0.85), (1400, 1750, 0.9), (2200, 2500, 1.1)):
        tube(
            p,
            bezier((x, y), (x + 20, y + 300 * k), (x - 30, y + 600 * k), (x, y + 960 * k)),
            lambda t: lerp(180, 230, t),
            scale=k,
            ink="w",
            lines=7,
            wmax=12,
        )
        cap = [*ellipse(x, y, 950 * k, 760 * k, 30, math.pi, 2 * math.pi), *ellipse(x, y, 950 * k, 230 * k, 30, 0, math.pi)]
        p.block(cap, "a", 14)
        p.shade(cap, 0.5, 44, 17)
        for i in range(9):
            a = lerp(3.4, 6.0, i / 8)
            d = p.dice.uniform(0.35, 0.75)
            cx, cy = x + 900 * k * d * math.cos(a), y + 700 * k * d * math.sin(a)
            p.stroke([(cx - 90, cy - 30), (cx, cy + 24), (cx + 20, cy - 10), (cx + 100, cy + 20)], 26, 10, "w")
    return p.svg({"a": "#9a6f4a", "w": "#ecdfc2"})


def cabbage() -> str:
    p = Plate("包心菜")
    for angle in (-1.9, -1.1, 1.1, 1.9, -0.35, 0.35):
        dx, dy = rotate(0, -1750, angle)
        leaf(
            p,
            (2200, 2500),
            (2200 + dx, 2350 + dy * 0.85),
            bend=0.08 * (1 if angle > 0 else -1),
            width=0.42,
            veins=8,
            teeth=0.05,
            ink="h",
            dark_side=1 if angle > 0 else -1,
        )
    ball = ellipse(2200, 2200, 1180, 1120, 48)
    p.block(ball, "a", 16)
    p.shade(ball, 0.7, 50, 15, 0.2, 1.0)
    for side, bend in ((-1, 0.55), (1, 0.8), (-1, 0.15), (1, 0.35)):
        spine = bezier(
            (2200, 3280), (2200 + side * 500 * bend, 2700), (2200 + side * 1250 * bend, 1900), (2200 + side * 500 * bend, 1130), 30
        )
        p.swell(spine, [lerp(34, 6, t) for t in steps(30)])
        for i in range(6, 26, 4):
            (x, y) = spine[i]
            p.stroke(bezier((x, y), (x - side * 120, y - 130), (x - side * 220, y - 210), (x - side * 300, y - 330), 8), 15, 4)
    return p.svg({"a": "#b8cf98", "g": "#7b9a6b", "h": "#93b07c"})


def asparagus() -> str:
    p = Plate("芦笋")
    for i, x in enumerate((1050, 1500, 1950, 2400, 2850, 3300)):
        lean, top = (x - 2200) * 0.16, 620 + 130 * (i % 3)
        spine = bezier((2200 + (x - 2200) * 0.72, 3750), (x, 2800), (x + lean, 1900), (x + lean * 1.6, top), 40)
        tube(p, spine, lambda t: lerp(150, 165, t) * (1 - smooth(0.72, 1.02, t) * 0.85), rings=7, wmax=15, outline=13)
        for j in range(12):
            t = 0.2 + 0.066 * j
            px, py = spine[round(t * 40)]
            r = 150 * (1 - smooth(0.72, 1.02, t) * 0.8)
            for side in (-1, 0, 1) if t > 0.7 else ((0,) if j % 2 else (-1, 1)):
                p.block(
                    [(px + side * r * 0.6 - 60, py + 60), (px + side * r * 0.7, py - 150), (px + side * r * 0.6 + 60, py + 60)],
                    "b",
                    9,
                    (0, 0),
                )
    band = [(1150, 2950), (3250, 2950), (3220, 3180), (1190, 3180)]
    p.block(band, "s", 14)
    p.hatch(band, 0, 46, lambda x, _y: 4 + 10 * smooth(1400, 3200, x))
    return p.svg({"a": "#9dba74", "b": "#75935f", "s": "#d8b97a"})


def cane() -> str:
    p = Plate("甘蔗")
    for x, tilt in ((1300, -0.14), (2150, 0.02), (3000, 0.16)):
        dx, dy = rotate(0, -3500, tilt)
        spine = [(x + dx * t, 3800 + dy * t) for t in steps(70)]
        tube(p, spine, lambda t: 235 + 22 * abs(math.cos(t * math.pi * 6)) ** 8, lines=9, wmax=17, outline=15)
        for j in range(1, 6):
            (jx, jy) = spine[round(j / 6 * 70)]
            a, b = rotate(250, 0, tilt)
            p.swell([(jx - a, jy - b), (jx, jy + 50), (jx + a, jy + b)], [16, 30, 16])
            p.swell([(jx - a, jy - b - 90), (jx, jy - 50), (jx + a, jy + b - 90)], [12, 22, 12], "w")
    return p.svg({"a": "#7a4a58", "w": "#d9c9a4"})


FIELD: dict[str, Callable[[], str]] = {
    "tea": tea,
    "osmanthus": osmanthus,
    "rape-flower": rape_flower,
    "bamboo-shoot": bamboo_shoot,
    "water-bamboo": water_bamboo,
    "greens": greens,
    "pumpkin": pumpkin,
    "corn": corn,
    "pods": pods,
    "rice": rice,
    "mushroom": mushroom,
    "cabbage": cabbage,
    "asparagus": asparagus,
    "cane": cane,
}
