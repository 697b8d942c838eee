"""Shells of the mud flats and the rocks, and sea weed."""

import math
from collections.abc import Callable

from .forms import tube
from .geometry import TURN, Line, Point, bezier, ellipse, lerp, rotate, smooth, steps, through
from .plate import Plate, place


def cockle(p: Plate, x: float, y: float, k: float, tilt: float, ribs: int = 15) -> None:
    """A ribbed fan shell seen from outside, hinge up."""

    def on(a: float, r: float) -> Point:
        rim_x, rim_y = 760 * math.sin(a) * (1.0 - 0.12 * math.cos(a)), 130 + 620 * math.cos(a)
        dx, dy = rotate(rim_x * r, -560 + (rim_y + 560) * r + 40 * math.sin(math.pi * r), tilt)
        return x + dx * k, y + dy * k

    angles = [lerp(-2.5, 2.5, t) for t in steps(48)]
    crown = through([on(2.5, 1.0), on(2.8, 0.95), on(0, -0.13), on(-2.8, 0.95), on(-2.5, 1.0)], 6)
    rim = [on(a, 1.0) for a in angles] + crown
    p.block(rim, "a", 15 * k)
    for i in range(ribs):
        a = lerp(-2.2, 2.2, (i + 0.5) / ribs)
        shade = smooth(-1.4, 1.4, math.sin(a) - 0.2 * math.cos(a))
        for off, heavy in ((0.0, 1.0), (0.07, 0.4)):
            p.swell([on(a + off, lerp(0.14, 0.985, t)) for t in steps(12)], [lerp(6, (16 + 16 * shade) * heavy, t) * k for t in steps(12)])
    for ring in (0.5, 0.72, 0.88):
        p.swell([on(a, ring) for a in angles], [(3 + 8 * smooth(-0.9, 1.0, math.sin(a))) * k for a in angles], least=5)


def clams() -> str:
    p = Plate("血蛤")
    for x, y, k, tilt in (
        (1300, 1350, 0.92, -0.35),
        (3050, 1330, 0.9, 0.3),
        (2150, 1980, 0.98, 0.08),
        (1250, 2800, 1.0, 0.35),
        (3150, 2780, 1.0, -0.25),
    ):
        cockle(p, x, y, k, tilt)
    return p.svg({"a": "#d9c4ad"})


RAZOR: Line = through(
    [
        (-1400, -190), (-1200, -290), (-300, -320), (850, -300), (1300, -230), (1430, 0),
        (1320, 230), (850, 310), (-300, 330), (-1200, 290), (-1420, 170), (-1480, 0),
    ],
    6,
    closed=True,
)  # fmt: skip
HINGE = (-420, -300)


def razor(p: Plate, x: float, y: float, tilt: float) -> None:
    """One on its side: two long valves a little apart, the foot out at one end and both siphons at the other."""
    tongue = [(-1330, -60), (-1640, -150), (-1930, -70), (-2010, 60), (-1900, 190), (-1640, 190), (-1330, 170)]
    foot = place(through(tongue, 6, closed=True), x, y, 1, tilt)
    p.block(foot, "w", 13)
    p.shade(foot, 1.2, 44, 14, 0.2, 0.9)
    for bend, rise in ((-210, -60), (120, 110)):
        spine = place(bezier((1330, rise), (1560, rise), (1660, rise + bend * 0.3), (1830, rise + bend * 0.6), 12), x, y, 1, tilt)
        tube(p, spine, lambda t: lerp(84, 78, t), ink="w", rings=8, wmax=11, outline=12)
        p.oval(spine[-1][0], spine[-1][1], 34, 60, "b", tilt)
    p.block(place([(px, py + 150) for px, py in RAZOR], x, y, 1, tilt), "b", 14)
    p.block(place([(px * 0.985, py + 84) for px, py in RAZOR], x, y, 1, tilt), "w", 9, (0, 0))
    p.block(place(RAZOR, x, y, 1, tilt), "a", 15)
    growth(p, x, y, tilt)
    p.oval(*place([HINGE], x, y, 1, tilt)[0], 110, 30, "k", tilt)


