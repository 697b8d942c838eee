"""Fifty at the same moment: one run is frozen, one approval counts, everybody is paid once, cash is paid in once."""

from sqlmodel import Session, select

import shop.invariants
from core import clock, db
from core.errors import JishiError
from core.ledger.models import Account, Balance, Journal
from core.ledger.service import reverse
from fulfillment.cash import service as cash
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import reverse_for
from fulfillment.settlement import disputing, paying, service
from fulfillment.settlement.models import SettlementRun, Statement
from tests.concurrency.rivals import at_once
from tests.county import SmallCounty
from tests.fulfillment.settlement.owing import ONE, TWO, owed


def held(code: str) -> int:
    with db.reading() as session:
        return int(session.exec(select(Balance.amount_fen).join(Account).where(Account.code == code)).first() or 0)


def run_of(session: Session, county: SmallCounty) -> SettlementRun:
    return session.exec(select(SettlementRun).where(SettlementRun.tenant_id == county.id)).one()


def ready(county: SmallCounty) -> None:
    with db.writing() as session:
        owed(session, county)
        run = service.freeze(session, county.county, clock.today(), by=ONE)
        service.approve(session, run, by=TWO)
        service.give_to_bank(session, run, by=ONE)


def unbroken() -> None:
    with db.reading() as session:
        assert [f"{f.invariant.words}: {f.broken}" for f in shop.invariants.check(session) if f.count] == []


def refused(outcomes: list[object]) -> list[object]:
    """What went otherwise than by a plain refusal."""
    return [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, JishiError)]


def test_fifty_freezes_at_once_are_one_run(county_rows: SmallCounty) -> None:
    with db.writing() as session:
        owed(session, county_rows)
    today = clock.today()
    freeze = lambda: db.run_write(lambda session: service.freeze(session, county_rows.county, today, by=ONE).code)  # noqa: E731
    outcomes = at_once([freeze] * 50)
    assert (len([o for o in outcomes if isinstance(o, str)]), refused(outcomes)) == (1, [])
    unbroken()


def test_fifty_payments_of_a_run_at_once_pay_everybody_once(county_rows: SmallCounty) -> None:
    ready(county_rows)
    with db.reading() as session:
        ids = session.exec(select(Statement.id)).all()

    def pay(each: int) -> bool:
        return db.run_write(lambda session: paying.mark_paid(session, session.get_one(Statement, each), by=TWO), tries=9)

    outcomes = at_once([lambda each=ids[n % len(ids)]: pay(each) for n in range(50)])
    assert (outcomes.count(True), outcomes.count(False), refused(outcomes)) == (len(ids), 50 - len(ids), [])
    assert (held("payout"), held(f"station:{county_rows.stations[0].code}")) == (12300, 0)
    with db.reading() as session:
        assert len(session.exec(select(Journal.id).where(Journal.kind == "payout")).all()) == len(ids)
        assert run_of(session, county_rows).status == "paid"
    unbroken()


def test_a_bank_that_is_asked_fifty_times_confirms_once_or_sends_back_once(county_rows: SmallCounty) -> None:
    ready(county_rows)
    with db.writing() as session:
        first = session.exec(select(Statement).order_by(Statement.id)).first()
        assert first
        paying.mark_paid(session, first, by=TWO)
        code = first.id

    def deed(n: int) -> object:
        step = paying.reconcile if n % 2 else paying.send_back
        return db.run_write(lambda session: step(session, session.get_one(Statement, code), by=TWO), tries=9)

    outcomes = at_once([lambda n=n: deed(n) for n in range(50)])
    assert (outcomes.count(True), refused(outcomes)) == (1, [])
    unbroken()


def test_fifty_withdrawals_of_cash_never_take_more_than_there_is(county_rows: SmallCounty) -> None:
    station = county_rows.stations[0]
    with db.writing() as session:
        cash.take_cash(session, station, "send", 1000, what="", by="U1")
    pay_in = lambda: db.run_write(lambda session: cash.pay_in(session, station, 300, reference="", by=ONE).code, tries=9)  # noqa: E731
    outcomes = at_once([pay_in] * 50)
    assert (len([o for o in outcomes if isinstance(o, str)]), refused(outcomes)) == (3, [])
    assert (held(f"cash:{station.code}"), held("bank")) == (100, 900)
    unbroken()


def test_refunds_disputes_and_a_freeze_at_once_leave_each_row_in_one_place(county_rows: SmallCounty) -> None:
    with db.writing() as session:
        owed(session, county_rows)
    today = clock.today()

    def freeze() -> object:
        return db.run_write(lambda session: service.freeze(session, county_rows.county, today, by=ONE).code, tries=9)

    def take_back() -> object:
        return db.run_write(lambda session: len(reverse_for(session, ["B1"], tenant_id=county_rows.id)), tries=9)

    def object_to() -> object:
        def work(session: Session) -> str:
            row = session.exec(select(IncomeEntry).where(IncomeEntry.key == "A1:x")).one()
            return disputing.dispute(session, row, by="U1", reason="不对").code

        return db.run_write(work, tries=9)

    outcomes = at_once([freeze, take_back, object_to] * 4)
    assert refused(outcomes) == []
    with db.writing() as session:
        row = session.exec(select(IncomeEntry).where(IncomeEntry.key == "B1:x")).one()
        assert (row.state == "reversed") != (row.statement_id is not None)
        if row.state == "reversed":  # its fen go back as its refund would have sent them
            reverse(session, session.exec(select(Journal).where(Journal.key == "trial:B1")).one(), key="back:B1")
    unbroken()
