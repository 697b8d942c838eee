"""The four tables as people get them: their heads, their rows for a file, and what a page shows of them first.

The last row says who took it, when and why.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, db, i18n
from core.errors import NotFound, Refused
from core.pii import mask_numbers
from core.sheets import Cell, yuan
from fulfillment.income.models import IncomeEntry
from fulfillment.income.words import source_words, state_words
from fulfillment.settlement.words import PARTIES, names_of, party_words
from fulfillment.subsidies.queries import names_of_funds
from shop.boards.books import account_words, gateway_words, told

from . import ledger, quarterly
from .periods import Quarter, Span

_ = i18n.gettext
Row = Sequence[Cell]
AT_ONCE = 1000
SHOWN = 30  # rows of a page
MOST_XLSX = 1_000_000  # rows a sheet holds


class Wanted(NamedTuple):
    """Of which county, from when to when; a person's statement names the party, the quarterly report its quarter."""

    tenant_id: int
    span: Span
    quarter: Quarter
    party_kind: str = ""
    party_code: str = ""


class Table(NamedTuple):
    name: str  # of the file
    title: str
    head: Row
    numbers: int  # how many columns from the right are numbers
    codes: tuple[int, ...]  # columns for programs, which a page leaves out
    rows: Callable[[Wanted], Iterator[Row]]
    total: Callable[[Session, Wanted], Row]


def tables() -> dict[str, Table]:
    day, money = _("日子"), _("（元）")
    journal = [day, _("编号"), _("什么"), _("关于"), _("账户"), _("账户名"), _("币种"), _("借") + money, _("贷") + money]
    balance = [_("账户"), _("账户名"), _("币种"), _("期初") + money, _("借") + money, _("贷") + money, _("期末") + money]
    person = [day, _("来源"), _("什么"), _("怎么算的"), _("编号"), _("进度"), _("金额") + money]
    quarter = [
        _("类别"), _("身份"), _("名称"), _("平台内编号"), _("季度"), _("月份"), _("笔数"), _("收入总额") + money, _("退款") + money,
        _("佣金和服务费") + money, _("净收入") + money,
    ]  # fmt: skip
    return {
        "journal": Table("journal", _("日记账"), journal, 2, (1, 4), _journal, _journal_total),
        "balance": Table("trial-balance", _("试算平衡表"), balance, 4, (0,), _balance, _balance_total),
        "person": Table("statement", _("个人明细"), person, 1, (), _person, _person_total),
        "quarter": Table("income", _("季度收入报送"), quarter, 5, (), _quarter, _quarter_total),
    }


def table_named(kind: str) -> Table:
    """Raises NotFound."""
    if (found := tables().get(kind)) is None:
        raise NotFound(_("没有这种表"))
    return found


def whole(table: Table, wanted: Wanted, mark: str) -> Iterator[Row]:
    """Head, rows, and the mark of who took it."""
    return chain([table.head], table.rows(wanted), [[mark]])


def mark(by: str, reason: str) -> str:
    at = clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")
    return _("导出：{who} {at}　原因：{reason}").format(who=by, at=at, reason=mask_numbers(reason))


def check_size(session: Session, kind: str, wanted: Wanted) -> None:
    """Raises Refused where a sheet could not hold it."""
    if kind == "journal" and ledger.count(session, wanted.span, tenant_id=wanted.tenant_id) > MOST_XLSX:
        raise Refused(_("太长了，电子表格放不下；选短一点，或者导文本表格"), field="to")


def account_name(code: str, names: dict[tuple[str, str], str]) -> str:
    """`station:nh-gejia` as people call it, with whose it is."""
    parts = code.split(":")
    debt = _("欠款 ") if parts[0] == "debt" else ""
    kind, party = (parts[1:] if debt else parts)[0], parts[-1]
    group = account_words().get(kind, account_words()["other"])
    if kind == "gateway":
        return gateway_words().get(party, group)
    owner = names.get(("station" if kind in ("cash", "netting") else kind, party), "") if len(parts) > 1 else ""
    return debt + (f"{group} {owner}" if owner else group)


def _names(session: Session, codes: Sequence[str]) -> dict[tuple[str, str], str]:
    wanted = set()
    for code in codes:
        *kinds, party = code.split(":")
        if kinds:
            wanted.add(("station" if kinds[-1] in ("cash", "netting") else kinds[-1], party))
    funds = [code for kind, code in wanted if kind == "funder"]
    funders = {("funder", code): name for code, name in names_of_funds(session, funds).items()} if funds else {}
    return names_of(session, [each for each in wanted if each[0] in PARTIES]) | funders


