"""Fruit, nuts, berries: most are `round_fruit` with numbers."""

import math
from collections.abc import Callable

from .forms import egg_shaped, ellipsoid, leaf, straight, tube
from .geometry import TURN, Point, bezier, lerp, rotate, smooth, steps
from .plate import Plate

GREEN = {"g": "#7d9a72", "h": "#94ab83", "s": "#a58a63"}
SPOTS: dict[int, list[tuple[float, float, float, float]]] = {
    1: [(2200, 2250, 1.0, 0.06)],
    2: [(1480, 2360, 0.78, -0.12), (2960, 2300, 0.78, 0.16)],
    3: [(2240, 1640, 0.66, 0.05), (1400, 2620, 0.70, -0.14), (3040, 2660, 0.70, 0.15)],
}


def round_fruit(
    title: str, rx: float, ry: float, body: str, *, skin: str | None = None, ribs: int = 0, shape: Callable[[float], float] = straight,
    leaves: tuple[tuple[float, float], ...] = ((-0.5, 900), (0.55, 800)), cleft: bool = False, pores: int = 0, count: int = 1,
    sepals: int = 0, stripes: int = 0, stalk: bool = True, dark: tuple[float, float] = (0.42, 1.15),
) -> str:  # fmt: skip
    """One, two or three round fruit, with ribs, pores, stripes, sepals or a cleft. Leaves are (angle, length) at the stalk."""
    p = Plate(title)
    for x, y, k, tilt in SPOTS[count]:
        a, b = rx * k, ry * k
        top = rotate(0, -b * 0.96, tilt)
        sx, sy = x + top[0], y + top[1]
        for angle, length in leaves:
            dx, dy = rotate(0, -length * k, angle + tilt)
            side = 1 if angle > 0 else -1
            leaf(p, (sx, sy), (sx + dx, sy + dy * 0.8), bend=0.12 * side, width=0.24, veins=8, dark_side=side)
        at = ellipsoid(p, x, y, a, b, tilt=tilt, lines=int(25 * k) + 4, wmax=25 * k, ribs=ribs, shape=shape, dark=dark)
        for _ in range(pores):
            u, v = p.dice.uniform(-0.9, 0.9), p.dice.uniform(-0.9, 0.9)
            if math.hypot(u, v) < 0.88:
                p.dot(*at(u, v), p.dice.uniform(7, 13))
        for i in range(stripes):
            lam = lerp(-1.3, 1.3, i / (stripes - 1))
            lats = [lerp(-1.35, 1.35, t) for t in steps(30)]
            p.swell(
                [at(math.cos(la) * math.sin(lam + 0.03 * math.sin(la * 17 + i)), math.sin(la)) for la in lats],
                [(34 + 22 * math.sin(j * 1.7 + i * 2)) * k * math.cos(la) * (0.35 + 0.65 * math.cos(lam)) for j, la in enumerate(lats)],
                "h",
            )
        if cleft:
            lats = [lerp(-1.5, 1.1, t) for t in steps(20)]
            p.swell([at(math.sin(0.36) * math.cos(la) + 0.04, math.sin(la)) for la in lats], [26 * k * (1 - t**1.5) + 6 for t in steps(20)])
        cx, cy = at(0, -0.9)
        for i in range(sepals):
            turn = i / sepals * TURN + 0.3
            leaf(p, (cx, cy), (cx + 330 * k * math.cos(turn), cy + 150 * k * math.sin(turn) + 40), bend=0.16, width=0.13, veins=4, wmax=7)
        if stalk:
            tube(
                p,
                bezier((cx, cy + 10), (cx + 10, cy - 90), (cx + 20, cy - 150), (cx + 60 * k, cy - 300 * k)),
                lambda t: lerp(46, 34, t),
                scale=k,
                ink="s",
                rings=9,
            )
    return p.svg({"a": body, **GREEN, "h": skin or body})


