"""The quarterly report: what each programme awarded whom in which month, what is left of its budget, and by which documents."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, i18n
from core.errors import Refused
from core.moments import FIRST_YEAR, LAST_YEAR
from core.sheets import Cell, write_csv, write_xlsx, yuan

from .models import AwardState, SubsidyAward, SubsidyEvidence, SubsidyFund
from .queries import Programme, programmes
from .rules import turned
from .words import beneficiary_words, party_names

_ = i18n.gettext
_QUARTER = re.compile(r"(\d{4})Q([1-4])", re.ASCII)
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Quarter(NamedTuple):
    """`first` is its first day, `after` the first of the next."""

    first: date
    after: date

    @property
    def text(self) -> str:
        return f"{self.first.year}Q{(self.first.month + 2) // 3}"


class ReportRow(NamedTuple):
    """What one beneficiary was awarded by one programme for causes of one month."""

    programme: str
    party_kind: str
    party_code: str
    month: date
    awards: int
    amount_fen: int


class Report(NamedTuple):
    quarter: Quarter
    programmes: Sequence[Programme]
    rows: Sequence[ReportRow]
    evidence: Sequence[tuple[str, SubsidyEvidence]]  # by programme

    def of(self, programme: Programme) -> list[ReportRow]:
        return [row for row in self.rows if row.programme == programme.fund.code]

    def fen_of(self, programme: Programme) -> int:
        return sum(row.amount_fen for row in self.of(programme))

    @property
    def amount_fen(self) -> int:
        return sum(row.amount_fen for row in self.rows)


def read_quarter(text: str | None) -> Quarter:
    """`2026Q3`; this quarter without it. Raises Refused."""
    if not text:
        today = clock.today()
        first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    else:
        found = _QUARTER.fullmatch(text)
        if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise Refused(_("没有这个季度，请写成 2026Q3"), field="quarter")
        first = date(int(found[1]), int(found[2]) * 3 - 2, 1)
    return Quarter(first, turned(first, 3))


def quarters_shown(asked: Quarter, number: int = 5) -> list[Quarter]:
    """The last quarters up to this one, and the asked one; the latest first."""
    this = read_quarter(None).first
    firsts = {turned(this, -3 * n) for n in range(number)} | {asked.first}
    return [Quarter(first, turned(first, 3)) for first in sorted(firsts, reverse=True)]


def report(session: Session, tenant_id: int, quarter: Quarter) -> Report:
    """Awards that stand, by the months of their causes; what was taken back meanwhile is not among them."""
    rows = session.exec(
        select(
            col(SubsidyFund.code), col(SubsidyAward.party_kind), col(SubsidyAward.party_code), col(SubsidyAward.month),
            func.count(col(SubsidyAward.id)), func.sum(col(SubsidyAward.amount_fen)),
        )  # type: ignore[call-overload]
        .join(SubsidyFund, col(SubsidyFund.id) == col(SubsidyAward.fund_id))
        .where(
            SubsidyAward.tenant_id == tenant_id, SubsidyAward.state == AwardState.AWARDED, SubsidyAward.month >= quarter.first,
            SubsidyAward.month < quarter.after,
        )
        .group_by(col(SubsidyFund.code), col(SubsidyAward.party_kind), col(SubsidyAward.party_code), col(SubsidyAward.month))
        .order_by(col(SubsidyFund.code), col(SubsidyAward.party_kind), col(SubsidyAward.party_code), col(SubsidyAward.month))
    ).all()  # fmt: skip
    proofs = session.exec(
        select(SubsidyFund.code, SubsidyEvidence)
        .join(SubsidyEvidence, col(SubsidyEvidence.fund_id) == col(SubsidyFund.id))
        .where(
            SubsidyFund.tenant_id == tenant_id, SubsidyEvidence.on_date >= quarter.first, SubsidyEvidence.on_date < quarter.after,
            col(SubsidyEvidence.withdrawn_at).is_(None), col(SubsidyEvidence.confirmed_at).is_not(None),
        )
        .order_by(col(SubsidyFund.code), col(SubsidyEvidence.id))
    ).all()  # fmt: skip
    told = [ReportRow(code, kind, party, month, int(number), int(fen)) for code, kind, party, month, number, fen in rows]
    return Report(quarter, programmes(session, tenant_id), told, [(code, proof) for code, proof in proofs])


def table(session: Session, told: Report) -> list[list[Cell]]:
    """The report as a sheet: its rows, then a line a programme, then its documents."""
    parties = sorted({(row.party_kind, row.party_code) for row in told.rows} | {(p.party_kind, p.party_code) for _code, p in told.evidence})
    names, kinds = party_names(session, parties), beneficiary_words()
    named = {each.fund.code: each.rule for each in told.programmes}
    lines: list[list[Cell]] = [[_("补贴"), _("谁出钱"), _("补给"), _("名称"), _("月份"), _("笔数"), _("金额（元）")]]
    for row in told.rows:
        rule, party = named[row.programme], (row.party_kind, row.party_code)
        lines.append([
            rule.name, rule.funder, kinds[row.party_kind], names.get(party, row.party_code), f"{row.month:%Y-%m}", row.awards,
            yuan(row.amount_fen),
        ])  # fmt: skip
    lines += [[_("合计"), None, None, None, told.quarter.text, sum(row.awards for row in told.rows), yuan(told.amount_fen)], []]
    lines.append([_("补贴"), _("谁出钱"), _("预算（元）"), _("累计已补（元）"), _("预算还剩（元）"), _("已到款（元）"), _("本季（元）")])
    for each in told.programmes:
        fund = each.fund
        lines.append([
            each.rule.name, each.rule.funder, yuan(fund.budget_fen), yuan(fund.taken_fen), yuan(each.left_fen), yuan(fund.paid_fen),
            yuan(told.fen_of(each)),
        ])  # fmt: skip
    if told.evidence:
        lines += [[], [_("补贴"), _("单据"), _("补给"), _("名称"), _("日期"), _("内容"), _("单据金额（元）")]]
        for code, proof in told.evidence:
            party = (proof.party_kind, proof.party_code)
            lines.append([
                named[code].name, proof.document, kinds[proof.party_kind], names.get(party, proof.party_code), proof.on_date.isoformat(),
                proof.what, yuan(proof.amount_fen),
            ])  # fmt: skip
    return lines


def report_file(session: Session, told: Report, kind: str) -> tuple[bytes, str]:
    """The sheet and its media type."""
    rows = table(session, told)
    if kind == "csv":
        return write_csv(rows), CSV
    return write_xlsx(told.quarter.text, rows, widths=(24, 18, 14, 24, 14, 14, 14)), XLSX
