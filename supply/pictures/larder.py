"""What stands in the larder: bowls, tofu, eggs, jars, bottles, meat, trays of dried things."""

import math
from collections.abc import Callable

from .forms import ellipsoid, flower, heap, leaf, slab, straight, tube, turned
from .geometry import TURN, Line, bezier, ellipse, lerp, rotate, smooth, steps, through
from .plate import Plate, place


def bowl(title: str, filling: str, *, speck: str | None = None, china: str = "#dfe6e2") -> str:
    """A blue-edged bowl heaped with flour, salt, sugar, grain."""
    p = Plate(title)
    turned(p, 2200, 2250, 3500, lambda t: lerp(1600, 620, t**1.5), flat=0.30, rings=15, wmax=15)
    wall = turned(Plate(title), 2200, 2250, 3500, lambda t: lerp(1600, 620, t**1.5), flat=0.30, rings=0)
    for t, w in ((0.10, 40), (0.16, 16)):
        p.swell([wall(lerp(0.02, 0.98, a) * math.pi, t) for a in steps(40)], [w] * 41, "c")
    for i in range(7):
        x, y = wall((i + 0.5) / 7 * math.pi, 0.5)
        p.swell(ellipse(x, y, 130, 110, 22, 0.6, 6.2), [26] * 22, "c")
        p.dot(x, y, 34, "c")
    foot = [(1600, 3480), (2800, 3480), (2760, 3690), (1640, 3690)]
    p.block(foot, "a", 13)
    p.shade(foot, 1.5, 40, 13)
    p.block(ellipse(2200, 2250, 1600, 480, 60), "a", 14, (0, 0))
    pile = [(2200 + lerp(-1, 1, t) * 1480, 2290 - 1050 * math.cos(lerp(-1, 1, t) * math.pi / 2) ** 0.9) for t in steps(40)] + [
        (2200 + 1480 * math.cos(t * math.pi), 2290 + 400 * math.sin(t * math.pi)) for t in steps(40)
    ][1:-1]
    p.block(pile, "b", 13, (0, 0))
    p.shade(pile, 0.7, 46, 13, 0.0, 0.9)
    for _ in range(70):
        q, h = p.dice.uniform(-0.92, 0.92), p.dice.random()
        p.oval(
            2200 + q * 1420,
            2330 + 270 * math.cos(q * 1.5) - h * 1180 * math.cos(q * math.pi / 2),
            20 if speck else 10,
            12 if speck else 10,
            speck or "k",
            p.dice.uniform(0, 3),
        )
    return p.svg({"a": china, "b": filling, "c": "#3e5f86"})


def tofu() -> str:
    p = Plate("豆腐")
    slab(p, 2200, 3080, 3700, 2300, 170, angle=0.0, ink="w", side="d", round_by=60, gap=120)
    for x, y, ang in ((1500, 2450, 0.05), (3000, 2600, -0.10), (2250, 1850, 0.08)):
        on = slab(p, x, y, 1350, 1150, 560, angle=ang, ink="a", side="b", round_by=70, gap=70)
        for m in (-1, 0, 1):
            p.stroke([on(m * 380, -540), on(m * 380 + 10, 0), on(m * 380, 540)], 9)
            p.stroke([on(-640, m * 320), on(0, m * 320 + 8), on(640, m * 320)], 9)
    return p.svg({"a": "#f8f1de", "b": "#e3d7b8", "w": "#cda772", "d": "#9f7a49"})


def tofu_puffs() -> str:
    """空心腐: fried, puffed and hollow; one open."""
    p = Plate("空心腐")
    for x, y, ang in ((1300, 1500, 0.5), (2950, 1450, -0.35), (2150, 2000, 0.1), (1200, 2700, -0.4), (3150, 2650, 0.4), (2200, 3000, 0.05)):
        on = slab(p, x, y, 900, 860, 470, angle=ang, ink="a", side="b", round_by=230, gap=60)
        for _ in range(16):
            p.oval(*on(p.dice.uniform(-360, 360), p.dice.uniform(-330, 330)), p.dice.uniform(12, 34), p.dice.uniform(8, 18), "b")
    hole = ellipse(2200, 2990, 250, 130, 26)
    p.block(hole, "w", 11, (0, 0))
    p.shade(hole, 0.4, 34, 15, 0.5, -0.6)
    return p.svg({"a": "#e0aa55", "b": "#bd8236", "w": "#f6e7c2"})


