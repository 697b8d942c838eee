"""The treasurer's road in a browser, one's own statements and their files, disputes, the station's cash: each deed once, refusals in words."""

import csv
import io
import re
import zipfile

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from sqlmodel import select

from core import clock, db
from core.audit import AuditEntry
from core.codes import new_token
from fulfillment.cash.models import CashTaking
from fulfillment.income.models import IncomeEntry
from fulfillment.settlement import service
from fulfillment.settlement.models import IncomeDispute, SettlementRun, Statement
from tests.county import SmallCounty
from tests.fulfillment.settlement.owing import earn, owed
from tests.shop.conftest import SignIn


@pytest.fixture
def rows(county_rows: SmallCounty) -> SmallCounty:
    with db.writing() as session:
        owed(session, county_rows)
    return county_rows


def run_code() -> str:
    with db.reading() as session:
        return session.exec(select(SettlementRun.code)).one()


def statement_of(kind: str) -> Statement:
    with db.reading() as session:
        return session.exec(select(Statement).where(Statement.party_kind == kind).order_by(Statement.id)).first()  # type: ignore[return-value]


def send(client: TestClient, path: str, *, status: int = 303, **typed: str) -> str:
    answer = client.post(path, data={"form_key": new_token(), **typed}, headers={"accept": "text/html"})
    assert answer.status_code == status, (path, answer.status_code, re.sub(r"<[^>]+>", " ", answer.text)[:600])
    return answer.text


def test_two_people_settle_the_county_in_the_browser(rows: SmallCounty, signed_in: SignIn) -> None:
    first, second = signed_in("finance", "county", ""), signed_in("finance", "county", "")
    page = first.get("/finance/settlements").text
    assert "123.00" in page and "并到下次" in page
    key = new_token()
    for _twice in range(2):
        made = first.post("/finance/settlements", data={"form_key": key, "until": str(clock.today())})
        assert made.status_code == 303
    path = f"/finance/settlements/{run_code()}"
    assert "等另一位财务复核" in first.get(path).text
    assert "不能复核" in send(first, f"{path}/approval", status=403)
    assert "复核" in send(second, f"{path}/payments", status=409)
    send(second, f"{path}/approval")
    file = first.post(f"{path}/files/hand", data={"form_key": new_token()})
    listed = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert (file.headers["content-type"], file.headers["cache-control"], len(listed)) == ("text/csv; charset=utf-8", "no-store", 4)
    send(first, f"{path}/void", status=409, reason="晚了")
    send(first, f"{path}/payments", reference="B1")
    send(first, f"{path}/payments", reference="B1")
    with db.reading() as session:
        paid = session.exec(select(Statement)).all()
        assert {s.status for s in paid} == {"paid"}
        assert session.exec(select(AuditEntry.act).where(AuditEntry.act == "settlement.export")).all() == ["settlement.export"]
    lines = "\n".join(f"{s.code},{s.payout_fen / 100:.2f},成功" for s in paid[1:]) + f"\n{paid[0].code},1.00,成功\nSTNONE,2.00,成功"
    told = send(first, f"{path}/bank-lists", status=200, rows=lines)
    assert "对上 2 笔" in told and f"{paid[0].code} 金额不一样" in told
    send(first, f"{path}/bank-lists", status=200, rows=f"{paid[0].code},{paid[0].payout_fen / 100:.2f},退回")
    with db.reading() as session:
        assert session.exec(select(SettlementRun.status)).one() == "reconciled"


def frozen(county: SmallCounty) -> None:
    with db.writing() as session:
        service.freeze(session, county.county, clock.today(), by="U9")


