"""Alipay with its own SDK over HTTP: every way to pay, asking, closing, giving back – once per number."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat
from sqlmodel import select

from core import clock, db
from core.settings import settings
from shop.payments.alipay import Alipay
from shop.payments.asking import ask
from shop.payments.models import Refund
from shop.payments.provider import GatewayRefused, GatewaySilent, RefundAsk
from shop.payments.providers import ready_providers
from shop.payments.service import cancel_order, open_at_gateway
from tests.gateways.alipay import FakeAlipay, private_text
from tests.shop.buying import order_of

from .gateways import attempt_named, begun, knock, stands, worked


def paid(fake, number_code):
    fake.scan(number_code)
    return fake.charge(number_code)


@pytest.mark.parametrize("method", ["page", "wap"])
def test_a_page_is_a_signed_address_that_alipay_takes(county_rows, alipay: FakeAlipay, method):
    number, total, code = begun(county_rows, "alipay", method)
    action = open_at_gateway(code)
    assert action.type == "redirect" and alipay.open(action.value) == code
    told = parse_qs(urlsplit(action.value).query)
    assert told["return_url"] == [f"{settings.address}/pay/{code}?back=1"]
    assert told["notify_url"] == [f"{settings.address}/webhooks/alipay"]
    beijing = clock.local(clock.now()).replace(tzinfo=None)
    sent = beijing.strptime(told["timestamp"][0], "%Y-%m-%d %H:%M:%S")
    assert abs(sent - beijing) < timedelta(minutes=1)
    assert alipay.trades[code].fen == total
    assert attempt_named(code).status == "pending"
    assert knock(alipay.charge(code)).text == "success"
    worked()
    assert stands(number) == "paid" and attempt_named(code).gateway_ref == alipay.trades[code].trade_no


def test_a_qr_code_is_asked_for_and_the_same_again(county_rows, alipay: FakeAlipay):
    number, _total, code = begun(county_rows, "alipay", "qr")
    assert open_at_gateway(code) == open_at_gateway(code)
    assert knock(paid(alipay, code)).text == "success"
    worked()
    assert stands(number) == "paid"


def test_a_trade_nobody_opened_is_pending_and_after_26_hours_closed(county_rows, alipay: FakeAlipay):
    _number, _total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    assert ask(code) == "waiting"
    with clock.at(clock.now() + timedelta(hours=26, minutes=1)):
        assert ask(code) == "closed"


def test_a_trade_paid_at_the_last_moment_is_not_closed_but_captured(county_rows, alipay: FakeAlipay):
    number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    paid(alipay, code)
    with clock.at(clock.now() + timedelta(hours=26, minutes=1)):
        assert ask(code) == "captured"
        worked()
    with db.reading() as session:
        assert order_of(session, number).captured_fen == total
    assert alipay.calls[-2:] == ["alipay.trade.close", "alipay.trade.query"]


def test_an_open_trade_is_closed_at_alipay_after_26_hours(county_rows, alipay: FakeAlipay):
    _number, _total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    alipay.scan(code)
    with clock.at(clock.now() + timedelta(hours=26, minutes=1)):
        assert ask(code) == "closed"
    assert alipay.trades[code].status == "TRADE_CLOSED"


def test_a_refund_whose_answer_was_lost_is_asked_with_the_same_number_and_given_once(county_rows, alipay: FakeAlipay):
    number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    knock(paid(alipay, code))
    worked()
    alipay.fail("alipay.trade.refund", "silent")
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    worked()
    assert alipay.trades[code].given_back == total and stands(number) == "paid"
    with clock.at(clock.now() + timedelta(seconds=5)):
        worked()
    with db.reading() as session:
        refund = session.exec(select(Refund)).one()
        assert (refund.status, order_of(session, number).payment_status) == ("done", "refunded")
    assert alipay.trades[code].refunds == {refund.code: total}


def test_more_than_was_paid_is_never_given_back(county_rows, alipay: FakeAlipay):
    _number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    paid(alipay, code)
    shop = Alipay()
    assert shop.refund(RefundAsk("RF1", code, total - 1, "CNY")) == "done"
    assert shop.refund(RefundAsk("RF2", code, 2, "CNY")) == "failed"
    assert shop.refund(RefundAsk("RF1", code, total - 1, "CNY")) == "done"
    assert shop.refund(RefundAsk("RF1", code, 1, "CNY")) == "failed"
    assert shop.refund(RefundAsk("RF3", code, 1, "CNY")) == "done"
    assert alipay.trades[code].given_back == total


@pytest.mark.parametrize("how", ["down", "silent", "error", "garbage", "forged", "unsure"])
def test_an_answer_that_cannot_be_believed_is_none(county_rows, alipay: FakeAlipay, how):
    number, _total, code = begun(county_rows, "alipay", "qr")
    alipay.fail("alipay.trade.precreate", how)
    with pytest.raises(GatewaySilent):
        open_at_gateway(code)
    assert attempt_named(code).status == "unknown"
    alipay.fail("alipay.trade.query", how)
    assert ask(code) == "waiting" and attempt_named(code).status == "unknown"
    assert ask(code) == "waiting" and attempt_named(code).status == "pending"
    assert stands(number) == "unpaid"


def test_what_alipay_refuses_is_said_and_leaves_the_attempt_to_be_asked_about(county_rows, alipay: FakeAlipay):
    _number, _total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    paid(alipay, code)
    with pytest.raises(GatewayRefused):
        open_at_gateway(code)
    assert ask(code) == "captured"


@pytest.mark.parametrize(
    ("form", "pem"),
    [
        (PrivateFormat.PKCS8, False),
        (PrivateFormat.PKCS8, True),
        (PrivateFormat.TraditionalOpenSSL, False),
        (PrivateFormat.TraditionalOpenSSL, True),
    ],
)
def test_keys_are_read_as_alipays_tool_writes_them(county_rows, alipay: FakeAlipay, monkeypatch, form, pem):
    monkeypatch.setattr(settings, "alipay_private_key", private_text("shop", form, pem=pem))
    _number, _total, code = begun(county_rows, "alipay", "qr")
    assert open_at_gateway(code).type == "qr"


def test_alipay_is_offered_only_with_all_its_keys(alipay: FakeAlipay, monkeypatch):
    assert "alipay" in [p.name for p in ready_providers()]
    for name, value in [
        ("app_id", None),
        ("seller_id", ""),
        ("private_key", None),
        ("private_key", "bm8ga2V5"),
        ("public_key", "x"),
        ("public_key", None),
    ]:
        with monkeypatch.context() as without:
            without.setattr(settings, f"alipay_{name}", value)
            assert "alipay" not in [p.name for p in ready_providers()], (name, value)