def dried_tofu() -> str:
    p = Plate("香干")
    for layer, (x, y, ang) in enumerate(
        ((2350, 3000, 0.12), (2100, 2650, -0.10), (2300, 2300, 0.2), (2050, 1950, -0.04), (2250, 1600, 0.14))
    ):
        on = slab(p, x, y, 2100, 1750, 240, angle=ang, round_by=120, gap=60)
        if layer == 4:
            p.swell([on(560 * math.cos(a), 470 * math.sin(a)) for a in (i / 40 * TURN for i in range(41))], [22] * 41)
            flower(p, on, 230)
            for m in (lerp(-900, 900, t) for t in steps(6)):
                p.stroke([on(m, -720), on(m, -640), on(m, -560)], 13)
    return p.svg({"a": "#b5804b", "b": "#8b5c31", "r": "#5f3a1e"})


def tofu_skin() -> str:
    p = Plate("豆腐皮")
    for i in range(6):
        x, y = 2200 + (-1) ** i * 60, 3150 - i * 330
        tube(p, bezier((600, y + 60), (1500, y - 70), (2900, y + 90), (3800, y - 20), 40), lambda t: 175, lines=7, wmax=14, outline=13)
        p.swell(ellipse(x + 1560, y - 10, 80, 150, 30, 0, 9.5), [14] * 30)
    return p.svg({"a": "#ecd08a"})


def eggs(title: str = "土鸡蛋", colour: str = "#e2b48c", second: str = "#efd2b4") -> str:
    """Eggs in a nest of straw."""
    p = Plate(title)
    for _ in range(60):
        a = p.dice.uniform(0, math.pi)
        x, y = 2200 + 1650 * math.cos(a), 2750 + 620 * math.sin(a) * p.dice.uniform(0.2, 1.1)
        turn = p.dice.uniform(-0.7, 0.7)
        p.stroke(
            bezier(
                (x - 420 * math.cos(turn), y - 420 * math.sin(turn)),
                (x - 100, y + 60),
                (x + 100, y + 30),
                (x + 420 * math.cos(turn), y + 420 * math.sin(turn)),
                8,
            ),
            34,
            14,
            "s" if p.dice.random() < 0.62 else "k",
        )
    for x, y, tilt, ink in (
        (1350, 2000, -0.5, "a"),
        (3050, 2000, 0.5, "a"),
        (2200, 1700, 0.1, "b"),
        (1700, 2550, -0.15, "b"),
        (2750, 2560, 0.25, "a"),
    ):
        ellipsoid(p, x, y, 500, 640, tilt=tilt, ink=ink, lines=17, wmax=17, shape=lambda v: 1 - 0.22 * max(0, -v) ** 2, dark=(0.55, 1.25))
    for _ in range(46):
        x, y, turn = p.dice.uniform(700, 3700), p.dice.uniform(2950, 3330), p.dice.uniform(-0.35, 0.35)
        y += 130 * math.cos((x - 2200) / 900)
        p.stroke(
            bezier((x - 480, y - 480 * turn), (x - 150, y + 50), (x + 150, y - 40), (x + 480, y + 480 * turn), 8),
            36,
            12,
            "s" if p.dice.random() < 0.68 else "k",
        )
    return p.svg({"a": colour, "b": second, "s": "#d3b06a"})


def honey() -> str:
    p = Plate("蜂蜜")

    def radius(t: float) -> float:
        return 1080 - 200 * (1 - smooth(0, 0.16, t)) - 120 * smooth(0.86, 1.0, t)

    wall = turned(p, 2000, 1250, 3450, radius, flat=0.22, rings=26, wmax=15)
    for i in range(5):
        p.swell(
            [wall(2.65 - 0.1 * i, t) for t in (lerp(0.2, 0.85, s) for s in steps(12))],
            [(34 - 6 * i) * math.sin(math.pi * (0.05 + 0.9 * s)) for s in steps(12)],
            "w",
        )
    label = [wall(lerp(0.62, 0.16, s) * math.pi, 0.42) for s in steps(16)] + [wall(lerp(0.16, 0.62, s) * math.pi, 0.76) for s in steps(16)]
    p.block(label, "l", 12, (0, 0))
    cx, cy = wall(0.39 * math.pi, 0.60)
    for i in range(6):
        p.beads([(cx + 105 * math.cos(i / 6 * TURN), cy + 92 * math.sin(i / 6 * TURN), 64, 54, i / 6 * TURN)], "y", 8)
    p.dot(cx, cy, 40)
    lid = turned(p, 2000, 830, 1250, lambda _t: 960, ink="c", flat=0.22, rings=5, wmax=13)
    for i in range(22):
        a = (i + 0.5) / 22 * math.pi
        p.stroke([lid(a, 0.1), lid(a, 0.5), lid(a, 0.92)], 14)
    p.block(ellipse(2000, 830, 960, 210, 50), "c", 13, (0, 0))
    tube(p, bezier((3980, 780), (3700, 1300), (3500, 1900), (3380, 2500), 20), lambda t: 56, ink="s", lines=3, wmax=12)
    for i in range(6):
        x, y = 3380 - i * 26, 2480 + i * 135
        p.block(ellipse(x, y, 300 * math.sin(math.pi * (0.24 + 0.12 * i)) + 40, 74, 24, tilt=0.2), "s", 12)
    tube(p, bezier((3220, 3170), (3190, 3350), (3230, 3500), (3210, 3640), 10), lambda t: lerp(34, 60, t), ink="a", rings=2, wmax=9)
    return p.svg({"a": "#dd9a35", "w": "#f5cf86", "l": "#f5ecd6", "y": "#efc945", "c": "#7d9a72", "s": "#b98d55"})


