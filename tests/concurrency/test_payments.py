"""Money at the same moment: eight notices, two gateways, expiry and payment in one second, cancellation and payment."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db, tasks
from core.ledger.models import Account, Balance
from shop.payments.models import PaymentAttempt, Refund, SandboxCharge
from shop.payments.provider import Verdict
from shop.payments.sandbox import SIGNATURE, notice, sign
from shop.payments.service import cancel_order, expire_due, settle, start_payment
from supply.stock.models import StockLevel
from tests.concurrency.rivals import at_once
from tests.shop.buying import buy, order_of
from tests.shop.visitor import visitor


def charged(county, count=1, *, units=1):
    """A placed order with `count` attempts that the sandbox's book all says are paid; its number, total and their codes."""
    with db.writing() as session:
        placed = buy(session, county, ("tomato", units))
        attempts = [start_payment(session, order_of(session, placed.number), provider="sandbox", method="page").code for _ in range(count)]
        for code in attempts:
            session.add(SandboxCharge(payment=code, tenant_id=county.id, outcome="paid", amount_fen=placed.total_fen, at=clock.now()))
    return placed.number, placed.total_fen, attempts


def paying(code, total):
    return lambda: db.run_write(lambda session: settle(session, code, Verdict("captured", total), by="test"))


def stock(county):
    with db.reading() as session:
        level = session.get(StockLevel, county.level(session, "tomato"))
        return level.on_hand, level.reserved, level.allocated


def test_eight_notices_in_parallel_are_one_capture(county_rows):
    number, total, [code] = charged(county_rows)
    body = notice(code, "paid", amount_fen=total).encode()
    headers = {"content-type": "application/json", SIGNATURE: sign(body)}
    client = visitor(program=True)
    answers = at_once([lambda: client.post("/webhooks/sandbox", content=body, headers=headers)] * 8)
    assert {a.status_code for a in answers} == {200}
    at_once([lambda: tasks.drain(raising=False)] * 2)
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.payment_status, order.captured_fen) == ("paid", total)


def test_eight_settles_in_parallel_are_one_capture(county_rows):
    number, total, [code] = charged(county_rows)
    outcomes = at_once([paying(code, total)] * 8)
    assert sorted(outcomes) == ["captured"] + ["known"] * 7
    with db.reading() as session:
        assert order_of(session, number).captured_fen == total
        gateway = session.exec(select(Balance.amount_fen).join(Account).where(Account.code == "gateway:sandbox")).one()
        assert gateway == total


def test_two_gateways_at_once_the_second_goes_back(county_rows):
    number, total, codes = charged(county_rows, 2)
    assert sorted(at_once([paying(code, total) for code in codes])) == ["captured", "duplicate"]
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.payment_status, order.captured_fen, order.refunded_fen) == ("paid", 2 * total, total)
        assert session.exec(select(Refund.status)).all() == ["done"]
        assert len(session.exec(select(PaymentAttempt.id).where(PaymentAttempt.duplicate_of.is_not(None))).all()) == 1


@pytest.mark.parametrize("units", [30, 20])
def test_expiry_and_payment_in_the_same_second(county_rows, units):
    """Whichever comes first, the order ends paid with its stock, or refunded without; nobody's unit is sold twice."""
    number, total, [code] = charged(county_rows, units=units)
    later = clock.now() + timedelta(minutes=15, seconds=1)

    def expire():
        with clock.at(later):
            return db.run_write(expire_due)

    def pay():
        with clock.at(later):
            return paying(code, total)()

    def rival():
        """Somebody else buys what expiry gives back."""
        with clock.at(later), db.writing() as session:
            return buy(session, county_rows, ("tomato", 30)).number

    outcomes = at_once([expire, pay, rival])
    with clock.at(later):
        tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        on_hand, reserved, allocated = stock(county_rows)
        if order.payment_status == "paid":
            assert (order.status, allocated) == ("open", units)
        else:
            assert (order.status, order.payment_status, order.refunded_fen, allocated) == ("cancelled", "refunded", total, 0)
        assert outcomes[1] in ("captured", "late")
        assert reserved + allocated <= on_hand == 50


def test_cancellation_and_payment_at_once_leave_no_half_order(county_rows):
    number, total, [code] = charged(county_rows)

    def cancel():
        return db.run_write(lambda session: cancel_order(session, order_of(session, number), by="buyer").status)

    outcomes = at_once([cancel, paying(code, total)])
    assert outcomes[0] == "cancelled" and outcomes[1] in ("captured", "late")
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.status, order.payment_status, order.refunded_fen) == ("cancelled", "refunded", total)
    assert stock(county_rows) == (50, 0, 0)


def test_a_second_request_for_the_same_refund_refunds_once(county_rows):
    number, total, [code] = charged(county_rows)
    paying(code, total)()

    def cancel():
        return db.run_write(lambda session: cancel_order(session, order_of(session, number), by="buyer").status)

    assert at_once([cancel] * 6) == ["cancelled"] * 6
    at_once([lambda: tasks.drain(raising=False)] * 3)
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == total
        assert len(session.exec(select(Refund)).all()) == 1