def test_a_statement_is_read_by_its_party_on_paper_too_and_by_nobody_else(rows: SmallCounty, signed_in: SignIn) -> None:
    frozen(rows)
    own, other = statement_of("station"), signed_in("master", "station", rows.stations[1].code)
    master = signed_in("master", "station", rows.stations[0].code)
    page = master.get(f"/statements/{own.code}").text
    assert "30.00" in page and "每件补 1 元" in page
    for kind in ("", "/statement.pdf", "/statement.csv", "/slip"):
        assert other.get(f"/statements/{own.code}{kind}").status_code == 404
    paper = PdfReader(io.BytesIO(master.get(f"/statements/{own.code}/statement.pdf").content))
    said = "".join(p.extract_text() for p in paper.pages)
    assert own.code in said and "30.00" in said
    table = list(csv.reader(io.StringIO(master.get(f"/statements/{own.code}/statement.csv").content.decode("utf-8-sig"))))
    assert [line[5] for line in table] == ["金额（元）", "10.00", "20.00", "30.00", "30.00"]
    with zipfile.ZipFile(io.BytesIO(master.get(f"/statements/{own.code}/statement.xlsx").content)) as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == len(table)
    assert master.get(f"/statements/{own.code}/statement.exe").status_code == 404
    listed = master.get("/api/v1/statements").json()
    assert [s["code"] for s in listed["items"]] == [own.code]
    whole = master.get(f"/api/v1/statements/{own.code}?limit=1").json()
    rest = master.get(f"/api/v1/statements/{own.code}?limit=1&cursor={whole['next']}").json()
    assert sum(r["amount_fen"] for r in whole["items"] + rest["items"]) == whole["amount_fen"] == 3000


def test_a_long_statement_turns_its_pages(rows: SmallCounty, signed_in: SignIn) -> None:
    with db.writing() as session:
        for n in range(120):
            earn(session, rows, "station", rows.stations[0].code, 100 + n, f"L{n}")
    frozen(rows)
    code = statement_of("station").code
    master = signed_in("master", "station", rows.stations[0].code)
    page = master.get(f"/statements/{code}").text
    following = re.search(r'href="\?cursor=([\w-]+)#rows"', page)
    assert following
    assert "回到开头" in master.get(f"/statements/{code}?cursor={following[1]}").text
    assert len(PdfReader(io.BytesIO(master.get(f"/statements/{code}/statement.pdf").content)).pages) > 2
    assert master.get(f"/statements/{code}?cursor=WyJ4IiwxXQ").status_code == 422


def test_a_growers_slip_is_printed_at_their_station(rows: SmallCounty, signed_in: SignIn) -> None:
    frozen(rows)
    slip = statement_of("grower")
    master, far = (signed_in("master", "station", rows.stations[n].code) for n in (0, 1))
    assert f"/statements/{slip.code}/slip" in master.get("/station/slips").text
    assert "88.00" in master.get(f"/statements/{slip.code}/slip").text
    assert master.get(f"/statements/{slip.code}").status_code == 404, "the slip is for the grower, the rows are theirs"
    assert slip.code not in far.get("/station/slips").text
    assert far.get(f"/statements/{slip.code}/slip").status_code == 404


def test_a_row_is_disputed_once_and_answered_with_a_difference(rows: SmallCounty, signed_in: SignIn) -> None:
    master, finance = signed_in("master", "station", rows.stations[0].code), signed_in("finance", "county", "")
    with db.reading() as session:
        row = session.exec(select(IncomeEntry.code).where(IncomeEntry.key == "A1:x")).one()
    path = f"/statements/rows/{row}"
    assert "写一句哪里不对" in send(master, f"{path}/disputes", status=422)
    send(master, f"{path}/disputes", reason="少算了一件")
    assert "已经提过" in send(master, f"{path}/disputes", status=409, reason="再来")
    assert "少算了一件" in finance.get("/finance/disputes").text
    with db.reading() as session:
        code = session.exec(select(IncomeDispute.code)).one()
    send(finance, f"/finance/disputes/{code}/answer", status=422, answer="补", granted="一块")
    send(finance, f"/finance/disputes/{code}/answer", answer="补上", granted="0.60")
    assert "补 0.60 元" in master.get(path).text
    again = master.post(f"/api/v1/income/{row}/disputes", json={"reason": "还差"}, headers={"idempotency-key": "k1"})
    twice = master.post(f"/api/v1/income/{row}/disputes", json={"reason": "还差"}, headers={"idempotency-key": "k1"})
    assert (again.status_code, again.json()) == (201, twice.json())
    assert finance.get("/api/v1/disputes").json()["items"][0]["code"] == again.json()["code"]
    answered = finance.post(f"/api/v1/disputes/{again.json()['code']}/answer", json={"answer": "没有少"})
    assert answered.json()["status"] == "refused"


