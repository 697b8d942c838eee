"""Places: a county from the hills to the sea, and a village with its bus stop. Ridges are sums of sines; ink gathers under each crest."""

import math
from collections.abc import Callable
from functools import lru_cache

from .forms import tube
from .geometry import TURN, Line, Point, bezier, ellipse, lerp, smooth, steps
from .plate import Plate

HILLS = {"m1": "#c9d0bd", "m2": "#a9b9a2", "m3": "#83a08a", "m4": "#5f8570", "s": "#d2603c", "e": "#dfe3d4", "w": "#f6f0e2"}


def ridge(p: Plate, base: float, amplitude: float, phase: float, fall: float, ink: str, gap: float, wmax: float) -> None:
    """One range of hills that sinks into the sea at `fall` of the width (above 1.3: never)."""
    w, h = p.width, p.height

    def crest(x: float) -> float:
        t = x / w
        rise = (
            math.sin(t * 7 + phase) * 0.5
            + math.sin(t * 15.3 + phase * 2.1) * 0.27
            + math.sin(t * 33 + phase * 0.7) * 0.12
            + math.sin(t * 71 + phase * 3) * 0.05
        )
        return (
            base - amplitude * (rise + 0.35) * (1 - smooth(fall - 0.34, fall, t)) + (h - base) * 1.25 * smooth(fall - 0.22, fall + 0.1, t)
        )

    top = [(float(x), min(h + 30.0, crest(x))) for x in range(0, w + 1, 110)]
    p.flat([*top, (w, h), (0, h)], ink)
    x = gap / 2
    while x < min(w, w * (fall + 0.06)):
        y, slope = crest(x), (crest(x + 60) - crest(x - 60)) / 120
        shaded = smooth(-0.35, 0.55, slope)  # falls to the right: away from the light
        length, lean = (170 + 330 * shaded) * p.dice.uniform(0.55, 1.15), 90 * (slope + 0.25)
        if y < h:
            p.swell(
                [(x + lean * t**1.4, y + 8 + length * t) for t in steps(5)],
                [wmax * lerp(0.5 + shaded, 0.12, t) for t in steps(5)],
                least=1.6,
            )
        x += gap * p.dice.uniform(0.8, 1.25)
    p.cut(top, 12 if ink != "m1" else 8, closed=False)


def waves(p: Plate, left: float, top: float, rows: int, right: float | None = None) -> None:
    """Rows of small arcs."""
    right = right or p.width - 150
    for i in range(rows):
        y, x = top + i * 84, left + p.dice.uniform(0, 300)
        while x < right:
            length = p.dice.uniform(170, 420) * (1 + i * 0.04)
            p.swell(
                [(x + length * q, y - math.sin(q * math.pi) * (10 + i * 2.2)) for q in steps(8)],
                [(7 + i * 0.9) * math.sin(math.pi * (0.06 + 0.88 * q)) for q in steps(8)],
                "f",
            )
            x += length + p.dice.uniform(60, 420)


def bus(p: Plate, x: float, y: float, k: float) -> None:
    def put(points: Line, ink: str) -> None:
        p.flat([(x + a * k, y + b * k) for a, b in points], ink, 1)

    put([(-270, -20), (-270, -230), (-235, -262), (215, -262), (262, -215), (275, -110), (275, -20)], "k")
    put([(-250, -52), (-250, -226), (-226, -244), (208, -244), (244, -206), (255, -112), (255, -52)], "s")
    for q in range(5):
        put([(-226 + q * 84, -132), (-226 + q * 84, -214), (-160 + q * 84, -214), (-160 + q * 84, -132)], "w")
    put([(200, -124), (200, -214), (226, -204), (242, -124)], "w")
    for q in (-150, 160):
        p.dot(x + q * k, y - 18 * k, 52 * k)
        p.dot(x + q * k, y - 18 * k, 20 * k, "w")


def junk(p: Plate, x: float, y: float) -> None:
    p.flat([(x - 210, y), (x + 250, y - 20), (x + 160, y + 80), (x - 130, y + 85)], "k")
    p.flat([(x + 20, y - 30), (x + 20, y - 390), (x + 215, y - 55)], "s")
    p.flat([(x - 6, y - 30), (x - 6, y - 340), (x - 160, y - 40)], "w")


