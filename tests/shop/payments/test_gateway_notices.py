"""What gateways tell, told well and badly: forged in every way, twice, at once, backwards, late, before its time, or never."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from sqlmodel import select

from core import clock, db, tasks
from core.audit import AuditEntry
from core.inbox import Inbox
from core.ledger.models import Account, Balance
from core.settings import settings
from shop.payments.asking import ask
from shop.payments.models import PaymentAttempt, Refund
from shop.payments.service import expire_due, open_at_gateway, start_payment
from tests.concurrency.rivals import at_once
from tests.gateways.alipay import FakeAlipay, yuan
from tests.gateways.stripe import FakeStripe, signed
from tests.shop.buying import buy, order_of
from tests.shop.visitor import visitor

from .gateways import FORM, attempt_named, begun, hear, knock, stands, worked


@pytest.fixture
def at_alipay(county_rows, alipay: FakeAlipay):
    """An order whose trade a buyer opened at Alipay and has not paid yet: number, total, code."""
    number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    alipay.scan(code)
    return number, total, code


@pytest.fixture
def at_stripe(county_rows, stripe: FakeStripe):
    """An order with an intent at Stripe that nobody paid yet: number, total, code, the intent's id."""
    number, total, code = begun(county_rows, "stripe", "card")
    return number, total, code, open_at_gateway(code).ref


def kept():
    with db.reading() as session:
        return session.exec(select(Inbox)).all()


def forgeries():
    with db.reading() as session:
        return len(session.exec(select(AuditEntry).where(AuditEntry.act == "forged_notice")).all())


