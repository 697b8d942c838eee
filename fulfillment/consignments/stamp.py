"""The sender's seal on a label, in black: the same stone, characters and nicks as on the pages."""

import re
from typing import Any

from supply.pictures.seal import Cut, cut

from .faces import width, write

SIZE = 40  # of a character before it is fitted into its cell
CORNER = re.compile(r"(-?\d+\.\d+) (-?\d+\.\d+)")
CORNERS = 4  # of a nick


def draw_seal(page: Any, name: str, x: float, y: float, height: float) -> float:
    """Draw it with its lower left corner at (x, y); returns its width. All in points."""
    seal = cut(name)
    scale = height / seal.stone.height
    page.saveState()
    page.translate(x, y + height)
    page.scale(scale, -scale)  # the stone is measured from its upper left corner
    _stone(page, seal)
    page.setFillGray(1 if seal.kind == "white" else 0)
    for cell in seal.cells:
        page.saveState()
        page.translate(cell.x + cell.width / 2, cell.y + cell.height / 2)
        page.scale(cell.width / SIZE * 0.97, -cell.height / SIZE * 0.97)
        write(page, -width(cell.character, SIZE) / 2, -14.4, SIZE, cell.character)
        page.restoreState()
    page.setFillGray(1)
    corners = [(float(across), float(down)) for across, down in CORNER.findall(seal.nicks)]
    for start in range(0, len(corners), CORNERS):
        nick = page.beginPath()
        nick.moveTo(*corners[start])
        for corner in corners[start + 1 : start + CORNERS]:
            nick.lineTo(*corner)
        nick.close()
        page.drawPath(nick, stroke=0, fill=1)
    page.restoreState()
    return seal.stone.width * scale


def _stone(page: Any, seal: Cut) -> None:
    whole, stone = seal.kind == "white", seal.stone
    inset = 1 if whole else 3.5
    page.setFillGray(0)
    page.setLineWidth(5)
    if seal.shape == "oval":
        page.ellipse(inset, inset, stone.width - inset, stone.height - inset, stroke=not whole, fill=whole)
    else:
        across, down, radius = stone.width - 2 * inset, stone.height - 2 * inset, max(1, stone.rx - inset)
        page.roundRect(inset, inset, across, down, radius, stroke=not whole, fill=whole)
