"""What stands on a shelf: wood, rope, clay, stone, paper, shells."""

import math
from collections.abc import Callable

from .forms import straight, tube, turned
from .geometry import TURN, Line, bezier, ellipse, lerp, normals, steps, through
from .plate import Plate, place


def ornament() -> str:
    """竹木摆件: a carved brush pot and a wooden bird."""
    p = Plate("竹木摆件")
    wall = turned(p, 1450, 1450, 3450, lambda t: 690 - 40 * math.sin(math.pi * t), ink="a", inside="d", flat=0.26, rings=26, wmax=17)
    for t in (0.1, 0.9):
        p.swell([wall(a * math.pi, t) for a in steps(24)], [22] * 25)
    for base, high, a0, a1 in ((0.72, 0.24, 0.95, 0.45), (0.78, 0.36, 0.72, 0.18)):  # carved hills
        crest = [
            wall(lerp(a0, a1, t) * math.pi, base - high * math.sin(math.pi * t) ** 1.4 * (1 + 0.2 * math.sin(t * 11))) for t in steps(20)
        ]
        p.swell(crest, [24] * 21)
        for i in range(2, 19, 2):
            (x, y) = crest[i]
            p.stroke([(x, y), (x + 30, y + 110), (x + 36, y + 230)], 18, 4)
    p.swell(ellipse(*wall(0.32 * math.pi, 0.25), 95, 110, 20), [18] * 20)
    perch = bezier((2500, 3450), (2900, 3330), (3400, 3480), (4000, 3300), 20)
    tube(p, perch, lambda t: lerp(150, 90, t), ink="d", lines=6, wmax=13)
    for x in (3050, 3280):
        p.stroke([(x, 2950), (x + 10, 3150), (x - 20, 3350)], 48)
    tail = through([(3700, 2650), (4230, 3050), (4120, 3190), (3500, 2960)], 6, closed=True)
    p.block(tail, "c", 13)
    p.shade(tail, 0.6, 44, 14)
    bird = through(
        [
            (2480, 1990),
            (2700, 1790),
            (2960, 1830),
            (3120, 2060),
            (3500, 2300),
            (3800, 2700),
            (3560, 2990),
            (3100, 3060),
            (2720, 2860),
            (2560, 2480),
        ],
        7,
        closed=True,
    )
    p.block(bird, "c", 16)
    p.shade(bird, 1.1, 46, 15, -0.1, 0.9)
    wing = through([(2980, 2320), (3400, 2400), (3800, 2780), (3350, 2860), (3000, 2680)], 6, closed=True)
    p.block(wing, "b", 13)
    for i in range(5):
        p.stroke(
            bezier((3050 + i * 20, 2420 + i * 75), (3250, 2480 + i * 70), (3450, 2570 + i * 52), (3660 - i * 20, 2690 + i * 30), 8), 20, 8
        )
    p.block([(2490, 1990), (2220, 2090), (2510, 2120)], "d", 12)
    p.beads([(2720, 2000, 62, 62, 0.0)], "w", 12)
    p.dot(2722, 2002, 34)
    return p.svg({"a": "#cfa968", "b": "#a9743f", "c": "#d08e4f", "d": "#7d5330", "w": "#f7eedb"})


def knot() -> str:
    """渔绳结: a flat knot of fishing rope with a tassel."""
    p = Plate("绳结")
    loops: Line = [
        (2200 + 1050 * math.sin(2 * a) * (1 + 0.1 * math.cos(4 * a)), 1750 + 980 * math.sin(3 * a + 0.4))
        for a in (t * TURN for t in steps(150))
    ]
    tube(p, bezier((2200, 90), (2120, 300), (2260, 520), (2200, 820), 20), lambda _t: 92, rings=12, wmax=13)
    ways = normals(loops)
    for start in range(0, 150, 15):  # laid in pieces, so that one crosses over the next
        part = loops[start : start + 17]
        tube(p, part, lambda _t: 122, outline=16)
        for i in range(1, len(part), 2):
            (x, y), v = part[i], ways[start + i]
            tx, ty = v[1], -v[0]
            p.swell([(x + v[0] * 112 * q + tx * 50 * q, y + v[1] * 112 * q + ty * 50 * q) for q in (-1, -0.4, 0.4, 1)], [6, 16, 17, 8])
    turned(p, 2200, 2680, 2960, lambda _t: 190, ink="r", flat=0.2, rings=6, wmax=13)
    for i in range(15):
        q = lerp(-1, 1, i / 14)
        p.swell(
            bezier(
                (2200 + q * 170, 2960),
                (2200 + q * 220, 3250),
                (2200 + q * 330, 3500),
                (2200 + q * 380 + 30 * (-1) ** i, 3870 - 70 * abs(q)),
                14,
            ),
            [46 * (1 - 0.4 * t) for t in steps(14)],
            "a" if i % 2 else "k",
        )
    return p.svg({"a": "#d9bd85", "r": "#b8462f"})