def loquat() -> str:
    p = Plate("枇杷")
    leaf(p, (2230, 1500), (560, 760), bend=-0.10, width=0.19, veins=11, teeth=0.07)
    leaf(p, (2300, 1480), (3960, 620), bend=0.10, width=0.19, veins=11, teeth=0.07, dark_side=-1)
    leaf(p, (2240, 1500), (1500, 130), bend=0.10, width=0.21, ink="h", veins=10, teeth=0.07)
    leaf(p, (2330, 1520), (4200, 1850), bend=0.14, width=0.17, ink="h", veins=10, teeth=0.07)
    tube(p, bezier((2760, 60), (2640, 600), (2300, 1000), (2230, 1720)), lambda t: lerp(54, 46, t), ink="s", rings=26, wmax=13)
    for a, b in (
        ((2240, 1650), (1420, 1950)),
        ((2240, 1600), (2980, 1900)),
        ((2230, 1700), (2160, 2300)),
        ((2230, 1680), (1700, 2500)),
        ((2240, 1660), (2780, 2500)),
    ):
        tube(
            p,
            bezier(a, (lerp(a[0], b[0], 0.4), a[1] + 60), (lerp(a[0], b[0], 0.8), b[1] - 160), b),
            lambda t: lerp(34, 26, t),
            ink="s",
            rings=9,
            wmax=10,
        )
    for x, y, rx, ry, tilt in (
        (1330, 2330, 400, 470, 0.42),
        (3060, 2290, 400, 470, -0.40),
        (1720, 2940, 410, 480, 0.16),
        (2740, 2920, 415, 480, -0.16),
        (2200, 2600, 425, 500, 0.02),
    ):
        at = ellipsoid(p, x, y, rx, ry, tilt=tilt, lines=19, wmax=19, shape=egg_shaped, dark=(0.45, 1.2))
        ex, ey = at(0.06, 0.95)
        star = [
            (ex + r * math.cos(i / 10 * TURN + tilt), ey + r * 0.62 * math.sin(i / 10 * TURN + tilt))
            for i in range(10)
            for r in ((74, 30)[i % 2],)
        ]
        p.flat(star, "k")
        sx, sy = at(0, -0.97)
        for i in range(5):
            turn = lerp(2.3, 0.8, i / 4) + tilt
            p.swell(
                [(sx, sy), (sx + 50 * math.cos(turn), sy + 40 * math.sin(turn)), (sx + 105 * math.cos(turn), sy + 70 * math.sin(turn))],
                [16, 13, 4],
            )
    return p.svg({"a": "#f1c476", **GREEN})


def strawberry() -> str:
    p = Plate("草莓")

    def berry(x: float, y: float, k: float, tilt: float) -> None:
        at = ellipsoid(
            p,
            x,
            y,
            860 * k,
            1020 * k,
            tilt=tilt,
            lines=15,
            wmax=17 * k,
            shape=lambda v: 1 - 0.42 * max(0, v) ** 1.7 - 0.10 * max(0, -v) ** 3,
            dark=(0.6, 1.3),
        )
        for row in range(8):
            v = lerp(-0.72, 0.86, row / 7)
            across = max(2, round(7 * math.sqrt(1 - v * v)))
            seeds = []
            for i in range(across):
                u = lerp(-0.82, 0.82, (i + (0.5 if row % 2 else 0.0)) / across) * math.sqrt(max(0.0, 1 - v * v))
                seeds.append((*at(u, v), 24 * k, 36 * k, 0.0))
            p.beads(seeds, "y", 7)
        cx, cy = at(0, -0.93)
        for angle in (-1.55, -0.85, -0.3, 0.3, 0.85, 1.55):
            dx, dy = rotate(0, -560 * k, angle * 1.35 + tilt)
            leaf(
                p,
                (cx, cy),
                (cx + dx, cy + abs(dy) * 0.30 + 60 * k * (2 - abs(angle))),
                bend=0.10 if angle > 0 else -0.10,
                width=0.16,
                veins=5,
                wmax=8,
            )
        sx, sy = rotate(0, -520 * k, tilt + 0.25)
        tube(
            p,
            bezier((cx, cy + 20), (cx, cy - 120 * k), (cx + sx * 0.6, cy + sy * 0.7), (cx + sx, cy + sy)),
            lambda t: 36 * k,
            ink="g",
            rings=10,
            wmax=9,
        )

    berry(3050, 2020, 0.88, 0.30)
    berry(1560, 2160, 1.04, -0.16)
    return p.svg({"a": "#d95745", "y": "#f0cf85", "g": "#7d9a66"})


def pear() -> str:
    return round_fruit(
        "梨", 1120, 1330, "#dfc77c", shape=lambda v: 1 - 0.46 * smooth(0.1, -1.05, v), pores=170, leaves=((0.75, 1250),), dark=(0.5, 1.2)
    )