def growth(p: Plate, x: float, y: float, tilt: float) -> None:
    """Growth lines: the shell as it was when it was smaller, around its hinge."""
    rim = [point for point in RAZOR if point[1] > -230]
    rim = rim[rim.index(max(rim)) :] + rim[: rim.index(max(rim))]
    for r in (0.34, 0.47, 0.59, 0.70, 0.79, 0.87, 0.94):
        line = [(HINGE[0] + (px - HINGE[0]) * r, HINGE[1] + (py - HINGE[1]) * r) for px, py in rim]
        heavy = [(4 + 10 * smooth(-300, 300, py)) * (0.55 + 0.5 * r) for _, py in line]
        p.swell(place(line, x, y, 1, tilt), heavy, least=4)


def razors() -> str:
    """蛏子: two whole, and one open on its pale meat."""
    p = Plate("蛏子")
    razor(p, 2150, 800, -0.13)
    razor(p, 2230, 1830, 0.05)
    x, y, tilt = 2180, 3080, -0.06
    for side in (-1, 1):
        valve = [(px, side * (py + 330) * 1.05) for px, py in RAZOR]
        p.block(place(valve, x, y, 1, tilt), "a", 15)
        inside = place([(px * 0.955, side * ((py + 330) * 0.94 + 20)) for px, py in RAZOR], x, y, 1, tilt)
        p.block(inside, "s", 9, (0, 0))
        p.shade(inside, 0.1, 60, 12, 0.4, 1.0)
    body = [(-1500, -30), (-1250, -190), (-300, -230), (700, -180), (1250, -110), (1650, -150), (1690, -40), (1400, 40), (1660, 110)]
    body += [(1600, 210), (1150, 150), (600, 210), (-300, 260), (-1200, 230), (-1600, 180), (-1760, 60)]
    meat = place(through(body, 5, closed=True), x, y, 1, tilt)
    p.block(meat, "w", 14, (3, 3))
    p.shade(meat, 0.5, 46, 13, 0.15, 0.9)
    for rise in (-60, 60):
        p.swell(place(bezier((-1000, rise), (-300, rise * 2.2), (500, rise * 2.2), (1150, rise), 20), x, y, 1, tilt), [13] * 21)
    return p.svg({"a": "#aba273", "b": "#7d7650", "w": "#f2e2c8", "s": "#dcdcd0"})


def oyster() -> str:
    p = Plate("牡蛎")
    for x, y, k, tilt, open_shell in ((3020, 1500, 0.92, 0.5, False), (1450, 1650, 1.02, -0.35, False), (2350, 2750, 1.15, 0.12, True)):
        rough: Line = []
        for i in range(26):
            a = i / 26 * TURN
            r = 1 + p.dice.uniform(-0.07, 0.07)
            rough.append((780 * r * math.cos(a) * (1 - 0.30 * max(0, -math.sin(a))), 1000 * r * math.sin(a)))
        rim = place(through(rough, 4, closed=True), x, y, k, tilt)
        p.block(rim, "a", 16)
        for ring in (0.93, 0.85, 0.76, 0.66, 0.55, 0.43, 0.3) if not open_shell else (0.95,):
            ragged = [
                (px * ring * p.dice.uniform(0.96, 1.03), py * ring * p.dice.uniform(0.96, 1.03) - (1 - ring) * 420) for px, py in rough
            ]
            line = place(through(ragged, 4, closed=True), x, y, k, tilt)
            p.swell(line, [14 * smooth(-0.5, 0.9, ((lx - x) * 0.6 + (ly - y) * 0.8) / 900) + 4 for lx, ly in line], least=3)
        p.shade(rim, 1.2 + tilt, 52, 15, 0.2, 1.0)
        if open_shell:
            inner = place(through([(px * 0.83, py * 0.83 - 30) for px, py in rough], 4, closed=True), x, y, k, tilt)
            p.block(inner, "w", 11, (0, 0))
            p.shade(inner, 0.6, 46, 10, 0.35, 1.0)
            meat = place(
                through([(-330, -330), (0, -520), (300, -380), (420, 60), (330, 470), (0, 600), (-360, 430), (-450, 20)], 6, closed=True),
                x,
                y,
                k,
                tilt,
            )
            p.block(meat, "m", 11, (4, 3))
            p.shade(meat, 0.9, 40, 12, 0.0, 0.9)
            frill = place(
                [
                    (410 * math.cos(a) + 34 * math.sin(a * 14), 560 * math.sin(a) + 34 * math.cos(a * 14))
                    for a in (lerp(-0.3, 2.6, t) for t in steps(50))
                ],
                x,
                y,
                k,
                tilt,
            )
            p.swell(frill, [17] * 51)
    return p.svg({"a": "#a9a797", "w": "#efeadd", "m": "#d8cdb4"})


