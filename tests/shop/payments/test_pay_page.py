"""The pay page: the way to a gateway in words, what WeChat's browser gets instead, and a return that proves nothing."""

import pytest
from sqlmodel import select

from core import db
from core.settings import settings
from shop.payments.models import PaymentAttempt
from tests.gateways.alipay import FakeAlipay
from tests.gateways.stripe import PUBLISHABLE, FakeStripe
from tests.shop.visitor import visitor

from .gateways import attempt_named, begun, stands

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36"
WECHAT = f"{PHONE} MicroMessenger/8.0.50"


def seen(path: str, agent: str = ""):
    return visitor().get(path, headers={"user-agent": agent})


def policy_of(answer) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))


def codes():
    with db.reading() as session:
        return session.exec(select(PaymentAttempt.code)).all()


def test_a_phone_goes_to_alipay_a_computer_may_scan(county_rows, alipay: FakeAlipay):
    _number, total, code = begun(county_rows, "alipay", "page")
    phone, desk = seen(f"/pay/{code}", PHONE).text, seen(f"/pay/{code}").text
    assert 'value="wap"' in phone and 'value="qr"' not in phone
    assert 'value="qr"' in desk and 'value="page"' in desk
    assert f"{total / 100:.2f}" in phone


def test_wechats_browser_gets_a_code_to_save_and_how_to_leave_and_keeps_the_order(county_rows, alipay: FakeAlipay):
    number, _total, code = begun(county_rows, "alipay", "page")
    page = seen(f"/pay/{code}", WECHAT).text
    assert "在浏览器打开" in page and f'src="/pay/{code}/code.png"' in page and "/opening" not in page
    picture = seen(f"/pay/{code}/code.png", WECHAT)
    assert picture.headers["content-type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert picture.headers["cache-control"] == "no-store"
    assert (stands(number), attempt_named(code).status) == ("unpaid", "created")
    assert seen(f"/pay/{'0' * 32}/code.png").status_code == 404


def test_wechats_browser_opens_stripe_as_any_other_does(county_rows, stripe: FakeStripe):
    _number, _total, code = begun(county_rows, "stripe", "page")
    assert "/opening" in seen(f"/pay/{code}", WECHAT).text


def test_the_button_leads_to_alipays_own_page(county_rows, alipay: FakeAlipay):
    _number, _total, code = begun(county_rows, "alipay", "page")
    answer = visitor().post(f"/pay/{code}/opening", data={"method": "wap"})
    assert answer.status_code == 303 and alipay.open(answer.headers["location"]) == code
    assert (attempt_named(code).method, attempt_named(code).status) == ("wap", "pending")


def test_the_same_way_again_is_the_same_attempt_another_way_is_another(county_rows, stripe: FakeStripe):
    _number, _total, code = begun(county_rows, "stripe", "page")
    browser = visitor()
    for method in ("card", "card", "page", "page", "card"):
        assert browser.post(f"/pay/{code}/opening", data={"method": method}).status_code in (200, 303)
    assert len(codes()) == 2 and {attempt_named(each).method for each in codes()} == {"card", "page"}
    assert sorted(seen["object"] for seen in stripe.made.values()) == ["checkout.session", "payment_intent"]


def test_the_card_page_alone_lets_stripe_in(county_rows, stripe: FakeStripe):
    _number, _total, code = begun(county_rows, "stripe", "page")
    before = seen(f"/pay/{code}")
    card = visitor().post(f"/pay/{code}/opening", data={"method": "card"})
    assert "stripe" not in policy_of(before)["script-src"] and "frame-src" not in policy_of(before)
    policy = policy_of(card)
    assert policy["script-src"] == "'self' https://js.stripe.com https://*.js.stripe.com"
    assert policy["connect-src"] == "'self' https://api.stripe.com" and "hooks.stripe.com" in policy["frame-src"]
    assert (policy["default-src"], policy["style-src"], policy["object-src"]) == ("'self'", "'self'", "'none'")
    assert f'data-key="{PUBLISHABLE}"' in card.text and "_secret_x" in card.text
    assert card.headers["cache-control"] == "no-store"
    assert '<script src="https://js.stripe.com/v3/" defer>' in card.text
    assert settings.stripe_api_key not in card.text and settings.stripe_webhook_secret not in card.text


def test_coming_back_proves_nothing_and_the_gateway_is_asked(county_rows, alipay: FakeAlipay):
    number, _total, code = begun(county_rows, "alipay", "page")
    alipay.open(visitor().post(f"/pay/{code}/opening", data={"method": "page"}).headers["location"])
    browser = visitor()
    page = browser.get(f"/pay/{code}?back=1&trade_status=TRADE_SUCCESS&total_amount=0.01&sign=x")
    assert "正在问支付宝" in page.text and stands(number) == "unpaid"
    assert browser.post(f"/pay/{code}/asking").headers["location"] == f"/pay/{code}?back=1"
    assert stands(number) == "unpaid"
    alipay.charge(code)
    asked = browser.post(f"/pay/{code}/asking", headers={"hx-request": "true"})
    assert asked.headers["hx-redirect"] == f"/pay/{code}"  # it is somebody else's order: no page of theirs opens to this browser
    assert stands(number) == "paid" and "付过了" in browser.get(f"/pay/{code}").text


def test_asking_without_end_asks_the_gateway_a_few_times_a_minute(county_rows, alipay: FakeAlipay):
    _number, _total, code = begun(county_rows, "alipay", "page")
    browser = visitor()
    assert {browser.post(f"/pay/{code}/asking").status_code for _ in range(30)} == {303}
    assert alipay.calls.count("alipay.trade.query") == 15


def test_a_gateway_that_is_silent_or_refuses_is_said_in_words(county_rows, alipay: FakeAlipay):
    number, _total, code = begun(county_rows, "alipay", "page")
    for how, status, words in (("down", 503, "支付宝没有回话"), ("unsure", 409, "还没有回音")):
        alipay.fail("alipay.trade.precreate", how)
        alipay.fail("alipay.trade.query", how)
        answer = visitor().post(f"/pay/{code}/opening", data={"method": "qr"})
        assert (answer.status_code, words in answer.text) == (status, True)
    assert stands(number) == "unpaid"


def test_the_sandboxs_choice_never_speaks_for_a_real_gateway(county_rows, alipay: FakeAlipay):
    number, _total, code = begun(county_rows, "alipay", "page")
    assert visitor().post(f"/pay/{code}", data={"outcome": "paid"}).status_code == 404
    assert visitor(program=True).post(f"/api/v1/payments/{code}/sandbox", json={"outcome": "paid"}).status_code == 404
    assert stands(number) == "unpaid"


@pytest.mark.parametrize("sent", [{"method": "cash"}, {"method": "card"}, {}, {"method": "page", "amount": "1"}])
def test_a_way_that_is_none_is_refused(county_rows, alipay: FakeAlipay, sent):
    _number, _total, code = begun(county_rows, "alipay", "page")
    assert visitor().post(f"/pay/{code}/opening", data=sent).status_code == 422
    assert attempt_named(code).status == "created"


def test_the_api_answers_what_to_do_next(county_rows, alipay: FakeAlipay, stripe: FakeStripe):
    from shop.orders.access import order_token

    number, _total, _code = begun(county_rows, "alipay", "page")
    program, headers = visitor(program=True), {"x-order-token": order_token(number)}
    for provider, method, kind in (
        ("alipay", "wap", "redirect"),
        ("alipay", "qr", "qr"),
        ("stripe", "card", "client_secret"),
        ("stripe", "page", "redirect"),
    ):
        answer = program.post(f"/api/v1/orders/{number}/payments", json={"provider": provider, "method": method}, headers=headers)
        assert (answer.status_code, answer.json()["action"]["type"]) == (201, kind)
    alipay.fail("alipay.trade.precreate", "down")
    answer = program.post(f"/api/v1/orders/{number}/payments", json={"provider": "alipay", "method": "qr"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_silent")