def boat() -> str:
    """船模: a wooden fishing boat with two sails."""
    p = Plate("船模")
    for mast, top, lean in ((1450, 560, -40), (2650, 330, -20)):
        tube(p, [(mast, 2750), (mast + lean * 0.5, 1600), (mast + lean, top)], lambda t: lerp(56, 36, t), ink="d", lines=3, wmax=12)
        sail = through(
            [
                (mast - 480, top + 250),
                (mast + 560, top + 90),
                (mast + 780, 1300),
                (mast + 620, 2330),
                (mast - 420, 2400),
                (mast - 520, 1300),
            ],
            7,
            closed=True,
        )
        p.block(sail, "a", 15)
        p.shade(sail, 0.25, 60, 13, -0.1, 0.9)
        for i in range(1, 6):
            y = lerp(top + 250, 2400, i / 6)
            p.swell([(mast - 520, y), (mast + 100, y - 90), (mast + 730, y - 60)], [26, 26, 26])
    hull = through(
        [(420, 2580), (900, 2760), (2200, 2840), (3300, 2720), (4020, 2330), (3800, 2900), (3350, 3330), (1250, 3380), (700, 3080)],
        7,
        closed=True,
    )
    p.block(hull, "b", 17)
    for i in range(6):
        t = (i + 0.8) / 6.6
        p.swell(
            bezier(
                (lerp(480, 1150, t), lerp(2680, 3340, t)),
                (1500, lerp(2860, 3420, t)),
                (2900, lerp(2850, 3420, t)),
                (lerp(3980, 3400, t), lerp(2440, 3300, t)),
                24,
            ),
            [8 + 12 * q for q in steps(24)],
        )
    p.swell(bezier((470, 2600), (1500, 2880), (3000, 2860), (3990, 2380), 24), [70] * 25, "r")
    p.beads([(3560, 2690, 105, 88, -0.3)], "a", 13)
    p.dot(3570, 2695, 44)
    for i in range(3):
        y = 3530 + i * 100
        for x in range(500 + i * 120, 3900, 640):
            p.swell(
                [(x + 430 * t, y - 50 * math.sin(math.pi * t)) for t in steps(8)], [4 + 20 * math.sin(math.pi * t) for t in steps(8)], "f"
            )
    return p.svg({"a": "#e9d3a2", "b": "#a8683d", "d": "#8a5c35", "r": "#c4452f"})


def cup() -> str:
    p = Plate("陶杯")
    for x, top, bottom, k in ((3050, 1750, 3150, 0.86), (1600, 1600, 3400, 1.1)):
        tube(
            p,
            bezier(
                (x + 560 * k, top + 330 * k),
                (x + 1150 * k, top + 250 * k),
                (x + 1100 * k, bottom - 250 * k),
                (x + 540 * k, bottom - 330 * k),
                24,
            ),
            straight,
            scale=90 * k,
            rings=22,
            wmax=14,
        )
        turned(p, x, top, bottom, lambda t: 680 - 60 * math.sin(math.pi * t), scale=k, inside="d", rings=26, wmax=20)
        p.swell(
            [(x - 480 * k + 40 * math.sin(t * 3), lerp(top + 330, bottom - 260, t)) for t in steps(12)],
            [50 * math.sin(math.pi * (0.05 + 0.9 * t)) for t in steps(12)],
            "w",
        )
    return p.svg({"a": "#5d5a57", "d": "#34302e", "w": "#8f8b84"})


def painted_stone() -> str:
    """石头画, 元宝石: a rounded stone with a painted house and sea."""
    p = Plate("石画")
    rim = through(
        [(480, 2300), (820, 1400), (1700, 950), (2750, 1000), (3600, 1500), (3930, 2350), (3500, 3100), (2300, 3330), (1000, 3120)],
        8,
        closed=True,
    )
    p.block(rim, "a", 18)
    p.shade(rim, 0.75, 60, 16, 0.2, 0.95)
    p.flat(through([(900, 2380), (1800, 2300), (2700, 2380), (3550, 2300), (3300, 2800), (2300, 2980), (1250, 2860)], 7, closed=True), "b")
    for i in range(3):
        for x in range(1250 + i * 150, 3200, 520):
            p.swell([(x + 300 * t, 2530 + i * 130 - 45 * math.sin(math.pi * t)) for t in steps(6)], [22] * 7, "w")
    p.block([(1500, 2330), (1500, 1880), (2250, 1880), (2250, 2330)], "w", 12, (0, 0))
    p.block([(1380, 1900), (1640, 1590), (2120, 1590), (2370, 1900)], "k", 12, (0, 0))
    p.flat([(1780, 2330), (1780, 2060), (1980, 2060), (1980, 2330)], "r")
    p.block([(2560, 2330), (2640, 1480), (2860, 1480), (2940, 2330)], "w", 12, (0, 0))
    for y in (1660, 1960):
        p.flat([(2600, y + 150), (2610, y), (2890, y), (2900, y + 150)], "r")
    p.block([(2620, 1480), (2750, 1300), (2880, 1480)], "r", 12, (0, 0))
    p.beads([(3260, 1620, 150, 150, 0.0)], "y", 11)
    return p.svg({"a": "#b9b3a4", "b": "#5f86a0", "w": "#f2ead6", "r": "#c4452f", "y": "#e5a63f"})