def mussels() -> str:
    """贻贝 (淡菜): smooth dark shells, one open on its orange meat."""
    p = Plate("贻贝")
    outline: Line = through(
        [(0, -1050), (230, -800), (470, -250), (560, 330), (390, 830), (0, 1020), (-330, 800), (-420, 300), (-330, -300), (-170, -800)],
        6,
        closed=True,
    )
    for x, y, k, tilt, opened in (
        (1150, 1450, 0.92, -0.75, False),
        (3150, 1400, 0.92, 0.8, False),
        (2150, 1550, 0.98, 0.1, False),
        (1250, 2850, 0.95, -1.25, False),
        (2750, 2750, 1.12, 0.55, True),
    ):
        if opened:
            p.block(place([(-px * 0.98 - 500, py) for px, py in outline], x, y, k, tilt - 0.25), "a", 15)
            p.block(place([(-px * 0.86 - 500, py * 0.9) for px, py in outline], x, y, k, tilt - 0.25), "w", 10, (0, 0))
        shell = place(outline, x, y, k, tilt)
        p.block(shell, "a", 15)
        if opened:
            p.block(place([(px * 0.87, py * 0.9) for px, py in outline], x, y, k, tilt), "w", 10, (0, 0))
            meat = place(
                through([(10, -520), (240, -150), (330, 350), (120, 700), (-170, 560), (-230, 100)], 6, closed=True), x, y, k, tilt
            )
            p.block(meat, "m", 11, (3, 3))
            p.shade(meat, 0.7, 36, 13, -0.1, 0.8)
            p.swell(
                place(bezier((10, -420), (120, 0), (60, 300), (20, 620), 12), x, y, k, tilt),
                [8 + 14 * math.sin(math.pi * t) for t in steps(12)],
            )
            continue
        for i in range(10):
            r = 0.22 + 0.078 * i
            line = place([(px * r, -1000 + (py + 1000) * r) for px, py in outline[8:52]], x, y, k, tilt)
            p.swell(line, [(5 + 13 * (i % 3 == 0)) * math.sin(math.pi * (0.06 + 0.88 * j / 43)) for j in range(44)], "b" if i % 3 else "k")
        p.swell(
            place(bezier((-60, -800), (-240, -400), (-280, 100), (-210, 520), 14), x, y, k, tilt),
            [44 * math.sin(math.pi * t) for t in steps(14)],
            "w",
        )
    return p.svg({"a": "#46536a", "b": "#7785a0", "w": "#dfe2e4", "m": "#e59a52"})


