"""Parcel labels as PDF: 100 × 150 mm each, Code 128 and QR of the same code, the receiver masked.

The QR holds our tracking address; the same address stands under it in words. The sender's seal stands before its name, and
the promise in its four words. Text is set in the shipped faces, so that any printer has the characters.
"""

import io
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from core import clock
from core.pii import mask_phone
from core.settings import settings

from .faces import width, write
from .models import Consignment, Parcel
from .service import receiver
from .stamp import draw_seal

TIERS = {"ambient": "常温", "chilled": "冷藏 0–4 °C", "frozen": "冷冻 −18 °C"}  # ° and C: the face has no ℃
ROOM, GOODS_LINES = 90, 6  # mm between the margins; lines of goods
SEAL = 14  # mm high


class Label(NamedTuple):
    """Everything printed on one label. `stops` are the promise's: when, and the word for it."""

    parcel: Parcel
    consignment: Consignment
    station: str
    goods: list[str]
    road: str
    pieces: int
    stops: Sequence[tuple[str, str]] = ()


def labels_pdf(labels: Sequence[Label]) -> bytes:
    """One page a label."""
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    page = Canvas(out, pagesize=(100 * mm, 150 * mm), pageCompression=1)
    page.setTitle("面单")
    for label in labels:
        _Sheet(page, mm).draw(label)
        page.showPage()
    page.save()
    return out.getvalue()


class _Sheet:
    """One label's page, measured in mm from its lower left corner."""

    def __init__(self, page: Any, mm: float) -> None:
        self.page, self.mm = page, mm

    def draw(self, label: Label) -> None:
        self._head(label)
        self._code(label.parcel.code)
        self._to_whom(label)
        self._when(label)
        self._address(label.parcel.code)

    def _head(self, label: Label) -> None:
        consignment, tier = label.consignment, TIERS[label.parcel.tier]
        left = 5 + draw_seal(self.page, label.station, 5 * self.mm, 132.5 * self.mm, SEAL * self.mm) / self.mm + 3
        self._right(141, 15, tier)
        self._write(left, 141, 17, label.station, 95 - left - 3 - width(tier, 15) / self.mm)
        self._right(134, 10, f"第 {label.parcel.position} 件，共 {label.pieces} 件")
        self._write(left, 134, 10, f"{consignment.city} {consignment.district}", 60 - left)
        self._rule(130, 1.2)

    def _code(self, code: str) -> None:
        from reportlab.graphics.barcode import code128

        bars = code128.Code128(code, barHeight=18 * self.mm, barWidth=0.36 * self.mm, humanReadable=False)
        bars.drawOn(self.page, (100 * self.mm - bars.width) / 2, 109 * self.mm)
        said = _spaced(code)
        self._write(50 - width(said, 13) / self.mm / 2, 102, 13, said)
        self._rule(98, 1.2)

    def _to_whom(self, label: Label) -> None:
        consignment, to = label.consignment, receiver(label.consignment)
        self._write(5, 90, 12, f"收　{to.masked_name}　{mask_phone(to.phone)}")
        self._write(5, 84, 10, "".join(dict.fromkeys((consignment.province, consignment.city, consignment.district))))
        for n, line in enumerate(_goods(label.goods, lambda words: width(words, 10) <= ROOM * self.mm)):
            self._write(5, 76 - 5.5 * n, 10, line)

    def _when(self, label: Label) -> None:
        """The bus large, then the promise's stops from top to bottom on one line."""
        self._rule(44, 1.2)
        self._write(5, 37, 13, label.road, 58)
        for n, (when, word) in enumerate(label.stops):
            y = 31 - 5 * n
            self.page.circle(6 * self.mm, (y + 1) * self.mm, 0.8 * self.mm, stroke=0, fill=1)
            if n:
                self.page.setLineWidth(0.8)
                self.page.line(6 * self.mm, (y + 1) * self.mm, 6 * self.mm, (y + 6) * self.mm)
            self._write(9, y, 9, when, 22)
            self._write(32, y, 9, word, 31)
        ordered = clock.local(label.consignment.created_at)
        self._write(5, 10.5, 8, f"毛重 {label.parcel.grams / 1000:.2f} kg　{ordered:%m-%d} 下单", 60)

    def _address(self, code: str) -> None:
        from reportlab.graphics.barcode import qr
        from reportlab.graphics.shapes import Drawing

        address = f"{settings.address}/track/{code}"
        square = qr.QrCodeWidget(address, barLevel="M")
        left, bottom, right, top = square.getBounds()
        side = 30 * self.mm
        drawing = Drawing(side, side, transform=[side / (right - left), 0, 0, side / (top - bottom), 0, 0])
        drawing.add(square)
        drawing.drawOn(self.page, 66 * self.mm, 9 * self.mm)
        self._write(5, 5, 7, address)

    def _write(self, x: float, y: float, size: float, words: str, room: float = ROOM) -> None:
        """In this size, or smaller where it would not fit."""
        write(self.page, x * self.mm, y * self.mm, size * min(1, room * self.mm / max(1, width(words, size))), words)

    def _right(self, y: float, size: float, words: str) -> None:
        write(self.page, 95 * self.mm - width(words, size), y * self.mm, size, words)

    def _rule(self, y: float, weight: float) -> None:
        self.page.setLineWidth(weight)
        self.page.line(5 * self.mm, y * self.mm, 95 * self.mm, y * self.mm)


def _goods(goods: Sequence[str], fits: Callable[[str], bool]) -> list[str]:
    """What is in the parcel in lines that fit; the last one counts what is not named."""
    lines: list[str] = []
    for n, words in enumerate(goods):
        wrapped = [""]
        for letter in words:
            wrapped = [*wrapped[:-1], wrapped[-1] + letter] if fits(wrapped[-1] + letter) else [*wrapped, letter]
        left = len(goods) - n - 1
        if len(lines) + len(wrapped) > GOODS_LINES - (left > 0):
            return [*lines, f"……另有 {left + 1} 样"]
        lines += wrapped
    return lines


def _spaced(code: str) -> str:
    """In groups of four after the prefix, as people read it out."""
    body = code[2:]
    return f"{code[:2]} " + " ".join(body[i : i + 4] for i in range(0, len(body), 4))
