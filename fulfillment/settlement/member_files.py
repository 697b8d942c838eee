"""The split of a co-op's statement as CSV, XLSX and on A4 with a place for every member to sign."""

import io
from collections.abc import Sequence

from core import i18n
from core.money import format_fen
from core.quantity import kg
from core.sheets import Cell, write_csv, write_xlsx, yuan
from fulfillment.consignments.faces import width, write

from .files import CSV, XLSX, File
from .members import Part
from .models import Statement

_ = i18n.gettext
LEFT, RIGHT, TOP, BOTTOM, LINE, SIZE = 18, 192, 279, 22, 8.0, 10
COLUMNS = (LEFT, 40, 82, 140)  # number, name, grams, amount (right-aligned); then the signature


def named(part: Part) -> str:
    return part.name or _("合作社公共")


def grades_of(part: Part) -> str:
    """`一级 12.5 kg、二级 3 kg`."""
    return _("、").join(f"{grade} {kg(grams)} kg" for grade, grams in sorted(part.grams.items()))


def member_rows(statement: Statement, parts: Sequence[Part]) -> list[list[Cell]]:
    head: list[Cell] = [_("社员编号"), _("姓名"), _("等级和重量"), _("重量（克）"), _("应得（元）")]
    rows: list[list[Cell]] = [[p.number, named(p), grades_of(p), p.all_grams, yuan(p.amount_fen)] for p in parts]
    return [head, *rows, [_("合计"), None, None, sum(p.all_grams for p in parts), yuan(statement.amount_fen)]]


def member_file(statement: Statement, parts: Sequence[Part], kind: str) -> File:
    """`csv`, `xlsx` or `pdf`."""
    name = f"{statement.code}-members.{kind}"
    if kind == "pdf":
        return File(name, "application/pdf", _paper(statement, parts))
    table = member_rows(statement, parts)
    return File(name, CSV, write_csv(table)) if kind == "csv" else File(name, XLSX, write_xlsx(name, table, widths=(12, 16, 36, 12, 12)))


def _paper(statement: Statement, parts: Sequence[Part]) -> bytes:
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    page = Canvas(out, pagesize=(210 * mm, 297 * mm), pageCompression=1, invariant=1)  # the same statement is the same file
    page.setTitle(f"{statement.code} {statement.name}")

    def text(x: float, y: float, size: float, words: str, *, to_right: bool = False) -> None:
        write(page, x * mm - (width(words, size) if to_right else 0), y * mm, size, words)

    def head() -> float:
        text(LEFT, TOP - 6, 17, statement.name)
        text(RIGHT, TOP - 6, 13, _("社员分配单"), to_right=True)
        text(LEFT, TOP - 13, SIZE, f"{statement.first.isoformat()} – {statement.last.isoformat()}　{statement.code}")
        text(RIGHT, TOP - 13, SIZE, _("共 %(n)s 元") % {"n": format_fen(statement.amount_fen)}, to_right=True)
        for x, words in zip(COLUMNS, (_("编号"), _("姓名"), _("等级和重量")), strict=False):
            text(x, TOP - 23, SIZE, words)
        text(COLUMNS[3] + 18, TOP - 23, SIZE, _("应得（元）"), to_right=True)
        text(COLUMNS[3] + 24, TOP - 23, SIZE, _("签字"))
        page.line(LEFT * mm, (TOP - 25) * mm, RIGHT * mm, (TOP - 25) * mm)
        return TOP - 32

    y = head()
    for part in parts:
        if y < BOTTOM:
            page.showPage()
            y = head()
        for x, words in zip(COLUMNS, (part.number, named(part), grades_of(part)), strict=False):
            text(x, y, SIZE, words)
        text(COLUMNS[3] + 18, y, SIZE, format_fen(part.amount_fen), to_right=True)
        page.line((COLUMNS[3] + 24) * mm, (y - 1.5) * mm, RIGHT * mm, (y - 1.5) * mm)
        y -= LINE
    page.showPage()
    page.save()
    return out.getvalue()
