"""What is sewn, plaited and carved to wear and to sleep under."""

import math
from collections.abc import Callable

from .forms import around, flower
from .geometry import TURN, Line, bezier, ellipse, lerp, smooth, steps, through
from .plate import Plate


def tiger_shoe() -> str:
    p = Plate("虎头鞋")

    def shoe(ox: float, oy: float, k: float) -> None:
        def put(points: Line) -> Line:
            return [(ox + x * k, oy + y * k) for x, y in points]

        sole = put(bezier((-900, 620), (-1000, 900), (900, 960), (960, 560)) + bezier((960, 560), (960, 300), (-880, 300), (-900, 620)))
        p.body(sole, "w")
        p.hatch(sole, 0, 34, lambda _x, _y: 11)
        p.cut(sole, 14)
        upper = bezier((-930, 560), (-1120, -60), (-640, -560), (0, -600)) + bezier((0, -600), (560, -640), (880, -900), (960, -880))
        upper += bezier((960, -880), (1120, -300), (1080, 300), (970, 600)) + bezier((970, 600), (500, 800), (-600, 820), (-930, 560))
        p.block(put(upper), "a", 15)
        for q in steps(15):
            side = bezier(
                (lerp(-200, 960, q), lerp(660, 560, q)),
                (lerp(120, 1060, q), 380),
                (lerp(240, 1080, q), 0),
                (lerp(330, 1010, q), lerp(-480, -760, q)),
                12,
            )
            p.swell(put(side), [lerp(4, 20, q) * k] * 13)
        opening = put(
            bezier((120, -640), (400, -420), (820, -560), (950, -860)) + bezier((950, -860), (700, -1010), (330, -900), (120, -640))
        )
        p.body(opening, "d", (0, 0))
        p.hatch(opening, 0.5, 34, lambda _x, _y: 17)
        p.cut(opening, 18)
        for ex in (-760, 60):  # ears
            p.block(put(ellipse(ex, -520, 190, 230, 28)), "a")
            inner = put(ellipse(ex, -490, 105, 135, 22))
            p.body(inner, "y", (0, 0))
            p.hatch(inner, 1.2, 30, lambda _x, _y: 9)
            p.cut(inner, 9)
        p.block(put(ellipse(-380, 20, 600, 520, 48)), "y", 15, (6, 5))
        for i in range(30):  # fur of the rim
            a = i / 30 * TURN
            fur = [
                (-380 + rx * math.cos(a + d), 20 + ry * math.sin(a + d))
                for rx, ry, d in ((590, 510, 0.0), (640, 560, 0.04), (700, 610, 0.1))
            ]
            p.swell(put(fur), [18, 13, 4])
        for s in (-1, 1):
            p.block(put(ellipse(-380 + s * 235, -50, 150, 150, 28)), "w", 15, (0, 0))
            for x, y, r, ink in ((-360 + s * 225, -35, 78, "k"), (-385 + s * 225, -62, 24, "w")):
                p.dot(ox + x * k, oy + y * k, r * k, ink)
            brow = bezier((-380 + s * 70, -190), (-380 + s * 180, -310), (-380 + s * 340, -290), (-380 + s * 430, -180), 12)
            p.swell(put(brow), [8 + 34 * math.sin(i / 12 * 3.1) for i in range(13)], "g")
            p.swell(put(bezier((-380, 215), (-380 + s * 60, 330), (-380 + s * 230, 330), (-380 + s * 290, 220), 12)), [24] * 13)
            for wave in range(3):
                whisker = bezier(
                    (-380 + s * 260, 130 + wave * 60),
                    (-380 + s * 400, 90 + wave * 70),
                    (-380 + s * 560, 90 + wave * 90),
                    (-380 + s * 690, 60 + wave * 120),
                    10,
                )
                p.swell(put(whisker), [15 - i for i in range(11)])
        p.flat(put([(-450, 120), (-310, 120), (-350, 200), (-380, 222), (-410, 200)]), "k")
        for y, width in ((-385, 130), (-310, 160), (-235, 120)):
            p.swell(put([(-380 - width / 2, y), (-380, y - 8), (-380 + width / 2, y)]), [20, 26, 20])
        p.swell(put([(-380, -400), (-378, -310), (-380, -225)]), [24, 20, 24])

    shoe(2960, 1480, 0.94)
    shoe(1800, 2500, 1.22)
    return p.svg({"a": "#d2603c", "y": "#eebd62", "w": "#f7eedb", "d": "#6d3423", "g": "#3f6b55"})


