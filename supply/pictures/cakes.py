"""What is pounded, steamed, baked or pulled: cakes, noodles, dried slices."""

import math
from collections.abc import Callable

from .forms import around, ellipsoid, flower, leaf, slab, tube, turned
from .geometry import TURN, bezier, ellipse, lerp, smooth, steps, through
from .plate import Plate, place


def rice_cake() -> str:
    p = Plate("年糕")
    high = 250
    for layer in range(4):
        y, angle = 2780 - layer * (high + 6), math.radians(33 if layer % 2 == 0 else -33)
        for k in (-1, 0, 1):
            vx, vy = -math.sin(angle), math.cos(angle) * 0.52
            on = slab(p, 2200 + vx * k * 640, y + vy * k * 640, 2350, 560, high, angle=angle, round_by=120)
            if layer == 3:
                flower(p, on)
    return p.svg({"a": "#f7efdc", "b": "#e6d8ba", "r": "#c8553a"})


def dough(
    p: Plate, x: float, y: float, r: float, *, flat: float = 0.72, ink: str = "a", powder: str | None = None, mark: bool = False
) -> None:
    """A soft round piece, dusted or stamped."""
    rim = through(
        [
            (x + r * math.cos(a) * (1 + p.dice.uniform(-0.025, 0.025)), y + r * flat * math.sin(a))
            for a in (i / 14 * TURN for i in range(14))
        ],
        4,
        closed=True,
    )
    p.block(rim, ink, 14)
    p.shade(rim, 0.6, 44, 14, 0.05, 1.0)
    if powder:
        for _ in range(34):
            a, d = p.dice.uniform(0, TURN), math.sqrt(p.dice.random()) * 0.88
            p.oval(x + r * d * math.cos(a), y + r * flat * d * math.sin(a), p.dice.uniform(8, 18), p.dice.uniform(6, 12), powder)
    if mark:
        flower(p, around(x, y - r * 0.1, 0.7), r * 0.22)


def mochi() -> str:
    """麻糍: pulled pieces rolled in bean flour on a board."""
    p = Plate("麻糍")
    slab(p, 2200, 2900, 3600, 2300, 210, ink="w", side="d", round_by=90, gap=90)
    for x, y in ((1250, 2350), (2200, 2200), (3150, 2350), (1650, 2800), (2750, 2800), (2200, 2450)):
        dough(p, x, y - 60, 520, powder="k")
    return p.svg({"a": "#ead6a6", "w": "#cfa56c", "d": "#a27c4a"})


def green_dumplings() -> str:
    p = Plate("青团")
    for x, y in ((1500, 2150), (2900, 2150), (2200, 2850), (2200, 1600)):
        leaf(p, (x - 620, y + 420), (x + 640, y + 380), bend=0.04, width=0.34, veins=6, ink="g")
        at = ellipsoid(p, x, y, 610, 540, lines=13, wmax=18)
        p.oval(*at(-0.38, -0.5), 120, 50, "w", -0.5)
    return p.svg({"a": "#6f9456", "g": "#a9c08b", "w": "#c9dbaa"})


def pancakes() -> str:
    """麦饼: a stack of griddle cakes, browned in spots."""
    p = Plate("麦饼")
    for i in range(5):
        x, y = 2200 + p.dice.uniform(-90, 90), 3050 - i * 260
        low = ellipse(x, y + 130, 1650, 800, 60)
        p.block(low, "b", 13)
        side = ellipse(x, y + 130, 1650, 800, 30, 0.1, math.pi - 0.1)
        p.hatch([*side, *[(px, py - 130) for px, py in reversed(side)]], math.pi / 2, 46, lambda px, _y: 4 + 10 * smooth(1500, 3600, px))
        top = ellipse(x, y, 1650, 800, 60)
        p.block(top, "a", 14, (0, 0))
    for _ in range(26):
        a, d = p.dice.uniform(0, TURN), math.sqrt(p.dice.uniform(0, 0.85))
        spot = [
            (x + 1600 * d * math.cos(a) + r * math.cos(b) * 1.3, y + 770 * d * math.sin(a) + r * 0.6 * math.sin(b))
            for b in (i / 9 * TURN for i in range(9))
            for r in (p.dice.uniform(50, 150),)
        ]
        p.flat(through(spot, 3, closed=True), "c")
    p.shade(ellipse(x, y, 1650, 800, 60), 0.2, 60, 9, 0.2, 1.0)
    return p.svg({"a": "#ecd3a0", "b": "#d6b47a", "c": "#b9793f"})


def steamer() -> str:
    """麦糕: buns in a bamboo steamer."""
    p = Plate("麦糕")
    wall = turned(p, 2200, 2350, 3350, lambda _t: 1700, flat=0.42, rings=14, wmax=13)
    for t in (0.08, 0.5, 0.94):
        band = [wall(a * math.pi, t) for a in steps(40)]
        p.swell(band, [52] * 41)
        p.swell(band, [34] * 41, "c")
    for i in range(9):
        a = lerp(0.12, 0.88, i / 8) * math.pi
        p.stroke([wall(a, 0.12), wall(a, 0.3), wall(a, 0.46)], 13)
    p.block(ellipse(2200, 2350, 1700, 714, 60), "c", 15, (0, 0))
    p.block(ellipse(2200, 2350, 1520, 610, 60), "d", 12, (0, 0))
    for x, y in ((1750, 2060), (2650, 2060), (1280, 2330), (2200, 2300), (3120, 2330), (1780, 2600), (2620, 2600)):
        at = ellipsoid(p, x, y - 120, 430, 360, ink="w", lines=9, wmax=13, dark=(0.6, 1.3))
        for i in range(7):
            a = lerp(2.2, 7.0, i / 6)
            p.stroke(
                bezier(
                    at(0, -0.5),
                    at(0.16 * math.cos(a), -0.5 + 0.2 * math.sin(a)),
                    at(0.4 * math.cos(a), -0.4 + 0.35 * math.sin(a)),
                    at(0.62 * math.cos(a), -0.3 + 0.5 * math.sin(a)),
                    6,
                ),
                15,
                3,
            )
    return p.svg({"a": "#c69a5b", "c": "#dcb87a", "d": "#8b6a3c", "w": "#f3e7cd"})