def whelk() -> str:
    p = Plate("海螺")

    def spiral(x: float, y: float, k: float, tilt: float) -> None:
        whorls = ((0, -1450, 130), (20, -1220, 260), (30, -900, 440), (20, -420, 680), (0, 250, 960))
        canal = place(through([(-700, 500), (-300, 1150), (-60, 1720), (170, 1640), (330, 1150), (830, 560)], 6), x, y, k, tilt)
        p.block(canal, "a", 15)
        for cx, cy, r in reversed(whorls):
            px, py = place([(cx, cy)], x, y, k, tilt)[0]
            ring = ellipse(px, py, r * k, r * 0.66 * k, 44, tilt=tilt + 0.14)
            p.block(ring, "a", 14)
            for i in range(6):
                q = lerp(-0.75, 0.85, i / 5)
                line = place(
                    [(cx + r * math.cos(a), cy + r * 0.62 * q + r * 0.30 * math.sin(a)) for a in (lerp(0.25, 2.9, t) for t in steps(16))],
                    x,
                    y,
                    k,
                    tilt + 0.06,
                )
                p.swell(line, [12 * smooth(-0.5, 1.1, 0.9 - 2 * t + q * 0.6) + 3 for t in steps(16)], least=3.5)
            for i in range(7):
                a = lerp(3.5, 5.9, i / 6)
                nx, ny = place([(cx + r * 0.93 * math.cos(a), cy + r * 0.58 * math.sin(a) + r * 0.16)], x, y, k, tilt)[0]
                p.oval(nx, ny, r * 0.06 * k + 8, r * 0.05 * k + 6, "k")
        mouth = place(
            through([(-120, 60), (420, -60), (760, 300), (560, 860), (160, 1500), (-40, 1560), (20, 900), (-230, 500)], 6, closed=True),
            x,
            y,
            k,
            tilt,
        )
        p.block(mouth, "m", 15, (0, 0))
        p.shade(mouth, 1.2, 44, 22, 0.7, -0.5)
        p.swell(mouth[4:30], [26] * 26, "w")

    spiral(2250, 2050, 1.1, 0.32)
    return p.svg({"a": "#d8b98d", "m": "#c9785a", "w": "#f2e4cd"})


def nori() -> str:
    """紫菜: a dried round cake of dark weed, and loose fronds."""
    p = Plate("紫菜")
    for x, y, rx, ry in ((2300, 1500, 1500, 780), (2150, 2250, 1620, 860)):
        ragged = [
            (x + rx * math.cos(a) * (1 + p.dice.uniform(-0.05, 0.05)), y + ry * math.sin(a) * (1 + p.dice.uniform(-0.06, 0.06)))
            for a in (i / 46 * TURN for i in range(46))
        ]
        cake = through(ragged, 4, closed=True)
        p.block([(px, py + 130) for px, py in cake], "b", 14)
        p.block(cake, "a", 15, (0, 0))
        for _ in range(46):
            a, d = p.dice.uniform(0, TURN), math.sqrt(p.dice.uniform(0, 0.86))
            fx, fy, turn, reach = x + rx * d * math.cos(a), y + ry * d * math.sin(a), p.dice.uniform(0, TURN), p.dice.uniform(120, 260)
            curl = place(
                [(reach * math.cos(s) * (1 - s * 0.16), reach * 0.55 * math.sin(s)) for s in (lerp(0, 4.0, t) for t in steps(12))],
                fx,
                fy,
                1,
                turn,
            )
            p.swell(curl, [4 + 14 * math.sin(math.pi * t) for t in steps(12)], "c" if p.dice.random() < 0.4 else "k")
    for x, y, tilt in ((900, 3250, -0.9), (2000, 3500, 0.5), (3300, 3250, 1.2)):
        frond = place(
            through(
                [(0, -360), (170, -230), (110, -60), (230, 90), (90, 330), (-60, 250), (-190, 330), (-130, 80), (-230, -90), (-90, -210)],
                6,
                closed=True,
            ),
            x,
            y,
            1.25,
            tilt,
        )
        p.block(frond, "a", 12)
        p.shade(frond, 0.7, 40, 13)
    return p.svg({"a": "#574b5e", "b": "#3c3244", "c": "#84758c"})


def kelp() -> str:
    p = Plate("海带")
    for x, sway, k in ((1150, 260, 0.95), (2200, -240, 1.05), (3250, 230, 0.95)):
        spine = [(x + sway * math.sin(t * 6.0), lerp(3700, 330, t)) for t in steps(60)]
        tube(
            p,
            spine,
            lambda t: (250 + 46 * math.sin(t * 40)) * math.sin(math.pi * (0.06 + 0.90 * t)) ** 0.5,
            scale=k,
            lines=7,
            wmax=16,
            outline=14,
        )
        p.swell(spine[2:58], [26 * math.sin(math.pi * (0.1 + 0.8 * i / 55)) for i in range(56)])
    return p.svg({"a": "#7c8a52"})


SHELLS: dict[str, Callable[[], str]] = {
    "clams": clams,
    "razors": razors,
    "oyster": oyster,
    "mussels": mussels,
    "whelk": whelk,
    "nori": nori,
    "kelp": kelp,
}
