"""Seals: every name has its own stamp, always the same one, drawn from nothing but its characters.

Two kinds, as in a real seal album: 朱文 (red characters in a red frame, `red`) and 白文 (characters cut out of a red
block, `white`). Shape, kind and the chips in the edge come from a hash of the name. Reading order is the old one: right
column first, top to bottom. The page gives the colours: `seal` draws in currentColor, `seal__cut` in the ground beneath.
"""

import hashlib
import math
import random
from functools import lru_cache
from html import escape
from typing import Literal, NamedTuple

Shape = Literal["square", "soft", "oval", "tall"]
Kind = Literal["red", "white"]
SHAPES: tuple[Shape, ...] = ("square", "soft", "oval", "tall")
KINDS: tuple[Kind, ...] = ("red", "white")
LONGEST = 9  # characters in a stamp; a longer name is cut to its first ones


class Stone(NamedTuple):
    """One shape of stone: size, margin to the characters, corner radii."""

    width: int
    height: int
    margin: int
    rx: int
    ry: int


STONES: dict[Shape, Stone] = {
    "square": Stone(100, 100, 11, 3, 3),
    "soft": Stone(100, 100, 12, 20, 20),
    "oval": Stone(96, 112, 17, 48, 56),
    "tall": Stone(70, 120, 10, 4, 4),
}
COLUMNS = {1: [1], 2: [2], 3: [2, 1], 4: [2, 2], 5: [3, 2], 6: [3, 3], 7: [3, 2, 2], 8: [3, 3, 2], 9: [3, 3, 3]}


class Cell(NamedTuple):
    """Where one character goes, in units of the stone."""

    character: str
    x: float
    y: float
    width: float
    height: float


def cells(name: str, stone: Stone, margin: int) -> list[Cell]:
    """The characters in their places, right column first."""
    columns = COLUMNS[len(name)]
    width = (stone.width - 2 * margin) / len(columns)
    placed: list[Cell] = []
    for column, rows in enumerate(columns):
        height = (stone.height - 2 * margin) / rows
        for row in range(rows):
            x = stone.width - margin - (column + 1) * width
            placed.append(Cell(name[len(placed)], x, margin + row * height, width, height))
    return placed


def chips(shape: Shape, stone: Stone, dice: random.Random) -> str:
    """Nicks along the edge, as of a stone that has been dropped: path data."""
    marks = []
    for _ in range(9):
        turn, size = dice.random() * 4, dice.uniform(1.2, 3.4)
        edge, along = int(turn), turn % 1
        x, y = [
            (along * stone.width, 0.0),
            (stone.width, along * stone.height),
            (along * stone.width, stone.height),
            (0.0, along * stone.height),
        ][edge]
        if shape == "oval":
            angle = turn / 4 * 2 * math.pi
            x, y = stone.width / 2 * (1 + math.cos(angle)), stone.height / 2 * (1 + math.sin(angle))
        marks.append(
            f"M{x - size:.1f} {y:.1f}L{x:.1f} {y - size * 1.3:.1f} {x + size * 1.2:.1f} {y + size * 0.3:.1f}"
            f" {x + size * 0.2:.1f} {y + size:.1f}z"
        )
    return "".join(marks)


class Cut(NamedTuple):
    """What a name's stamp is: the screen and the printed label draw the same one. `nicks` is path data."""

    shape: Shape
    kind: Kind
    stone: Stone
    cells: list[Cell]
    nicks: str


@lru_cache(maxsize=1024)
def cut(name: str, shape: Shape | None = None, kind: Kind | None = None) -> Cut:
    """The stamp of `name`; spaces and punctuation are left out."""
    letters = "".join(letter for letter in name if letter.isalnum())[:LONGEST] or "印"
    digest = hashlib.sha256(name.encode()).digest()
    dice = random.Random(digest)  # noqa: S311 (a picture, not a secret)
    shape = shape or SHAPES[digest[0] % (3 if len(letters) > 2 else 4)]
    kind = kind or KINDS[digest[1] % 2]
    stone = STONES[shape]
    return Cut(shape, kind, stone, cells(letters, stone, stone.margin - (3 if kind == "white" else 0)), chips(shape, stone, dice))


@lru_cache(maxsize=1024)
def seal_svg(name: str, *, title: str | None = None, shape: Shape | None = None, kind: Kind | None = None) -> str:
    """The stamp of `name` as an inline <svg>; `title` is what a screen reader says."""
    shape, kind, stone, placed, nicks = cut(name, shape, kind)
    w, h = stone.width, stone.height
    if kind == "white":
        block = f'<rect x="1" y="1" width="{w - 2}" height="{h - 2}" rx="{stone.rx}" ry="{stone.ry}" fill="currentColor"/>'
    else:
        rx, ry = max(1, stone.rx - 3), max(1, stone.ry - 3)
        frame = f'x="3.5" y="3.5" width="{w - 7}" height="{h - 7}" rx="{rx}" ry="{ry}"'
        block = f'<rect {frame} fill="none" stroke="currentColor" stroke-width="5"/>'
    text = "".join(
        f'<text transform="translate({cell.x + cell.width / 2:.1f} {cell.y + cell.height / 2:.1f})'
        f' scale({cell.width / 40 * 0.97:.2f} {cell.height / 40 * 0.97:.2f})" y="14.4">{escape(cell.character)}</text>'
        for cell in placed
    )
    hollow = " seal__cut" if kind == "white" else ""
    return (
        f'<svg class="seal seal--{shape}" viewBox="0 0 {w} {h}" role="img" aria-label="{escape(title or name)}">{block}'
        f'<g class="seal__text{hollow}" text-anchor="middle" font-size="40">{text}</g>'
        f'<path class="seal__cut" d="{nicks}"/></svg>'
    )