def cakes() -> str:
    """糕点: pressed cakes, one broken."""
    p = Plate("糕点")
    for x, y, ink in ((1250, 3000, "a"), (3150, 3000, "c"), (2200, 2550, "a"), (1250, 2350, "c"), (3150, 2350, "a"), (2200, 1850, "c")):
        wall = turned(p, x, y - 250, y + 90, lambda _t: 560, ink=ink, flat=0.5, rings=4, wmax=12, outline=13)
        for i in range(14):
            a = (i + 0.5) / 14 * math.pi
            p.stroke([wall(a, 0.05), wall(a, 0.5), wall(a, 0.95)], 15)
        top = ellipse(x, y - 250, 560, 280, 40)
        p.block(top, ink, 13, (0, 0))
        p.swell(ellipse(x, y - 250, 470, 228, 40), [9] * 40)
        flower(p, around(x, y - 250, 0.5), 190)
    return p.svg({"a": "#ecd9ad", "c": "#d9b784", "r": "#b8462f"})


def chips(title: str = "番薯干", colour: str = "#d98b45") -> str:
    """Sliced and dried: long translucent pieces crossing each other."""
    p = Plate(title)
    for i in range(11):
        x, y = 2200 + p.dice.uniform(-1000, 1000), 1050 + i * 210
        tilt, k = p.dice.uniform(-0.55, 0.55) + (0.2 if i % 2 else -0.2), p.dice.uniform(0.85, 1.1)
        piece = place(
            through([(-1050, -60), (-620, -210), (0, -190), (640, -220), (1080, -40), (700, 190), (60, 230), (-600, 180)], 5, closed=True),
            x,
            y,
            k,
            tilt,
        )
        p.block(piece, "a", 13)
        p.shade(piece, tilt + 0.25, 52, 14, -0.1, 0.9)
        p.swell(
            place(bezier((-850, -40), (-300, -90), (300, 60), (850, 0), 12), x, y, k, tilt),
            [4 + 8 * math.sin(math.pi * t) for t in steps(12)],
            "w",
        )
    return p.svg({"a": colour, "w": "#f0c48a"})


def dried_shoots() -> str:
    """笋干: torn dry strips tied in a bundle."""
    p = Plate("笋干")
    for i in range(19):
        q = lerp(-1, 1, i / 18)
        root, tip = (
            (2200 + q * 620, 2750.0),
            (2200 + q * 1750 + p.dice.uniform(-120, 120), 700 + 520 * abs(q) ** 1.6 + p.dice.uniform(-120, 160)),
        )
        spine = bezier(
            (2200 + q * 900 + p.dice.uniform(-80, 80), 3550),
            (root[0], root[1] + 200),
            (lerp(root[0], tip[0], 0.4), lerp(root[1], tip[1], 0.4)),
            tip,
            24,
        )
        tube(p, spine, lambda t: lerp(135, 26, t**1.3), ink="a" if i % 3 else "b", lines=5, wmax=13, outline=12)
    band = through([(1450, 2640), (2200, 2760), (2950, 2640), (2930, 2900), (2200, 3020), (1470, 2900)], 6, closed=True)
    p.block(band, "c", 14)
    p.hatch(band, 1.2, 50, lambda x, _y: 5 + 12 * smooth(1600, 2900, x))
    return p.svg({"a": "#c89a5c", "b": "#b07f45", "c": "#e2cf9c"})


def noodles(title: str = "番薯面", colour: str = "#c7a983") -> str:
    """Noodles folded into skeins."""
    p = Plate(title)
    for x, y, tilt in ((1350, 1500, 0.25), (3000, 1500, -0.2), (2200, 2650, 0.02)):
        rim = place(
            through([(-820, -480), (0, -560), (820, -480), (980, 0), (820, 480), (0, 560), (-820, 480), (-980, 0)], 6, closed=True),
            x,
            y,
            1,
            tilt,
        )
        p.block(rim, "a", 15)
        for i in range(17):
            q = lerp(-0.93, 0.93, i / 16)
            strand = place(
                [(lerp(-930, 930, t), q * 510 * (0.9 + 0.1 * math.sin(t * 3.1)) + 26 * math.sin(t * 9 + i * 1.3)) for t in steps(26)],
                x,
                y,
                1,
                tilt,
            )
            p.swell(
                strand,
                [(8 + 12 * smooth(-0.4, 1, q + 0.35 * t)) * (0.4 + 0.6 * math.sin(math.pi * (0.08 + 0.84 * t))) for t in steps(26)],
                "k" if i % 2 else "b",
            )
        band = place([(-150, -585), (150, -585), (150, 585), (-150, 585)], x, y, 1, tilt)
        p.block(band, "r", 13, (0, 0))
        p.shade(band, tilt, 60, 11, 0.2, 1)
    return p.svg({"a": colour, "b": "#8b6b45", "r": "#c65b3f"})


CAKES: dict[str, Callable[[], str]] = {
    "rice-cake": rice_cake,
    "mochi": mochi,
    "green-dumplings": green_dumplings,
    "pancakes": pancakes,
    "steamer": steamer,
    "cakes": cakes,
    "chips": chips,
    "dried-shoots": dried_shoots,
    "noodles": noodles,
    "white-noodles": lambda: noodles("索面", "#efe2c2"),
}
