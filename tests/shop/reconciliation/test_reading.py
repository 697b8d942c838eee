"""A gateway's bill of a day against our books: what heals is healed, what differs stands as an exception, fees and payouts are booked."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock, db, tasks
from core.ledger.models import Account, Balance, Journal
from core.tasks.ticks import run_tick
from shop.payments.asking import ask
from shop.payments.models import PaymentAttempt, Refund, SandboxCharge, SandboxRefund
from shop.payments.provider import GatewaySilent
from shop.payments.providers import provider_named
from shop.payments.service import cancel_order, open_at_gateway
from shop.reconciliation.comparing import NEAR_MIDNIGHT
from shop.reconciliation.models import BillException, GatewayBill, GatewayBillLine, GatewayPayout
from shop.reconciliation.service import read_day
from shop.reconciliation.tasks import due_days, look_at_open_ones, read_bills
from tests.gateways.alipay import FakeAlipay
from tests.gateways.stripe import FakeStripe
from tests.shop.buying import buy, order_of, pay
from tests.shop.payments.gateways import attempt_named, begun, hear, knock, stands, worked


def sold(county, units: int = 1) -> tuple[str, str, int]:
    """Paid at the sandbox and settled: the order's number, the attempt's code, the total."""
    with db.writing() as session:
        number = buy(session, county, ("tomato", units)).number
    with db.writing() as session:
        attempt = pay(session, number)
    tasks.drain()
    return number, attempt.code, attempt.amount_fen


def exceptions(status: str = "open") -> list[tuple[str, str, str, int, int]]:
    with db.reading() as session:
        rows = session.exec(select(BillException).where(BillException.status == status).order_by(col(BillException.id))).all()
        return [(e.kind, e.about, e.number, e.ours_fen, e.theirs_fen) for e in rows]


def held(*codes: str) -> dict[str, int]:
    with db.reading() as session:
        rows = session.exec(select(Account.code, Balance.amount_fen).join(Balance, col(Balance.account_id) == col(Account.id)))
        found = dict(rows.all())
    return {code: found.get(code, 0) for code in codes}


def lost(session: Session, code: str) -> None:
    """The gateway took the payment, and its notice never came."""
    attempt = session.exec(select(PaymentAttempt).where(PaymentAttempt.code == code)).one()
    session.add(
        SandboxCharge(payment=code, tenant_id=attempt.tenant_id, outcome="paid", amount_fen=attempt.amount_fen, at=clock.now())
    )  # fmt: skip


def test_a_day_on_which_both_say_the_same_matches_and_reads_the_same_again(database, county_rows):
    number, code, _total = sold(county_rows)
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    tasks.drain()
    sold(county_rows)
    [bill] = read_day("sandbox", clock.today())
    assert read_day("sandbox", clock.today()) == [bill]
    with db.reading() as session:
        kept = session.exec(select(GatewayBill)).one()
        lines = session.exec(select(GatewayBillLine.kind, GatewayBillLine.number)).all()
    assert (kept.reads, len(lines)) == (2, 3)
    assert ("payment", code) in lines
    assert exceptions() == []


def test_a_payment_nobody_told_us_of_is_asked_about_and_settled(database, county_rows):
    number, _total, code = begun(county_rows, "sandbox", "page")
    with db.writing() as session:
        lost(session, code)
    read_day("sandbox", clock.today())
    assert stands(number) == "paid"
    assert exceptions() == []


def test_a_refund_whose_answer_was_lost_is_kept_as_done(database, county_rows):
    number, code, total = sold(county_rows)
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    with db.writing() as session:  # the gateway gives it, and nobody hears of it
        refund = session.exec(select(Refund)).one()
        session.add(SandboxRefund(code=refund.code, tenant_id=refund.tenant_id, payment=code, amount_fen=total, at=clock.now()))
    read_day("sandbox", clock.today())
    with db.reading() as session:
        assert session.exec(select(Refund.status)).one() == "done"
    assert (stands(number), exceptions()) == ("refunded", [])
    tasks.drain()
    assert held("gateway:sandbox", "buyer") == {"gateway:sandbox": 0, "buyer": 0}


def test_what_alipay_kept_is_booked_once_and_a_webhook_that_never_came_is_made_good(database, county_rows, alipay: FakeAlipay):
    number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    alipay.scan(code)
    alipay.charge(code)  # its notice is lost
    assert stands(number) == "unpaid"
    read_day("alipay", clock.today())
    read_day("alipay", clock.today())
    fee = total * 6 // 1000
    assert stands(number) == "paid"
    assert held("gateway:alipay", "fee:gateway") == {"gateway:alipay": total - fee, "fee:gateway": fee}
    assert exceptions() == []
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    worked()
    read_day("alipay", clock.today())
    assert held("gateway:alipay", "fee:gateway") == {"gateway:alipay": 0, "fee:gateway": 0}, "the fee came back with the refund"


def test_stripes_payout_goes_from_its_account_to_the_bank(database, county_rows, stripe: FakeStripe):
    _number, total, code = begun(county_rows, "stripe", "card")
    hear(stripe.charge(open_at_gateway(code).ref))
    worked()
    fee = total * 29 // 1000
    stripe.payout(total - fee)
    read_day("stripe", clock.today())
    read_day("stripe", clock.today())
    expected = {"gateway:stripe": 0, "fee:gateway": fee, "bank": total - fee, "buyer": 0}
    assert held(*expected) == expected
    with db.reading() as session:
        payout = session.exec(select(GatewayPayout)).one()
        assert (payout.amount_fen, payout.booked_by) == (total - fee, "bill")
        assert session.exec(select(Journal.kind).where(col(Journal.kind).startswith("gateway_"))).all() == ["gateway_fee", "gateway_payout"]


def test_a_refund_after_everything_was_paid_out_leaves_the_gateway_owed(database, county_rows, stripe: FakeStripe):
    number, total, code = begun(county_rows, "stripe", "card")
    hear(stripe.charge(open_at_gateway(code).ref))
    worked()
    stripe.payout(total - total * 29 // 1000)
    read_day("stripe", clock.today())
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    worked()
    assert stands(number) == "refunded"
    assert held("gateway:stripe") == {"gateway:stripe": -total}


def test_what_differs_stands_as_an_exception_with_both_amounts(database, county_rows, alipay: FakeAlipay, stripe: FakeStripe):
    _number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    alipay.scan(code)
    knock(alipay.charge(code))
    worked()
    alipay.trades[code].fen = total + 1
    open_at_gateway(begun(county_rows, "alipay", "qr")[2])
    foreign = "别家店的单号"
    alipay.codes[foreign] = {"out_trade_no": foreign, "total_amount": "12.00"}
    alipay.scan(foreign)
    alipay.charge(foreign)
    read_day("alipay", clock.today())
    assert exceptions() == [("amount", "payment", code, total, total + 1), ("unknown", "payment", foreign, 0, 1200)]
    _number, total, other = begun(county_rows, "stripe", "card")
    hear(stripe.charge(open_at_gateway(other).ref))
    worked()
    stripe.moves.clear()
    stripe.adjust(-300)
    read_day("stripe", clock.today())
    assert exceptions()[2:] == [("other", "other", "txn_000000000000000000000000", 0, -300), ("missing_there", "payment", other, total, 0)]


def test_a_payment_that_its_gateway_lists_later_heals(database, county_rows, stripe: FakeStripe):
    _number, total, code = begun(county_rows, "stripe", "card")
    hear(stripe.charge(open_at_gateway(code).ref))
    worked()
    hidden = stripe.moves.pop()
    stripe.payout(1)
    read_day("stripe", clock.today())
    assert exceptions() == [("missing_there", "payment", code, total, 0)]
    stripe.moves.append(hidden)
    read_day("stripe", clock.today())
    assert (exceptions(), exceptions("healed")) == ([], [("missing_there", "payment", code, total, 0)])


def test_a_payment_that_could_not_be_asked_about_is_settled_when_it_can(database, county_rows, alipay: FakeAlipay):
    number, total, code = begun(county_rows, "alipay", "qr")
    open_at_gateway(code)
    alipay.scan(code)
    alipay.charge(code)
    alipay.fail("alipay.trade.query", "down")
    read_day("alipay", clock.today())
    assert exceptions() == [("missing_here", "payment", code, 0, total)]
    look_at_open_ones()
    assert (stands(number), exceptions(), len(exceptions("healed"))) == ("paid", [], 1)


def at_midnight(seconds: int):
    """So many seconds after the midnight that begins today."""
    return clock.at(clock.midnight(clock.today()) + timedelta(seconds=seconds))


def test_a_payment_counts_to_the_day_on_which_its_gateway_lists_it(database, county_rows):
    """Paid two seconds before midnight, heard of three seconds after: on yesterday's bill, and on no other."""
    today = clock.today()
    with at_midnight(-2):
        _number, total, code = begun(county_rows, "sandbox", "page")
        with db.writing() as session:
            attempt = session.exec(select(PaymentAttempt).where(PaymentAttempt.code == code)).one()
            session.add(SandboxCharge(payment=code, tenant_id=attempt.tenant_id, outcome="paid", amount_fen=total, at=clock.now()))
    with at_midnight(3):
        read_day("sandbox", today - timedelta(days=1))
        assert clock.business_date(attempt_named(code).captured_at or clock.now()) == today
    with clock.at(clock.midnight(today + timedelta(days=1))):
        read_day("sandbox", today)
    with db.reading() as session:
        days = session.exec(select(GatewayBill.day).join(GatewayBillLine, col(GatewayBillLine.bill_id) == col(GatewayBill.id))).all()
        assert [str(day) for day in days] == [str(today - timedelta(days=1))]
    assert exceptions() == []


