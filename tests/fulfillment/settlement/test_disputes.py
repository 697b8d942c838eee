"""A row that its party disputes waits for finance; what was frozen is paid and put right by a row of its own."""

import pytest
from sqlmodel import Session, select

from core import clock
from core.errors import Conflict, Refused
from core.status import StatusEvent, StatusMoved
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from fulfillment.settlement import disputing, paying, service
from fulfillment.settlement.drafting import preview
from fulfillment.settlement.models import IncomeDispute
from tests.broken import broken
from tests.county import SmallCounty
from tests.fulfillment.settlement.owing import ONE, TWO, exported, frozen, owed


def row(session: Session, key: str) -> IncomeEntry:
    session.expire_all()
    return session.exec(select(IncomeEntry).where(IncomeEntry.key == f"{key}:x")).one()


def total(session: Session, county: SmallCounty, code: str) -> int:
    return sum(d.amount_fen for d in preview(session, county.county, clock.today()) if d.code == code)


def test_a_disputed_row_stays_out_of_the_next_run_until_finance_answers(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    station = county.stations[0].code
    asked = disputing.dispute(session, row(session, "A1"), by="U1", reason="少算了一件，电话 13912345678")
    assert "13912345678" not in asked.reason
    assert total(session, county, station) == 2000
    with pytest.raises(disputing.AlreadyDisputed):
        disputing.dispute(session, row(session, "A1"), by="U1", reason="再说一次")
    disputing.answer(session, asked, by=ONE, words="核对过，没有少")
    assert (asked.status, total(session, county, station)) == ("refused", 3000)
    with pytest.raises(StatusMoved):
        disputing.answer(session, asked, by=ONE, words="又一次", granted_fen=100)


def test_what_finance_grants_is_a_row_with_its_journal(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    asked = disputing.dispute(session, row(session, "A1"), by="U1", reason="少算一件")
    disputing.answer(session, asked, by=ONE, words="补一件", granted_fen=60)
    mature(session, tenant_id=county.id)
    assert total(session, county, county.stations[0].code) == 3060
    trail = session.exec(select(StatusEvent.target).where(StatusEvent.subject == asked.code).order_by(StatusEvent.id)).all()
    assert trail == ["open", "granted"]


def test_a_frozen_row_is_paid_and_its_difference_comes_after(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    run = exported(session, county)
    asked = disputing.dispute(session, row(session, "A1"), by="U1", reason="少算一件")
    (statement, *_) = service.statements_of(session, run)
    assert paying.mark_paid(session, statement, by=TWO)
    disputing.answer(session, asked, by=ONE, words="补一件", granted_fen=160)
    mature(session, tenant_id=county.id)
    assert total(session, county, county.stations[0].code) == 160


@pytest.mark.parametrize("paid_before", [False, True])
def test_what_finance_takes_off_is_a_row_with_its_journal_and_a_debt_where_it_was_paid(
    session: Session, county: SmallCounty, paid_before: bool
) -> None:
    owed(session, county)
    station = county.stations[0].code
    asked = None if paid_before else disputing.dispute(session, row(session, "A1"), by="U1", reason="好像多算了")
    if paid_before:
        run = exported(session, county)
        (statement, *_) = service.statements_of(session, run)
        paying.mark_paid(session, statement, by=TWO)
        asked = disputing.dispute(session, row(session, "A1"), by="U1", reason="好像多算了")
    assert asked is not None
    disputing.answer(session, asked, by=ONE, words="多算一件", granted_fen=-300)
    mature(session, tenant_id=county.id)
    assert (asked.status, total(session, county, station)) == ("reduced", -300 if paid_before else 2700)
    assert broken(session, "I1") == broken(session, "I3") == []


def test_a_row_disputed_while_frozen_is_held_when_its_run_is_voided(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    run = frozen(session, county)
    disputing.dispute(session, row(session, "A1"), by="U1", reason="不对")
    service.void(session, run, by=ONE, reason="先答复")
    assert total(session, county, county.stations[0].code) == 2000


@pytest.mark.parametrize(("words", "fen"), [("", 0), ("  ", 5), ("好", -1001), ("好", disputing.MOST_FEN + 1)])
def test_an_answer_without_words_or_with_a_wild_amount_is_refused(session: Session, county: SmallCounty, words: str, fen: int) -> None:
    owed(session, county)
    asked = disputing.dispute(session, row(session, "A1"), by="U1", reason="不对")
    with pytest.raises(Refused):
        disputing.answer(session, asked, by=ONE, words=words, granted_fen=fen)
    assert session.exec(select(IncomeDispute.status)).one() == "open"


def test_a_reason_is_needed_and_what_was_taken_back_is_not_disputed(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    with pytest.raises(Refused):
        disputing.dispute(session, row(session, "A1"), by="U1", reason=" ")
    found = row(session, "A1")
    found.state = "reversed"
    session.flush()
    with pytest.raises(Conflict):
        disputing.dispute(session, found, by="U1", reason="为什么退回")
    found.state = "payable"