def _journal(wanted: Wanted) -> Iterator[Row]:
    known: dict[tuple[str, str], str] = {}
    looked: set[str] = set()
    for booked in ledger.all_entries(wanted.span, tenant_id=wanted.tenant_id):
        if new := {line.account for line in booked.lines} - looked:
            looked |= new
            with db.reading() as session:
                known |= _names(session, sorted(new))
        journal = booked.journal
        about = told(journal)
        for line in booked.lines:
            debit, credit = max(0, line.amount_fen), max(0, -line.amount_fen)
            yield [
                journal.business_date.isoformat(), journal.key, about, journal.cause_code, line.account, account_name(line.account, known),
                journal.currency, yuan(debit) if debit else None, yuan(credit) if credit else None,
            ]  # fmt: skip


def _journal_total(session: Session, wanted: Wanted) -> Row:
    totals = ledger.trial_balance(session, wanted.span, tenant_id=wanted.tenant_id)
    return [yuan(sum(t.debit_fen for t in totals)), yuan(sum(t.credit_fen for t in totals))]


def _balance(wanted: Wanted) -> Iterator[Row]:
    with db.reading() as session:
        totals = ledger.trial_balance(session, wanted.span, tenant_id=wanted.tenant_id)
        names = _names(session, [t.code for t in totals])
    for t in totals:
        yield [
            t.code,
            account_name(t.code, names),
            t.currency,
            yuan(t.opening_fen),
            yuan(t.debit_fen),
            yuan(t.credit_fen),
            yuan(t.closing_fen),
        ]


def _balance_total(session: Session, wanted: Wanted) -> Row:
    totals = ledger.trial_balance(session, wanted.span, tenant_id=wanted.tenant_id)
    sums = [(t.opening_fen, t.debit_fen, t.credit_fen, t.closing_fen) for t in totals]
    return [yuan(sum(column)) for column in zip(*sums, strict=True)] if sums else [yuan(0)] * 4


def _person(wanted: Wanted) -> Iterator[Row]:
    sources, states = source_words(), state_words()
    after = 0
    while True:
        with db.reading() as session:
            rows = session.exec(
                select(IncomeEntry).where(*_of(wanted), col(IncomeEntry.id) > after).order_by(col(IncomeEntry.id)).limit(AT_ONCE)
            ).all()
        for row in rows:
            yield [
                row.business_date.isoformat(), sources[row.source], str(row.facts.get("name", "")), i18n.retold(row.words), row.code,
                states[row.state], yuan(row.amount_fen),
            ]  # fmt: skip
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].id or 0


def _person_total(session: Session, wanted: Wanted) -> Row:
    kept = select(func.coalesce(func.sum(col(IncomeEntry.amount_fen)), 0)).where(*_of(wanted), IncomeEntry.state != "reversed")
    return [yuan(int(session.exec(kept).one()))]


def _of(wanted: Wanted) -> tuple[bool, ...]:
    return (
        IncomeEntry.tenant_id == wanted.tenant_id, IncomeEntry.party_kind == wanted.party_kind, IncomeEntry.party_code == wanted.party_code,
        IncomeEntry.business_date >= wanted.span.first, IncomeEntry.business_date <= wanted.span.last,
    )  # fmt: skip


def _quarter(wanted: Wanted) -> Iterator[Row]:
    with db.reading() as session:
        found = quarterly.report(session, wanted.quarter, tenant_id=wanted.tenant_id)
    kinds, parties = {quarterly.OPERATOR: _("平台内经营者"), quarterly.WORKER: _("平台内从业人员")}, party_words()
    for each in found:
        months = [(start.strftime("%Y-%m"), sums) for start, sums in zip(wanted.quarter.starts[:3], each.months, strict=True)]
        for name, sums in [*months, (_("全季"), each.total)]:
            yield [
                kinds[each.kind], parties[each.party_kind], each.name, each.party_code, wanted.quarter.code, name, sums.rows,
                yuan(sums.gross_fen), yuan(sums.returned_fen), yuan(sums.fees_fen), yuan(sums.net_fen),
            ]  # fmt: skip


def _quarter_total(session: Session, wanted: Wanted) -> Row:
    whole = quarterly.Sums()
    for each in quarterly.report(session, wanted.quarter, tenant_id=wanted.tenant_id):
        whole = whole.plus(each.total)
    return [whole.rows, yuan(whole.gross_fen), yuan(whole.returned_fen), yuan(whole.fees_fen), yuan(whole.net_fen)]
