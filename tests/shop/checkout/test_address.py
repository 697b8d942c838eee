"""Where it goes: nothing is put into a stranger's mouth, every fault is named at once, and no dead end where no road leads."""

import pytest
from sqlmodel import select

from core import db
from fulfillment.network.models import TrunkZone
from shop.orders.models import Order
from tests.shop.visitor import hidden, visitor

WANG = {"name": "王", "phone": "13912345678", "province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路 7 号"}


@pytest.fixture
def client(county_rows):
    filled = visitor()
    for name in ("tomato", "clam"):
        filled.post("/cart/lines", data={"sku": county_rows.variants[name].sku, "qty": "1"})
    return filled


def orders() -> int:
    with db.reading() as session:
        return len(session.exec(select(Order)).all())


def test_a_strangers_fields_are_empty_and_the_sums_say_for_where(client):
    page = client.get("/checkout").text
    assert "先按上海 徐汇算" in page and "付 ¥" in page
    for name in ("city", "district", "detail", "name", "phone"):
        assert f'name="{name}" type="{"tel" if name == "phone" else "text"}" value=""' in page
    assert "selected" not in page.split('name="province"')[1].split("</select>")[0].replace('value="" selected', "")


def test_a_returning_buyers_last_address_stays(client, county_rows):
    page = client.get("/checkout").text
    form = {**WANG, "expected_total_fen": hidden(page, "expected_total_fen"), "zone": hidden(page, "zone"), "form_key": "k"}
    assert client.post("/checkout", data=form).status_code == 303
    client.post("/cart/lines", data={"sku": county_rows.variants["tea"].sku, "qty": "1"})
    again = client.get("/checkout").text
    assert 'value="徐汇区"' in again and 'value="天平路 7 号"' in again and "先按" not in again


def test_who_was_shown_another_places_promise_sees_their_own_before_it_is_placed(client):
    page = client.get("/checkout").text
    far = {**WANG, "province": "北京市", "city": "北京市", "district": "朝阳区"}
    mine = client.post("/checkout", data={**far, "step": "quote"}).text
    form = {**far, "expected_total_fen": hidden(mine, "expected_total_fen"), "zone": hidden(page, "zone"), "form_key": "k"}
    shown = client.post("/checkout", data=form)
    assert shown.status_code == 409 and "重新算过" in shown.text and orders() == 0
    assert client.post("/checkout", data={**form, "zone": hidden(shown.text, "zone")}).status_code == 303


def test_every_fault_of_an_empty_form_is_named_at_once(client, county_rows):
    page = client.post("/checkout", data={"step": "place"}).text
    for name in ("name", "phone", "province", "city", "district", "detail"):
        assert f'id="e-{name}"' in page, name
    wrong = client.post("/checkout", data={**WANG, "name": "", "phone": "139", "step": "place"}).text
    assert 'id="e-name"' in wrong and 'id="e-phone"' in wrong


def test_the_interface_still_says_what_is_wrong_with_a_phone(county_rows):
    body = {
        "items": [{"sku": county_rows.variants["tea"].sku, "qty": 1}], "expected_total_fen": 1, "address": {k: WANG[k] for k in ("province", "city", "district", "detail")},
        "contact": {"name": "", "phone": "139"},
    }  # fmt: skip
    answer = visitor(program=True).post("/api/v1/orders", json=body)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == ["contact.name", "contact.phone"]
    assert answer.json()["errors"][1]["words"] == "手机号是 1 开头的 11 位数字"


def test_a_city_of_another_province_is_not_quoted(client):
    answer = client.post("/checkout", data={**WANG, "province": "北京市", "step": "quote"})
    assert 'id="e-city"' in answer.text and "上海市不在北京市" in answer.text and "付 ¥" not in answer.text


def test_an_address_half_typed_keeps_the_goods_in_sight(client):
    page = client.post("/checkout", data={**WANG, "city": "", "step": "quote"}).text
    assert "填好省、市、区县" in page and "高山西红柿" in page and "长街蛏子" in page and "付 ¥" not in page


def test_where_no_road_leads_every_stranded_product_is_named_once_and_the_basket_is_a_step_away(client, county_rows):
    with db.writing() as session:
        for row in session.exec(select(TrunkZone).where(TrunkZone.zone == "z2")).all():
            session.delete(row)
    page = client.post("/checkout", data={**WANG, "province": "北京市", "city": "北京市", "district": "朝阳区", "step": "quote"}).text
    words = "海头驿站的长街蛏子"
    assert page.count(words) == 1
    assert "葛家驿站的高山西红柿" in page and "没有车能送到北京市朝阳区" in page
    assert page.count("送不到这里") == 2 and 'href="/cart"' in page.split('id="total"')[1]
    assert "¥105.00" in page and "付 ¥" not in page


def test_who_comes_back_from_the_cashier_is_led_to_the_order_that_waits_for_money(client):
    page = client.get("/checkout").text
    form = {**WANG, "expected_total_fen": hidden(page, "expected_total_fen"), "form_key": "k"}
    assert client.post("/checkout", data=form).status_code == 303
    assert client.get("/checkout").headers["location"].startswith("/orders/JS")
    assert visitor().get("/checkout").headers["location"] == "/cart"