def jar(title: str = "酱", colour: str = "#7b4a33", lid: str = "#c65b3f") -> str:
    """A glazed pot with a cloth lid: sauces, pickles, fermented things."""
    p = Plate(title)

    def radius(t: float) -> float:
        return 760 + 720 * math.pow(math.sin(math.pi * (0.12 + 0.70 * t)), 1.4)

    wall = turned(p, 2200, 1450, 3550, radius, flat=0.20, rings=34, wmax=20)
    p.swell([wall(2.5, lerp(0.12, 0.6, s)) for s in steps(14)], [60 * math.sin(math.pi * (0.05 + 0.9 * s)) for s in steps(14)], "w")
    cloth = through(
        [
            (1130, 1650),
            (1250, 1180),
            (1700, 880),
            (2200, 800),
            (2700, 880),
            (3150, 1180),
            (3270, 1650),
            (2900, 1540),
            (2550, 1690),
            (2200, 1600),
            (1850, 1700),
            (1480, 1550),
        ],
        6,
        closed=True,
    )
    p.block(cloth, "c", 15)
    p.shade(cloth, 1.2, 48, 15, 0.0, 0.9)
    p.swell([(1320 + 1760 * t, 1390 + 70 * math.sin(math.pi * t)) for t in steps(24)], [58] * 25)
    p.swell([(1320 + 1760 * t, 1385 + 70 * math.sin(math.pi * t)) for t in steps(24)], [38] * 25, "w")
    label = place([(-420, -420), (420, -420), (420, 420), (-420, 420)], 2200, 2560, 1.0, math.pi / 4)
    p.block(label, "r", 14, (0, 0))
    p.cut(place([(-330, -330), (330, -330), (330, 330), (-330, 330)], 2200, 2560, 1.0, math.pi / 4), 12)
    return p.svg({"a": colour, "w": "#e9d9b6", "c": lid, "r": "#e8c98a"})


def bottle() -> str:
    p = Plate("油")

    def radius(t: float) -> float:
        return 210 + 640 * smooth(0.22, 0.44, t) - 40 * smooth(0.9, 1.0, t)

    for x, k in ((2950, 0.86), (1600, 1.0)):
        wall = turned(p, x, 3550 - 2600 * k, 3550, radius, scale=k, flat=0.18, rings=30, wmax=15)
        label = [wall(lerp(0.82, 0.18, s) * math.pi, 0.58) for s in steps(14)] + [
            wall(lerp(0.18, 0.82, s) * math.pi, 0.84) for s in steps(14)
        ]
        p.block(label, "l", 12, (0, 0))
        lx, ly = wall(math.pi / 2, 0.70)
        leaf(p, (lx - 210 * k, ly - 30), (lx + 240 * k, ly - 120), bend=0.1, width=0.22, ink="g", veins=4, wmax=8)
        turned(p, x, 3550 - 2860 * k, 3550 - 2580 * k, straight, scale=240 * k, ink="c", inside="c", flat=0.2, rings=4, wmax=11)
        p.swell([wall(2.6, lerp(0.46, 0.95, s)) for s in steps(10)], [40 * math.sin(math.pi * (0.05 + 0.9 * s)) for s in steps(10)], "w")
    return p.svg({"a": "#d9ac3f", "l": "#f5ecd6", "g": "#7d9a72", "c": "#8a5b35", "w": "#f3dc98"})