def test_a_clock_a_little_ahead_at_midnight_makes_no_exception(database, county_rows, stripe: FakeStripe):
    """Ours says 23:59, Stripe's 00:01: it is looked for with the next day's bill, where it stands."""
    today, almost = clock.today(), -int(NEAR_MIDNIGHT.total_seconds()) + 60
    with at_midnight(almost):
        _number, _total, code = begun(county_rows, "stripe", "card")
        ref = open_at_gateway(code).ref
        told = stripe.charge(ref)
        stripe.moves[-1]["created"] = int(clock.midnight(today).timestamp()) + 60
    with clock.at(clock.midnight(today) - timedelta(seconds=60)):
        ask(code)
    assert told and attempt_named(code).status == "captured"
    with clock.at(clock.midnight(today + timedelta(days=2))):
        read_day("stripe", today - timedelta(days=1))
        assert exceptions() == []
        read_day("stripe", today)
    assert exceptions() == []
    with db.reading() as session:
        line = session.exec(select(GatewayBill.day).join(GatewayBillLine, col(GatewayBillLine.bill_id) == col(GatewayBill.id))).one()
    assert line == today


def test_a_line_on_two_days_is_told_and_counted_once(database, county_rows, stripe: FakeStripe):
    _number, total, code = begun(county_rows, "stripe", "card")
    hear(stripe.charge(open_at_gateway(code).ref))
    worked()
    read_day("stripe", clock.today())
    stripe.moves[0]["created"] -= 86_400
    read_day("stripe", clock.today() - timedelta(days=1))
    assert exceptions() == [("twice", "payment", code, total, total)]
    assert held("fee:gateway") == {"fee:gateway": total * 29 // 1000}


def test_every_finished_day_is_read_by_itself_and_once(database, county_rows):
    today = clock.today()
    with clock.at(clock.midnight(today - timedelta(days=2)) + timedelta(hours=9)):
        sold(county_rows)
    assert [str(d) for d in _due()] == [str(today - timedelta(days=n)) for n in (2, 1)]
    assert run_tick("bills.read")
    assert _due() == []
    with db.reading() as session:
        assert [b.day for b in session.exec(select(GatewayBill).order_by(col(GatewayBill.day)))] == [
            today - timedelta(days=n) for n in (2, 1)
        ]


def _due(name: str = "sandbox") -> list[date]:
    with db.reading() as session:
        return due_days(session, provider_named(name))


def test_a_gateway_that_does_not_answer_is_asked_again_later_and_its_bill_says_why(database, county_rows, alipay: FakeAlipay):
    yesterday = clock.today() - timedelta(days=1)
    with clock.at(clock.midnight(yesterday) + timedelta(hours=9)):
        _number, _total, code = begun(county_rows, "alipay", "qr")
        open_at_gateway(code)
    alipay.scan(code)
    alipay.charge(code)
    alipay.trades[code].done_at[""] = f"{yesterday} 09:00:05"
    later = clock.midnight(clock.today() + timedelta(days=1)) - timedelta(hours=1)
    alipay.fail("alipay.data.dataservice.bill.downloadurl.query", "down")
    with clock.at(later):
        read_bills()
        assert _due("alipay") == []
    with db.reading() as session:
        kept = session.exec(select(GatewayBill).where(GatewayBill.provider == "alipay")).one()
        assert (kept.read_at, kept.tries, "支付宝没有回话" in kept.trouble) == (None, 1, True)
    with clock.at(later + timedelta(minutes=11)):
        assert _due("alipay") == [yesterday]
        read_bills()
    with db.reading() as session:
        kept = session.exec(select(GatewayBill).where(GatewayBill.provider == "alipay", GatewayBill.day == yesterday)).one()
        assert (kept.reads, kept.trouble) == (1, "")


def test_an_empty_bill_beside_money_of_ours_is_one_that_is_not_written_yet(database, county_rows, stripe: FakeStripe):
    _number, total, code = begun(county_rows, "stripe", "card")
    hear(stripe.charge(open_at_gateway(code).ref))
    worked()
    stripe.moves.clear()
    with pytest.raises(GatewaySilent):
        read_day("stripe", clock.today())
    day = clock.today()
    with clock.at(clock.midnight(day + timedelta(days=3))):
        read_day("stripe", day)
    assert exceptions() == [("missing_there", "payment", code, total, 0)]