FORGED = {
    "no signature": {"sign": " "},
    "another key": {"whose": "mallory"},
    "our own key": {"whose": "shop"},
    "the old algorithm": {"digest": SHA1()},
    "the old algorithm by name": {"sign_type": "RSA"},
    "another application": {"app_id": "2021000000000666"},
    "another seller": {"seller_id": "2088000000000666"},
    "no seller": {"seller_id": ""},
    "no amount": {"total_amount": ""},
    "an amount that is none": {"total_amount": "-1.00"},
    "no id": {"notify_id": ""},
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_notice_of_alipays_is_refused_written_down_and_changes_nothing(at_alipay, alipay: FakeAlipay, how):
    number, _total, code = at_alipay
    answer = knock(alipay.notice(code, **{"trade_status": "TRADE_SUCCESS", **FORGED[how]}))
    assert (answer.status_code, answer.text) == (400, "failure")
    assert (kept(), forgeries(), stands(number), attempt_named(code).status) == ([], 1, "unpaid", "pending")


@pytest.mark.parametrize("change", ["amount", "order", "order twice", "not a form", "nothing", "zipped", "not ascii"])
def test_a_genuine_notice_that_was_touched_is_refused(at_alipay, alipay: FakeAlipay, change):
    number, total, code = at_alipay
    body = alipay.charge(code)
    bodies = {
        "amount": body.replace(f"total_amount={yuan(total)}".encode(), b"total_amount=0.01"),
        "order": body.replace(code.encode(), b"f" * 32),
        "order twice": body + b"&out_trade_no=" + b"f" * 32,
        "nothing": b"",
        "not ascii": body + "&memo=付".encode(),
    }
    headers = {"not a form": {"content-type": "application/json"}, "zipped": {"content-encoding": "gzip"}}
    sent = bodies.get(change, body)
    assert change in headers or sent != body
    answer = knock(sent, **headers.get(change, {}))
    assert (answer.status_code, answer.text) == (400, "failure")
    assert (kept(), forgeries(), stands(number)) == ([], 1, "unpaid")


@pytest.mark.parametrize("how", ["no signature", "another secret", "old", "ahead", "touched", "live", "not ascii", "two times"])
def test_a_forged_event_of_stripes_is_refused_written_down_and_changes_nothing(at_stripe, stripe: FakeStripe, how):
    number, _total, _code, ref = at_stripe
    body, good = stripe.charge(ref)
    now = int(clock.now().timestamp())
    if how == "live":
        body, good = stripe.tell("payment_intent.succeeded", stripe.made[ref], livemode=True)
    sent = {
        "no signature": (body, ""), "another secret": (body, signed(body, secret="whsec_mallory")), "old": (body, signed(body, at=now - 301)),
        "ahead": (body, signed(body, at=now + 86_400)), "touched": (body.replace(b'"amount": ', b'"amount": 1'), good), "live": (body, good),
        "not ascii": (body, good[:-1] + "é"), "two times": (body, good + f",t={now + 86_400}"),
    }[how]  # fmt: skip
    answer = hear((sent[0], sent[1].encode("latin-1")))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert (kept(), forgeries(), stands(number)) == ([], 1, "unpaid")


@pytest.mark.parametrize("wrong", [{"total_amount": "0.01"}, {"total_amount": "99999.00"}])
def test_a_signed_notice_of_another_sum_is_not_believed(at_alipay, alipay: FakeAlipay, wrong):
    number, _total, code = at_alipay
    alipay.charge(code)
    assert knock(alipay.notice(code, **wrong)).text == "success"
    worked()
    assert [row.outcome for row in kept()] == ["wrong_amount"] and stands(number) == "unpaid"
    with db.reading() as session:
        assert session.exec(select(AuditEntry.subject).where(AuditEntry.act == "wrong_amount")).all() == [code]


@pytest.mark.parametrize("field", ["amount", "currency"])
def test_a_payment_that_stripe_itself_has_under_another_sum_or_currency_is_not_believed(at_stripe, stripe: FakeStripe, field):
    number, _total, _code, ref = at_stripe
    stripe.made[ref][field] = {"amount": 1, "currency": "usd"}[field]
    hear(stripe.charge(ref))
    worked()
    assert [row.outcome for row in kept()] == ["wrong_amount"] and stands(number) == "unpaid"


def test_the_fifth_forgery_within_ten_minutes_raises_an_alarm(at_alipay, alipay: FakeAlipay, caplog):
    _number, _total, code = at_alipay
    for told in range(5):
        assert "forged notices" not in caplog.text, told
        knock(alipay.notice(code, whose="mallory"))
    assert "five or more forged notices in the name of alipay" in caplog.text


def test_a_genuine_notice_of_another_order_pays_that_order_alone(county_rows, at_alipay, alipay: FakeAlipay):
    number, _total, _code = at_alipay
    other, _other_total, other_code = begun(county_rows, "alipay", "qr")
    open_at_gateway(other_code)
    alipay.scan(other_code)
    knock(alipay.charge(other_code))
    worked()
    assert (stands(other), stands(number)) == ("paid", "unpaid")


def test_an_event_of_one_gateway_never_speaks_for_a_payment_of_another(at_alipay, stripe: FakeStripe):
    number, total, code = at_alipay
    seen = {"id": "pi_x", "object": "payment_intent", "amount": total, "amount_received": total, "currency": "cny", "status": "succeeded"}
    hear(stripe.tell("payment_intent.succeeded", {**seen, "metadata": {"payment": code}}))
    worked()
    assert [row.outcome for row in kept()] == ["ignored"] and stands(number) == "unpaid"


def test_an_event_of_a_payment_that_is_not_ours_is_kept_and_ignored(at_stripe, stripe: FakeStripe):
    number, _total, _code, ref = at_stripe
    for kind, seen in (
        ("payment_intent.succeeded", {**stripe.made[ref], "metadata": {}}),
        ("invoice.paid", {"object": "invoice", "id": "in_1"}),
    ):
        assert hear(stripe.tell(kind, seen)).status_code == 200
    worked()
    assert [row.outcome for row in kept()] == ["ignored", "ignored"] and stands(number) == "unpaid"


def test_eight_notices_in_parallel_are_one_capture_and_eight_times_success(at_alipay, alipay: FakeAlipay):
    number, total, code = at_alipay
    body = alipay.charge(code)
    client = visitor(program=True)
    answers = at_once([lambda: client.post("/webhooks/alipay", content=body, headers=FORM)] * 8)
    assert [(a.status_code, a.text) for a in answers] == [(200, "success")] * 8
    at_once([worked] * 2)
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.payment_status, order.captured_fen) == ("paid", total)
        assert session.exec(select(Balance.amount_fen).join(Account).where(Account.code == "gateway:alipay")).one() == total
    assert len(kept()) == 1


