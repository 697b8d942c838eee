"""A bank's own list against a run: each line that names one of its statements says whether that payment stands.

Any CSV will do: our statement's code stands in some cell (we gave it as the payment's purpose), its amount in yuan in another, and a
payment that came back says so in words. A line that does not fit is told and changes nothing, so the list can be read in again.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.codes import is_code, normalise_code

from .models import Statement, StatementStatus

SENT_BACK = ("退", "失败", "拒", "return", "fail", "reject")
_AMOUNT = re.compile(r"-?[0-9]{1,9}\.[0-9]{2}")
PREFIX = "ST"


class Matched(NamedTuple):
    """A line of the bank's that fits a statement."""

    statement: Statement
    is_back: bool


class Match(NamedTuple):
    """`wrong`: lines of a statement with another amount; `foreign`: codes of no statement of the run; `missing`: paid, and in no line."""

    matched: list[Matched]
    wrong: list[str]
    foreign: list[str]
    missing: list[str]


def match(text: str, statements: Sequence[Statement]) -> Match:
    """The lines of a bank's list sorted by what they mean; of several lines of one statement the last holds."""
    known = {statement.code: statement for statement in statements}
    found: dict[str, Matched] = {}
    wrong, foreign = [], []
    for code, amounts, is_back in _lines(text):
        statement = known.get(code)
        if statement is None:
            foreign.append(code)
        elif statement.transfer_fen not in amounts:
            wrong.append(code)
        else:
            found[code] = Matched(statement, is_back)
    paid = [s.code for s in statements if s.transfer_fen and s.status == StatementStatus.PAID]
    return Match(list(found.values()), wrong, foreign, [code for code in paid if code not in found])


def _lines(text: str) -> Iterator[tuple[str, set[int], bool]]:
    """Of every line with a statement's code: the code, the amounts it names in fen, and whether it tells of money that came back."""
    for cells in csv.reader(io.StringIO(text.lstrip("\ufeff"))):
        codes = [code for cell in cells if is_code(code := normalise_code(cell.strip("'= \t\"")), PREFIX)]
        if not codes:
            continue
        plain = [cell.replace(",", "").replace("¥", "").replace("￥", "").strip() for cell in cells]
        amounts = {abs(int(cell.replace(".", ""))) for cell in plain if _AMOUNT.fullmatch(cell)}
        yield codes[0], amounts, any(word in cell.lower() for cell in cells for word in SENT_BACK)
