"""Roots, tubers and bulbs."""

import math
from collections.abc import Callable

from .forms import ellipsoid, leaf
from .fruits import GREEN, round_fruit
from .geometry import TURN, bezier, ellipse, lerp, rotate, steps
from .plate import Plate


def potato() -> str:
    p = Plate("土豆")
    for x, y, rx, ry, tilt in ((2950, 1580, 900, 720, 0.3), (1500, 1800, 960, 760, -0.35), (2500, 2750, 1080, 800, 0.12)):
        at = ellipsoid(p, x, y, rx, ry, tilt=tilt, lines=21, wmax=20, shape=lambda v: 1 + 0.06 * math.sin(v * 3), dark=(0.45, 1.2))
        for _ in range(9):
            u, v = p.dice.uniform(-0.75, 0.75), p.dice.uniform(-0.7, 0.7)
            ex, ey = at(u, v)
            p.swell(bezier((ex - 70, ey), (ex - 30, ey + 40), (ex + 40, ey + 36), (ex + 80, ey - 8), 8), [4, 10, 16, 20, 22, 20, 15, 9, 4])
        for _ in range(26):
            u, v = p.dice.uniform(-0.85, 0.85), p.dice.uniform(-0.85, 0.85)
            if math.hypot(u, v) < 0.9:
                p.dot(*at(u, v), 8)
    return p.svg({"a": "#d9b87e"})


def sweet_potato() -> str:
    p = Plate("番薯")
    for x, y, rx, ry, tilt in ((2750, 1500, 520, 1300, 1.15), (1750, 2150, 560, 1350, 1.35), (2700, 2900, 520, 1300, 1.75)):
        at = ellipsoid(p, x, y, rx, ry, tilt=tilt, lines=17, wmax=19, shape=lambda v: 1 - 0.5 * abs(v) ** 2.6, dark=(0.4, 1.15))
        for end in (-1, 1):
            ex, ey = at(0, end * 0.99)
            dx, dy = rotate(0, end * 260, tilt)
            p.stroke(
                bezier((ex, ey), (ex + dx * 0.4, ey + dy * 0.4 + 20), (ex + dx * 0.7, ey + dy * 0.8), (ex + dx, ey + dy + 30), 10), 46, 5
            )
        for v in (-0.5, -0.1, 0.3, 0.6):
            a = at(p.dice.uniform(-0.5, 0), v)
            b = at(p.dice.uniform(0.1, 0.5), v + 0.04)
            p.stroke([a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 10), b], 14, 5)
    return p.svg({"a": "#b9625a"})


def radish() -> str:
    p = Plate("萝卜")
    for x, tilt in ((1500, -0.35), (2850, 0.30)):
        for angle, length in ((-0.5, 1500), (0.5, 1450), (0.0, 1700)):
            dx, dy = rotate(0, -length, angle + tilt)
            leaf(p, (x, 1900), (x + dx, 1900 + dy * 0.95), bend=0.1 * (1 if angle > 0 else -1), width=0.17, veins=9, teeth=0.14)
        ellipsoid(
            p,
            x - math.sin(tilt) * 950,
            2800,
            560,
            1080,
            tilt=tilt,
            lines=15,
            wmax=17,
            shape=lambda v: 1 - 0.62 * max(0, v) ** 2.2,
            dark=(0.6, 1.3),
        )
    return p.svg({"a": "#f1ecdc", **GREEN})


def ginger() -> str:
    p = Plate("姜")
    for x, y, rx, ry, tilt in (
        (1500, 2350, 620, 800, 1.2),
        (2250, 1650, 480, 760, 0.15),
        (3000, 2250, 560, 860, 1.0),
        (2250, 2750, 560, 820, 1.6),
        (1250, 1550, 360, 560, -0.5),
        (3350, 1400, 330, 560, 0.5),
    ):
        at = ellipsoid(p, x, y, rx, ry, tilt=tilt, lines=13, wmax=17)
        for v in (-0.6, -0.25, 0.1, 0.45):
            edge = math.sqrt(1 - v * v)
            p.swell(
                [at(lerp(-edge, edge, t), v + 0.12 * math.sin(t * math.pi)) for t in steps(12)], [13 - 8 * abs(t - 0.5) for t in steps(12)]
            )
    return p.svg({"a": "#dcbb78"})


def garlic() -> str:
    return round_fruit("蒜", 1120, 1050, "#efe3d6", ribs=6, count=2, leaves=(), shape=lambda v: 1 - 0.66 * max(0, -v) ** 2.2, stalk=True)


def taro() -> str:
    p = Plate("芋艿")
    for x, y, k, tilt in ((2950, 1550, 0.85, 0.35), (1400, 1750, 0.9, -0.3), (2250, 2700, 1.1, 0.1)):
        at = ellipsoid(p, x, y, 760 * k, 900 * k, tilt=tilt, lines=11, wmax=17, shape=lambda v: 1 - 0.24 * max(0, -v) ** 2)
        for row in range(9):
            v = lerp(-0.85, 0.85, row / 8)
            edge = math.sqrt(1 - v * v)
            line = [at(lerp(-edge, edge, t), v + 0.09 * math.sin(t * math.pi)) for t in steps(14)]
            p.swell(line, [11 + 9 * t for t in steps(14)])
            for i in range(1, 14, 2):
                (px, py) = line[i]
                p.stroke([(px, py), (px + p.dice.uniform(-16, 16), py + 46), (px + p.dice.uniform(-26, 26), py + 90)], 11, 4)
        tip = at(0, -1.0)
        p.block([(tip[0] - 90, tip[1] + 40), (tip[0] - 50, tip[1] - 130), (tip[0] + 20, tip[1] - 170), (tip[0] + 90, tip[1] + 40)], "b", 11)
    return p.svg({"a": "#a8825c", "b": "#d99ba0"})


def lotus() -> str:
    p = Plate("藕")
    for x, y, tilt, k in ((2900, 1350, 1.2, 0.9), (1500, 2050, 1.25, 1.0)):
        ellipsoid(p, x, y, 520 * k, 980 * k, tilt=tilt, lines=15, wmax=16, shape=lambda v: 1 - 0.35 * abs(v) ** 5)
    p.block(ellipse(2600, 2760, 860, 860, 48), "b", 16)
    p.shade(ellipse(2600, 2760, 860, 860, 48), 0.7, 46, 12, 0.2, 1.0)
    p.beads([(2600 + 520 * math.cos(i / 8 * TURN), 2760 + 520 * math.sin(i / 8 * TURN), 150, 120, i / 8 * TURN) for i in range(8)], "d", 10)
    p.beads([(2600, 2760, 120, 120, 0.0)], "d", 10)
    return p.svg({"a": "#dfc6a0", "b": "#f2e6cf", "d": "#8d6b4c"})


ROOTS: dict[str, Callable[[], str]] = {
    "potato": potato,
    "sweet-potato": sweet_potato,
    "radish": radish,
    "ginger": ginger,
    "garlic": garlic,
    "taro": taro,
    "lotus": lotus,
}
