"""The desk of coupons, and a coupon at the checkout."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from core import db
from shop.app import create_app
from shop.coupons.models import Coupon
from shop.orders.models import Order
from tests.shop.coupons.giving import coupon
from tests.shop.earning import session_of
from tests.shop.visitor import hidden, visitor

TYPED = {"title": "小满尝鲜", "min_goods": "30", "off": "10", "uses": "50", "per_person": "1", "promo": "xiaoman10", "starts": "2026-01-01",
         "ends": "2099-01-01", "is_listed": "1"}  # fmt: skip
BUYER = {"name": "赵立春", "phone": "13912345678", "province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路 7 号"}


@pytest.fixture
def desk(county_rows):
    def signed(phone: str, role: str) -> TestClient:
        token = session_of(county_rows, phone, role)
        return TestClient(create_app(), cookies={"sid": token}, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)

    return signed("13900000001", "admin"), signed("13900000002", "finance")


def test_one_makes_it_another_opens_it_and_a_buyer_pays_less(county_rows, desk):
    admin, finance = desk
    made = admin.post("/finance/coupons", data={**TYPED, "form_key": "a"})
    assert made.status_code == 303, made.text
    with db.reading() as session:
        code = session.exec(select(Coupon.code)).one()
    refused = admin.post(f"/finance/coupons/{code}/opening", data={"form_key": "b"})
    assert refused.status_code == 403 and "另一个人" in refused.text
    assert finance.post(f"/finance/coupons/{code}/opening", data={"form_key": "c"}).status_code == 303
    assert "满 30 减 10" in finance.get("/finance/coupons").text

    buyer = visitor()
    assert buyer.post("/cart/lines", data={"sku": county_rows.variants["tomato"].sku, "qty": "1"}).status_code < 400
    shown = buyer.get("/checkout").text
    assert "XIAOMAN10 满 30 减 10" in shown
    asked = buyer.post("/checkout", data={**BUYER, "coupon": "xiaoman10", "step": "quote"}).text
    total = int(hidden(asked, "expected_total_fen"))
    sent = {**BUYER, "coupon": "xiaoman10", "expected_total_fen": str(total), "form_key": hidden(asked, "form_key")}
    assert buyer.post("/checkout", data=sent).status_code == 303
    with db.reading() as session:
        order = session.exec(select(Order)).one()
        assert (order.discount_fen, order.total_fen) == (1000, total)


def test_a_promo_code_that_is_none_is_said_at_its_field_and_the_total_stands_without_it(county_rows):
    buyer = visitor()
    buyer.post("/cart/lines", data={"sku": county_rows.variants["tomato"].sku, "qty": "1"})
    asked = buyer.post("/checkout", data={**BUYER, "coupon": "NOSUCH", "step": "quote"})
    assert asked.status_code == 200 and "没有这张券" in asked.text
    assert int(hidden(asked.text, "expected_total_fen")) > 3600


@pytest.mark.parametrize(
    "wrong",
    [
        {"off": "-1"},
        {"off": "1e3"},
        {"uses": "3.5"},
        {"uses": "１２a"},
        {"starts": "今天"},
        {"ends": "2025-01-01"},
        {"per_person": "x"},
        {"x": "1"},
    ],
)
def test_what_makes_no_sense_comes_back_with_what_was_typed(county_rows, desk, wrong):
    answer = desk[0].post("/finance/coupons", data={**TYPED, "form_key": "a", **wrong})
    assert answer.status_code == 422
    with db.reading() as session:
        assert session.exec(select(Coupon)).all() == []


def test_the_api_takes_the_coupon_and_says_why_not(county_rows):
    with db.writing() as session:
        coupon(session, county_rows)
    shop = visitor(program=True)
    body = {
        "items": [{"sku": county_rows.variants["tomato"].sku, "qty": 1}],
        "address": {k: BUYER[k] for k in ("province", "city", "district", "detail")},
    }
    plain, less = (shop.post("/api/v1/quotes", json={**body, **more}).json() for more in ({}, {"coupon": "XIAOMAN10"}))
    assert (less["discount_fen"], less["total_fen"]) == (1000, plain["total_fen"] - 1000)
    contact = {"name": BUYER["name"], "phone": BUYER["phone"]}
    sent = {**body, "contact": contact, "coupon": "XIAOMAN10", "expected_total_fen": less["total_fen"]}
    assert shop.post("/api/v1/orders", json=sent).status_code == 201
    again = shop.post("/api/v1/orders", json=sent)
    assert (again.status_code, again.json()["code"]) == (409, "coupon_unusable")
