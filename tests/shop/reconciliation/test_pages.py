"""/finance/reconciliation as finance uses it: two people close what differs, money at the bank is entered and taken back by new entries."""

import re

import pytest
from sqlmodel import col, select

from core import clock, db
from core.audit import AuditEntry
from core.ledger.models import Journal
from shop.payments.models import SandboxCharge
from shop.reconciliation.models import BillException, GatewayBill, GatewayPayout
from shop.reconciliation.service import read_day
from tests.fulfillment.web import signed_in

from .test_reading import held, sold


def finance(county):
    """Somebody of finance at a browser."""
    desk = signed_in(county, "finance")
    desk.headers["accept"] = "text/html"
    return desk


def key(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def bill(database, county_rows) -> str:
    """A day with a payment of ours and one that nobody knows."""
    sold(county_rows)
    with db.writing() as session:
        session.add(SandboxCharge(payment="1-unknown", tenant_id=county_rows.id, outcome="paid", amount_fen=1250, at=clock.now()))
    [code] = read_day("sandbox", clock.today())
    yield code
    with db.writing() as session:  # the sandbox's book is the shop's own database here: its odd charge would break I2
        session.delete(session.get_one(SandboxCharge, "1-unknown"))


def exception() -> BillException:
    with db.reading() as session:
        return session.exec(select(BillException)).one()


def test_what_differs_is_explained_by_one_and_closed_by_another(bill, county_rows):
    one, two = finance(county_rows), finance(county_rows)
    days = one.get("/finance/reconciliation").text
    assert ("有出入" in days, "1 项" in days, "12.50" in days) == (True, True, True)
    page = one.get(f"/finance/reconciliation/{bill}").text
    assert ("不认识的单号" in page, "1-unknown" in page) == (True, True)
    way = f"/finance/reconciliation/exceptions/{exception().code}"
    empty = one.post(f"{way}/explanation", data={"form_key": "a", "reason": " "})
    assert (empty.status_code, "写一句查到了什么" in empty.text) == (422, True)
    assert one.post(f"{way}/explanation", data={"form_key": "b", "reason": "别家店的，打 13912345678"}).status_code == 303
    refused = one.post(f"{way}/closing", data={"form_key": "c", "verdict": "close"})
    assert (refused.status_code, "要由另一位财务看过" in refused.text) == (403, True)
    assert two.post(f"{way}/closing", data={"form_key": "d", "verdict": "back"}).status_code == 303
    assert exception().status == "open"
    assert one.post(f"{way}/explanation", data={"form_key": "e", "reason": "是隔壁店的账号"}).status_code == 303
    assert two.post(f"{way}/closing", data={"form_key": "f", "verdict": "close"}).status_code == 303
    assert two.post(f"{way}/closing", data={"form_key": "g", "verdict": "close"}).status_code == 409
    row = exception()
    assert (row.status, row.reason, row.explained_by != row.closed_by) == ("closed", "是隔壁店的账号", True)
    with db.reading() as session:
        acts = session.exec(select(AuditEntry.act).where(AuditEntry.subject == row.code).order_by(col(AuditEntry.id))).all()
    assert acts == [f"reconciliation.{act}" for act in ("explain", "send_back", "explain", "close")]
    assert "对平" in one.get("/finance/reconciliation").text


def test_money_at_the_bank_is_entered_once_and_taken_back_by_a_new_entry(bill, county_rows):
    one = finance(county_rows)
    lies = held("gateway:sandbox")["gateway:sandbox"]
    form = {
        "form_key": "a",
        "provider": "sandbox",
        "amount": f"{lies // 100 - 1}.{lies % 100:02d}",
        "fee": "1",
        "reference": "回单 7",
        "paid_on": "",
    }
    assert one.post("/finance/reconciliation/payouts", data=form).status_code == 303
    assert one.post("/finance/reconciliation/payouts", data=form).status_code == 303, "the same form again is the same entry"
    assert held("gateway:sandbox", "bank", "fee:gateway") == {"gateway:sandbox": 0, "bank": lies - 100, "fee:gateway": 100}
    with db.reading() as session:
        code = session.exec(select(GatewayPayout.code)).one()
    undo = f"/finance/reconciliation/payouts/{code}/undo"
    assert one.post(undo, data={"form_key": "b", "reason": ""}).status_code == 422
    assert one.post(undo, data={"form_key": "c", "reason": "记错了"}).status_code == 303
    assert one.post(undo, data={"form_key": "d", "reason": "再来"}).status_code == 303
    assert held("gateway:sandbox", "bank", "fee:gateway") == {"gateway:sandbox": lies, "bank": 0, "fee:gateway": 0}
    with db.reading() as session:
        kinds = session.exec(select(Journal.kind).where(Journal.cause_code == code).order_by(col(Journal.id))).all()
    assert kinds == ["gateway_payout", "reverse_gateway_payout"]
    assert "记错了，已冲回" in one.get("/finance/reconciliation").text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("amount", "99999999"), ("amount", "0"), ("amount", "-1"), ("amount", "1e3"), ("amount", ""), ("fee", "x"), ("reference", " "),
        ("provider", "alipay"), ("provider", "'; DROP"), ("paid_on", "2099-01-01"), ("paid_on", "昨天"),
    ],
)  # fmt: skip
def test_wrong_input_changes_nothing_and_says_what_is_wrong(bill, county_rows, field, typed):
    one = finance(county_rows)
    form = {"form_key": "a", "provider": "sandbox", "amount": "1", "fee": "", "reference": "回单", "paid_on": ""} | {field: typed}
    answer = one.post("/finance/reconciliation/payouts", data=form)
    assert (answer.status_code, f'id="e-{field}"' in answer.text) == (422, True)
    with db.reading() as session:
        assert session.exec(select(GatewayPayout)).all() == []


def test_a_bill_is_fetched_again_by_hand(bill, county_rows):
    one = finance(county_rows)
    page = one.get(f"/finance/reconciliation/{bill}").text
    assert one.post(f"/finance/reconciliation/{bill}/reading", data={"form_key": key(page)}).status_code == 303
    with db.reading() as session:
        assert session.exec(select(GatewayBill.reads)).one() == 2
    assert one.get("/finance/reconciliation/GBNOBODY").status_code == 404
    assert one.get("/finance/reconciliation?cursor=x").status_code == 422