@lru_cache(maxsize=16)
def landscape_svg(seed: int | str = 11, *, title: str = "山海之间", island: bool = False) -> str:
    """Hills to the sea with the road and the bus, 1280 × 360: for banners. On an `island` the hills are few and the sea is wide."""
    p = Plate(title, seed, 12800, 3600)
    w, h = p.width, p.height
    turn = p.dice.uniform(0, 6) if str(seed) != "11" else 0.0
    p.flat(ellipse(w * 0.742, 760, 330, 330, 48), "s", 0.8)
    if island:
        p.flat([(0, 2150), (w, 2150), (w, h), (0, h)], "e")
        layers = [(2150, 520, 0.9 + turn, 0.46, "m2", 66, 12), (2560, 520, 4.4 + turn, 0.36, "m4", 60, 18)]
        waves(p, w * 0.22, 2230, 16)
        junk(p, w * 0.66, 2760)
    else:
        p.flat([(w * 0.4, 2300), (w, 2300), (w, h), (w * 0.3, h)], "e")
        layers = [
            (1500, 620, 0.4 + turn, 0.80, "m1", 74, 8),
            (1960, 640, 2.6 + turn, 0.70, "m2", 66, 12),
            (2420, 560, 4.4 + turn, 0.60, "m3", 62, 16),
            (2900, 420, 1.5 + turn, 0.52, "m4", 60, 19),
        ]
        waves(p, w * 0.4, 2370, 15)
    junk(p, w * 0.868, 2720)
    for base, amplitude, phase, fall, ink, gap, wmax in layers:
        ridge(p, base, amplitude, phase, fall, ink, gap, wmax)
    road = bezier((-50, 3330), (w * 0.16, 3180), (w * 0.24, 3420), (w * 0.47, 3700), 40)
    tube(p, road, lambda t: lerp(46, 30, t), ink="w", lines=2, wmax=0, outline=9)
    x, y = road[17]
    bus(p, x, y - 60, 1.12)
    return p.svg(HILLS)


def house(p: Plate, x: float, y: float, k: float, storeys: int, ink: str) -> None:
    """White walls, dark roof with raised ends, doors and windows."""

    def at(a: float, b: float) -> Point:
        return x + a * k, y + b * k

    high = 420 * storeys
    p.block([at(-520, 0), at(-520, -high), at(520, -high), at(520, 0)], ink, 11, (0, 0))
    side = [at(250, 0), at(250, -high), at(520, -high), at(520, 0)]
    p.hatch(side, 0.9, 46, lambda px, _y: 6 + 6 * smooth(x, x + 500 * k, px))
    for floor in range(storeys):
        for a in (-330, 0, 330):
            if floor == 0 and a == 0:
                p.flat([at(-110, 0), at(-110, -290), at(110, -290), at(110, 0)], "k", 1)
                p.flat([at(-84, 0), at(-84, -262), at(-6, -262), at(-6, 0)], "s", 1)
            else:
                low = -120 - floor * 420
                p.flat([at(a - 90, low), at(a - 90, low - 170), at(a + 90, low - 170), at(a + 90, low)], "k", 1)
                p.flat([at(a - 8, low), at(a - 8, low - 170), at(a + 8, low - 170), at(a + 8, low)], ink, 1)
    ridge_line = bezier(at(-470, -high - 250), at(-150, -high - 215), at(150, -high - 215), at(470, -high - 250), 12)
    roof = [at(-700, -high + 20), at(-610, -high - 110), *ridge_line, at(610, -high - 110), at(700, -high + 20)]
    p.block(roof, "r", 12, (0, 0))
    for i in range(15):
        q = lerp(-1, 1, i / 14)
        p.stroke([at(q * 450, -high - 215), at(q * 540, -high - 100), at(q * 660, -high + 6)], 13, 20)
    p.swell([(px, py - 12 * k) for px, py in ridge_line], [40 * k] * 13)


