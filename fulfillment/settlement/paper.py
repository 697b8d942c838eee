"""A statement on A4: whose, of which days, what each row is and how it was computed, the sum, what is netted, what is paid."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core import i18n
from core.money import format_fen
from fulfillment.consignments.faces import width, write
from fulfillment.consignments.stamp import draw_seal
from fulfillment.income.models import IncomeEntry

from .models import Statement
from .words import party_words, way_words

_ = i18n.gettext
LEFT, RIGHT, TOP, BOTTOM = 18, 192, 279, 18  # mm
COLUMNS = (LEFT, 40, 64, RIGHT)  # day, source, how computed, amount (right-aligned)
LINE, SIZE = 6.2, 9


def statement_pdf(statement: Statement, rows: Sequence[IncomeEntry], sources: Mapping[str, str]) -> bytes:
    """As many pages as the rows need, each with its number and the statement's."""
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    page = Canvas(out, pagesize=(210 * mm, 297 * mm), pageCompression=1, invariant=1)  # the same statement is the same file
    page.setTitle(f"{statement.code} {statement.name}")
    paper = _Paper(page, mm, statement)
    paper.head()
    for row in rows:
        paper.row(row, sources[row.source])
    paper.ends()
    paper.close()
    page.save()
    return out.getvalue()


class _Paper:
    """Written from the top down in mm; a full page is closed and the next begun."""

    def __init__(self, page: Any, mm: float, statement: Statement) -> None:
        self.page, self.mm, self.s, self.y, self.number = page, mm, statement, float(TOP), 1

    def head(self) -> None:
        s = self.s
        left = LEFT + draw_seal(self.page, s.name, LEFT * self.mm, (TOP - 14) * self.mm, 14 * self.mm) / self.mm + 4
        self._write(left, TOP - 6, 17, s.name, 100)
        self._right(TOP - 6, 17, _("结算单"))
        self._write(left, TOP - 13, SIZE, f"{party_words()[s.party_kind]}　{s.first.isoformat()} – {s.last.isoformat()}")
        self._right(TOP - 13, SIZE, s.code)
        self.y = TOP - 22
        self._write(LEFT, self.y, 13, _("实付 %(n)s 元") % {"n": format_fen(s.payout_fen)})
        tail = _("，尾号 %(n)s") % {"n": s.account_tail} if s.account_tail else ""
        self._right(self.y, SIZE, way_words()[s.way] + tail)
        self.y -= 9
        self._columns()

    def row(self, row: IncomeEntry, source: str) -> None:
        name = str(row.facts.get("name", ""))
        lines = list(_wrapped(f"{name}　{i18n.retold(row.words)}" if name else i18n.retold(row.words), 100 * self.mm))
        if self.y - LINE * len(lines) < BOTTOM + 8:
            self._turn()
        self._write(COLUMNS[0], self.y, SIZE, row.business_date.isoformat())
        self._write(COLUMNS[1], self.y, SIZE, source)
        self._right(self.y, SIZE, format_fen(row.amount_fen))
        for words in lines:
            self._write(COLUMNS[2], self.y, SIZE, words)
            self.y -= LINE

    def ends(self) -> None:
        if self.y < BOTTOM + 45:
            self._turn()
        self._rule(self.y + 4, 1.2)
        ends = [(_("合计，%(n)s 笔") % {"n": self.s.rows}, self.s.amount_fen)]
        if self.s.netted_fen:
            ends.append((_("减：手里的驿站现金"), -self.s.netted_fen))
        ends.append((_("实付"), self.s.payout_fen))
        if self.s.shared_fen:
            ends += [(_("其中从买家付款里直接分的"), self.s.shared_fen), (_("其中转账的"), self.s.transfer_fen)]
        for words, fen in ends:
            self._write(LEFT, self.y - 2, 11, words)
            self._right(self.y - 2, 11, format_fen(fen))
            self.y -= 8
        self.y -= 10
        self._write(LEFT, self.y, SIZE, _("领款人签字："))
        self._write(110, self.y, SIZE, _("日期："))

    def close(self) -> None:
        self._write(LEFT, BOTTOM - 6, 8, f"{self.s.code}　{_('对某一笔有疑问，打开它写一句，财务会答复。')}")
        self._right(BOTTOM - 6, 8, str(self.number))
        self.page.showPage()

    def _columns(self) -> None:
        for x, words in zip(COLUMNS, (_("日子"), _("来源"), _("怎么算的")), strict=False):
            self._write(x, self.y, SIZE, words)
        self._right(self.y, SIZE, _("金额（元）"))
        self._rule(self.y - 2.2, 1.2)
        self.y -= 8

    def _turn(self) -> None:
        self.close()
        self.number += 1
        self.y = TOP
        self._columns()

    def _write(self, x: float, y: float, size: float, words: str, room: float = 999) -> None:
        write(self.page, x * self.mm, y * self.mm, size * min(1, room * self.mm / max(1, width(words, size))), words)

    def _right(self, y: float, size: float, words: str) -> None:
        write(self.page, RIGHT * self.mm - width(words, size), y * self.mm, size, words)

    def _rule(self, y: float, weight: float) -> None:
        self.page.setLineWidth(weight)
        self.page.line(LEFT * self.mm, y * self.mm, RIGHT * self.mm, y * self.mm)


def _wrapped(words: str, room: float) -> Iterator[str]:
    """In lines that fit, cut between any two characters as Chinese is."""
    line = ""
    for letter in words:
        if line and width(line + letter, SIZE) > room:
            yield line
            line = ""
        line += letter
    yield line
