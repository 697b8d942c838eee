import re

from fastapi.testclient import TestClient
from sqlmodel import update

from core import db
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from supply.products.models import Product
from supply.stock.models import StockLevel
from tests.county import SmallCounty


def test_the_price_per_jin_leads_and_the_promise_names_four_stops(client: TestClient, indexed: SmallCounty) -> None:
    page = client.get(f"/p/{indexed.products[0].code}").text
    assert page.index("14<small") < page.index("¥36.00") if "14<small" in page else "/ 斤" in page
    assert page.count("<li><b>") >= 4
    assert "农户" in page
    assert re.search(r'name="sku" value="KSMALL\d+00"[^>]*checked', page)


def test_what_cannot_be_bought_says_when_it_comes_back_and_offers_no_button(client: TestClient, indexed: SmallCounty) -> None:
    page = client.get(f"/p/{indexed.products[-1].code}").text
    assert "月上市" in page
    assert 'action="/cart/lines"' not in page


def test_a_product_without_a_road_says_so_before_it_is_in_the_cart(client: TestClient, indexed: SmallCounty) -> None:
    with db.writing() as session:
        session.exec(update(Departure).where(Departure.tenant_id == indexed.id).values(cap_g=0))
        board_changed(session, indexed.id)
    code = indexed.products[0].code
    page = client.get(f"/p/{code}").text
    assert 0 < page.index("眼下没有班车能把它送到") < page.index('action="/cart/lines"')
    assert "<li><b>" not in page, "no stops and no day are promised"
    answer = client.get(f"/api/v1/products/{code}").json()
    assert [variant["promise"] for variant in answer["variants"]] == [None] * len(answer["variants"])


def test_a_sold_out_product_says_so_at_once(client: TestClient, indexed: SmallCounty) -> None:
    tea = indexed.products[1]
    with db.writing() as session:
        session.exec(update(StockLevel).where(StockLevel.variant_id == indexed.variants["tea"].id).values(reserved=80))
        page = None
    page = client.get(f"/p/{tea.code}").text
    with db.writing() as session:
        session.exec(update(StockLevel).where(StockLevel.variant_id == indexed.variants["tea"].id).values(reserved=0))
    assert "桂花茶卖完了" in page and "当季，到" not in page.split('class="empty"')[1].split("</div>")[0]


def test_hostile_names_stay_text(client: TestClient, indexed: SmallCounty) -> None:
    evil = '"><img src=x onerror=alert(1)><div hx-get="/admin" hx-trigger="load">'
    with db.writing() as session:
        session.exec(update(Product).where(Product.id == indexed.products[1].id).values(name=evil, story=evil, version=Product.version))
    page = client.get(f"/p/{indexed.products[1].code}").text
    assert "<img src=x" not in page
    assert '<div hx-get="/admin"' not in page


def test_pages_have_no_inline_script_or_style(client: TestClient, indexed: SmallCounty) -> None:
    for path in ("/", "/search", "/villages", "/almanac", "/trace", "/s/sm-gejia", f"/p/{indexed.products[0].code}"):
        page = client.get(path).text
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
        assert not re.search(r"\sstyle=|\son[a-z]+=\"", page)


def test_every_page_is_there_in_english_too(client: TestClient, indexed: SmallCounty) -> None:
    for path in ("/", "/search?q=茶", "/villages", "/almanac", "/s/sm-gejia", f"/p/{indexed.products[0].code}"):
        answer = client.get(f"/en{path}")
        assert answer.status_code == 200
        assert '<html lang="en"' in answer.text


def test_plates_are_drawn_once_and_kept_by_browsers(client: TestClient) -> None:
    answer = client.get("/plates/tea.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/plates/villages/sm-gejia.svg").status_code == 200
