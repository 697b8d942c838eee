"""Tables for tax and audit: they add up, a file is what the page showed, nobody's formula runs, and whoever takes one says why."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, col, func, select

import shop.wiring  # noqa: F401
from core import clock, db, tasks
from core.audit import AuditEntry
from core.ledger.models import Journal, Posting
from core.settings import settings
from fulfillment.income.models import IncomeEntry, IncomeState
from fulfillment.settlement.words import PARTIES
from shop.exports import ledger, quarterly
from shop.exports.periods import Quarter, Span, quarter_of
from shop.orders.models import OrderLine
from shop.payments.giving import Part, give_back
from shop.payments.service import cancel_order
from supply.growers.models import Grower
from tests.core.test_sheets import read_xlsx
from tests.county import SmallCounty
from tests.fulfillment.settlement.owing import earn
from tests.fulfillment.web import signed_in
from tests.shop.buying import buy, order_of, pay

TODAY = "first={0}&last={0}"


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def county(database, county_rows: SmallCounty) -> SmallCounty:
    """Three sales: one whole, one with a part given back, one cancelled."""
    numbers = []
    for wanted in (("tomato", 2), ("clam", 1), ("tea", 1)):
        with db.writing() as session:
            numbers.append(buy(session, county_rows, wanted).number)
        with db.writing() as session:
            pay(session, numbers[-1])
        tasks.drain()
    with db.writing() as session:
        order = order_of(session, numbers[1])
        (line,) = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).all()
        give_back(session, order, [Part(line.id or 0, 500)], key="part", reason="缺了一点")
        cancel_order(session, order_of(session, numbers[2]), by="buyer")
    tasks.drain()
    return county_rows


def this_quarter() -> Quarter:
    today = clock.today()
    return Quarter(today.year, (today.month + 2) // 3)


def desk(county: SmallCounty, role: str = "finance"):
    browser = signed_in(county, role)
    browser.headers["accept"] = "text/html"
    return browser


def file_of(browser, kind: str, **asked: str):
    today = clock.today().isoformat()
    form = {"form_key": "k", "first": today, "last": today, "reason": "给审计", "file": "csv", "quarter": this_quarter().code} | asked
    return browser.post(f"/finance/exports/{kind}/files", data=form)


def read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_the_trial_balance_comes_to_nothing_and_carries_on_from_the_day_before(county):
    today = clock.today()
    with clock.at(clock.now() + timedelta(days=1)), db.writing() as session:
        earn(session, county, "station", county.stations[0].code, 700, "N1")
    with db.reading() as session:
        first = ledger.trial_balance(session, Span(today, today), tenant_id=county.id)
        second = ledger.trial_balance(session, Span(today + timedelta(days=1), today + timedelta(days=1)), tenant_id=county.id)
    for totals in (first, second):
        assert sum(t.opening_fen for t in totals) == sum(t.closing_fen for t in totals) == 0
        assert sum(t.debit_fen for t in totals) == sum(t.credit_fen for t in totals) > 0
    closing = {t.code: t.closing_fen for t in first}
    assert {t.code: t.opening_fen for t in second if t.code in closing} == closing
    assert {t.code: t.credit_fen for t in second}[f"station:{county.stations[0].code}"] == 700


def test_the_journal_holds_every_line_once_however_few_are_held_at_a_time(county, monkeypatch):
    monkeypatch.setattr(ledger, "AT_ONCE", 2)
    today = clock.today()
    found = list(ledger.all_entries(Span(today, today), tenant_id=county.id))
    with db.reading() as session:
        keys = session.exec(select(Journal.key).order_by(col(Journal.id))).all()
        lines = session.exec(select(func.count()).select_from(Posting)).one()
    assert [booked.journal.key for booked in found] == keys
    assert sum(len(booked.lines) for booked in found) == lines
    assert all(sum(line.amount_fen for line in booked.lines) == 0 for booked in found)


@pytest.mark.parametrize("kind", ["journal", "balance", "quarter"])
def test_a_file_is_the_table_in_both_forms_with_its_mark_at_the_end(county, kind):
    browser = desk(county)
    page = browser.get(f"/finance/exports/{kind}?{TODAY.format(clock.today())}&quarter={this_quarter().code}")
    assert page.status_code == 200
    plain, sheet = file_of(browser, kind), file_of(browser, kind, file="xlsx")
    assert (plain.status_code, sheet.status_code) == (200, 200)
    assert plain.content.startswith("\ufeff".encode())
    assert plain.headers["content-disposition"].endswith('.csv"') and plain.headers["cache-control"] == "no-store"
    head, *rows, mark = read(plain.content)
    assert len(rows) > 3 and {len(row) for row in rows} == {len(head)}
    assert "给审计" in mark[0]
    read_back = [[cells.get(chr(65 + n), "") for n in range(len(head))] for cells in read_xlsx(sheet.content)]
    assert [[_number(cell) for cell in row] for row in read_back[1:-1]] == [[_number(cell) for cell in row] for row in rows]


def _number(cell: object) -> object:
    try:
        return Decimal(str(cell))
    except ArithmeticError:
        return cell


def test_the_journal_file_balances(county):
    _head, *rows, _mark = read(file_of(desk(county), "journal").content)
    debit, credit = (sum(Decimal(row[n] or 0) for row in rows) for n in (7, 8))
    assert debit == credit > 0


def test_a_quarter_is_what_was_earned_less_what_went_back_less_fees_to_the_fen(county):
    with db.reading() as session:
        found = quarterly.report(session, this_quarter(), tenant_id=county.id)
        own = dict(
            session.exec(
                select(IncomeEntry.party_code, func.sum(col(IncomeEntry.amount_fen)))
                .where(col(IncomeEntry.party_kind).in_(PARTIES), IncomeEntry.state != IncomeState.REVERSED)
                .group_by(col(IncomeEntry.party_code))
            ).all()
        )
        sold = _sold(session)
    assert {each.party_code: each.total.net_fen for each in found} == {each.party_code: int(own.get(each.party_code, 0)) for each in found}
    assert set(own) <= {each.party_code for each in found}
    assert {each.kind for each in found if each.party_kind == "grower"} == {"operator"}
    growers = [each.total for each in found if each.party_kind == "grower"]
    assert sum(total.gross_fen for total in growers) == sold, "what buyers paid for the growers' goods"
    assert sum(total.fees_fen for total in growers) > 0
    month = clock.today().month - (this_quarter().number - 1) * 3
    assert all(each.months[month - 1] == each.total for each in found)


def _sold(session: Session) -> int:
    """Goods of paid orders, discounts off: freight is transport's."""
    return int(session.exec(select(func.sum(col(OrderLine.goods_fen) - col(OrderLine.discount_fen)))).one())