def test_the_treasurers_calls_settle_as_the_pages_do(rows: SmallCounty, signed_in: SignIn) -> None:
    first, second = signed_in("finance", "county", ""), signed_in("finance", "county", "")
    told = first.get("/api/v1/settlements/preview").json()
    assert (told["payout_fen"], len(told["items"])) == (12300, 4)
    assert first.post("/api/v1/settlements", json={"until": "2099-01-01"}).status_code == 422
    made = first.post("/api/v1/settlements", json={"until": str(clock.today())}, headers={"idempotency-key": "s1"})
    same = first.post("/api/v1/settlements", json={"until": str(clock.today())}, headers={"idempotency-key": "s1"})
    assert (made.status_code, made.json()) == (201, same.json())
    path = f"/api/v1/settlements/{made.json()['code']}"
    assert first.post(f"{path}/approval").json()["code"] == "same_person"
    assert second.post(f"{path}/approval").json()["status"] == "approved"
    (statement, *_) = first.get(path).json()["statements"]
    assert first.post(f"/api/v1/statements/{statement['code']}/payment", json={}).json()["code"] == "not_exported"
    assert first.post(f"{path}/void", json={"reason": "重来"}).json()["status"] == "void"
    assert [run["status"] for run in first.get("/api/v1/settlements").json()["items"]] == ["void"]


def test_cash_is_taken_counted_and_paid_in(rows: SmallCounty, signed_in: SignIn) -> None:
    here = rows.stations[0].code
    helper, finance = signed_in("helper", "station", here), signed_in("finance", "county", "")
    assert "金额请写成" in send(helper, "/station/cash", status=422, purpose="send", amount="1e3", station=here)
    send(helper, "/station/cash", status=404, purpose="send", amount="5", station=rows.stations[1].code)
    send(helper, "/station/cash", purpose="send", amount="12.50", what="=寄到杭州", station=here)
    send(helper, "/station/cash", purpose="service", amount="3", station=here)
    with db.reading() as session:
        wrong = session.exec(select(CashTaking.code).where(CashTaking.purpose == "service")).one()
    send(helper, f"/station/cash/{wrong}/undoing", station=here)
    assert "写一句为什么" in send(helper, "/station/cash/closes", status=422, counted="12", station=here)
    send(helper, "/station/cash/closes", counted="12", reason="找错零钱", station=here)
    page = finance.get("/finance/cash").text
    assert "12.50" in page and "找错零钱" in page
    assert "没有这么多公款" in send(finance, f"/finance/cash/{here}/payments", status=409, amount="12.51")
    send(finance, f"/finance/cash/{here}/payments", amount="12.50", reference="收条 3")
    assert "¥</i>0.00" in helper.get("/station/cash").text


def test_a_payee_counts_a_day_after_it_was_named(rows: SmallCounty, signed_in: SignIn) -> None:
    finance = signed_in("finance", "county", "")
    path = f"/finance/payees/grower/{rows.growers[1].code}"
    typed = {"way": "bank", "holder": "葛农户", "bank": "信用社", "account": "6222 0202 0011 2233"}
    for wrong in ({"account": "abc"}, {"bank": ""}, {"holder": " "}, {"way": "cash"}, {"way": "alipay"}):
        send(finance, path, status=422, **{**typed, **wrong})
    send(finance, path, **typed)
    page = finance.get(path).text
    assert "尾号 2233" in page and "6222" not in page
    assert finance.get("/finance/payees/grower/nobody").status_code == 404
    frozen(rows)
    assert statement_of("grower").way == "hand", "not yet"


def test_income_is_seen_by_day_month_and_year_and_by_state(rows: SmallCounty, signed_in: SignIn) -> None:
    master = signed_in("master", "station", rows.stations[0].code)
    today = clock.today()
    for asked in (f"day={today}", f"month={today:%Y-%m}", f"year={today.year}", "", "day=x&month=2026-13&year=1"):
        page = master.get(f"/station/income?{asked}").text
        assert "30.00" in page and page.count("/station/income/I") == 2
    assert f"month={today:%Y-%m}" in master.get(f"/station/income?year={today.year}").text
    paid = master.get(f"/station/income?month={today:%Y-%m}&state=paid").text
    assert "/station/income/I" not in paid and "没有这一类的收入" in paid
    assert master.get(f"/station/income?day={today}&state=payable&source=subsidy").text.count("/station/income/I") == 2
