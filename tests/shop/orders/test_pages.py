"""An order's page in each of its states promises nothing that will not come, and always has a way on."""

from datetime import timedelta

import pytest
from sqlmodel import select, update

from core import clock, db, tasks
from shop.cart.models import CartLine
from shop.orders.cancel import expire_due
from shop.orders.models import Order
from shop.payments.provider import Verdict
from shop.payments.settle import settle
from tests.shop.visitor import hidden, visitor

WANG = {"name": "王", "phone": "13912345678", "province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路 7 号"}


@pytest.fixture
def client(county_rows):
    return visitor()


def place(client, county, *wanted, note=""):
    """Order from the basket; (the order's page, the cashier's)."""
    for name, qty in wanted:
        client.post("/cart/lines", data={"sku": county.variants[name].sku, "qty": str(qty)})
    said = {**WANG, "note": note}
    page = client.post("/checkout", data={**said, "step": "quote"}).text
    form = {**said, "expected_total_fen": hidden(page, "expected_total_fen"), "form_key": hidden(page, "form_key"), "step": "place"}
    pay = client.post("/checkout", data=form).headers["location"]
    with db.reading() as session:
        number = session.exec(select(Order.number).order_by(Order.id.desc())).first()
    return f"/orders/{number}", pay


def basket(client):
    with db.reading() as session:
        return sorted(session.exec(select(CartLine.quantity)))


@pytest.mark.parametrize("counted", [True, False], ids=["after the clock's round", "before it"])
def test_an_expired_order_promises_nothing_and_its_goods_go_back_into_the_basket(client, county_rows, counted):
    order, _pay = place(client, county_rows, ("tomato", 2), ("tea", 1))
    with db.writing() as session:
        session.exec(update(Order).values(pay_by=clock.now() - timedelta(minutes=1)))
        assert not counted or expire_due(session) == 1
    page = client.get(order).text
    assert "付款时间过了" in page and "看看货还在不在" in page
    for promised in ("最晚", "送到 徐汇区", "出县", "取消这张订单", "你付的钱去了哪儿", "前付，货和班次"):
        assert promised not in page
    for _again in range(2):
        answer = client.post(f"{order}/basket", data={"form_key": hidden(page, "form_key")})
        assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
        assert basket(client) == [1, 2]
    assert visitor().post(f"{order}/basket", data={}).status_code == 404


def test_right_after_the_cashier_nobody_is_told_to_pay(client, county_rows):
    order, pay = place(client, county_rows, ("tomato", 2))
    assert "等你付款" in client.get(order).text
    back = client.post(pay, data={"outcome": "paid"}).headers["location"]
    waiting = client.get(back).text
    assert "正在确认付款" in waiting and "不用再付一次" in waiting
    assert "等你付款" not in waiting and "最晚" not in waiting and "/payments" not in waiting
    with db.writing() as session:
        settle(session, pay.rsplit("/", 1)[1], Verdict("unknown"), by="test")
    assert "不用再付一次" in client.get(order).text  # unknown is its own state, wherever the buyer comes from
    tasks.drain()
    assert "站长在打包" in client.get(order).text


def test_a_cashier_that_failed_is_not_waited_for(client, county_rows):
    _order, pay = place(client, county_rows, ("tomato", 2))
    back = client.post(pay, data={"outcome": "failed"}).headers["location"]
    tasks.drain()
    page = client.get(back).text
    assert "没有付成" in page and "/payments" in page and "正在确认付款" not in page


def test_where_the_money_goes_is_told_while_there_is_money(client, county_rows):
    order, pay = place(client, county_rows, ("tomato", 2))
    assert "你付的钱去了哪儿" not in client.get(order).text
    client.post(pay, data={"outcome": "paid"})
    tasks.drain()
    assert "你付的钱去了哪儿" in client.get(order).text
    client.post(f"{order}/cancellation", data={})
    assert "你付的钱去了哪儿" not in client.get(order).text
    tasks.drain()
    page = client.get(order).text
    assert "你付的钱去了哪儿" not in page and "订单取消，原路退回" in page


@pytest.mark.parametrize("deed", ["cancellation", "payments", "basket"])
def test_the_addresses_of_its_deeds_lead_back_to_the_order(client, county_rows, deed):
    order, _pay = place(client, county_rows, ("tomato", 1))
    answer = client.get(f"{order}/{deed}")
    assert (answer.status_code, answer.headers["location"]) == (303, order)
