"""Shrimp and crabs."""

import math
from collections.abc import Callable, Sequence

from .forms import heap, leaf, tube
from .geometry import TURN, Point, bezier, ellipse, lerp, normals, rotate, smooth, steps, through
from .plate import Plate, place


def shrimp(title: str = "虾", shell: str = "#eeb294", limbs: str = "#f3cbb0") -> str:
    p = Plate(title)
    cx, cy, big = 2260, 2180, 1130

    def angle(t: float) -> float:
        return math.radians(lerp(205, 425, t))

    def radius(t: float) -> float:
        return 330 * math.pow(math.sin(math.pi * (0.20 + 0.70 * t)), 0.8) * (1.12 - 0.52 * t)

    spine = [(cx + big * (1 + 0.10 * (t - 0.5)) * math.cos(angle(t)) * 1.06, cy + big * math.sin(angle(t)) * 0.92) for t in steps(60)]
    hx, hy = spine[0]
    for ex, ey, bow in ((520, 3720, 700), (1500, 3800, 300), (300, 2900, 900)):
        p.swell(
            bezier((hx - 30, hy + 40), (hx - bow, hy + 250), (ex - 260, ey - 900), (ex, ey), 30), [lerp(22, 5, t) for t in steps(30)], "f"
        )
    ways = normals(spine)
    for i in range(5):  # walking legs
        k = 6 + i * 3
        (x, y), v, r = spine[k], ways[k], radius(k / 60)
        s = (x + v[0] * r * 0.8, y + v[1] * r * 0.8)
        knee, shin = (s[0] + v[0] * 200 - 50, s[1] + v[1] * 260 + 60), (s[0] + v[0] * 420 - 160, s[1] + v[1] * 420)
        tube(
            p,
            bezier(s, knee, shin, (s[0] + v[0] * 380 - 330 + i * 40, s[1] + v[1] * 480 + 180), 14),
            lambda t: lerp(26, 9, t),
            ink="b",
            rings=6,
            wmax=9,
            outline=9,
        )
    for i in range(5):  # swimmerets
        k = 25 + i * 6
        (x, y), v, r = spine[k], ways[k], radius(k / 60)
        s = (x + v[0] * r * 0.82, y + v[1] * r * 0.82)
        leaf(p, s, (s[0] + v[0] * 260 - v[1] * 120, s[1] + v[1] * 260 + v[0] * 120), ink="b", width=0.2, veins=4, wmax=7)
    tail, tv = spine[60], ways[60]
    tx, ty = tv[1], -tv[0]
    for turn in (-0.75, -0.35, 0.05, 0.45, 0.8):
        d = rotate(tx, ty, turn)
        leaf(
            p,
            (tail[0] - tx * 60, tail[1] - ty * 60),
            (tail[0] + d[0] * 560, tail[1] + d[1] * 560),
            bend=turn * 0.1,
            width=0.2,
            ink="a",
            veins=7,
            wmax=9,
        )
    tube(p, spine, radius, rings=62, wmax=13, outline=14)
    for t in (0.34, 0.45, 0.555, 0.655, 0.745, 0.83, 0.91):  # plates of the shell
        i = round(t * 60)
        (x, y), v, r = spine[i], ways[i], radius(t)
        across = [lerp(-1, 1.06, m) for m in steps(14)]
        p.swell(
            [(x + v[0] * r * q + v[1] * (1 - q * q) * r * 0.42, y + v[1] * r * q - v[0] * (1 - q * q) * r * 0.42) for q in across],
            [26 - 12 * abs(m - 7) / 7 for m in range(15)],
        )
    beak = bezier((hx + 160, hy - 190), (hx - 50, hy - 300), (hx - 230, hy - 260), (hx - 470, hy - 330), 16)
    tube(p, beak, lambda t: lerp(66, 4, t), rings=9, wmax=10)
    for i in range(5):
        bx, by = lerp(hx + 40, hx - 380, i / 4), lerp(hy - 330, hy - 350, i / 4)
        p.swell([(bx, by + 30), (bx - 15, by - 20), (bx - 50, by - 60)], [20, 14, 4])
    p.dot(hx - 30, hy - 60, 70)
    p.dot(hx - 52, hy - 84, 18, "w")
    return p.svg({"a": shell, "b": limbs, "w": "#fff6e8"})


