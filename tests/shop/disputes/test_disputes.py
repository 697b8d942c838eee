"""A cardholder disputes a payment: the money is held, no income goes out, and what the bank decides is booked to the fen."""

import re
from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import select

from core import clock, db
from core.invariants import check
from core.ledger.models import Account, Balance
from core.outbox import Outbox
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from shop.disputes.models import PaymentDispute
from shop.orders.cancel import TooLate, cancel_order
from shop.orders.models import OrderLine
from shop.payments.giving import NotRefundable, Part, give_back
from shop.payments.models import Refund
from shop.payments.service import open_at_gateway
from tests.fulfillment.shipping import event, scan
from tests.shop.buying import order_of
from tests.shop.earning import session_of
from tests.shop.payments.gateways import begun, hear, worked


@pytest.fixture
def paid(county_rows, stripe):
    """A delivered order that was paid by card: its number, its total, the intent."""
    number, total, code = begun(county_rows, "stripe", "card")
    action = open_at_gateway(code)
    hear(stripe.charge(action.ref))
    worked()
    with db.writing() as session:
        for sent in session.exec(select(Consignment).where(Consignment.source_code == number)):
            pack(session, sent, by="U1")
    with db.writing() as session:
        parcels = session.exec(select(Parcel).join(Consignment).where(Consignment.source_code == number)).all()
        scan(session, county_rows, *(event(deed, p, county_rows.trunks[0].code) for p in parcels for deed in ("dispatch", "deliver")))
    return number, total, action.ref


def holds(code: str) -> int:
    with db.reading() as session:
        found = session.exec(select(Balance.amount_fen).join(Account, Account.id == Balance.account_id).where(Account.code == code)).first()
        return int(found or 0)


def dispute() -> PaymentDispute:
    with db.reading() as session:
        return session.exec(select(PaymentDispute)).one()


def sound() -> None:
    with db.reading() as session:
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []


def test_a_dispute_takes_the_money_off_the_gateway_and_tells_finance_once(county_rows, stripe, paid):
    _number, total, intent = paid
    session_of(county_rows, "13600000123", "finance")
    ref = stripe.dispute(intent)
    told = stripe.told(ref)
    for _ in range(2):
        assert hear(told).status_code == 200
        worked()
    made = dispute()
    assert (made.status, made.amount_fen, made.held_fen, made.reason) == ("opened", total, total, "fraudulent")
    assert clock.local(made.evidence_by).year == 2030
    assert (holds("gateway:stripe"), holds("disputed:stripe")) == (0, total)
    with db.reading() as session:
        news = session.exec(select(Outbox.key).where(Outbox.topic == "message.send")).all()
        assert sum(key.startswith(f"dispute:{made.code}") for key in news) == 1
    sound()


def test_while_a_bank_looks_no_income_matures_and_nothing_else_is_given_back(county_rows, stripe, paid):
    number, _total, intent = paid
    hear(stripe.told(stripe.dispute(intent)))
    worked()
    with clock.at(clock.now() + timedelta(days=60)), db.writing() as session:
        mature(session, tenant_id=county_rows.id)
        assert set(session.exec(select(IncomeEntry.state).where(IncomeEntry.source == "sale"))) == {"pending"}
    with pytest.raises(NotRefundable), db.writing() as session:
        line = session.exec(select(OrderLine)).one()
        give_back(session, order_of(session, number), [Part(line.id, 100)], key="k", reason="x")


def test_an_order_whose_payment_is_disputed_is_not_cancelled(county_rows, stripe):
    number, _total, code = begun(county_rows, "stripe", "card")
    action = open_at_gateway(code)
    hear(stripe.charge(action.ref))
    hear(stripe.told(stripe.dispute(action.ref)))
    worked()
    with clock.at(clock.now() + timedelta(hours=1)):
        worked()
    with pytest.raises(TooLate, match="银行正在查"), db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    with db.reading() as session:
        assert order_of(session, number).status == "open"


def test_won_the_money_is_back_and_income_goes_on(county_rows, stripe, paid):
    number, total, intent = paid
    ref = stripe.dispute(intent)
    hear(stripe.told(ref))
    worked()
    hear(stripe.told(ref, "charge.dispute.updated", status="under_review"))
    worked()
    assert dispute().status == "under_review"
    hear(stripe.told(ref, "charge.dispute.closed", status="won"))
    worked()
    assert (dispute().status, holds("gateway:stripe"), holds("disputed:stripe")) == ("won", total, 0)
    with clock.at(clock.now() + timedelta(days=60)), db.writing() as session:
        mature(session, tenant_id=county_rows.id)
        assert set(session.exec(select(IncomeEntry.state).where(IncomeEntry.source == "sale"))) == {"payable"}
        assert order_of(session, number).payment_status == "paid"
    sound()


