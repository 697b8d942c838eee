"""A settlement whose process is killed between any two writes is done again from there: everybody is paid once, no fen is lost."""

import signal
from contextlib import AbstractContextManager

import pytest
from sqlmodel import Session, select

import shop.invariants
from core import clock, db
from core.ledger.models import Account, Balance, Journal
from fulfillment.cash.service import take_cash
from fulfillment.income.models import IncomeEntry
from fulfillment.settlement import service
from fulfillment.settlement.models import SettlementRun, Statement, StatementLine
from tests.county import SmallCounty, small_county
from tests.faults.apart import Deed, done_apart
from tests.faults.settling import POINTS
from tests.fulfillment.conftest import NINE
from tests.fulfillment.partners.carrying import agree, carry
from tests.fulfillment.settlement.owing import ONE, TWO, owed
from tests.fulfillment.web import county_with_roads


def settling(deed: str, code: str = "") -> AbstractContextManager[Deed]:
    return done_apart("tests.faults.settling", deed, code)


@pytest.fixture
def rows(database: str) -> SmallCounty:
    """Somebody of every kind is owed; the station holds cash."""
    with db.writing() as session:
        made = small_county(session)
        owed(session, made)
        take_cash(session, made.stations[0], "send", 1000, what="", by="U1")
    return made


def standing(session: Session) -> list[object]:
    """All that a settlement writes, as it stands."""
    held = select(Account.code, Balance.amount_fen).join(Balance).order_by(Account.code)
    return [
        session.exec(select(SettlementRun.code, SettlementRun.status)).all(),
        session.exec(select(Statement.code, Statement.status).order_by(Statement.id)).all(),
        session.exec(select(IncomeEntry.state, IncomeEntry.statement_id).order_by(IncomeEntry.id)).all(),
        session.exec(select(StatementLine.income_id, StatementLine.stands)).all(),
        session.exec(held).all(), session.exec(select(Journal.key).order_by(Journal.id)).all(),
    ]  # fmt: skip


def kept() -> list[object]:
    """How everything stands, with every promise held."""
    with db.reading() as session:
        assert [f"{f.invariant.words}: {f.broken}" for f in shop.invariants.check(session) if f.count] == []
        return standing(session)


def prepared(rows: SmallCounty, *, approved: bool = False) -> str:
    with db.writing() as session:
        run = service.freeze(session, rows.county, service.clock.today(), by=ONE)
        if approved:
            service.approve(session, run, by=TWO)
            service.give_to_bank(session, run, by=ONE)
        return run.code


def test_a_freeze_or_a_void_that_is_killed_has_not_happened(rows: SmallCounty) -> None:
    before = kept()
    with settling("freeze") as freeze:
        for point in POINTS["freeze"]:
            assert freeze(point) == (-signal.SIGKILL, ""), point
            assert kept() == before, point
        done, code = freeze("")
        assert done == 0
    frozen = kept()
    with settling("void", code) as void:
        assert void(POINTS["void"][0]) == (-signal.SIGKILL, "")
        assert kept() == frozen
        assert void("") == (0, "void")
    kept()


@pytest.mark.parametrize(("deed", "ends"), [("reconcile", "reconciled"), ("pay", "paid")])
def test_paying_goes_on_where_it_was_killed_and_pays_everybody_once(rows: SmallCounty, deed: str, ends: str) -> None:
    code = prepared(rows, approved=True)
    if deed == "reconcile":
        with settling("pay", code) as pay:
            assert pay("") == (0, "paid")
    with settling(deed, code) as step:
        for point in POINTS[deed]:
            before = kept()
            assert step(point) == (-signal.SIGKILL, ""), point
            assert kept() == before, "the statement whose process was killed has not been touched"
        assert step("") == (0, ends)
        done = kept()
        assert step("") == (0, ends)
        assert kept() == done, "again changes nothing"
    with db.reading() as session:
        paid = session.exec(select(Journal.key).where(Journal.kind == "payout")).all()
        assert len(paid) == len(set(paid)) == 3


def test_a_partners_month_whose_close_is_killed_is_open_and_closes_once(database: str) -> None:
    with clock.at(NINE):
        county = county_with_roads()
    with clock.at(NINE), db.writing() as session:
        agree(session, county)
        carry(session, county)
    before = kept()
    with settling("close") as close:
        for point in POINTS["close"]:
            assert close(point) == (-signal.SIGKILL, ""), point
            assert kept() == before, point
        first = close("")
        assert first[0] == 0
        done = kept()
        assert close("") == first
        assert kept() == done, "again changes nothing"
    with db.reading() as session:
        assert session.exec(select(IncomeEntry.amount_fen).where(IncomeEntry.party_kind == "partner")).all() == [80]
