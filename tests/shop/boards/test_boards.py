"""The county's figures and books say what the orders and the ledger say."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from core import clock, db
from core.settings import settings
from shop.app import create_app
from shop.boards import ledger, queries
from shop.boards.stations import stations
from supply.stations.models import Station
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
        debit, credit = ledger.sides(ledger.trial_balance(session, tenant_id=county_rows.id))
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


def test_an_administrator_finds_any_station_and_the_way_to_its_shelf_and_shop(client, county_rows):
    admin = {"Cookie": f"sid={session_of(county_rows, '13811110003', 'admin')}", "accept": "text/html"}
    station = county_rows.stations[1]
    everybody = client.get("/county/stations", headers=admin).text
    assert all(each.name in everybody for each in county_rows.stations)
    found = client.get("/county/stations", params={"q": station.name}, headers=admin).text
    assert county_rows.stations[0].name not in found
    for way in (f"/station/listings?station={station.code}", f"/s/{station.code}"):
        assert f'href="{way}"' in found
        assert client.get(way, headers=admin).status_code == 200
    assert "没有叫这个名字的驿站" in client.get("/county/stations?q=%25", headers=admin).text


def test_stations_are_turned_page_by_page_and_none_is_left_out(county_rows):
    seen, cursor = [], None
    with db.reading() as session:
        while True:
            rows, cursor = stations(session, tenant_id=county_rows.id, name="", cursor=cursor, limit=1)
            seen += [row.station.code for row in rows]
            if cursor is None:
                break
        assert seen == sorted(session.exec(select(Station.code)))


def test_plans_are_the_dispatchers_an_administrator_reads_them(client, county_rows):
    admin, dispatcher = (
        {"Cookie": f"sid={session_of(county_rows, phone, role)}", "accept": "text/html"}
        for phone, role in (("13811110003", "admin"), ("13811110004", "dispatcher"))
    )
    assert "/ops/plans" in client.get("/ops", headers=dispatcher).text
    page = client.get("/ops", headers=admin)
    assert page.status_code == 200
    assert "/ops/plans" not in page.text and "集单由调度员来做" in page.text