def bayberry() -> str:
    p = Plate("杨梅")
    stem = bezier((3300, 180), (2900, 500), (2500, 700), (2200, 1250))
    for root, tip, side in (
        (stem[6], (1500, 240), 1),
        (stem[10], (3900, 1120), -1),
        (stem[16], (900, 980), 1),
        (stem[14], (3700, 1750), -1),
        (stem[20], (1250, 1500), 1),
    ):
        leaf(p, root, tip, bend=0.1 * side, width=0.15, veins=10, dark_side=side, ink="g" if side > 0 else "h")
    tube(p, stem, lambda t: lerp(48, 34, t), ink="s", rings=20, wmax=12)
    for x, y, r in ((1380, 2560, 640), (3020, 2460, 640), (2200, 2180, 620), (2160, 3120, 660)):
        tube(p, bezier((2200, 1250), (2200, 1500), (x, y - r - 200), (x, y - r + 60)), lambda t: 26, ink="s", rings=8, wmax=9)
        at = ellipsoid(p, x, y, r, r, ink="d", lines=3, wmax=2)
        for ring in range(7):
            la = lerp(-1.2, 1.4, ring / 6)
            around = max(3, round(10 * math.cos(la)))
            lit: list[tuple[float, float, float]] = []
            shaded: list[tuple[float, float, float]] = []
            shine: list[tuple[float, float, float]] = []
            for i in range(around):
                lam = lerp(-1.35, 1.35, (i + 0.5 * (ring % 2)) / around)
                u, v = math.cos(la) * math.sin(lam), math.sin(la)
                size = r * 0.125 * (0.55 + 0.45 * math.cos(la) * math.cos(lam))
                x0, y0 = at(u, v)
                (shaded if u + v > 0.35 else lit).append((x0, y0, size))
                if u + v < 0.1:
                    shine.append((x0 - size * 0.3, y0 - size * 0.32, size * 0.3))
            for x0, y0, size in lit:
                p.dot(x0, y0, size, "a")
            for x0, y0, size in shaded:
                p.dot(x0, y0, size, "b")
            for x0, y0, size in shine:
                p.dot(x0, y0, size, "w")
    return p.svg({"a": "#b03a50", "b": "#8a2747", "d": "#4c1530", "w": "#e59aa0", **GREEN})


def grapes() -> str:
    p = Plate("葡萄")
    leaf(p, (2300, 900), (800, 420), bend=-0.1, width=0.36, veins=9, teeth=0.12)
    leaf(p, (2350, 850), (3850, 700), bend=0.12, width=0.34, ink="h", veins=9, teeth=0.12, dark_side=-1)
    tube(p, bezier((2620, 120), (2500, 400), (2350, 600), (2260, 1100)), lambda t: 46, ink="s", rings=16, wmax=12)
    for row, n in enumerate((4, 5, 5, 4, 3, 2, 1)):
        for i in range(n):
            x = 2220 + (i - (n - 1) / 2) * 500 + p.dice.uniform(-50, 50)
            ellipsoid(p, x, 1330 + row * 390 + p.dice.uniform(-30, 30), 290, 305, lines=7, wmax=16, dark=(0.45, 1.1), outline=11)
    return p.svg({"a": "#8f7aa8", **GREEN})


def persimmon() -> str:
    return round_fruit("柿子", 1300, 1020, "#e2823f", ribs=4, leaves=(), sepals=4, count=2)


def chestnut() -> str:
    p = Plate("板栗")
    for x, y, k, tilt in ((2900, 1750, 0.80, 0.35), (1450, 1900, 0.84, -0.3), (2250, 2750, 0.95, 0.05)):
        at = ellipsoid(
            p, x, y, 950 * k, 820 * k, tilt=tilt, lines=23, wmax=24 * k, shape=lambda v: 1 - 0.55 * max(0, -v) ** 2.4, dark=(0.3, 1.0)
        )
        base = [at(lerp(-0.86, 0.86, t), 0.58 + 0.34 * math.sqrt(max(0.0, 1 - lerp(-1, 1, t) ** 2))) for t in steps(20)] + [
            at(lerp(0.86, -0.86, t), 0.55) for t in steps(12)
        ]
        p.block(base, "b", 11, (0, 0))
        p.hatch(base, 0.3 + tilt, 46, lambda _x, _y: 8)
        px, py = at(0, -0.99)
        p.stroke(bezier((px, py), (px + 10, py - 50 * k), (px - 10, py - 90 * k), (px + 10, py - 150 * k), 6), 30 * k, 6)
    return p.svg({"a": "#8a4b2c", "b": "#d9bb8c"})