def test_eight_events_told_anew_are_one_capture(at_stripe, stripe: FakeStripe):
    """Stripe may tell one fact in several events; each is kept, one captures."""
    number, total, _code, ref = at_stripe
    told = [stripe.charge(ref), *(stripe.tell("payment_intent.succeeded", stripe.made[ref]) for _ in range(7))]
    client = visitor(program=True)

    def sending(body, signature):
        headers = {"content-type": "application/json", "stripe-signature": signature}
        return lambda: client.post("/webhooks/stripe", content=body, headers=headers).status_code

    assert at_once([sending(*each) for each in told]) == [200] * 8
    at_once([worked] * 2)
    tasks.drain()
    with db.reading() as session:
        assert (order_of(session, number).payment_status, order_of(session, number).captured_fen) == ("paid", total)
    assert sorted(row.outcome for row in kept()) == ["captured"] + ["known"] * 7


def test_a_refund_made_at_alipays_own_desk_and_told_before_the_payment_leaves_nothing_paid(at_alipay, alipay: FakeAlipay):
    number, total, code = at_alipay
    alipay.charge(code)
    alipay.refund({"out_trade_no": code, "refund_amount": yuan(total), "out_request_no": "by hand"})
    for body in reversed(alipay.notices):
        assert knock(body).text == "success"
        worked()
    assert (stands(number), attempt_named(code).status) == ("unpaid", "closed")


def test_a_partial_refunds_notice_that_still_says_success_is_no_second_payment(at_alipay, alipay: FakeAlipay):
    number, total, code = at_alipay
    knock(alipay.charge(code))
    worked()
    alipay.refund({"out_trade_no": code, "refund_amount": "0.01", "out_request_no": "part"})
    assert b"TRADE_SUCCESS" in alipay.notices[-1]
    for body in (*alipay.notices, alipay.notices[-1]):
        knock(body)
    worked()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.payment_status, order.captured_fen) == ("paid", total)
        assert session.exec(select(Refund)).all() == []
    assert [row.outcome for row in kept()] == ["captured", "known"]


def test_failed_and_closed_told_after_success_change_nothing(at_stripe, stripe: FakeStripe):
    number, _total, _code, ref = at_stripe
    first = stripe.refuse(ref)
    stripe.tell("payment_intent.canceled", {**stripe.made[ref], "status": "canceled"})
    stripe.charge(ref)
    for told in (*reversed(stripe.events), first):
        assert hear(told).status_code == 200
        worked()
    assert stands(number) == "paid"


def test_a_notice_a_day_late_retakes_the_stock(at_alipay, alipay: FakeAlipay):
    number, _total, code = at_alipay
    body = alipay.charge(code)
    with clock.at(clock.now() + timedelta(hours=24)):
        with db.writing() as session:
            assert expire_due(session) == 1
        assert knock(body).text == "success"
        worked()
        assert stands(number) == "paid"


def test_a_notice_a_day_late_for_goods_that_are_gone_goes_back_by_itself(county_rows, alipay: FakeAlipay):
    number, total, code = begun(county_rows, "alipay", "qr", units=30)
    open_at_gateway(code)
    alipay.scan(code)
    body = alipay.charge(code)
    with clock.at(clock.now() + timedelta(minutes=16)):
        with db.writing() as session:
            expire_due(session)
            buy(session, county_rows, ("tomato", 40))
        knock(body)
        worked()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.status, order.payment_status, order.refunded_fen) == ("cancelled", "refunded", total)
    assert alipay.trades[code].given_back == total


def test_a_notice_that_never_comes_is_found_by_asking_at_the_set_times(at_alipay, alipay: FakeAlipay):
    number, _total, code = at_alipay
    begun_at = attempt_named(code).created_at
    for minutes in (1, 5, 15, 60, 120, 180):
        due = attempt_named(code).next_query_at
        assert due == begun_at + timedelta(minutes=minutes)
        with clock.at(due):
            assert ask(code) == "waiting"
    alipay.charge(code)
    assert ask(code) == "captured" and stands(number) == "paid"