def cured_pork() -> str:
    """腊肉: strips hung on straw rope."""
    p = Plate("腊肉")
    tube(p, [(380 + 3640 * t, 560 + 30 * math.sin(t * 7)) for t in steps(30)], lambda t: 95, ink="s", rings=5, lines=5, wmax=12)
    for x, k, tilt in ((1150, 0.95, 0.05), (2200, 1.08, -0.03), (3250, 0.92, 0.06)):
        p.stroke(bezier((x - 90, 520), (x - 160, 800), (x - 30, 900), (x, 1050), 10), 44, 30)
        p.stroke(bezier((x + 90, 520), (x + 160, 800), (x + 30, 900), (x, 1050), 10), 44, 30)
        strip = place(
            through(
                [(-90, -1250), (140, -1250), (380, -700), (400, 300), (350, 1150), (60, 1300), (-330, 1200), (-400, 350), (-340, -650)],
                6,
                closed=True,
            ),
            x,
            2280,
            k,
            tilt,
        )
        p.block(strip, "a", 15)
        for i, (ink, w) in enumerate((("f1", 120), ("r", 70), ("f1", 90), ("r", 60))):
            q = -250 + i * 165
            line = place([(q + 34 * math.sin(t * 7 + i), lerp(-820 + 130 * abs(i - 1.5), 1120, t)) for t in steps(24)], x, 2280, k, tilt)
            p.swell(line, [w * math.sin(math.pi * (0.05 + 0.9 * t)) ** 0.5 for t in steps(24)], ink)
        p.shade(strip, 1.35, 46, 14, 0.0, 0.9)
        p.stroke(place([(300, -500), (330, 200), (290, 1000)], x, 2280, k, tilt), 50, 30)
    return p.svg({"a": "#8f4130", "f1": "#ecc79b", "r": "#a9503a", "s": "#b5985c"})


def hen() -> str:
    p = Plate("土鸡")
    for i, turn in enumerate((-0.75, -0.5, -0.25, 0.0, 0.28)):  # tail
        dx, dy = rotate(-1150, -700, turn)
        leaf(p, (1250, 1950), (1250 + dx, 1950 + dy), bend=0.12, width=0.16, ink="d" if i % 2 else "b", veins=8)
    for x in (2050, 2450):  # legs
        p.stroke([(x, 3050), (x + 20, 3350), (x + 10, 3640)], 74, 60, "y")
        for toe in (-230, 20, 230):
            p.stroke([(x + 10, 3600), (x + toe * 0.6, 3690), (x + toe, 3720)], 58, 20, "y")
    body = through(
        [
            (1000, 1850),
            (1500, 2050),
            (2050, 1900),
            (2500, 1350),
            (2620, 950),
            (2900, 780),
            (3200, 900),
            (3260, 1200),
            (3350, 1750),
            (3250, 2450),
            (2850, 2950),
            (2200, 3150),
            (1600, 2950),
            (1150, 2450),
        ],
        7,
        closed=True,
    )
    p.block(body, "a", 16)
    for row in range(13):
        for i in range(9):
            x, y = 1450 + i * 215 + (row % 2) * 105, 2080 + row * 78
            inside = ((x - 2250) / 980) ** 2 + ((y - 2500) / 560) ** 2
            if inside < 0.95:
                p.swell(
                    ellipse(x, y, 80, 52, 9, 0.1, 3.0),
                    [(6 + 15 * smooth(-0.3, 0.9, (x - 2250) / 980 + (y - 2500) / 700)) * math.sin(math.pi * t) + 2 for t in steps(8)],
                )
    for i in range(11):
        q = i / 10
        p.stroke(
            bezier(
                (2650 + 500 * q, 1280), (2620 + 520 * q, 1500), (2560 + 600 * q, 1750), (2450 + 760 * q, 2000 + 60 * math.sin(q * 3)), 10
            ),
            12,
            16 + 8 * q,
        )
    wing = through([(1450, 2100), (2000, 2000), (2650, 2250), (2450, 2700), (1950, 2850), (1350, 2650), (1050, 2350)], 6, closed=True)
    p.block(wing, "b", 14)
    for i in range(7):
        p.stroke(
            bezier(
                (2500 - i * 60, 2330 + i * 40),
                (2100 - i * 50, 2420 + i * 50),
                (1700 - i * 40, 2450 + i * 40),
                (1250 + i * 40, 2380 + i * 55),
                12,
            ),
            10,
            20,
        )
    p.shade(wing, 0.3, 46, 13, 0.1, 0.9)
    p.block(
        through([(2700, 820), (2650, 600), (2790, 660), (2830, 470), (2950, 640), (3080, 520), (3120, 740), (3150, 880)], 5, closed=True),
        "r",
        13,
    )
    p.block(through([(3130, 1180), (3260, 1200), (3300, 1420), (3190, 1520), (3100, 1380)], 5, closed=True), "r", 12)
    p.block([(3210, 950), (3520, 1090), (3220, 1180)], "y", 13)
    p.beads([(3060, 980, 58, 58, 0.0)], "w", 11)
    p.dot(3066, 982, 32)
    return p.svg({"a": "#d69a55", "b": "#a7642f", "d": "#3f4f49", "r": "#c4452f", "y": "#dfae4a", "w": "#fff6e8"})


