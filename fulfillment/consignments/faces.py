"""Words on a PDF page in the shipped faces: what the first lacks is set in the second, what neither has as 〓.

〓 is the printers' mark for a missing sort: a reader sees that a character is missing, not a broken box.
"""

import gzip
import io
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from core.settings import ROOT

FONTS = ROOT / "static" / "fonts"
COMMON, RARE = "jishi", "jishi-rare"
MISSING = "〓"


@lru_cache(maxsize=2)
def _letters(face: str) -> dict[int, int]:
    """The characters of a face, registered on first use: the rare one is seldom needed."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    source: Any = str(FONTS / "jishi-sans-400.ttf")
    if face == RARE:
        source = io.BytesIO(gzip.decompress((FONTS / "jishi-rare-400.ttf.gz").read_bytes()))
    font = TTFont(face, source)
    pdfmetrics.registerFont(font)
    letters: dict[int, int] = font.face.charToGlyph
    return letters


def runs(words: str) -> Iterator[tuple[str, str]]:
    """(face, words) in order."""
    for face, sorts in groupby(map(_sort, words), itemgetter(0)):
        yield face, "".join(letter for _, letter in sorts)


def _sort(letter: str) -> tuple[str, str]:
    """The face that has it, and what is printed."""
    if ord(letter) in _letters(COMMON):
        return COMMON, letter
    return (RARE, letter) if ord(letter) in _letters(RARE) else (COMMON, MISSING)


def width(words: str, size: float) -> float:
    """In points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(sum(stringWidth(said, face, size) for face, said in runs(words)))


def write(page: Any, x: float, y: float, size: float, words: str) -> None:
    """From (x, y) on, in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    for face, said in runs(words):
        page.setFont(face, size)
        page.drawString(x, y, said)
        x += stringWidth(said, face, size)