def curled(p: Plate, x: float, y: float, k: float, tilt: float, ink: str = "a") -> None:
    """A small dried shrimp, one bold curl."""
    spine = place(
        [(430 * math.cos(math.radians(lerp(150, 400, t))), 400 * math.sin(math.radians(lerp(150, 400, t)))) for t in steps(24)],
        x,
        y,
        k,
        tilt,
    )
    head, nxt = spine[0], spine[2]
    back = math.atan2(head[1] - nxt[1], head[0] - nxt[0])
    for turn, length in ((-0.4, 720), (0.0, 640)):
        p.stroke(
            [
                head,
                (head[0] + math.cos(back + turn) * length * k * 0.5, head[1] + math.sin(back + turn) * length * k * 0.5 - 20),
                (head[0] + math.cos(back + turn * 2) * length * k, head[1] + math.sin(back + turn * 2) * length * k),
            ],
            15 * k,
            5,
            "f",
        )
    ways = normals(spine)
    for i in range(5, 20, 3):
        (px, py), v = spine[i], ways[i]
        p.stroke([(px, py), (px + v[0] * 190 * k, py + v[1] * 190 * k), (px + v[0] * 300 * k, py + v[1] * 260 * k + 30)], 20 * k, 6)
    tail, before = spine[-1], spine[-3]
    way = math.atan2(tail[1] - before[1], tail[0] - before[0])
    for turn in (-0.45, 0.0, 0.45):
        leaf(
            p,
            tail,
            (tail[0] + 270 * k * math.cos(way + turn), tail[1] + 270 * k * math.sin(way + turn)),
            bend=0.04,
            width=0.2,
            ink=ink,
            veins=2,
            wmax=7,
            outline=9,
        )
    tube(
        p,
        spine,
        lambda t: 150 * k * (math.sin(math.pi * (0.22 + 0.66 * t)) ** 0.8) * (1.1 - 0.4 * t),
        ink=ink,
        rings=11,
        wmax=17 * k,
        outline=12,
    )
    ex, ey = lerp(spine[1][0], spine[2][0], 0.5), lerp(spine[1][1], spine[2][1], 0.5)
    p.dot(ex, ey - 30 * k, 30 * k)


def dried_shrimp() -> str:
    p = Plate("虾干")
    for x, y, k, tilt in (
        (1250, 1250, 1.1, 0.3),
        (2950, 1200, 1.1, -0.5),
        (2100, 1750, 1.2, 0.9),
        (1150, 2600, 1.2, -0.3),
        (3200, 2500, 1.2, 1.2),
        (2200, 3000, 1.3, 0.2),
    ):
        curled(p, x, y, k, tilt)
    return p.svg({"a": "#df8e63"})


def krill() -> str:
    """虾皮: a heap of tiny shrimp."""
    p = Plate("虾皮")
    pile = heap(2200, 3150, 1750, 1900)
    p.block(pile, "b", 14)
    p.shade(pile, 0.7, 48, 15, 0.1, 0.9)
    for _ in range(120):
        q, high = p.dice.uniform(-0.97, 0.97), p.dice.uniform(0, 1)
        x, y = 2200 + q * 1720, 3180 + 230 * math.cos(q * 1.5) - high * 2020 * math.cos(q * math.pi / 2) ** 1.25
        turn = p.dice.uniform(0, TURN)
        arc = place([(120 * math.cos(a), 105 * math.sin(a)) for a in (lerp(2.6, 6.4, t) for t in steps(6))], x, y, 1.0, turn)
        p.swell([(ax + 6, ay + 8) for ax, ay in arc], [84 - 9 * n for n in range(7)])
        p.swell(arc, [64 - 8 * n for n in range(7)], "a")
        p.dot(*arc[0], 15)
    return p.svg({"a": "#f0c9a4", "b": "#e6b084"})


def claw(p: Plate, root: Point, elbow: Point, tip: Point, k: float, side: int) -> None:
    """An arm and its pincer."""
    tube(
        p,
        bezier(root, (lerp(root[0], elbow[0], 0.4), root[1] - 40), (lerp(root[0], elbow[0], 0.8), elbow[1] + 40), elbow, 16),
        lambda t: lerp(100, 125, t) * k,
        rings=12,
        wmax=13,
    )
    dx, dy = tip[0] - elbow[0], tip[1] - elbow[1]
    length, a = math.hypot(dx, dy), math.atan2(dy, dx)
    palm = through(
        [
            (-60, 0),
            (60, -170),
            (360, -250),
            (640, -190),
            (900, -150),
            (1080, 10),
            (800, -30),
            (660, 30),
            (830, 90),
            (1060, 60),
            (860, 220),
            (520, 230),
            (160, 150),
        ],
        6,
        closed=True,
    )
    pincer = place([(x, y * side) for x, y in palm], elbow[0], elbow[1], length / 1080, a)
    p.block(pincer, "a", 14)
    p.shade(pincer, 0.6, 36, 14, 0.0, 0.9)


