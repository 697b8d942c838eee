"""One road from a verdict to the order: paid once, late money re-takes the goods or goes back, a second payment goes back."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db, i18n, pii, tasks
from core.audit import AuditEntry
from core.ledger.models import Account, Balance
from core.outbox import Outbox
from fulfillment.consignments.models import Consignment, ConsignmentLine
from fulfillment.income.models import IncomeEntry
from shop.orders.models import OrderLine
from shop.payments.cashier import decide
from shop.payments.models import PaymentAttempt, Refund, SandboxCharge, SandboxRefund
from shop.payments.provider import Verdict
from shop.payments.service import cancel_order, expire_due, settle, start_payment
from shop.payments.tasks import ask, expire
from supply.products.models import Product
from supply.stock.models import StockLevel
from tests.shop.buying import buy, order_of, pay
from tests.shop.selling import make_link, make_user


def balances(session):
    return dict(session.exec(select(Account.code, Balance.amount_fen).join(Balance, Balance.account_id == Account.id)).all())


def stock(session, county, name):
    level = session.get(StockLevel, county.level(session, name), populate_existing=True)
    return level.on_hand, level.reserved, level.allocated


def place(county, *wanted, **more):
    with db.writing() as session:
        return buy(session, county, *wanted, **more)


def chosen(number, **more):
    with db.writing() as session:
        return pay(session, number, **more).code


def test_a_paid_order_has_stock_consignments_ledger_and_income_at_once(county_rows):
    placed = place(county_rows, ("tomato", 2), ("clam", 1))
    chosen(placed.number)
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, placed.number)
        assert (order.payment_status, order.fulfillment_status, order.captured_fen) == ("paid", "packing", order.total_fen)
        assert stock(session, county_rows, "tomato") == (50, 0, 2)
        consigned = session.exec(select(ConsignmentLine.line_code).join(Consignment).where(Consignment.source_code == placed.number)).all()
        lines = session.exec(select(OrderLine.code).where(OrderLine.order_id == order.id)).all()
        assert sorted(consigned) == sorted(lines)
        held = balances(session)
        assert held["gateway:sandbox"] == order.total_fen
        assert held["buyer"] == 0
        assert held["transport"] == order.freight_fen
        assert sum(fen for code, fen in held.items() if code != "gateway:sandbox") == order.total_fen
        assert held["grower:" + county_rows.growers[1].code] == 6336
        entries = session.exec(select(IncomeEntry)).all()
        assert sum(e.amount_fen for e in entries) == order.total_fen
        assert {e.state for e in entries} == {"pending"}
        assert session.exec(select(Outbox.key).where(Outbox.topic == "order.paid")).all() == [placed.number]
        assert session.get(Product, county_rows.variants["tomato"].product_id).sales == 2


def test_the_same_verdict_again_changes_nothing(county_rows):
    placed = place(county_rows, ("tomato", 1))
    code = chosen(placed.number)
    tasks.drain()
    with db.writing() as session:
        paid = Verdict("captured", placed.total_fen)
        assert settle(session, code, paid, by="test") == "known"
        assert settle(session, code, Verdict("failed"), by="test") == "known"
    with db.reading() as session:
        assert order_of(session, placed.number).captured_fen == placed.total_fen
        assert session.exec(select(Refund)).all() == []


def test_a_failed_payment_may_be_tried_again(county_rows):
    placed = place(county_rows, ("tomato", 1))
    code = chosen(placed.number, outcome="failed")
    tasks.drain()
    with db.reading() as session:
        assert session.exec(select(PaymentAttempt.status).where(PaymentAttempt.code == code)).one() == "failed"
        assert order_of(session, placed.number).payment_status == "unpaid"
    chosen(placed.number)
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, placed.number).payment_status == "paid"


@pytest.mark.parametrize("said", [Verdict("captured", 1), Verdict("captured", 0), Verdict("captured", 10**9), None])
def test_another_amount_or_currency_is_not_believed(county_rows, said):
    placed = place(county_rows, ("tomato", 1))
    with db.writing() as session:
        order = order_of(session, placed.number)
        code = start_payment(session, order, provider="sandbox", method="page").code
        assert settle(session, code, said or Verdict("captured", placed.total_fen, "USD"), by="test") == "wrong_amount"
    with db.reading() as session:
        assert order_of(session, placed.number).payment_status == "unpaid"
        assert balances(session) == {}


def test_expiry_gives_stock_and_quota_back_and_late_money_takes_them_again(county_rows):
    with db.writing() as session:
        seller = make_user(session, "13800000005", "小满")
        link = make_link(session, county_rows, seller, {"tomato": 3000}, quota=5, commission_bp=500)
    placed = place(county_rows, ("tomato", 2), link=link.code)
    with db.writing() as session:
        order = order_of(session, placed.number)
        code = start_payment(session, order, provider="sandbox", method="page").code
    with clock.at(clock.now() + timedelta(minutes=16)):
        with db.writing() as session:
            assert expire_due(session) == 1
            assert expire_due(session) == 0
            assert stock(session, county_rows, "tomato") == (50, 0, 0)
            session.refresh(session.merge(link))
            assert session.get(type(link), link.id).sold == 0
        with db.writing() as session:
            decide(session, code, "paid", tenant_id=county_rows.id, amount_fen=placed.total_fen)
        tasks.drain()
        with db.reading() as session:
            order = order_of(session, placed.number)
            assert (order.status, order.payment_status) == ("open", "paid")
            assert stock(session, county_rows, "tomato") == (50, 0, 2)
            assert session.get(type(link), link.id).sold == 2


def test_late_money_goes_back_when_the_goods_are_gone(county_rows):
    placed = place(county_rows, ("tomato", 10))
    with db.writing() as session:
        code = start_payment(session, order_of(session, placed.number), provider="sandbox", method="page").code
    with clock.at(clock.now() + timedelta(minutes=16)):
        with db.writing() as session:
            expire_due(session)
        place(county_rows, ("tomato", 45))
        with db.writing() as session:
            decide(session, code, "paid", tenant_id=county_rows.id, amount_fen=placed.total_fen)
        with i18n.speaking("en"):  # somebody else's page: the buyer's message is the buyer's
            tasks.drain()
        with db.reading() as session:
            order = order_of(session, placed.number)
            assert (order.status, order.payment_status) == ("cancelled", "refunded")
            assert (order.captured_fen, order.refunded_fen) == (placed.total_fen, placed.total_fen)
            assert balances(session) == {"gateway:sandbox": 0, "buyer": 0}
            assert stock(session, county_rows, "tomato") == (50, 45, 0)
            (message,) = session.exec(select(Outbox).where(Outbox.key == f"late:{code}")).all()
            assert message.topic == "message.send"
            assert "钱正在原路退回" in pii.unseal(message.payload["words"], message.payload["context"])


def test_two_attempts_both_captured_the_second_goes_back(county_rows):
    placed = place(county_rows, ("tomato", 1))
    with db.writing() as session:
        first, second = pay(session, placed.number), pay(session, placed.number, method="qr")
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, placed.number)
        assert (order.payment_status, order.captured_fen, order.refunded_fen) == ("paid", 2 * placed.total_fen, placed.total_fen)
        attempts = {a.code: a for a in session.exec(select(PaymentAttempt))}
        assert {a.status for a in attempts.values()} == {"captured"}
        doubles = [a for a in attempts.values() if a.duplicate_of is not None]
        assert len(doubles) == 1
        refund = session.exec(select(Refund)).one()
        assert (refund.status, refund.attempt_id, refund.amount_fen) == ("done", doubles[0].id, placed.total_fen)
        assert session.exec(select(SandboxRefund.payment)).one() == doubles[0].code
        assert balances(session)["gateway:sandbox"] == placed.total_fen
    assert {first.code, second.code} == set(attempts)


def test_a_cancelled_paid_order_gives_everything_back(county_rows):
    with db.writing() as session:
        seller = make_user(session, "13800000005", "小满")
        link = make_link(session, county_rows, seller, {"tomato": 3000}, quota=5, commission_bp=500)
    placed = place(county_rows, ("tomato", 2), ("clam", 1), link=link.code)
    chosen(placed.number)
    tasks.drain()
    for _ in range(2):
        with db.writing() as session:
            assert cancel_order(session, order_of(session, placed.number), by="buyer").status == "cancelled"
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, placed.number)
        assert (order.status, order.payment_status, order.fulfillment_status) == ("cancelled", "refunded", "none")
        assert stock(session, county_rows, "tomato") == (50, 0, 0)
        assert session.get(type(link), link.id).sold == 0
        assert set(balances(session).values()) == {0}
        assert {e.state for e in session.exec(select(IncomeEntry))} == {"reversed"}
        assert {c.status for c in session.exec(select(Consignment))} == {"cancelled"}
        assert session.get(Product, county_rows.variants["tomato"].product_id).sales == 0


def test_money_for_a_cancelled_order_goes_back(county_rows):
    placed = place(county_rows, ("tomato", 1))
    code = chosen(placed.number)
    with db.writing() as session:
        cancel_order(session, order_of(session, placed.number), by="buyer")
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, placed.number)
        assert (order.status, order.payment_status, order.refunded_fen) == ("cancelled", "refunded", placed.total_fen)
        assert session.exec(select(Refund.key)).one() == f"late:{code}"


def test_a_lost_notice_is_found_by_asking_and_silence_is_closed_after_26_hours(county_rows):
    placed, other = place(county_rows, ("tomato", 1)), place(county_rows, ("tea", 1))
    with db.writing() as session:
        code, silent = (
            start_payment(session, order_of(session, n), provider="sandbox", method="page").code for n in (placed.number, other.number)
        )
    assert ask(code) == "waiting"
    with db.writing() as session:
        session.add(
            SandboxCharge(payment=code, tenant_id=county_rows.id, outcome="paid", amount_fen=placed.total_fen, at=clock.now())
        )  # fmt: skip
    assert ask(code) == "captured"
    with clock.at(clock.now() + timedelta(hours=26, minutes=1)):
        assert ask(silent) == "closed"
        tasks.drain()
        expire()
        expire()
        with db.reading() as session:
            assert order_of(session, placed.number).payment_status == "paid"
            assert (order_of(session, other.number).status, order_of(session, other.number).payment_status) == ("open", "expired")
    with clock.at(clock.now() + timedelta(hours=27)):
        expire()
        with db.reading() as session:
            assert order_of(session, other.number).status == "cancelled"


def test_money_for_an_order_its_buyer_cancelled_goes_back_and_says_why(county_rows):
    placed = place(county_rows, ("tomato", 1))
    with db.writing() as session:
        order = order_of(session, placed.number)
        code = start_payment(session, order, provider="sandbox", method="page").code
        cancel_order(session, order, by="buyer")
        decide(session, code, "paid", tenant_id=county_rows.id, amount_fen=placed.total_fen)
    tasks.drain()
    with db.reading() as session:
        assert session.exec(select(Refund.reason)).one() == "订单已经取消，原路退回"
        (message,) = session.exec(select(Outbox).where(Outbox.key == f"late:{code}")).all()
        assert "已经取消" in pii.unseal(message.payload["words"], message.payload["context"])
        assert session.exec(select(Outbox.key).where(Outbox.topic == "order.cancelled")).all() == [placed.number]


def test_an_order_that_late_money_ends_is_told_of_like_any_cancelled_one(county_rows):
    placed = place(county_rows, ("tomato", 50))
    with db.writing() as session:
        code = start_payment(session, order_of(session, placed.number), provider="sandbox", method="page").code
    with clock.at(clock.now() + timedelta(minutes=16)):
        with db.writing() as session:
            expire_due(session)
        place(county_rows, ("tomato", 1))
        with db.writing() as session:
            decide(session, code, "paid", tenant_id=county_rows.id, amount_fen=placed.total_fen)
        tasks.drain()
    with db.reading() as session:
        assert session.exec(select(Outbox.key).where(Outbox.topic == "order.cancelled")).all() == [placed.number]


def test_a_wrong_amount_is_written_down_once_and_asked_about_at_the_usual_times(county_rows):
    placed = place(county_rows, ("tomato", 1))
    with db.writing() as session:
        code = start_payment(session, order_of(session, placed.number), provider="sandbox", method="page").code
    for asked in (1, 2, 3):
        with db.writing() as session:
            assert settle(session, code, Verdict("captured", placed.total_fen - 1), by="query") == "wrong_amount"
        with db.reading() as session:
            attempt = session.exec(select(PaymentAttempt)).one()
            assert (attempt.status, attempt.queries) == ("created", asked) and attempt.next_query_at > clock.now()
            assert len(session.exec(select(AuditEntry).where(AuditEntry.act == "wrong_amount")).all()) == 1