def tree(p: Plate, x: float, y: float, k: float, kind: int) -> None:
    """0 a camphor, 1 a pine, 2 a stand of bamboo."""
    if kind == 2:
        for i in range(5):
            lean = (i - 2) * 90 * k
            stem = bezier((x + i * 60 * k, y), (x + i * 60 * k, y - 500 * k), (x + lean, y - 900 * k), (x + lean * 2.2, y - 1250 * k), 16)
            p.stroke(stem, 30 * k, 12, "b")
            for j in range(5, 16, 2):
                px, py = stem[j]
                for side in (-1, 1):
                    p.swell(
                        [(px, py), (px + side * 70 * k, py + 90 * k), (px + side * 95 * k, py + 230 * k)],
                        [12, 62 * k, 6],
                        "b" if (i + j) % 4 else "k",
                    )
        return
    p.stroke(bezier((x, y), (x - 30 * k, y - 250 * k), (x + 30 * k, y - 450 * k), (x, y - 700 * k), 10), 100 * k, 50 * k)
    for dx, dy, r in (
        ((-330, -760, 330), (310, -780, 340), (0, -1060, 390), (0, -700, 320))
        if kind == 0
        else ((0, -520, 430), (0, -800, 350), (0, -1050, 250))
    ):
        crown = [
            (
                x + (dx + r * (1 + 0.09 * math.sin(a * 9)) * math.cos(a)) * k,
                y + (dy + r * (0.8 if kind == 0 else 0.42) * (1 + 0.09 * math.cos(a * 8)) * math.sin(a)) * k,
            )
            for a in (i / 44 * TURN for i in range(44))
        ]
        p.block(crown, "b", 11)
        p.shade(crown, 0.7, 44, 18, -0.1, 0.9)


@lru_cache(maxsize=512)
def station_svg(name: str, seed: int | str = 0, *, sea: bool = False) -> str:
    """A village in one of many arrangements, decided by its name: houses, trees, field or water, the stop with its bus; 440 × 400."""
    p = Plate(name, f"village {seed}")
    dice = p.dice
    phase = dice.uniform(0, 6)
    if dice.random() < 0.75:
        p.flat(ellipse(dice.uniform(700, 3700), dice.uniform(450, 800), 210, 210, 40), "s", 0.8)
    ridge(p, 1450, dice.uniform(380, 640), phase, 2.0, "m1", 80, 9)
    ridge(p, 1950, dice.uniform(250, 460), phase + 2.2, 2.0, "m2", 70, 13)
    p.flat([(0, 2150), (4400, 2080), (4400, 4000), (0, 4000)], "e")
    trees: Callable[[], int] = (lambda: dice.choice((0, 0, 1))) if sea else (lambda: dice.choice((0, 1, 2, 2)))
    spots = [(dice.uniform(300, 4100), dice.uniform(2330, 2480)) for _ in range(3)]
    for x, y in spots:
        tree(p, x, y, dice.uniform(0.55, 0.8), trees())
    columns = dice.sample([640, 1420, 2200, 2980, 3720], dice.choice((3, 4, 4)))
    for x in sorted(columns, key=lambda c: dice.random()):
        house(p, x + dice.uniform(-90, 90), dice.uniform(2500, 2640), dice.uniform(0.62, 0.84), dice.choice((1, 1, 2)), "w")
    for x in sorted(columns)[:2]:
        house(p, x + dice.uniform(260, 420), dice.uniform(2760, 2860), dice.uniform(0.72, 0.9), dice.choice((1, 1, 2)), "w")
    tree(p, dice.choice((330, 4050)), 3000, 1.1, trees())
    if sea:
        p.flat([(0, 3420), (4400, 3380), (4400, 4000), (0, 4000)], "b2")
        waves(p, 120, 3520, 5)
        junk(p, dice.uniform(700, 3600), 3700)
    else:
        for i in range(7):  # terraces
            y = 3440 + i * 84
            p.swell([(lerp(-60, 4460, t), y + 40 * math.sin(t * 5 + phase + i * 0.25)) for t in steps(30)], [13 + i * 1.4] * 31)
            for x in range(int(dice.uniform(0, 200)), 4400, 190):
                h = y + 40 * math.sin(x / 4400 * 5 + phase + i * 0.25)
                p.stroke([(x, h + 64), (x + 6, h + 40), (x - 4, h + 18)], 9 + i, 4)
    road = [(lerp(-80, 4480, t), 3190 + 50 * math.sin(t * 4 + phase)) for t in steps(40)]
    tube(p, road, lambda _t: 105, ink="w", outline=12)
    stop = dice.uniform(1100, 3300)
    p.stroke([(stop, 3180), (stop, 2900), (stop, 2640)], 34)
    p.block(ellipse(stop, 2560, 150, 150, 30), "s", 13, (0, 0))
    p.swell([(stop - 80, 2560), (stop, 2560), (stop + 80, 2560)], [40, 40, 40], "w")
    bus(p, stop + dice.choice((-760, 620)), 3210 + 20 * math.sin(phase), 1.35)
    return p.svg({**HILLS, "e": "#d9dfc4", "b": "#7d9a72", "b2": "#c6d6d4", "r": "#59625c"})