def crab(title: str = "青蟹", shell: str = "#7f9480", belly: str = "#b8bf9c", spined: bool = False) -> str:
    p = Plate(title)
    cx, cy = 2200, 2150
    for side in (-1, 1):
        for i, (out, down) in enumerate(((1750, -150), (1850, 420), (1700, 950), (1300, 1380))):
            root = (cx + side * (720 - i * 90), cy + 120 + i * 130)
            foot = (cx + side * out, cy + down + 200)
            knee = (lerp(root[0], foot[0], 0.55), min(root[1], foot[1]) - 260 + i * 90)
            if i == 3:  # the paddle
                leaf(
                    p,
                    (lerp(root[0], foot[0], 0.55), lerp(root[1], foot[1], 0.62)),
                    foot,
                    bend=0.05 * side,
                    width=0.24,
                    ink="a",
                    veins=5,
                    wmax=9,
                )
                tube(
                    p,
                    [
                        root,
                        (lerp(root[0], foot[0], 0.3), lerp(root[1], foot[1], 0.3)),
                        (lerp(root[0], foot[0], 0.6), lerp(root[1], foot[1], 0.66)),
                    ],
                    lambda t: lerp(95, 70, t),
                    rings=5,
                    wmax=12,
                )
                continue
            tube(p, bezier(root, knee, knee, foot, 22), lambda t: lerp(88, 10, t**1.5), rings=18, wmax=12)
        claw(p, (cx + side * 780, cy - 150), (cx + side * 1330, cy - 620), (cx + side * 640, cy - 1420), 1.0, side)
    half: Sequence[Point] = ((0, -560), (330, -570), (620, -520), (900, -420), (1130, -130), (1010, 150), (830, 420), (520, 620), (0, 680))
    if spined:
        half = ((0, -430), (330, -450), (640, -400), (980, -260), (1620, -60), (1120, 110), (830, 380), (520, 560), (0, 610))
    rim = through([*half, *[(-x, y) for x, y in reversed(half[1:-1])]], 6, closed=True)
    carapace = place(rim, cx, cy)
    p.block(carapace, "a", 17)
    for row in range(16):
        t = (row + 0.5) / 16
        y = lerp(-500, 640, t)
        width = 1010 * math.sqrt(max(0.0, 1 - ((y - 20) / 640) ** 2)) * (1.02 if not spined else 0.98)
        xs = [lerp(-1, 1, q) for q in steps(24)]
        p.swell(
            [(cx + x * width * 0.96, cy + y + 60 * (1 - x * x)) for x in xs],
            [17 * smooth(0.15, 1.1, 0.42 * x + 0.75 * (t * 2 - 1) + 0.25) for x in xs],
        )
    for side in (-1, 1):
        for i in range(8):  # teeth of the edge
            a = lerp(0.28, 1.18, i / 7)
            x, y = cx + side * 1040 * math.sin(a) * (1.0 if not spined else 0.92), cy - 90 - 480 * math.cos(a)
            p.flat([(x - side * 60, y + 50), (x + side * 60, y - 70), (x + side * 74, y + 50)], "k", 1)
        p.swell(
            bezier((cx + side * 150, cy - 150), (cx + side * 300, cy - 30), (cx + side * 260, cy + 180), (cx + side * 420, cy + 260), 12),
            [6 + 20 * math.sin(math.pi * t) for t in steps(12)],
        )
        tube(p, [(cx + side * 230, cy - 520), (cx + side * 250, cy - 610), (cx + side * 275, cy - 690)], lambda t: 38, rings=2)
        p.dot(cx + side * 280, cy - 720, 66)
        p.dot(cx + side * 265, cy - 745, 18, "w")
        if spined:
            for x, y, r in ((420, 80, 90), (230, -180, 70)):
                p.block(ellipse(cx + side * x, cy + y, r, r * 0.8, 16), "w", 9, (0, 0))
    p.swell(
        bezier((cx - 420, cy + 380), (cx - 150, cy + 300), (cx + 150, cy + 300), (cx + 420, cy + 380), 14),
        [6 + 16 * math.sin(math.pi * t) for t in steps(14)],
    )
    return p.svg({"a": shell, "b": belly, "w": "#f2ead6"})


CRUSTACEANS: dict[str, Callable[[], str]] = {
    "shrimp": shrimp,
    "white-shrimp": lambda: shrimp("小白虾", "#e9ded0", "#f0e8dc"),
    "dried-shrimp": dried_shrimp,
    "krill": krill,
    "crab": crab,
    "swimming-crab": lambda: crab("梭子蟹", "#8796a0", "#c2c7bf", spined=True),
    "salted-crab": lambda: crab("咸蟹", "#b78a55", "#d8bf92", spined=True),
}