def test_a_notice_before_we_know_its_payment_is_kept_and_tried_again(county_rows, alipay: FakeAlipay):
    """Another machine may have committed the payment a moment later than Alipay told of it."""
    number, _total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    alipay.scan(code)
    body = alipay.charge(code)
    hidden = "0" * 32
    with db.writing() as session:
        session.exec(select(PaymentAttempt).where(PaymentAttempt.code == code)).one().code = hidden
    assert knock(body).text == "success"
    worked()
    assert [row.processed_at for row in kept()] == [None]
    with db.writing() as session:
        session.exec(select(PaymentAttempt).where(PaymentAttempt.code == hidden)).one().code = code
    with clock.at(clock.now() + timedelta(seconds=5)):
        worked()
    assert stands(number) == "paid"


def test_alipay_in_one_tab_and_stripe_in_the_other_both_paid_the_second_goes_back(at_alipay, alipay: FakeAlipay, stripe: FakeStripe):
    number, total, code = at_alipay
    with db.writing() as session:
        second = start_payment(session, order_of(session, number), provider="stripe", method="card").code
    ref = open_at_gateway(second).ref
    at_once([lambda: knock(alipay.charge(code)), lambda: hear(stripe.charge(ref))])
    at_once([worked] * 2)
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.payment_status, order.captured_fen, order.refunded_fen) == ("paid", 2 * total, total)
    given = alipay.trades[code].given_back + sum(r["amount"] for r in stripe.refunds_of(ref))
    assert given == total


@pytest.mark.parametrize("path", ["form", "api"])
def test_after_a_call_nobody_answered_the_gateway_is_asked_before_anything_is_tried_again(county_rows, alipay: FakeAlipay, path):
    number, _total, code = begun(county_rows, "alipay", "qr")
    alipay.fail("alipay.trade.precreate", "silent")
    with pytest.raises(TimeoutError):
        open_at_gateway(code)
    alipay.scan(code)
    alipay.charge(code)  # the code had reached the buyer after all
    if path == "api":
        from shop.orders.access import order_token

        sent = visitor(program=True).post(
            f"/api/v1/orders/{number}/payments", json={"provider": "alipay", "method": "qr"}, headers={"x-order-token": order_token(number)}
        )
        assert (sent.status_code, sent.json()["code"]) == (409, "not_payable")
    else:
        page = visitor().post(f"/pay/{code}/opening", data={"method": "qr"})
        assert page.status_code == 409 and "付过了" in page.text
    assert alipay.calls == ["alipay.trade.precreate", "alipay.trade.query"]
    assert stands(number) == "paid"


def test_while_nobody_can_say_nothing_new_is_tried(county_rows, alipay: FakeAlipay):
    _number, _total, code = begun(county_rows, "alipay", "qr")
    alipay.fail("alipay.trade.precreate", "down")
    alipay.fail("alipay.trade.query", "down")
    with pytest.raises(TimeoutError):
        open_at_gateway(code)
    page = visitor().post(f"/pay/{code}/opening", data={"method": "qr"})
    assert page.status_code == 409 and "还没有回音" in page.text
    assert alipay.calls.count("alipay.trade.precreate") == 1


def test_no_secret_key_or_signature_is_written_to_a_log(county_rows, alipay: FakeAlipay, stripe: FakeStripe, caplog):
    caplog.set_level("DEBUG")
    for provider, method in (("alipay", "qr"), ("alipay", "page"), ("stripe", "card"), ("stripe", "page")):
        _number, _total, code = begun(county_rows, provider, method)
        open_at_gateway(code)
        ask(code)
    for gateway, call in ((alipay, "alipay.trade.query"), (stripe, "GET payment_intents/*")):
        for how in ("error", "garbage", "down"):
            gateway.fail(call, how)
    with db.reading() as session:
        for code in session.exec(select(PaymentAttempt.code)).all():
            for _ in range(3):
                ask(code)
    knock(b"sign=x")
    hear((b"{}", "t=1,v1=00"))
    secrets = [
        settings.alipay_private_key, settings.stripe_api_key, settings.stripe_webhook_secret, "client_secret", "_secret_x",
        *(a.target.partition("sign=")[2][:40] for a in alipay.asked if "sign=" in a.target),
    ]  # fmt: skip
    written = caplog.text
    assert "alipay" in written and not [s for s in secrets if s and s in written]
