"""Tables that people open in a spreadsheet: CSV whose cells no program takes for a formula, and XLSX.

A cell is text, a whole number, or a Decimal; text that a spreadsheet would reckon with stands after an apostrophe in CSV, and so does
text that begins with one, so that reading back is exact. XLSX says of each cell what it is, there text is text.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import IO
from xml.sax.saxutils import escape

Cell = str | int | Decimal | None
Rows = Iterable[Sequence[Cell]]
RECKONED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
_UNSAID = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")  # what XML cannot say


def yuan(fen: int) -> Decimal:
    """`123456` → 1234.56, for a cell."""
    return Decimal(fen).scaleb(-2)


def safe(text: str) -> str:
    """The text as a spreadsheet may read it."""
    return f"'{text}" if text.startswith(RECKONED) else text


def write_csv(rows: Rows) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; lines end as RFC 4180 says."""
    return b"".join(csv_parts(rows))


def csv_parts(rows: Rows) -> Iterator[bytes]:
    """The same, a line at a time, for tables too long to hold."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    yield "\ufeff".encode()
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else _number(cell) for cell in row])
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def write_xlsx(name: str, rows: Rows, *, heads: int = 1, widths: Sequence[int] = ()) -> bytes:
    """One sheet called `name`; its first `heads` rows are bold, `widths` are its columns' in characters."""
    out = io.BytesIO()
    pack_xlsx(out, name, rows, heads=heads, widths=widths)
    return out.getvalue()


def pack_xlsx(out: IO[bytes], name: str, rows: Rows, *, heads: int = 1, widths: Sequence[int] = ()) -> None:
    """The same into an open file, a row at a time."""
    title = escape(re.sub(r"[\[\]:*?/\\]", " ", name)[:31] or "1", {'"': "&quot;"})
    sheet = f'<sheet name="{title}" sheetId="1" r:id="rId1"/>'
    inner = _relation(1, "worksheet", "worksheets/sheet1.xml") + _relation(2, "styles", "styles.xml")
    parts: dict[str, Iterable[str]] = {
        "[Content_Types].xml": [f'<Types xmlns="{_PACKAGE}/content-types">{_DEFAULTS}</Types>'],
        "_rels/.rels": [_relations(_relation(1, "officeDocument", "xl/workbook.xml"))],
        "xl/workbook.xml": [f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheet}</sheets></workbook>'],
        "xl/_rels/workbook.xml.rels": [_relations(inner)],
        "xl/styles.xml": [_STYLES],
        "xl/worksheets/sheet1.xml": _sheet(rows, heads, widths),
    }
    with zipfile.ZipFile(out, "w") as packed:
        for path, body in parts.items():
            told = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))  # the same rows make the same file
            told.compress_type = zipfile.ZIP_DEFLATED
            with packed.open(told, "w") as part:
                for piece in chain(['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'], body):
                    part.write(piece.encode())


_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DEFAULTS = (
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
)
_STYLES = (  # 0 as it is, 1 bold, 2 with two decimals
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/><xf xfId="0" numFmtId="4" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)


def _relations(inner: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _sheet(rows: Rows, heads: int, widths: Sequence[int]) -> Iterator[str]:
    columns = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1))
    cols = f"<cols>{columns}</cols>" if columns else ""
    yield f'<worksheet xmlns="{_MAIN}">{cols}<sheetData>'
    for n, row in enumerate(rows, 1):
        cells = "".join(_cell(cell, f"{_letters(at)}{n}", is_head=n <= heads) for at, cell in enumerate(row))
        yield f'<row r="{n}">{cells}</row>'
    yield "</sheetData></worksheet>"


def _cell(cell: Cell, place: str, *, is_head: bool) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        style = ' s="1"' if is_head else ""
        return f'<c r="{place}" t="inlineStr"{style}><is><t xml:space="preserve">{_text(cell)}</t></is></c>'
    style = ' s="2"' if isinstance(cell, Decimal) else ""
    return f'<c r="{place}"{style}><v>{_number(cell)}</v></c>'


def _number(cell: int | Decimal | None) -> str:
    return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _text(words: str) -> str:
    """A parser would read a bare carriage return as a line's end."""
    return escape(_UNSAID.sub("", words), {"\r": "&#13;"})


def _letters(column: int) -> str:
    """A, B … Z, AA …"""
    name = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        name = chr(65 + left) + name
    return name