def postcards() -> str:
    p = Plate("明信片")
    for x, y, tilt in ((2500, 1900, 0.24), (2000, 2200, -0.10)):
        p.block(place([(-1550, -1100), (1550, -1100), (1550, 1100), (-1550, 1100)], x, y, 1, tilt), "w", 15, (14, 16))
        picture = place([(-1430, -980), (1430, -980), (1430, 980), (-1430, 980)], x, y, 1, tilt)
        p.block(picture, "s", 11, (0, 0))

    def put(points: Line) -> Line:
        return place(points, 2000, 2200, 1, -0.10)

    p.flat(put([(-1430, 330), (1430, 330), (1430, 980), (-1430, 980)]), "b")
    for i in range(4):
        for dx in range(-1300 + i * 90, 1200, 460):
            p.swell(put([(dx + 280 * t, 480 + i * 130 - 36 * math.sin(math.pi * t)) for t in steps(6)]), [18] * 7, "w")
    p.block(put(through([(-1200, 400), (-700, 120), (0, 60), (500, 230), (900, 420)], 6)), "g", 12, (0, 0))
    p.block(put([(-430, 130), (-330, -640), (-70, -640), (30, 130)]), "w", 13, (0, 0))
    for y in (-420, -90):
        p.flat(
            put(
                [
                    (-372 - 22 * (y + 420) / 330, y + 150),
                    (-355 - 20 * (y + 420) / 330, y),
                    (-45 + 20 * (y + 420) / 330, y),
                    (-28 + 22 * (y + 420) / 330, y + 150),
                ]
            ),
            "r",
        )
    p.block(put([(-300, -640), (-300, -800), (-100, -800), (-100, -640)]), "y", 12, (0, 0))
    p.block(put([(-340, -800), (-200, -960), (-60, -800)]), "r", 12, (0, 0))
    for side in (-1, 1):
        p.flat(put([(-200 + side * 110, -740), (-200 + side * 1050, -930), (-200 + side * 1050, -560), (-200 + side * 110, -690)]), "l")
    return p.svg({"w": "#f7f0de", "s": "#a9c3c9", "b": "#4f7c92", "g": "#6d8a66", "r": "#c4452f", "y": "#eebd62", "l": "#f4e4ae"})


def shell_chime() -> str:
    p = Plate("贝壳风铃")
    p.block(ellipse(2200, 760, 1250, 260, 50), "d", 15)
    p.block(ellipse(2200, 720, 950, 170, 40), "c", 11, (0, 0))
    p.stroke([(2200, 40), (2190, 300), (2200, 600)], 34)
    for i, x in enumerate((1150, 1700, 2200, 2700, 3250)):
        length = 2100 + 500 * (i % 2) + (300 if i == 2 else 0)
        p.stroke([(x, 850), (x + 8, 850 + length / 2), (x, 850 + length)], 14, ink="f")
        for j in range(3):
            y = 1200 + j * (length - 500) / 2.4
            fan = [(x, y - 170), *ellipse(x, y + 20, 250, 230, 20, -0.4, math.pi + 0.4)]
            p.block(fan, "a" if (i + j) % 2 else "b", 12, (6, 5))
            for k in range(7):
                a = lerp(0.0, math.pi, k / 6)
                p.stroke(
                    [
                        (x, y - 140),
                        (x + 120 * math.cos(a), y - 60 + 100 * math.sin(a)),
                        (x + 235 * math.cos(a), y + 20 + 215 * math.sin(a)),
                    ],
                    6,
                    13,
                )
    return p.svg({"a": "#ecd8c4", "b": "#dba996", "c": "#8a5c35", "d": "#c69a5b"})


CRAFTS: dict[str, Callable[[], str]] = {
    "ornament": ornament,
    "knot": knot,
    "boat": boat,
    "cup": cup,
    "painted-stone": painted_stone,
    "postcards": postcards,
    "shell-chime": shell_chime,
}
