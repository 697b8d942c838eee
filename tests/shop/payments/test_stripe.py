"""Stripe with its own SDK over HTTP: the card form and Checkout, asking, closing, giving back – once per number."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db
from core.settings import settings
from shop.payments.asking import ask
from shop.payments.models import Refund
from shop.payments.provider import GatewayRefused, GatewaySilent, RefundAsk
from shop.payments.providers import ready_providers
from shop.payments.service import cancel_order, open_at_gateway
from shop.payments.stripe_provider import Stripe
from tests.gateways.stripe import FakeStripe
from tests.shop.buying import order_of

from .gateways import attempt_named, begun, hear, stands, worked


def opened(county, method="card"):
    number, total, code = begun(county, "stripe", method)
    return number, total, code, open_at_gateway(code)


@pytest.mark.parametrize(("method", "kind"), [("card", "client_secret"), ("page", "redirect")])
def test_both_ways_lead_to_a_paid_order_and_back_again(county_rows, stripe: FakeStripe, method, kind):
    number, total, code, action = opened(county_rows, method)
    assert action.type == kind and action.value
    assert attempt_named(code).gateway_ref == action.ref
    assert open_at_gateway(code) == action and len(stripe.made) == 1
    assert hear(stripe.charge(action.ref)).status_code == 200
    worked()
    assert stands(number) == "paid"
    assert attempt_named(code).gateway_ref.startswith("pi_")
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    worked()
    assert stands(number) == "refunded"
    [given] = stripe.refunds_of(attempt_named(code).gateway_ref)
    assert given["amount"] == total


def test_the_attempts_code_is_the_idempotency_key_and_stands_in_the_metadata(county_rows, stripe: FakeStripe):
    _number, total, code, action = opened(county_rows)
    [sent] = [a for a in stripe.asked if a.method == "POST"]
    assert sent.headers["idempotency-key"] == code
    assert stripe.made[action.ref]["metadata"]["payment"] == code
    assert (stripe.made[action.ref]["amount"], stripe.made[action.ref]["currency"]) == (total, "cny")


def test_a_refused_card_may_be_typed_again_and_the_payment_goes_on(county_rows, stripe: FakeStripe):
    number, _total, code, action = opened(county_rows)
    assert hear(stripe.refuse(action.ref)).status_code == 200
    worked()
    assert attempt_named(code).status == "pending"
    hear(stripe.charge(action.ref))
    worked()
    assert stands(number) == "paid"


@pytest.mark.parametrize("method", ["card", "page"])
def test_what_nobody_paid_is_closed_at_stripe_after_26_hours(county_rows, stripe: FakeStripe, method):
    _number, _total, code, action = opened(county_rows, method)
    assert ask(code) == "waiting"
    with clock.at(clock.now() + timedelta(hours=26, minutes=1)):
        assert ask(code) == "closed"
    assert stripe.made[action.ref]["status"] in ("canceled", "expired")


@pytest.mark.parametrize("method", ["card", "page"])
def test_what_was_paid_at_the_last_moment_is_captured(county_rows, stripe: FakeStripe, method):
    number, total, code, action = opened(county_rows, method)
    stripe.charge(action.ref)
    with clock.at(clock.now() + timedelta(hours=26, minutes=1)):
        assert ask(code) == "captured"
        worked()
    with db.reading() as session:
        assert order_of(session, number).captured_fen == total


@pytest.mark.parametrize("how", ["down", "silent", "error", "garbage"])
def test_a_call_nobody_answered_is_unknown_until_stripe_says_more_and_makes_one_intent(county_rows, stripe: FakeStripe, how):
    _number, _total, code = begun(county_rows, "stripe", "card")
    stripe.fail("POST payment_intents", how)
    with pytest.raises(GatewaySilent):
        open_at_gateway(code)
    assert attempt_named(code).status == "unknown"
    assert ask(code) == "waiting" and attempt_named(code).status == "pending"
    action = open_at_gateway(code)
    assert len(stripe.made) == 1 and attempt_named(code).gateway_ref == action.ref


def test_a_refund_whose_answer_was_lost_is_looked_for_and_given_once(county_rows, stripe: FakeStripe):
    number, total, code, action = opened(county_rows)
    hear(stripe.charge(action.ref))
    worked()
    stripe.fail("POST refunds", "silent")
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    worked()
    assert stands(number) == "paid"
    stripe.keys.clear()  # a day later Stripe has forgotten the keys
    with clock.at(clock.now() + timedelta(seconds=5)):
        worked()
    with db.reading() as session:
        refund = session.exec(select(Refund)).one()
        assert (refund.status, order_of(session, number).payment_status) == ("done", "refunded")
    [given] = stripe.refunds_of(action.ref)
    assert (given["amount"], given["metadata"]) == (total, {"refund": refund.code})
    assert attempt_named(code).gateway_ref == action.ref


def test_more_than_was_paid_is_never_given_back(county_rows, stripe: FakeStripe):
    _number, total, code, action = opened(county_rows)
    stripe.charge(action.ref)
    shop = Stripe()
    assert shop.refund(RefundAsk("RF1", code, total - 1, "CNY", action.ref)) == "done"
    assert shop.refund(RefundAsk("RF2", code, 2, "CNY", action.ref)) == "failed"
    assert shop.refund(RefundAsk("RF1", code, total - 1, "CNY", action.ref)) == "done"
    assert shop.refund(RefundAsk("RF1", code, 1, "CNY", action.ref)) == "failed"
    assert shop.refund(RefundAsk("RF3", code, 1, "CNY", action.ref)) == "done"
    assert sum(r["amount"] for r in stripe.refunds_of(action.ref)) == total


def test_a_refund_that_stripe_has_not_finished_is_asked_about_later(county_rows, stripe: FakeStripe):
    _number, total, code, action = opened(county_rows)
    stripe.charge(action.ref)
    asked = RefundAsk("RF1", code, total, "CNY", action.ref)
    assert Stripe().refund(asked) == "done"
    [given] = stripe.refunds_of(action.ref)
    given["status"] = "pending"
    with pytest.raises(GatewaySilent):
        Stripe().refund(asked)
    given["status"] = "failed"
    assert Stripe().refund(asked) == "failed"


def test_a_wrong_key_refuses_and_decides_nothing(county_rows, stripe: FakeStripe, monkeypatch):
    _number, total, code, action = opened(county_rows)
    stripe.charge(action.ref)
    monkeypatch.setattr(settings, "stripe_api_key", "sk_test_somebody_elses")
    with pytest.raises(GatewayRefused):
        Stripe().refund(RefundAsk("RF1", code, total, "CNY", action.ref))
    assert ask(code) == "waiting" and attempt_named(code).status == "unknown"


def test_stripe_is_offered_only_with_its_keys(stripe: FakeStripe, monkeypatch):
    assert "stripe" in [p.name for p in ready_providers()]
    for name in ("api_key", "webhook_secret"):
        with monkeypatch.context() as without:
            without.setattr(settings, f"stripe_{name}", None)
            assert "stripe" not in [p.name for p in ready_providers()]
    assert [way.method for way in Stripe().ways(on_phone=True)] == ["card", "page"]
    monkeypatch.setattr(settings, "stripe_publishable_key", None)
    assert [way.method for way in Stripe().ways(on_phone=True)] == ["page"]
