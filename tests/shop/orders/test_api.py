"""Buying by program: the contract's calls, their errors by name, and who may open an order."""

import json
import re

import pytest
from sqlmodel import func, select

from core import db, tasks
from core.idempotency import IdempotencyKey
from core.settings import settings
from shop.orders.models import Order
from shop.orders.queries import opened
from shop.payments.models import PaymentAttempt
from supply.stock.models import StockHold, StockLevel
from tests.shop.visitor import visitor

ADDRESS = {"province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路 7 号"}
CONTACT = {"name": "王", "phone": "１３９１２３４５６７８"}


@pytest.fixture
def client(county_rows):
    return visitor(program=True)


def body(county, *wanted, **more):
    items = [{"sku": county.variants[name].sku, "qty": qty} for name, qty in wanted]
    return {"items": items, "contact": CONTACT, "address": ADDRESS, **more}


def total(client, county, *wanted):
    asked = {k: v for k, v in body(county, *wanted).items() if k != "contact"}
    answer = client.post("/api/v1/quotes", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["total_fen"]


def place(client, county, *wanted, key=None, **more):
    sent = {**body(county, *wanted), "expected_total_fen": total(client, county, *wanted), **more}
    return client.post("/api/v1/orders", json=sent, headers={"Idempotency-Key": key} if key else {})


def changed() -> tuple[int, int, int]:
    with db.reading() as session:
        reserved = session.exec(select(func.sum(StockLevel.reserved))).one()
        return (len(session.exec(select(Order)).all()), len(session.exec(select(StockHold)).all()), reserved)


def test_quote_order_pay_and_read(client, county_rows):
    placed = place(client, county_rows, ("tomato", 2), ("clam", 1))
    assert placed.status_code == 201, placed.text
    order = placed.json()
    assert {"number", "token", "status", "payment_status", "total_fen", "pay_by", "stations"} <= order.keys()
    for station in order["stations"]:
        assert station["order_by"] < station["ships_at"] < station["deliver_by"] and station["path"]
    token = {"X-Order-Token": order["token"]}
    where = f"/api/v1/orders/{order['number']}"
    started = client.post(f"{where}/payments", json={"provider": "sandbox", "method": "page"}, headers=token)
    assert started.status_code == 201, started.text
    payment = started.json()
    assert payment["action"] == {"type": "redirect", "value": f"/pay/{payment['payment_id']}"}
    chosen = client.post(f"/api/v1/payments/{payment['payment_id']}/sandbox", json={"outcome": "paid"})
    assert chosen.status_code == 202
    assert client.get(where, headers=token).json()["payment_status"] == "unpaid"
    tasks.drain()
    seen = client.get(where, headers=token).json()
    assert (seen["status"], seen["payment_status"], seen["fulfillment_status"]) == ("open", "paid", "packing")
    assert seen["captured_fen"] == order["total_fen"]
    assert {c["status"] for c in seen["consignments"]} == {"awaiting_pack"}
    assert len(seen["consignments"]) == 2 and seen["parcels"]
    assert [e["to"] for e in seen["events"] if e["kind"] == "order.payment"] == ["unpaid", "paid"]
    for secret in ("13912345678", "天平路"):
        assert secret not in json.dumps(seen, ensure_ascii=False)
    cancelled = client.post(f"{where}/cancellation", json={"reason": "不要了"}, headers=token)
    assert cancelled.status_code == 200 and cancelled.json()["status"] == "cancelled"
    tasks.drain()
    assert client.get(where, headers=token).json()["payment_status"] == "refunded"


def test_every_instant_of_a_sale_is_told_with_the_countys_offset(client, county_rows):
    asked = {k: v for k, v in body(county_rows, ("tomato", 1)).items() if k != "contact"}
    quoted = client.post("/api/v1/quotes", json=asked).json()
    order = place(client, county_rows, ("tomato", 1)).json()
    seen = client.get(f"/api/v1/orders/{order['number']}", headers={"X-Order-Token": order["token"]}).json()
    for told in (quoted, order, seen):
        offsets = re.findall(r"T\d\d:\d\d:\d\d(?:\.\d+)?([^\"]*)\"", json.dumps(told))
        assert len(offsets) >= 3 and set(offsets) == {"+08:00"}
    assert order["pay_by"] == seen["pay_by"]
    assert order["stations"][0]["order_by"] == seen["stations"][0]["order_by"]


def test_nobody_else_opens_an_order(client, county_rows):
    order = place(client, county_rows, ("tomato", 1)).json()
    stranger = visitor(program=True)
    where = f"/api/v1/orders/{order['number']}"
    for token in (None, "", "x" * 32, order["token"].upper() + "0"):
        headers = {} if token is None else {"X-Order-Token": token}
        assert stranger.get(where, headers=headers).status_code == 404
        assert stranger.post(f"{where}/cancellation", json={}, headers=headers).status_code == 404
        assert stranger.post(f"{where}/payments", json={"provider": "sandbox", "method": "page"}, headers=headers).status_code == 404
    for number in ("0", "JS0000000000000", "../../etc/passwd", "1;DROP TABLE orders", "x" * 300):
        assert stranger.get(f"/api/v1/orders/{number}", headers={"X-Order-Token": order["token"]}).status_code == 404


def test_the_same_key_is_the_same_order_and_another_body_is_refused(client, county_rows):
    first = place(client, county_rows, ("tomato", 1), key="once")
    again = place(client, county_rows, ("tomato", 1), key="once")
    assert again.status_code == 201 and again.json() == first.json()
    other = place(client, county_rows, ("tomato", 2), key="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert changed() == (1, 1, 1)
    with db.reading() as session:
        assert first.json()["token"] not in json.dumps([row.answer for row in session.exec(select(IdempotencyKey))])


def test_sold_out_says_which_and_how_many_are_left(client, county_rows):
    answer = client.post("/api/v1/orders", json=body(county_rows, ("tomato", 51), expected_total_fen=1))
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert (problem["code"], problem["sku"], problem["left"]) == ("sold_out", county_rows.variants["tomato"].sku, 50)


def test_no_road_and_a_changed_total_are_told_apart(client, county_rows):
    sent = body(county_rows, ("tomato", 1), expected_total_fen=1)
    answer = client.post("/api/v1/orders", json={**sent, "address": {**ADDRESS, "province": "火星"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_road")
    answer = client.post("/api/v1/orders", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "total_changed")
    assert answer.json()["total_fen"] == total(client, county_rows, ("tomato", 1))
    assert changed() == (0, 0, 0)


def test_more_than_six_orders_a_minute_by_one_phone_wait(client, county_rows):
    statuses = [place(client, county_rows, ("tomato", 1)).status_code for _ in range(7)]
    assert statuses == [201] * 6 + [429]
    other = place(client, county_rows, ("tomato", 1), contact={"name": "李", "phone": "13800138000"})
    assert other.status_code == 201


HOSTILE = {
    "qty": [0, -1, 10**19, 1.5, "1", "１２", "٣", "", None, True, [1], {"n": 1}],
    "sku": ["", None, 0, "NOPE", "x" * 10_000, "1;DROP TABLE orders", {"$ne": 1}],
    "phone": ["1380013800", "12345678901", "", None, 13912345678, "x" * 1000, "+1 202 555 0100"],
    "name": ["", " ", None, "长" * 61, "a" + "́" * 501, 7],
    "province": ["", None, 0, "长" * 41],
    "detail": ["", None, "长" * 121],
    "expected_total_fen": [-1, None, 0.01, "1", 10**19, True],
    "note": [None, "长" * 201, 1],
}


def test_hostile_values_are_refused_in_words_and_change_nothing(client, county_rows):
    for field, value in ((field, value) for field, values in HOSTILE.items() for value in values):
        sent = json.loads(json.dumps(body(county_rows, ("tomato", 1), expected_total_fen=1, note="")))
        spot = {"qty": sent["items"][0], "sku": sent["items"][0], "phone": sent["contact"], "name": sent["contact"]}.get(field, sent)
        spot = sent["address"] if field in ("province", "detail") else spot
        spot[field] = value
        answer = client.post("/api/v1/orders", json=sent)
        assert answer.status_code == 422, (field, value, answer.text)
        assert answer.json()["detail"]
    assert changed() == (0, 0, 0)


EXTRA = (
    {"price_fen": 1}, {"total_fen": 0}, {"discount_fen": -1}, {"currency": "USD"}, {"currency": "XXX"}, {"paid": True},
    {"status": "PAID"}, {"commission_rate": 1}, {"is_admin": True}, {"user_id": 1}, {"discount_fen": 100}, {"coupon": 7},
)  # fmt: skip


def test_fields_nobody_asked_for_are_refused(client, county_rows):
    for extra in EXTRA:
        sent = {**body(county_rows, ("tomato", 1)), "expected_total_fen": 1}
        assert client.post("/api/v1/orders", json={**sent, **extra}).status_code == 422, extra
        sent["items"][0] |= extra
        assert client.post("/api/v1/orders", json=sent).status_code == 422, extra
    assert changed() == (0, 0, 0)


RAW = (
    b'{"items": [{"sku": "K", "qty": 1e999}]}', b"[" * 10_000, b"", b"null", b'"text"', b"{", b"\xff\xfe", b"items=1&qty=2",
    b'{"items": [NaN]}',
)  # fmt: skip


def test_what_is_no_order_at_all_is_refused(client, county_rows):
    for raw in RAW:
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            answer = client.post("/api/v1/orders", content=raw, headers={"content-type": kind})
            assert 400 <= answer.status_code < 500, (raw[:20], kind, answer.text)
    assert changed() == (0, 0, 0)


NAMES = (
    "王", "𠮷野家", "阿不都·热依木", "长" * 60, "👨‍👩‍👧‍👦", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<div hx-get='/admin'>",
    "*粗* <b>体</b>",
)  # fmt: skip


def test_names_of_every_kind_are_kept_as_sent(client, county_rows):
    for n, name in enumerate(NAMES):
        answer = place(client, county_rows, ("tomato", 1), contact={"name": name, "phone": f"1380013800{n}"})
        assert answer.status_code == 201, answer.text
    with db.reading() as session:
        assert [opened(order)[0] for order in session.exec(select(Order).order_by(Order.id))] == list(NAMES)


def test_control_characters_and_overrides_do_not_survive(client, county_rows):
    raw = "王\r\nSet-Cookie: a=b\x1b[31m\u202e小"
    assert place(client, county_rows, ("tomato", 1), contact={"name": raw, "phone": "13800138000"}).status_code == 201

    with db.reading() as session:
        assert opened(session.exec(select(Order)).one())[0] == "王Set-Cookie: a=b[31m小"
    sent = json.dumps({**body(county_rows, ("tomato", 1)), "expected_total_fen": 1}).replace('"\\u738b"', '"\\ud800"')
    assert client.post("/api/v1/orders", content=sent, headers={"content-type": "application/json"}).status_code == 422


def test_a_payment_is_begun_once_per_key_and_only_while_it_can_be(client, county_rows):
    order = place(client, county_rows, ("tomato", 1)).json()
    where, token = f"/api/v1/orders/{order['number']}/payments", {"X-Order-Token": order["token"]}
    sent = {"provider": "sandbox", "method": "page"}
    first, again = (client.post(where, json=sent, headers={**token, "Idempotency-Key": "k"}).json() for _ in range(2))
    assert first == again
    for wrong, status in (
        ({"provider": "alipay", "method": "page"}, 404), ({"provider": "sandbox", "method": "cash"}, 422),
        ({"provider": "sandbox", "amount_fen": 1}, 422), ({"provider": 1}, 422), ({}, 422),
    ):  # fmt: skip
        assert client.post(where, json=wrong, headers=token).status_code == status
    client.post(f"/api/v1/orders/{order['number']}/cancellation", headers=token)
    assert client.post(where, json=sent, headers=token).status_code == 409
    with db.reading() as session:
        assert len(session.exec(select(PaymentAttempt)).all()) == 1


def test_the_sandbox_answers_only_in_demo_mode_and_only_known_payments(client, county_rows, monkeypatch):
    order = place(client, county_rows, ("tomato", 1)).json()
    token = {"X-Order-Token": order["token"]}
    code = client.post(f"/api/v1/orders/{order['number']}/payments", json={"provider": "sandbox"}, headers=token).json()["payment_id"]
    assert client.post("/api/v1/payments/0/sandbox", json={"outcome": "paid"}).status_code == 404
    for wrong in ({"outcome": "PAID"}, {"outcome": None}, {}, {"outcome": "paid", "amount_fen": 1}):
        assert client.post(f"/api/v1/payments/{code}/sandbox", json=wrong).status_code == 422
    assert client.post(f"/api/v1/payments/{code}/sandbox", json={"outcome": "paid"}).status_code == 202
    assert client.post(f"/api/v1/payments/{code}/sandbox", json={"outcome": "failed"}).status_code == 409
    monkeypatch.setattr(settings, "demo", False)
    assert client.post(f"/api/v1/payments/{code}/sandbox", json={"outcome": "paid"}).status_code == 404
    assert client.get(f"/pay/{code}").status_code == 404
