"""The county's figures and books say what the orders and the ledger say."""

import pytest
from starlette.testclient import TestClient

from core import clock, db
from core.settings import settings
from shop.app import create_app
from shop.boards import queries
from tests.shop.buying import order_of
from tests.shop.earning import sell, session_of


@pytest.fixture(autouse=True)
def demo(monkeypatch):
    """The sandbox cashier exists in demo mode only."""
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def client(county_rows):
    return TestClient(create_app(), base_url="http://127.0.0.1:8000", follow_redirects=False)


def test_figures_follow_paid_orders(county_rows):
    number = sell(county_rows, ("tomato", 2), ("clam", 1))
    today = clock.today()
    with db.reading() as session:
        order = order_of(session, number)
        figures = queries.figures(session, tenant_id=county_rows.id, first=today, last=today)
        sold = queries.by_station(session, tenant_id=county_rows.id, first=today, last=today)
        debit, credit = queries.sides(session, tenant_id=county_rows.id)
    assert (figures.orders, figures.sales_fen, figures.stations_selling, figures.delivered) == (1, order.total_fen, 2, 0)
    assert sum(s.sales_fen for s in sold) == order.goods_fen
    assert sum(s.income_fen for s in sold) == figures.income_fen > 0
    assert debit == credit == order.total_fen


def test_the_books_are_for_finance_and_the_county_only(client, county_rows):
    sell(county_rows, ("tomato", 1))
    finance = session_of(county_rows, "13811110004", "finance")
    admin = session_of(county_rows, "13811110005", "admin")
    master = session_of(county_rows, "13811110001", "master", county_rows.stations[0].code)
    page = client.get("/finance", headers={"Cookie": f"sid={finance}"})
    assert page.status_code == 200
    assert "借贷相等" in page.text
    assert client.get("/county", headers={"Cookie": f"sid={admin}"}).status_code == 200
    for path in ("/finance", "/county"):
        assert client.get(path, headers={"Cookie": f"sid={master}"}).status_code == 403
    assert client.get("/county", headers={"Cookie": f"sid={finance}"}).status_code == 403


def test_an_empty_county_says_what_to_do(client, county_rows):
    admin = session_of(county_rows, "13811110005", "admin")
    assert "这段时间还没有成交" in client.get("/county?days=7", headers={"Cookie": f"sid={admin}"}).text
