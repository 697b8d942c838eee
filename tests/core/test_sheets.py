"""Tables for spreadsheets: no cell is taken for a formula, and what is read back is what was written."""

import csv
import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sheets import RECKONED, Cell, safe, write_csv, write_xlsx, yuan

SAYABLE = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=12)
TRICKY = st.one_of(SAYABLE, st.builds(lambda a, b: a + b, st.sampled_from(RECKONED), SAYABLE))
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def read_xlsx(body: bytes) -> list[dict[str, Cell]]:
    """Each row's cells by column, as a spreadsheet program reads them: by the parts and relations, never by guessing."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert packed.testzip() is None
        kinds = ElementTree.fromstring(packed.read("[Content_Types].xml"))
        assert {part.get("PartName") for part in kinds if part.get("PartName")} <= {f"/{name}" for name in packed.namelist()}
        rels = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
        (sheet,) = [r.get("Target") for r in rels if str(r.get("Type")).endswith("/worksheet")]
        ElementTree.fromstring(packed.read("xl/styles.xml"))
        rows = ElementTree.fromstring(packed.read(f"xl/{sheet}")).iter(f"{MAIN}row")
        found = []
        for row in rows:
            cells: dict[str, Cell] = {}
            for cell in row:
                assert cell.find(f"{MAIN}f") is None, "no formula, ever"
                column = str(cell.get("r")).rstrip("0123456789")
                text = cell.find(f"{MAIN}is/{MAIN}t")
                cells[column] = Decimal(str(cell.findtext(f"{MAIN}v"))) if text is None else text.text or ""
            found.append(cells)
        return found


@given(texts=st.lists(TRICKY, min_size=1, max_size=5))
def test_no_cell_of_a_csv_begins_as_a_formula_and_reading_back_is_exact(texts: list[str]) -> None:
    (read,) = read_csv(write_csv([texts]))
    assert not any(cell.startswith(RECKONED[:-1]) for cell in read)
    assert [cell[1:] if cell.startswith("'") else cell for cell in read] == texts


@given(texts=st.lists(TRICKY, min_size=1, max_size=5), fen=st.integers(-(10**13), 10**13))
def test_a_workbook_reads_back_as_it_was_written(texts: list[str], fen: int) -> None:
    head, row = read_xlsx(write_xlsx("单", [["名", "钱"], [*texts, yuan(fen)]]))
    assert head == {"A": "名", "B": "钱"}
    assert list(row.values()) == [*(text for text in texts if text), Decimal(fen) / 100]


def test_amounts_are_numbers_to_both() -> None:
    assert read_csv(write_csv([[yuan(-1205), 3, None, yuan(10**13)]])) == [["-12.05", "3", "", "100000000000.00"]]
    assert read_xlsx(write_xlsx("a", [["x"], [yuan(-5)]]))[1] == {"A": Decimal("-0.05")}


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "＝1", "'x"])
def test_what_would_be_reckoned_stands_after_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


def test_wide_tables_and_strange_sheet_names_make_a_workbook() -> None:
    wide = read_xlsx(write_xlsx("a/b:[c]*?" * 9, [[str(n) for n in range(60)]]))[0]
    assert (len(wide), wide["A"], wide["AA"], wide["BH"]) == (60, "0", "26", "59")
    assert write_xlsx("a", [["b"]]) == write_xlsx("a", [["b"]]), "the same rows are the same file"