def tray(title: str, filling: str, *, strand: bool = True) -> str:
    """A woven tray 竹匾 with something dried on it: dried vegetables, flowers, small things."""
    p = Plate(title)
    p.block(ellipse(2200, 2420, 1950, 1150, 60), "c", 16)
    p.block(ellipse(2200, 2400, 1760, 1000, 60), "d", 12, (0, 0))
    for i in range(15):
        q = lerp(-0.93, 0.93, i / 14)
        edge = math.sqrt(1 - q * q)
        p.swell([(2200 + 1740 * q * 0.99, 2400 + 980 * edge * t) for t in (-1, -0.3, 0.3, 1)], [13] * 4)
        p.swell([(2200 + 1740 * edge * t, 2400 + 980 * q) for t in (-1, -0.3, 0.3, 1)], [13] * 4)
    for i in range(40):
        a = i / 40 * TURN
        p.stroke(
            [
                (2200 + 1780 * math.cos(a), 2410 + 1015 * math.sin(a)),
                (2200 + 1850 * math.cos(a + 0.02), 2415 + 1070 * math.sin(a + 0.02)),
                (2200 + 1930 * math.cos(a + 0.05), 2420 + 1130 * math.sin(a + 0.05)),
            ],
            11,
        )
    pile: Line = heap(2200, 2650, 1320, 1150, flat=0.34)
    p.block(pile, "a", 14, (0, 0))
    for _ in range(105):
        q, h = p.dice.uniform(-0.95, 0.95), p.dice.random()
        x, y = 2200 + q * 1260, 2690 + 370 * math.cos(q * 1.5) - h * 1450 * math.cos(q * math.pi / 2) ** 1.25
        turn, dark = p.dice.uniform(0, TURN), 8 + 9 * smooth(-0.7, 0.8, q + 0.5 - h)
        if strand:
            p.stroke(place(bezier((-150, 0), (-60, -70), (60, 70), (150, -20), 6), x, y, 1, turn), dark, dark * 0.5)
        else:
            p.swell(ellipse(x, y, 90, 64, 12, 0.2, 5.2, turn), [dark] * 12)
    p.shade(pile, 0.7, 60, 13, 0.3, 1.0)
    return p.svg({"a": filling, "c": "#d9b878", "d": "#b7935a"})


LARDER: dict[str, Callable[[], str]] = {
    "flour": lambda: bowl("粉", "#f4eddc"),
    "bean-flour": lambda: bowl("豆黄粉", "#e3bb62"),
    "beans": lambda: bowl("豆", "#d8b165", speck="k"),
    "resin": lambda: bowl("桃胶", "#c98a3c", speck="k"),
    "wine-rice": lambda: bowl("酒酿", "#f2ead2", speck="k"),
    "tofu": tofu,
    "tofu-puffs": tofu_puffs,
    "dried-tofu": dried_tofu,
    "tofu-skin": tofu_skin,
    "eggs": eggs,
    "duck-eggs": lambda: eggs("鸭蛋", "#c5d0c4", "#dde2d6"),
    "honey": honey,
    "jar": jar,
    "wine": lambda: jar("酒", "#5e4a3a", "#b8372a"),
    "bottle": bottle,
    "cured-pork": cured_pork,
    "hen": hen,
    "tray": lambda: tray("干货", "#8d7650"),
    "dark-tray": lambda: tray("霉干菜", "#5d4a37"),
    "pale-tray": lambda: tray("萝卜丝干", "#e6d2a0"),
    "gold-tray": lambda: tray("黄花菜", "#cf9a45"),
    "round-tray": lambda: tray("果干", "#b7673f", strand=False),
}
