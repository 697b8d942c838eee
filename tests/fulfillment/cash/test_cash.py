"""Cash at a station is the master's debt at once; it is counted, netted against a statement or paid in, and never hidden."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core import clock
from core.errors import Refused
from core.ledger.models import Account, Balance
from fulfillment.cash import service as cash
from fulfillment.cash.models import CashTaking
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from fulfillment.settlement import paying, service
from tests.county import SmallCounty, small_county
from tests.fulfillment.settlement.owing import ONE, TWO, earn, frozen


@pytest.fixture
def county(session: Session) -> SmallCounty:
    return small_county(session)


def held(session: Session, code: str) -> int:
    return int(session.exec(select(Balance.amount_fen).join(Account).where(Account.code == code)).first() or 0)


def test_cash_is_a_debt_at_once_and_never_in_sale(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    cash.take_cash(session, station, "service", 500, what="代缴电费手续费", by="U1")
    cash.take_cash(session, station, "send", 1200, what="寄到杭州", by="U1")
    cash.take_cash(session, station, "collected", 300, what="", by="U1")
    assert cash.held_at(session, station) == 2000
    assert [held(session, code) for code in (f"station:{station.code}", "transport", "platform")] == [500, 1200, 300]
    assert session.exec(select(IncomeEntry.source)).all() == ["service"]


def test_a_slip_of_the_finger_is_undone_until_the_day_is_closed(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    wrong = cash.take_cash(session, station, "service", 50000, what="", by="U1")
    cash.undo_taking(session, station, wrong.code, by="U1")
    cash.undo_taking(session, station, wrong.code, by="U1")
    assert (cash.held_at(session, station), session.exec(select(IncomeEntry.state)).one()) == (0, "reversed")
    right = cash.take_cash(session, station, "send", 700, what="", by="U1")
    cash.close_day(session, station, 700, reason="", by="U1")
    with pytest.raises(cash.ClosedAlready):
        cash.undo_taking(session, station, right.code, by="U1")
    with pytest.raises(cash.TakingUnknown):
        cash.undo_taking(session, county.stations[1], right.code, by="U1")


def test_a_difference_needs_a_reason_and_a_shortage_stays_a_debt(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    cash.take_cash(session, station, "send", 1000, what="", by="U1")
    with pytest.raises(Refused) as refused:
        cash.close_day(session, station, 900, reason=" ", by="U1")
    assert refused.value.more["field"] == "reason"
    closed = cash.close_day(session, station, 900, reason="找错了零钱", by="U1")
    assert (closed.expected_fen, closed.counted_fen, cash.held_at(session, station)) == (1000, 900, 1000)
    with pytest.raises(cash.ClosedAlready):
        cash.close_day(session, station, 1000, reason="", by="U1")
    with clock.at(clock.now() + timedelta(days=1)):
        cash.close_day(session, station, 1100, reason="多出来的不知道谁给的", by="U1")
    assert (cash.held_at(session, station), held(session, "platform")) == (1100, 100), "too much is the county's, and a debt"


def test_no_more_is_paid_in_than_is_held(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    cash.take_cash(session, station, "send", 1000, what="", by="U1")
    with pytest.raises(cash.MoreThanHeld), session.begin_nested():
        cash.pay_in(session, station, 1001, reference="", by=ONE)
    session.expire_all()
    cash.pay_in(session, station, 1000, reference="收据 7", by=ONE)
    assert (cash.held_at(session, station), held(session, "bank")) == (0, 1000)


def test_cash_is_netted_against_the_statement_and_the_rest_is_paid(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    earn(session, county, "station", station.code, 3000, "A1")
    cash.take_cash(session, station, "send", 1000, what="", by="U1")
    run = frozen(session, county)
    (statement,) = service.statements_of(session, run)
    assert (statement.amount_fen, statement.netted_fen, statement.payout_fen) == (3000, 1000, 2000)
    assert cash.held_at(session, station) == 0
    with pytest.raises(cash.MoreThanHeld), session.begin_nested():
        cash.pay_in(session, station, 1000, reference="", by=ONE)  # it is netted: nobody pays it in as well
    session.expire_all()
    service.approve(session, run, by=TWO)
    service.give_to_bank(session, run, by=ONE)
    paying.mark_paid(session, statement, by=TWO)
    assert [held(session, f"{a}:{station.code}") for a in ("station", "netting", "cash")] == [0, 0, 0]
    assert held(session, "payout") == 2000


def test_a_service_paid_in_cash_comes_to_nothing_on_the_statement(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    cash.take_cash(session, station, "service", 500, what="打印", by="U1")
    mature(session, tenant_id=county.id)
    run = frozen(session, county)
    (statement,) = service.statements_of(session, run)
    assert (statement.amount_fen, statement.netted_fen, statement.payout_fen, statement.way) == (500, 500, 0, "hand")
    with pytest.raises(cash.ClosedAlready):
        cash.undo_taking(session, station, session.exec(select(CashTaking.code)).one(), by="U1")
    service.void(session, run, by=ONE, reason="重来")
    assert cash.held_at(session, station) == 500, "a voided run gives the debt back"


def test_more_cash_than_income_is_netted_as_far_as_it_goes(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    earn(session, county, "station", station.code, 300, "A1")
    cash.take_cash(session, station, "send", 1000, what="", by="U1")
    (statement,) = service.statements_of(session, frozen(session, county))
    assert (statement.netted_fen, statement.payout_fen, cash.held_at(session, station)) == (300, 0, 700)


@pytest.mark.parametrize(("purpose", "fen"), [("sale", 100), ("", 100), ("send", 0), ("send", -5), ("send", cash.MOST_FEN + 1)])
def test_what_is_no_taking_is_refused(session: Session, county: SmallCounty, purpose: str, fen: int) -> None:
    with pytest.raises(Refused):
        cash.take_cash(session, county.stations[0], purpose, fen, what="", by="U1")
    assert session.exec(select(CashTaking)).all() == []
