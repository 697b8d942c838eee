"""While somebody claims, nothing that scans say of the delivery ends or restarts the wait of the line's income; and what waits, ends."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock, db, tasks
from fulfillment.consignments.models import Consignment, ConsignmentLine, Parcel
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from shop.claims.deciding import Decision, decide
from shop.claims.models import Reason
from shop.claims.rules import Said
from shop.orders.earnings import begin_windows
from shop.orders.models import OrderLine
from shop.payments.giving import Part, give_back, left_of
from tests.fulfillment.shipping import event, scan
from tests.shop.buying import order_of
from tests.shop.claims.claiming import claim, colleague, delivered, of_code
from tests.shop.earning import sell


def redated(session: Session, number: str, later: timedelta) -> None:
    """Scans that came in late say that it was delivered at another time."""
    sent = session.exec(select(Consignment).where(Consignment.source_code == number)).all()
    for each in sent:
        each.delivered_at = each.delivered_at + later
        session.add(each)
    session.flush()
    begin_windows(session, sent)


def states(session: Session, *, sources: tuple[str, ...] = ("sale", "adjustment")) -> set[str]:
    return set(session.exec(select(IncomeEntry.state).where(col(IncomeEntry.source).in_(sources))))


@pytest.mark.parametrize("later", [timedelta(hours=-20), timedelta(hours=5)])
def test_a_redated_delivery_neither_ends_nor_restarts_the_wait_of_a_claimed_line(county_rows, later):
    number = delivered(county_rows, ("clam", 1))
    made = claim(number)
    with db.writing() as session:
        redated(session, number, later)
    with clock.at(clock.now() + timedelta(days=30)), db.writing() as session:
        mature(session, tenant_id=county_rows.id)
        assert states(session) == {"pending"}
        assert of_code(session, made.code).closes_at == made.closes_at


def test_a_redated_delivery_of_an_unclaimed_line_begins_its_window_anew(county_rows):
    number = delivered(county_rows, ("tomato", 1), ("tea", 1))
    claim(number, Said(Reason.SPOILED, damaged_pct=60))
    with db.writing() as session:
        redated(session, number, timedelta(hours=5))
        rows = session.exec(select(IncomeEntry.cause_code, IncomeEntry.payable_at).where(IncomeEntry.source == "sale"))
        assert sorted(at is None for at in {code: at for code, at in rows}.values()) == [False, True]  # noqa: C416 - rows of two


def test_after_the_decision_the_income_goes_on_with_the_window_the_claim_was_opened_in(county_rows):
    number = delivered(county_rows, ("clam", 1))
    made = claim(number)
    with db.writing() as session:
        redated(session, number, timedelta(hours=5))
    with db.writing() as session:
        decide(session, colleague(county_rows, "finance", "U8"), made.code, Decision(approves=False, note="照片看不出"))
        ends = set(session.exec(select(IncomeEntry.payable_at).where(IncomeEntry.source == "sale")))
        assert ends == {made.closes_at}


def _lost(county, *wanted: tuple[str, int]) -> str:
    number = sell(county, *wanted, packed=True)
    with db.writing() as session:
        for parcel in session.exec(select(Parcel).join(Consignment).where(Consignment.source_code == number)).all():
            assert scan(session, county, event("lose", parcel, ""))[0].result == "accepted"
    return number


def test_of_an_order_that_was_lost_and_given_back_whole_nothing_waits_any_more(county_rows):
    number = _lost(county_rows, ("tomato", 1))
    made = claim(number, Said(Reason.NOT_ARRIVED), photos=0)
    with db.writing() as session:
        decide(session, colleague(county_rows, "finance", "U8"), made.code, Decision(approves=True))
    tasks.drain()
    with db.writing() as session:
        mature(session, tenant_id=county_rows.id)
        assert states(session, sources=("sale", "adjustment", "handling")) == {"payable"}
        assert order_of(session, number).payment_status == "refunded"


def test_a_lost_line_that_is_not_made_good_waits_its_window_and_no_longer(county_rows):
    number = _lost(county_rows, ("tomato", 1))
    made = claim(number, Said(Reason.NOT_ARRIVED), photos=0)
    with db.writing() as session:
        decide(session, colleague(county_rows, "finance", "U8"), made.code, Decision(approves=False, note="买家说后来收到了"))
        mature(session, tenant_id=county_rows.id)
        assert states(session) == {"pending"}
    with clock.at(clock.now() + timedelta(hours=25)), db.writing() as session:
        mature(session, tenant_id=county_rows.id)
        assert states(session) == {"payable"}


def test_what_is_given_back_whole_before_it_came_waits_for_nothing_and_the_rest_does(county_rows):
    number = sell(county_rows, ("tomato", 1), ("tea", 1), packed=True)
    with db.writing() as session:
        order = order_of(session, number)
        lines = list(session.exec(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)))
        first = lines[0]
        give_back(session, order, [Part(first.id, left_of(session, [first])[first.id].fen)], key="k", reason="少装了")
        mature(session, tenant_id=county_rows.id)
        rows = session.exec(select(IncomeEntry.cause_code, IncomeEntry.state).where(IncomeEntry.source == "sale")).all()
        assert set(rows) == {(first.code, "payable"), (lines[1].code, "pending")}
        packing = set(session.exec(select(IncomeEntry.state).where(IncomeEntry.source == "handling")))
        assert len(set(session.exec(select(ConsignmentLine.consignment_id)))) == 1
        assert packing == {"pending"}, "the parcel still carries the other line"
    tasks.drain()