def test_lost_after_income_was_payable_everybody_owes_their_part_on_the_next_statement(county_rows, stripe, paid):
    number, total, intent = paid
    with clock.at(clock.now() + timedelta(days=60)):
        with db.writing() as session:
            mature(session, tenant_id=county_rows.id)
        ref = stripe.dispute(intent, reason="product_not_received")
        hear(stripe.told(ref))
        worked()
        hear(stripe.told(ref, "charge.dispute.closed", status="lost"))
        worked()
        with db.reading() as session:
            assert order_of(session, number).payment_status == "refunded"
            assert session.exec(select(Refund.status)).one() == "done"
            rows = session.exec(select(IncomeEntry).where(IncomeEntry.source == "adjustment")).all()
            assert sum(row.amount_fen for row in rows) == -total
            assert {row.state for row in rows} == {"payable"}
        assert (dispute().status, dispute().loss_fen, holds("gateway:stripe"), holds("disputed:stripe")) == ("lost", 0, 0, 0)
        assert not [a for a in stripe.asked if a.method == "POST" and a.target.endswith("/refunds")], "the bank gave it, we ask for none"
        sound()


def test_what_was_given_back_before_is_the_platforms_loss_when_the_whole_is_lost(county_rows, stripe, paid):
    number, total, intent = paid
    with db.writing() as session:
        line = session.exec(select(OrderLine)).one()
        give_back(session, order_of(session, number), [Part(line.id, 1000)], key="before", reason="少了")
    worked()
    ref = stripe.dispute(intent)
    hear(stripe.told(ref))
    worked()
    hear(stripe.told(ref, "charge.dispute.closed", status="lost"))
    worked()
    assert (dispute().loss_fen, holds("gateway:stripe")) == (1000, -1000)
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == total
    sound()


def test_an_inquiry_holds_no_money_until_it_becomes_a_dispute(county_rows, stripe, paid):
    _number, total, intent = paid
    ref = stripe.dispute(intent, status="warning_needs_response")
    hear(stripe.told(ref))
    worked()
    assert (dispute().status, dispute().held_fen, holds("gateway:stripe")) == ("opened", 0, total)
    hear(stripe.told(ref, "charge.dispute.updated", status="needs_response"))
    worked()
    assert (dispute().held_fen, holds("gateway:stripe"), holds("disputed:stripe")) == (total, 0, total)
    sound()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_events_in_any_order_end_at_what_stripe_says_now(county_rows, stripe, paid, order):
    _number, total, intent = paid
    ref = stripe.dispute(intent)
    events = [stripe.told(ref), stripe.told(ref, "charge.dispute.updated", status="under_review")]
    events.append(stripe.told(ref, "charge.dispute.closed", status="won"))
    for at in order:
        hear(events[at])
        worked()
    assert (dispute().status, holds("gateway:stripe"), holds("disputed:stripe")) == ("won", total, 0)
    sound()


def test_a_dispute_told_before_its_payment_is_tried_again_and_a_forged_one_is_nothing(county_rows, stripe):
    _number, total, code = begun(county_rows, "stripe", "card")
    action = open_at_gateway(code)
    charged = stripe.charge(action.ref)
    told = stripe.told(stripe.dispute(action.ref))
    assert hear((told[0], "t=1,v1=00")).status_code == 400
    hear(told)
    worked()
    hear(charged)
    worked()
    with clock.at(clock.now() + timedelta(hours=1)):
        worked()
    assert (dispute().held_fen, holds("gateway:stripe")) == (total, 0)


def test_finance_reads_until_when_and_what_to_send(county_rows, stripe, paid, signed_in):
    finance = signed_in("finance", "county", "")
    assert "没有人拒付" in finance.get("/finance/disputed").text
    number, _total, intent = paid
    ref = stripe.dispute(intent, reason="product_not_received")
    hear(stripe.told(ref))
    worked()
    page = finance.get("/finance/disputed").text
    for words in (number, "持卡人说没收到货", "每一站的扫码时间", "证据最晚", ref):
        assert words in page, words
    hear(stripe.told(ref, "charge.dispute.closed", status="lost"))
    worked()
    assert "判给买家了" in finance.get("/finance/disputed").text


def test_what_lives_stands_on_the_first_page_and_what_ended_is_turned_over(county_rows, stripe, paid, signed_in, monkeypatch):
    monkeypatch.setattr("shop.disputes.pages.ENDED", 2)
    _number, _total, intent = paid
    for _ in range(3):
        ref = stripe.dispute(intent)
        for told in (stripe.told(ref), stripe.told(ref, "charge.dispute.closed", status="won")):
            hear(told)
            worked()
    living = stripe.dispute(intent)
    seen = stripe.dispute(intent, status="under_review")
    for told in (stripe.told(seen), stripe.told(living)):
        hear(told)
        worked()
    finance = signed_in("finance", "county", "")
    first = finance.get("/finance/disputed").text
    onward = re.search(r'href="(/finance/disputed\?cursor=[^"#]+)"', first)
    assert onward is not None
    second = finance.get(onward[1]).text
    assert [page.count("判给我们了") for page in (first, second)] == [2, 1]
    assert first.index(living) < first.index(seen)  # there something is to be done
    assert (living in second, seen in second, "没有人拒付" in second) == (False, False, False)
    assert "cursor=" not in second
    assert finance.get("/finance/disputed?cursor=zzz").status_code == 422
    sound()
