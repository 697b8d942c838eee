"""Which day money counts to, and by which rule: every payment is of one business day, Shanghai's, whatever UTC calls it; an order keeps
the rule it was placed under."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from core import clock, db, tasks
from core.clock import SHANGHAI
from core.ledger.models import Journal
from fulfillment.income.models import IncomeEntry
from fulfillment.timetable.service import open_days
from shop.orders.models import LineShare, OrderLine
from shop.payments.cashier import decide
from shop.payments.service import start_payment
from supply.counties.models import ShareRule
from tests.shop.buying import buy, order_of


@pytest.mark.parametrize(
    ("paid_at", "day"),
    [
        (datetime(2027, 1, 31, 23, 59, 59, 999999, SHANGHAI), date(2027, 1, 31)),
        (datetime(2027, 2, 1, 0, 0, 0, 0, SHANGHAI), date(2027, 2, 1)),
        (datetime(2028, 2, 29, 23, 59, 59, 0, SHANGHAI), date(2028, 2, 29)),
        (datetime(2028, 3, 1, 0, 0, 0, 0, SHANGHAI), date(2028, 3, 1)),
        (datetime(2026, 12, 31, 16, 0, 0, 0, UTC), date(2027, 1, 1)),  # still last year in UTC
        (datetime(2026, 12, 31, 15, 59, 59, 0, UTC), date(2026, 12, 31)),
    ],
)
def test_a_payment_counts_to_the_shanghai_day_it_was_captured_on(county_rows, paid_at, day):
    with clock.at(paid_at - timedelta(minutes=5)), db.writing() as session:
        today = clock.today()
        open_days(session, county_rows.county, today, today + timedelta(days=4))
        placed = buy(session, county_rows, ("tea", 1))
    with clock.at(paid_at):
        with db.writing() as session:
            code = start_payment(session, order_of(session, placed.number), provider="sandbox", method="page").code
            decide(session, code, "paid", tenant_id=county_rows.id, amount_fen=placed.total_fen)
        tasks.drain()
    with db.reading() as session:
        days = session.exec(select(Journal.business_date).where(Journal.cause_code == placed.number)).all()
        earned = session.exec(select(IncomeEntry.business_date)).all()
    assert set(days) == set(earned) == {day}


def test_a_new_share_rule_is_for_new_orders_and_never_touches_an_old_one(county_rows):
    with db.writing() as session:
        old = buy(session, county_rows, ("tomato", 1))
        new_rule = ShareRule(
            tenant_id=county_rows.id, version="2025-1", starts_on=clock.today(), consignment_bp=7000, master_bp=2000, platform_bp=1000,
            packing_fen=60, inbound_fen=40,
        )  # fmt: skip
        session.add(new_rule)
        session.flush()
        new = buy(session, county_rows, ("tomato", 1))
    with db.writing() as session:
        for placed in (old, new):
            code = start_payment(session, order_of(session, placed.number), provider="sandbox", method="page").code
            decide(session, code, "paid", tenant_id=county_rows.id, amount_fen=placed.total_fen)
    tasks.drain()
    with db.reading() as session:

        def told(number: str) -> dict[str, tuple[int, str]]:
            order = order_of(session, number)
            rows = session.exec(select(LineShare).join(OrderLine).where(OrderLine.order_id == order.id)).all()
            earned = {e.key.rpartition(":")[2]: (e.amount_fen, e.rule_version) for e in session.exec(
                select(IncomeEntry).join(OrderLine, OrderLine.code == IncomeEntry.cause_code).where(OrderLine.order_id == order.id)
            )}  # fmt: skip
            assert earned == {s.role: (s.amount_fen, s.rule_version) for s in rows}
            return earned

        before, after = told(old.number), told(new.number)
    assert before["grower"] == (3168, "2024-1") and before["master"] == (288, "2024-1") and before["platform"] == (144, "2024-1")
    assert after["grower"] == (2520, "2025-1") and after["master"] == (720, "2025-1") and after["platform"] == (360, "2025-1")