def test_a_quarter_keeps_its_months_apart(database, county_rows):
    quarter, code = Quarter(2026, 1), county_rows.stations[0].code
    for n, day in enumerate((date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31), date(2026, 4, 1))):
        with clock.at(clock.midnight(day) + timedelta(hours=9)), db.writing() as session:
            earn(session, county_rows, "station", code, 10 ** (n + 1), f"M{n}")
    with db.reading() as session:
        [report] = quarterly.report(session, quarter, tenant_id=county_rows.id)
    assert [sums.net_fen for sums in report.months] == [10, 100, 1000]
    assert (report.total.net_fen, report.total.rows, report.name) == (1110, 3, county_rows.stations[0].name)


def test_nobodys_name_is_a_formula(county):
    with db.writing() as session:
        for grower in session.exec(select(Grower)):
            grower.name = "=HYPERLINK(1)"
            session.add(grower)
    browser = desk(county)
    names = {row[2] for row in read(file_of(browser, "quarter").content)[1:-1] if row[1] == "农户"}
    assert names == {"'=HYPERLINK(1)"}
    mark = read(file_of(browser, "quarter", reason="=1+1 打 13912345678").content)[-1][0]
    assert not mark.startswith("=") and "13912345678" not in mark


def test_a_persons_rows_are_theirs_alone(county):
    browser, station = desk(county), county.stations[0].code
    with db.reading() as session:
        codes = session.exec(select(IncomeEntry.code).where(IncomeEntry.party_kind == "station", IncomeEntry.party_code == station)).all()
    answer = file_of(browser, "person", party=f"station:{station}")
    assert {row[4] for row in read(answer.content)[1:-1]} == set(codes)
    assert county.stations[0].name in browser.get("/finance/exports/person").text


def test_whoever_takes_a_file_says_why_and_five_an_hour_are_enough(county):
    browser = desk(county)
    refused = file_of(browser, "balance", reason=" ")
    assert (refused.status_code, 'id="e-reason"' in refused.text) == (422, True)
    assert [file_of(browser, "balance").status_code for _n in range(6)] == [200] * 5 + [429]
    with db.reading() as session:
        rows = session.exec(select(AuditEntry).where(AuditEntry.act == "export")).all()
    assert [(row.subject, row.reason, row.facts["file"]) for row in rows] == [("balance", "给审计", "csv")] * 5
    assert file_of(desk(county, "admin"), "balance").status_code == 200, "another person's hour is another's"


@pytest.mark.parametrize(
    ("kind", "asked", "field"),
    [
        ("journal", {"first": "2026-02-30"}, "first"), ("journal", {"first": "2026-05-02", "last": "2026-05-01"}, "last"),
        ("journal", {"first": "2020-01-01", "last": "2026-01-01"}, "last"), ("quarter", {"quarter": "2026Q5"}, "quarter"),
        ("quarter", {"quarter": "②026Q1"}, "quarter"), ("quarter", {"quarter": "0001Q1"}, "quarter"), ("person", {"party": "grower:nobody"}, "party"),
        ("person", {"party": "platform:"}, "party"), ("person", {}, "party"),
    ],
)  # fmt: skip
def test_wrong_input_is_said_at_its_field_and_nothing_leaves(county, kind, asked, field):
    browser = desk(county)
    answer = file_of(browser, kind, **asked)
    assert (answer.status_code, f'id="e-{field}"' in answer.text) == (422, True), answer.text[:2000]
    if asked:
        assert browser.get(f"/finance/exports/{kind}", params=asked).status_code == 422
    with db.reading() as session:
        assert session.exec(select(AuditEntry).where(AuditEntry.act == "export")).all() == []
    assert browser.get("/finance/exports/everything").status_code == 404
    assert file_of(browser, "everything").status_code == 404


def test_without_a_quarter_it_is_the_last_one_that_is_over():
    with clock.at(clock.midnight(date(2026, 1, 1))):
        assert quarter_of("").code == "2025Q4"
    with clock.at(clock.midnight(date(2026, 7, 1)) - timedelta(seconds=1)):
        assert quarter_of("").code == "2026Q1"
    assert quarter_of("2026q4").span == Span(date(2026, 10, 1), date(2026, 12, 31))