def torreya() -> str:
    """香榧: long nuts with a fine grain, one split open."""
    p = Plate("香榧")
    for root, tip in (((3600, 420), (2100, 300)), ((3700, 420), (4250, 1350))):
        spine = bezier(root, (lerp(root[0], tip[0], 0.3), root[1] - 150), (lerp(root[0], tip[0], 0.7), tip[1] - 120), tip)
        for i in range(3, 24, 2):
            (x, y), (nx, ny) = spine[i], spine[i - 1]
            dx, dy = rotate(x - nx, y - ny, 0)
            size = math.hypot(dx, dy) or 1
            for side in (-1, 1):
                ex, ey = rotate(dx / size, dy / size, side * 0.9)
                leaf(p, (x, y), (x + ex * 340, y + ey * 340), bend=0.04, width=0.14, veins=1, wmax=6, outline=8)
        p.stroke(spine, 26, 10)

    def nut(x: float, y: float, k: float, tilt: float) -> None:
        ellipsoid(
            p,
            x,
            y,
            370 * k,
            800 * k,
            tilt=tilt,
            lines=15,
            wmax=15 * k,
            shape=lambda v: 1 - 0.34 * max(0, -v) ** 2 - 0.12 * max(0, v) ** 3,
            dark=(0.2, 1.1),
        )

    for x, y, k, tilt in (
        (1050, 1900, 0.9, 0.5),
        (1900, 1680, 0.95, -0.25),
        (2850, 1900, 0.95, 0.7),
        (1300, 2900, 0.95, 1.25),
        (3350, 2850, 0.95, -0.9),
    ):
        nut(x, y, k, tilt)
    ellipsoid(p, 2300, 2870, 470, 900, tilt=-0.35, ink="a", lines=5, wmax=14, shape=lambda v: 1 - 0.34 * max(0, -v) ** 2)
    ellipsoid(
        p,
        2270,
        2880,
        300,
        700,
        tilt=-0.35,
        ink="b",
        lines=13,
        wmax=12,
        shape=lambda v: 1 - 0.3 * max(0, -v) ** 2,
        dark=(0.5, 1.3),
        outline=11,
    )
    return p.svg({"a": "#c1935c", "b": "#ecd9a8", **GREEN})


def peanut() -> str:
    p = Plate("花生")
    spots: tuple[tuple[Point, float], ...] = (
        ((1350, 1350), 0.5),
        ((2900, 1400), -0.6),
        ((1500, 2550), -0.35),
        ((3000, 2650), 0.45),
        ((2200, 2000), 1.3),
    )
    for (x, y), tilt in spots:
        at = ellipsoid(
            p, x, y, 400, 880, tilt=tilt, lines=9, wmax=13, shape=lambda v: 1 - 0.30 * math.exp(-((v + 0.05) ** 2) / 0.05), dark=(0.4, 1.2)
        )
        for row in range(9):
            v = lerp(-0.8, 0.8, row / 8)
            for u in (-0.6, -0.2, 0.2, 0.6):
                a, b = at(u * math.sqrt(1 - v * v), v), at((u + 0.16) * math.sqrt(1 - v * v), v + 0.05)
                p.stroke([a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 6), b], 12, 7)
    return p.svg({"a": "#d8b67c"})


FRUITS: dict[str, Callable[[], str]] = {
    "loquat": loquat,
    "orange": lambda: round_fruit("蜜橘", 1270, 1120, "#ee9c4a", pores=150, leaves=((-0.75, 1250), (0.6, 1150))),
    "mandarin": lambda: round_fruit("红美人", 1300, 1120, "#e6813a", pores=110, count=3, leaves=((0.7, 1000),)),
    "pomelo": lambda: round_fruit(
        "文旦柚", 1290, 1380, "#e3cf73", pores=190, leaves=((-0.7, 1150), (0.8, 1200)), shape=lambda v: 1 - 0.30 * max(0, -v) ** 1.8
    ),
    "tomato": lambda: round_fruit("西红柿", 1330, 1130, "#dd6a4c", ribs=7, leaves=(), sepals=6, count=3),
    "peach": lambda: round_fruit(
        "水蜜桃", 1230, 1240, "#f0b6a0", shape=lambda v: 1 - 0.30 * max(0, v) ** 2.2, cleft=True, leaves=((-0.95, 1250), (0.9, 1050))
    ),
    "plum": lambda: round_fruit("李子", 1180, 1160, "#9a4a62", cleft=True, count=3, leaves=((0.8, 900),)),
    "cherry": lambda: round_fruit("樱桃", 1000, 960, "#c8433c", count=3, leaves=((-0.9, 1100),)),
    "melon": lambda: round_fruit("西瓜", 1420, 1280, "#8fb07a", skin="#3f6b4e", leaves=(), stripes=9),
    "sweet-melon": lambda: round_fruit("甜瓜", 1180, 1380, "#e2d28a", skin="#f4ead0", leaves=((0.9, 1150),), stripes=9),
    "kiwi": lambda: round_fruit("猕猴桃", 1050, 1280, "#a98a5c", pores=260, count=2, leaves=((-0.8, 900),), stalk=False),
    "apple": lambda: round_fruit("苹果", 1270, 1190, "#d4624a", shape=lambda v: 1 - 0.18 * max(0, v) ** 2, leaves=((0.7, 1050),)),
    "jujube": lambda: round_fruit("枣", 820, 1150, "#a5482f", count=3, leaves=((0.8, 900),)),
    "pear": pear,
    "strawberry": strawberry,
    "bayberry": bayberry,
    "grapes": grapes,
    "persimmon": persimmon,
    "chestnut": chestnut,
    "torreya": torreya,
    "peanut": peanut,
}
