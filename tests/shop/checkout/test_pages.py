"""From the basket to a paid order in a browser without script."""

import re

import pytest
from sqlmodel import select

from core import db, tasks
from core.auth.models import SignIn
from shop.orders.models import Order
from supply.stock.models import StockLevel
from tests.concurrency.rivals import at_once
from tests.shop.buying import order_of
from tests.shop.visitor import hidden, visitor

ADDRESS = {
    "name": "阿不都·热依木 𠮷", "phone": "+86 139 1234 5678", "province": "上海市", "city": "上海市", "district": "徐汇区",
    "detail": '天平路 7 号 <script>alert(1)</script> "><img src=x>', "note": "挑硬一点的", "provider": "sandbox",
}  # fmt: skip


@pytest.fixture
def client(county_rows):
    return visitor()


def fill(client, county, *names):
    for name in names:
        answer = client.post("/cart/lines", data={"sku": county.variants[name].sku, "qty": "2"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/cart")


def test_browse_to_paid_and_seen_in_words(client, county_rows):
    fill(client, county_rows, "tomato", "clam")
    basket = client.get("/cart")
    assert basket.status_code == 200
    assert "葛家驿站" in basket.text and "海头驿站" in basket.text and "去结账" in basket.text
    page = client.get("/checkout")
    assert page.status_code == 200 and "应付" in page.text
    form = {
        **ADDRESS,
        "form_key": hidden(page.text, "form_key"),
        "expected_total_fen": hidden(page.text, "expected_total_fen"),
        "step": "place",
    }
    placed = client.post("/checkout", data=form)
    assert placed.status_code == 303, placed.text
    assert re.fullmatch(r"/pay/[0-9a-f]{32}", placed.headers["location"])
    again = client.post("/checkout", data=form)
    assert again.headers["location"] == placed.headers["location"]
    assert "篮子还空着" in client.get("/cart").text
    cashier = client.get(placed.headers["location"])
    assert cashier.status_code == 200 and "演示收银台" in cashier.text and cashier.headers["cache-control"] == "no-store"
    chosen = client.post(placed.headers["location"], data={"outcome": "paid"})
    assert chosen.status_code == 303
    waiting = client.get(chosen.headers["location"])
    assert "正在向收银台确认付款" in waiting.text
    assert client.get(chosen.headers["location"], headers={"HX-Request": "true"}).text.lstrip().startswith('<div id="state"')
    tasks.drain()
    assert client.get(chosen.headers["location"], headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/orders/JS")
    seen = client.get(chosen.headers["location"].split("?")[0])
    assert seen.status_code == 200
    for words in ("站长在打包", "139****5678", "天平路", "农户", "葛家驿站", "取消这张订单", "/track/JP"):
        assert words in seen.text
    assert "<script>alert" not in seen.text and "<img src=x" not in seen.text and "13912345678" not in seen.text
    assert "高山西红柿" in client.get("/orders").text
    with db.reading() as session:
        assert len(session.exec(select(Order)).all()) == 1


def test_a_failed_payment_is_said_and_may_be_tried_again(client, county_rows):
    fill(client, county_rows, "tomato")
    page = client.get("/checkout").text
    form = {**ADDRESS, "form_key": hidden(page, "form_key"), "expected_total_fen": hidden(page, "expected_total_fen"), "step": "place"}
    pay = client.post("/checkout", data=form).headers["location"]
    order = client.post(pay, data={"outcome": "failed"}).headers["location"].split("?")[0]
    tasks.drain()
    seen = client.get(order)
    assert "没有付成" in seen.text and "付 ¥" in seen.text
    again = client.post(f"{order}/payments", data={"provider": "sandbox", "form_key": hidden(seen.text, "form_key")})
    assert again.status_code == 303 and again.headers["location"] != pay
    cancelled = client.post(f"{order}/cancellation", data={"form_key": "x"})
    assert cancelled.status_code == 303
    assert "订单取消了" in client.get(order).text


def test_what_was_typed_stays_and_the_wrong_field_is_named(client, county_rows):
    fill(client, county_rows, "tomato")
    page = client.get("/checkout").text
    base = {**ADDRESS, "form_key": "k", "expected_total_fen": hidden(page, "expected_total_fen"), "step": "place"}
    for field, wrong in (
        ("phone", "1380013800"), ("phone", "12345678901"), ("name", ""), ("name", "a" + "́" * 200), ("name", "长" * 61),
        ("province", ""), ("city", "长" * 41), ("detail", ""), ("note", "长" * 201),
    ):  # fmt: skip
        answer = client.post("/checkout", data={**base, field: wrong})
        assert answer.status_code == 422, (field, wrong)
        assert f'id="e-{field}"' in answer.text
        assert "挑硬一点的" in answer.text or field == "note"
        assert "天平路 7 号" in answer.text or field == "detail"
    nowhere = client.post("/checkout", data={**base, "province": "火星"})
    assert nowhere.status_code == 409 and "还送不到" in nowhere.text
    with db.reading() as session:
        assert session.exec(select(Order)).all() == []


def test_a_changed_total_is_shown_before_anything_is_bought(client, county_rows):
    fill(client, county_rows, "tomato")
    answer = client.post("/checkout", data={**ADDRESS, "form_key": "k", "expected_total_fen": "1", "step": "place"})
    assert answer.status_code == 409
    assert "总价从 0.01 变成" in answer.text and "天平路 7 号" in answer.text
    total = hidden(answer.text, "expected_total_fen")
    placed = client.post(
        "/checkout", data={**ADDRESS, "form_key": hidden(answer.text, "form_key"), "expected_total_fen": total, "step": "place"}
    )
    assert placed.status_code == 303


def test_freight_is_reckoned_again_for_another_address_without_script_and_with(client, county_rows):
    fill(client, county_rows, "tomato")
    far = {**ADDRESS, "province": "北京市", "city": "北京市", "district": "朝阳区", "step": "quote"}
    page = client.post("/checkout", data=far)
    assert page.status_code == 200 and 'value="北京市" selected' in page.text
    part = client.post("/checkout", data=far, headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="total"') and hidden(part.text, "expected_total_fen") == hidden(
        page.text, "expected_total_fen"
    )
    assert int(hidden(page.text, "expected_total_fen")) == 2 * 3600 + 700 + 150 * 6


def test_an_order_is_its_own_sessions_and_signing_in_takes_it_along(client, county_rows):
    fill(client, county_rows, "tomato")
    page = client.get("/checkout").text
    form = {**ADDRESS, "form_key": "k", "expected_total_fen": hidden(page, "expected_total_fen"), "step": "place"}
    pay = client.post("/checkout", data=form).headers["location"]
    order = client.post(pay, data={"outcome": "paid"}).headers["location"].split("?")[0]
    stranger = visitor()
    assert stranger.get(order).status_code == 404
    assert stranger.post(f"{order}/cancellation", data={}).status_code == 404
    with db.reading() as session:
        assert order_of(session, order.rsplit("/", 1)[1]).status == "open"


HOSTILE = [
    ("/cart/lines", {"sku": "NOPE", "qty": "1"}),
    ("/cart/lines", {"sku": "../../etc/passwd", "qty": "1"}),
    *(("/cart/lines", {"sku": "KSMALL100", "qty": q}) for q in ("0", "-1", "-0", "1e3", "NaN", "Infinity", "9223372036854775808", "", "null", "true", "٣")),
    ("/cart/lines", {"sku": "KSMALL100", "qty": "1", "price": "0.01"}),
    ("/cart/lines/KSMALL100", {"qty": "1000"}),
    ("/cart/lines/KSMALL100", {"qty": "x"}),
    ("/checkout", {"step": "place", "is_admin": "true"}),
    ("/checkout", {"step": "place", "expected_total_fen": "-1"}),
    ("/checkout", {"step": "place", "expected_total_fen": "1e999"}),
    ("/checkout", {"step": "pay"}),
    ("/pay/nothing", {"outcome": "paid"}),
    ("/orders/JS0000000000000/cancellation", {"form_key": "x", "status": "PAID"}),
    ("/orders/%2e%2e/cancellation", {}),
]  # fmt: skip


def test_hostile_forms_are_refused_and_change_nothing(client, county_rows):
    for path, data in HOSTILE:
        answer = client.post(path, data=data)
        assert 400 <= answer.status_code < 500, (path, data, answer.text)
    assert "篮子还空着" in client.get("/cart").text


def test_one_basket_in_two_tabs_is_one_order(client, county_rows):
    fill(client, county_rows, "tomato", "clam")
    tabs = [client.get("/checkout").text for _ in range(2)]
    forms = [
        {**ADDRESS, "form_key": hidden(tab, "form_key"), "expected_total_fen": hidden(tab, "expected_total_fen"), "step": "place"}
        for tab in tabs
    ]
    answers = at_once([lambda form=form: client.post("/checkout", data=form) for form in forms])
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    with db.reading() as session:
        assert len(session.exec(select(Order)).all()) == 1
        assert session.get(StockLevel, county_rows.level(session, "tomato")).reserved == 2


def test_a_new_guest_whose_order_is_refused_is_nobody_still(county_rows):
    client = visitor()
    answer = client.post("/checkout", data={**ADDRESS, "form_key": "k", "expected_total_fen": "1", "step": "place"})
    assert answer.status_code == 422 and "set-cookie" not in answer.headers
    with db.reading() as session:
        assert session.exec(select(SignIn)).all() == []
