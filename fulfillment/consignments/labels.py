"""Parcel labels as PDF: 100 × 150 mm each, Code 128 and QR of the same code, the receiver masked.

The QR holds our tracking address; the same address stands under it in words. Text is set in the shipped subset of an open
Song and sans face, so that any printer has the characters.
"""

import io
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from core import clock
from core.pii import mask_name, mask_phone
from core.settings import ROOT, settings

from .models import Consignment, Parcel
from .service import receiver

FACE = ROOT / "static" / "fonts" / "jishi-sans-400.ttf"
TIERS = {"ambient": "常温", "chilled": "冷藏 0–4 °C", "frozen": "冷冻 −18 °C"}  # ° and C: the face has no ℃
ROOM, GOODS_LINES = 90, 6  # mm between the margins; lines of goods


class Label(NamedTuple):
    """Everything printed on one label."""

    parcel: Parcel
    consignment: Consignment
    station: str
    goods: list[str]
    road: str
    pieces: int


def labels_pdf(labels: Sequence[Label]) -> bytes:
    """One page a label."""
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    face = _face()
    out = io.BytesIO()
    page = Canvas(out, pagesize=(100 * mm, 150 * mm), pageCompression=1)
    page.setTitle("面单")
    for label in labels:
        _draw(page, label, face, mm)
        page.showPage()
    page.save()
    return out.getvalue()


@lru_cache(maxsize=1)
def _face() -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont("jishi", str(FACE)))
    return "jishi"


def _draw(page: Any, label: Label, face: str, mm: float) -> None:
    from reportlab.graphics.barcode import code128, qr
    from reportlab.graphics.shapes import Drawing

    parcel, consignment = label.parcel, label.consignment
    to = receiver(consignment)

    def write(x: float, y: float, size: float, words: str, room: float = ROOM) -> None:
        """In this size, or smaller where it would not fit."""
        page.setFont(face, size * min(1, room * mm / max(1, page.stringWidth(words, face, size))))
        page.drawString(x * mm, y * mm, words)

    write(5, 141, 17, label.station, ROOM - 4 - page.stringWidth(TIERS[parcel.tier], face, 17) / mm)
    write(5, 134, 10, f"{consignment.city} {consignment.district}", 60)
    page.setFont(face, 17)
    page.drawRightString(95 * mm, 141 * mm, TIERS[parcel.tier])
    page.setFont(face, 10)
    page.drawRightString(95 * mm, 134 * mm, f"第 {parcel.position} 件，共 {label.pieces} 件")
    page.setLineWidth(1.2)
    page.line(5 * mm, 131 * mm, 95 * mm, 131 * mm)
    bars = code128.Code128(parcel.code, barHeight=18 * mm, barWidth=0.36 * mm, humanReadable=False)
    bars.drawOn(page, (100 * mm - bars.width) / 2, 109 * mm)
    page.setFont(face, 13)
    page.drawCentredString(50 * mm, 102 * mm, _spaced(parcel.code))
    page.line(5 * mm, 98 * mm, 95 * mm, 98 * mm)
    write(5, 90, 12, f"收　{mask_name(to.name)}　{mask_phone(to.phone)}")
    write(5, 84, 10, "".join(dict.fromkeys((consignment.province, consignment.city, consignment.district))))
    for n, line in enumerate(_goods(label.goods, lambda words: page.stringWidth(words, face, 10) <= ROOM * mm)):
        write(5, 75 - 5.5 * n, 10, line)
    page.line(5 * mm, 40 * mm, 95 * mm, 40 * mm)
    write(5, 33, 11, label.road, 60)
    write(5, 27, 10, f"{parcel.grams / 1000:.2f} kg　{clock.local(consignment.created_at):%m-%d}")
    if consignment.deliver_by:
        write(5, 21, 10, f"答应 {clock.local(consignment.deliver_by):%m-%d} 送到")
    address = f"{settings.address}/track/{parcel.code}"
    code = qr.QrCodeWidget(address, barLevel="M")
    left, bottom, right, top = code.getBounds()
    side = 30 * mm
    drawing = Drawing(side, side, transform=[side / (right - left), 0, 0, side / (top - bottom), 0, 0])
    drawing.add(code)
    drawing.drawOn(page, 66 * mm, 8 * mm)
    write(5, 7, 7, address, 60)


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
