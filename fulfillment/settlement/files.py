"""What leaves the house: the bank's file, Alipay's transfer list, the list of who is paid by hand; a statement as CSV and XLSX.

All are made anew from the frozen rows, so the same file twice is the same to the byte. Account numbers stand in full in the two payment
files alone; whoever takes one leaves an audit row (`service.give_to_bank`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from core import i18n, pii
from core.sheets import Cell, write_csv, write_xlsx, yuan
from fulfillment.income.models import IncomeEntry
from fulfillment.income.words import source_words

from .models import SettlementRun, Statement, Way
from .words import party_words

_ = i18n.gettext
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class File(NamedTuple):
    name: str
    kind: str
    body: bytes


def payment_file(run: SettlementRun, statements: Sequence[Statement], way: str) -> File:
    """Of the statements of one way that something is transferred of; what was shared out before is not in it."""
    due = [each for each in statements if each.way == way and each.transfer_fen]
    makers = {Way.BANK: _bank, Way.ALIPAY: _alipay, Way.HAND: _by_hand}
    return File(f"{run.code}-{way}.csv", CSV, write_csv(makers[Way(way)](due)))


def _bank(due: Sequence[Statement]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[_("序号"), _("收款人"), _("收款账号"), _("开户行"), _("金额（元）"), _("附言")]]
    rows += [[n, s.holder, account_of(s), s.bank, yuan(s.transfer_fen), s.code] for n, s in enumerate(due, 1)]
    return [*rows, [_("合计"), None, None, None, yuan(sum(s.transfer_fen for s in due)), _("%(n)s 笔") % {"n": len(due)}]]


def _alipay(due: Sequence[Statement]) -> list[list[Cell]]:
    """Columns as Alipay's batch transfer asks for; our code is its merchant order number, by which it pays a line once."""
    rows: list[list[Cell]] = [[_("商户订单号"), _("收款支付宝账号"), _("收款人姓名"), _("金额（元）"), _("备注")]]
    return rows + [[s.code, account_of(s), s.holder, yuan(s.transfer_fen), s.code] for s in due]


def _by_hand(due: Sequence[Statement]) -> list[list[Cell]]:
    words = party_words()
    rows: list[list[Cell]] = [[_("序号"), _("身份"), _("姓名"), _("金额（元）"), _("结算单"), _("签字")]]
    return rows + [[n, words[s.party_kind], s.name, yuan(s.transfer_fen), s.code, None] for n, s in enumerate(due, 1)]


def account_of(statement: Statement) -> str:
    """The account as it was frozen."""
    return pii.unseal(statement.account_sealed, f"statement.account:{statement.code}") if statement.account_sealed else ""


def statement_rows(statement: Statement, rows: Sequence[IncomeEntry]) -> list[list[Cell]]:
    """A statement as a table: one line a row of income, then what is netted and what is paid."""
    words = source_words()
    head: list[Cell] = [_("日子"), _("来源"), _("什么"), _("怎么算的"), _("规则"), _("金额（元）"), _("编号")]
    lines: list[list[Cell]] = [
        [
            row.business_date.isoformat(), words[row.source], str(row.facts.get("name", "")), i18n.retold(row.words), row.rule_version,
            yuan(row.amount_fen), row.code,
        ]
        for row in rows
    ]  # fmt: skip
    ends: list[list[Cell]] = [[_("合计"), None, None, None, None, yuan(statement.amount_fen), statement.code]]
    if statement.netted_fen:
        ends.append([_("减：手里的驿站现金"), None, None, None, None, yuan(-statement.netted_fen), None])
    ends.append([_("实付"), None, None, None, None, yuan(statement.payout_fen), None])
    if statement.shared_fen:
        ends.append([_("其中从买家付款里直接分的"), None, None, None, None, yuan(statement.shared_fen), None])
        ends.append([_("其中转账的"), None, None, None, None, yuan(statement.transfer_fen), None])
    return [head, *lines, *ends]


def statement_file(statement: Statement, rows: Sequence[IncomeEntry], kind: str) -> File:
    table = statement_rows(statement, rows)
    if kind == "csv":
        return File(f"{statement.code}.csv", CSV, write_csv(table))
    return File(f"{statement.code}.xlsx", XLSX, write_xlsx(statement.code, table, widths=(12, 12, 22, 44, 10, 12, 18)))
