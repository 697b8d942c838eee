"""A refund that the gateway could not give waits for finance: asked for again, or paid by hand – once, and to the fen."""

import pytest
from sqlmodel import select

from core import db
from core.audit import AuditEntry
from shop.orders.models import OrderLine
from shop.payments.giving import Part, give_back
from shop.payments.models import Refund
from shop.payments.refunds import NotFailed, ask_again, paid_by_hand
from tests.shop.buying import order_of
from tests.shop.disputes.test_disputes import holds, paid, sound  # noqa: F401 - a fixture
from tests.shop.payments.gateways import hear, worked
from tests.shop.visitor import hidden


@pytest.fixture
def bounced(stripe, paid):  # noqa: F811
    """A refund of 10 yuan that Stripe gave and the bank sent back: the order's number, what is held, its code."""
    number, total, _intent = paid
    with db.writing() as session:
        line = session.exec(select(OrderLine)).one()
        code = give_back(session, order_of(session, number), [Part(line.id, 1000)], key="r", reason="少了").code
    worked()
    assert holds("gateway:stripe") == total - 1000
    hear(stripe.bounce(code))
    worked()
    return number, total, code


def of(code: str) -> Refund:
    with db.reading() as session:
        return session.exec(select(Refund).where(Refund.code == code)).one()


def test_a_refund_that_came_back_is_failed_and_its_money_ours_to_give_again(stripe, bounced):
    number, total, code = bounced
    assert (of(code).status, of(code).failures, holds("gateway:stripe"), holds("buyer")) == ("failed", 1, total, 1000)
    with db.reading() as session:
        assert (order_of(session, number).payment_status, order_of(session, number).refunded_fen) == ("paid", 0)
    hear(stripe.tell("refund.updated", next(r for r in stripe.made.values() if r["object"] == "refund")))
    worked()
    assert of(code).failures == 1
    sound()


def test_asked_for_again_it_is_given_once(county_rows, stripe, bounced, signed_in):
    number, total, code = bounced
    finance = signed_in("finance", "county", "")
    page = finance.get("/finance/refunds/failed").text
    assert number in page
    form = {"form_key": hidden(page, "form_key")}
    assert finance.post(f"/finance/refunds/failed/{code}/again", data=form).status_code == 303
    assert finance.post(f"/finance/refunds/failed/{code}/again", data=form).status_code == 409
    worked()
    assert (of(code).status, holds("gateway:stripe"), holds("buyer")) == ("done", total - 1000, 0)
    states = [r["status"] for r in stripe.made.values() if r["object"] == "refund"]
    assert sorted(states) == ["failed", "succeeded"]
    hear(stripe.tell("refund.failed", next(r for r in stripe.made.values() if r["object"] == "refund" and r["status"] == "failed")))
    worked()
    assert of(code).status == "done", "the first try's late news does not undo the second"
    sound()


def test_paid_by_hand_it_leaves_the_bank_and_says_who_and_how(county_rows, stripe, bounced, signed_in):
    number, total, code = bounced
    finance = signed_in("finance", "county", "")
    page = finance.get("/finance/refunds/failed").text
    form = {"form_key": hidden(page, "form_key"), "how": ""}
    assert finance.post(f"/finance/refunds/failed/{code}/by-hand", data=form).status_code == 422
    assert finance.post(f"/finance/refunds/failed/{code}/by-hand", data={**form, "how": "农行流水 8801"}).status_code == 303
    assert finance.post("/finance/refunds/failed/RF0/by-hand", data={**form, "how": "x"}).status_code == 404
    assert (of(code).status, of(code).by_hand, holds("gateway:stripe"), holds("bank")) == ("done", "农行流水 8801", total, -1000)
    with db.reading() as session:
        assert session.exec(select(AuditEntry.reason).where(AuditEntry.act == "refund.by_hand")).one() == "农行流水 8801"
        assert order_of(session, number).payment_status == "part_refunded"
    for deed in (ask_again, lambda s, c, **who: paid_by_hand(s, c, "again", **who)):
        with pytest.raises(NotFailed), db.writing() as session:
            deed(session, code, tenant_id=county_rows.id, by="user:U1")
    assert "都退成了" in finance.get("/finance/refunds/failed").text
    sound()


def test_who_only_reads_deals_with_nothing(bounced, signed_in):
    _number, _total, code = bounced
    admin = signed_in("admin", "county", "")
    assert "再退一次" not in admin.get("/finance/refunds/failed").text
    assert admin.post(f"/finance/refunds/failed/{code}/again", data={}).status_code == 403