def quilt() -> str:
    p = Plate("棉被")
    for i in range(4):
        y = 3050 - i * 480
        roll = through(
            [
                (650, y - 190),
                (2200, y - 300),
                (3750, y - 190),
                (3950, y + 60),
                (3750, y + 280),
                (2200, y + 330),
                (650, y + 280),
                (450, y + 60),
            ],
            7,
            closed=True,
        )
        p.block(roll, "a" if i % 2 else "b", 15)
        p.shade(roll, 0.15, 54, 13, 0.0, 0.9)
        p.swell(bezier((560, y + 60), (1500, y + 130), (2900, y + 130), (3860, y + 50), 20), [16] * 21)
        for x in range(900, 3700, 460):
            flower(p, around(x, y - 90), 70)
    return p.svg({"a": "#e8dcc2", "b": "#7d9bb0", "r": "#b8462f"})


def straw_hat() -> str:
    p = Plate("草编帽")
    p.block(ellipse(2200, 2700, 1950, 800, 64), "a", 16)
    for ring in (0.93, 0.84, 0.75, 0.66):
        p.swell(
            ellipse(2200, 2690, 1950 * ring, 800 * ring, 60), [8 + 9 * smooth(-0.6, 0.8, math.sin(i / 60 * TURN + 0.5)) for i in range(60)]
        )
    for i in range(70):
        a = i / 70 * TURN
        p.stroke(
            [
                (2200 + 1180 * math.cos(a), 2690 + 480 * math.sin(a)),
                (2200 + 1500 * math.cos(a + 0.03), 2695 + 620 * math.sin(a + 0.03)),
                (2200 + 1900 * math.cos(a + 0.06), 2700 + 780 * math.sin(a + 0.06)),
            ],
            9,
        )
    crown = [*ellipse(2200, 2350, 1080, 1330, 34, math.pi, TURN), *ellipse(2200, 2450, 1080, 420, 34, 0, math.pi)]
    p.block(crown, "a", 16)
    for ring in range(10):
        t = ring / 10
        r = math.cos(t * math.pi / 2) * 1080
        p.swell(
            ellipse(2200, 2440 - 1300 * math.sin(t * math.pi / 2), r, r * 0.38 * (1 - t * 0.5), 26, 0.05, math.pi - 0.05),
            [7 + 13 * smooth(0.2, 1.0, 1 - q) for q in steps(25)],
        )
    band = [
        *ellipse(2200, 2330, 1085, 410, 30, 0, math.pi),
        *[(x, y + 260) for x, y in reversed(ellipse(2200, 2330, 1085, 410, 30, 0, math.pi))],
    ]
    p.block(band, "r", 13, (0, 0))
    p.shade(band, 1.5, 60, 12, 0.1, 0.9)
    return p.svg({"a": "#e2c583", "r": "#3f6b55"})


def comb() -> str:
    p = Plate("木梳")
    back = through([(520, 2050), (900, 1350), (1700, 1050), (2200, 1020), (2700, 1050), (3500, 1350), (3880, 2050)], 8)
    rim = [*back, (3880, 2250), (520, 2250)]
    for i in range(31):
        x = lerp(600, 3800, i / 30)
        p.block(
            [
                (x - 34, 2200),
                (x + 34, 2200),
                (x + 22, 3350 - 260 * abs(i - 15) / 15),
                (x, 3420 - 260 * abs(i - 15) / 15),
                (x - 22, 3350 - 260 * abs(i - 15) / 15),
            ],
            "a",
            9,
            (4, 0),
        )
    p.block(rim, "a", 16)
    for i in range(9):
        y = 1250 + i * 112
        half = 1640 * min(1.0, 0.42 + 0.68 * i / 8)
        p.swell([(2200 + q * half, y + 40 * math.sin(q * 3)) for q in (lerp(-1, 1, t) for t in steps(12))], [6 + 7 * t for t in steps(12)])
    flower(p, around(2200, 1640), 210)
    return p.svg({"a": "#c98a55", "r": "#7d3f2a"})


CLOTH: dict[str, Callable[[], str]] = {
    "tiger-shoe": tiger_shoe,
    "quilt": quilt,
    "straw-hat": straw_hat,
    "comb": comb,
}
