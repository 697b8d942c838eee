"""Stripe's balance of a day: every page of it, by our own numbers, with what Stripe kept."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db
from shop.payments.models import Refund
from shop.payments.provider import GatewaySilent
from shop.payments.service import cancel_order, open_at_gateway
from shop.payments.stripe_bill import bill_of
from tests.gateways.stripe import FakeStripe
from tests.shop.buying import order_of

from .gateways import begun, hear, worked


def sold(county, stripe: FakeStripe) -> tuple[str, int, str]:
    number, total, code = begun(county, "stripe", "card")
    hear(stripe.charge(open_at_gateway(code).ref))
    worked()
    return number, total, code


def test_a_days_bill_names_payments_refunds_and_payouts_on_however_many_pages(county_rows, stripe: FakeStripe):
    number, total, code = sold(county_rows, stripe)
    sold(county_rows, stripe)
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    worked()
    stripe.payout(700)
    stripe.adjust(-50)
    with db.reading() as session:
        refund = session.exec(select(Refund.code)).one()
    stripe.most = 2
    lines = bill_of(clock.today())
    assert stripe.calls.count("GET balance_transactions") == 3
    assert [line.kind for line in lines] == ["other", "payout", "refund", "payment", "payment"], "newest first, as Stripe tells them"
    assert lines[4][:5] == ("payment", code, "", total, total * 29 // 1000)
    assert lines[2][:5] == ("refund", "", refund, total, 0)
    assert (lines[1].amount_fen, lines[0].amount_fen) == (700, -50)
    assert bill_of(clock.today() - timedelta(days=1)) == []


def test_a_payout_in_another_currency_is_left_to_a_person(county_rows, stripe: FakeStripe):
    stripe.payout(700)
    stripe.moves[0]["currency"] = "hkd"
    assert [line.kind for line in bill_of(clock.today())] == ["other"]


@pytest.mark.parametrize("how", ["down", "error", "garbage"])
def test_a_page_that_does_not_come_is_no_bill(county_rows, stripe: FakeStripe, how):
    stripe.payout(700)
    stripe.fail("GET balance_transactions", how)
    with pytest.raises(GatewaySilent):
        bill_of(clock.today())
