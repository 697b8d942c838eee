"""Finance shares a run out in the browser: what could go, the button once, what waits, each part with its order; the list is audited."""

import csv
import io
import re

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from sqlmodel import select

from core import clock, db
from core.audit import AuditEntry
from core.codes import new_token
from shop.reconciliation.service import read_day
from tests.county import SmallCounty
from tests.gateways.alipay import FakeAlipay
from tests.shop.conftest import SignIn
from tests.shop.payments.gateways import worked

from .sharing import GROWER, approved, paid_by_alipay, requests, shares_out, sold, statement_of, unbroken


def send(client: TestClient, path: str, *, status: int = 303) -> str:
    answer = client.post(path, data={"form_key": new_token()}, headers={"accept": "text/html"})
    assert answer.status_code == status, (path, answer.status_code, re.sub(r"<[^>]+>", " ", answer.text)[:600])
    return answer.text


@pytest.fixture
def run(county_rows: SmallCounty, alipay: FakeAlipay) -> tuple[str, str, int]:
    """An approved run of a sale by Alipay: its code, the order's number, the order's total."""
    number, _payment, total = sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    return approved(county_rows), number, total


def test_a_run_is_shared_out_in_the_browser(
    county_rows: SmallCounty, alipay: FakeAlipay, signed_in: SignIn, run: tuple[str, str, int]
) -> None:
    shares_out(county_rows)
    code, number, total = run
    limit = f"{total * 3 // 10 / 100:.2f}"
    finance, path = signed_in("finance", "county", ""), f"/finance/settlements/{code}"
    assert f"{path}/shares" in finance.get(path).text
    before = finance.get(f"{path}/shares").text
    assert limit in before
    assert "开始分账" in before
    assert requests() == [], "looking writes nothing"
    send(finance, f"{path}/shares")
    send(finance, f"{path}/shares")
    waiting = finance.get(f"{path}/shares").text
    assert "等支付宝答复" in waiting
    assert number in waiting
    assert "没问过的 1 笔改为转账" in waiting
    assert "付款文件</h2>" not in finance.get(path).text
    assert "等一等" in send(finance, f"{path}/files/alipay", status=409)
    worked()
    statement = statement_of(county_rows, code)
    words = f"直接从买家付款里分给他 ¥{limit}，其余 ¥{statement.transfer_fen / 100:.2f} 转账"
    for address in (path, f"{path}/shares"):
        assert words in finance.get(address).text, address
    assert f"/finance/refunds/{number}" in finance.get(f"{path}/shares").text
    assert finance.get(f"/finance/refunds/{number}").status_code == 200
    assert f"{path}/void" not in finance.get(path).text, "what was given out is not offered to be undone"
    assert "不能作废" in finance.post(f"{path}/void", data={"form_key": new_token(), "reason": "错"}).text
    head, line = csv.reader(io.StringIO(send(finance, f"{path}/shares/list", status=200).lstrip("\ufeff")))
    assert (line[2], line[3], line[5], line[7]) == (number, GROWER[0], limit, "已分给他"), head
    with db.reading() as session:
        assert session.exec(select(AuditEntry.subject).where(AuditEntry.act == "settlement.royalty_list")).all() == [code]
    assert "其中从买家付款里直接分的" in finance.get(f"/statements/{statement.code}").text
    assert "其中从买家付款里直接分的" in finance.get(f"/statements/{statement.code}/statement.csv").text
    paper = PdfReader(io.BytesIO(finance.get(f"/statements/{statement.code}/statement.pdf").content))
    assert limit in paper.pages[0].extract_text()
    (bill,) = read_day("alipay", clock.today())
    day = finance.get(f"/finance/reconciliation/{bill}").text
    assert "分给收款人的" in day
    assert "对平" in day
    assert send(finance, f"{path}/files/alipay", status=200).count(f"{statement.transfer_fen / 100:.2f}") == 1
    unbroken()


def test_without_the_countys_word_there_is_no_button_and_no_step(
    county_rows: SmallCounty, signed_in: SignIn, run: tuple[str, str, int]
) -> None:
    finance, path = signed_in("finance", "county", ""), f"/finance/settlements/{run[0]}"
    assert "/shares" not in finance.get(path).text
    assert "没有开通" in finance.get(f"{path}/shares").text
    assert "没有开通" in send(finance, f"{path}/shares", status=409)
    assert requests() == []


def test_what_was_never_asked_for_is_ended_with_a_button(
    county_rows: SmallCounty, alipay: FakeAlipay, signed_in: SignIn, run: tuple[str, str, int]
) -> None:
    shares_out(county_rows)
    finance, path = signed_in("finance", "county", ""), f"/finance/settlements/{run[0]}"
    send(finance, f"{path}/shares")
    send(finance, f"{path}/shares/ending")
    worked()
    assert [status for status, _fen in requests()] == ["refused"]
    assert "财务改为转账" in finance.get(f"{path}/shares").text
    assert "alipay.trade.order.settle" not in alipay.calls
    english = finance.get(f"/en{path}/shares").text
    assert "Finance had it transferred instead" in english
    unbroken()
