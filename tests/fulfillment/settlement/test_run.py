"""A settlement run: frozen, approved by a second person, given to the bank, paid and reconciled – each once, whatever is asked again."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core import clock
from core.errors import Conflict, Refused
from core.ledger.models import Account, Balance, Journal
from core.ledger.service import post, reverse
from core.status import StatusMoved
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature, reverse_for
from fulfillment.settlement import paying, service
from fulfillment.settlement.drafting import preview
from fulfillment.settlement.models import RunStatus, SettlementRun, Statement, StatementLine
from tests.county import SmallCounty
from tests.fulfillment.settlement.owing import ONE, TWO, earn, exported, frozen, owed
from tests.trial import TRIAL


def held(session: Session, code: str) -> int:
    found = session.exec(select(Balance.amount_fen).join(Account).where(Account.code == code)).first()
    return int(found or 0)


def rows(session: Session, *columns: object) -> list[tuple[object, ...]]:
    session.expire_all()
    return list(session.exec(select(*columns).order_by(IncomeEntry.id)))  # type: ignore[call-overload]


def pay_all(session: Session, run: SettlementRun) -> None:
    for statement in service.statements_of(session, run):
        paying.mark_paid(session, statement, by=TWO, reference="B1")


def test_a_preview_freezes_nothing(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    drafts = preview(session, county.county, clock.today())
    assert [(d.kind, d.amount_fen, bool(d.carried)) for d in drafts] == [
        ("station", 3000, False), ("grower", 8800, False), ("grower", 50, True), ("seller", 500, False),
    ]  # fmt: skip
    assert session.exec(select(Statement)).all() == []


def test_every_row_is_in_one_statement_and_what_is_too_little_waits(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    run = frozen(session, county)
    made = service.statements_of(session, run)
    assert [(s.party_kind, s.amount_fen, s.rows) for s in made] == [("station", 3000, 2), ("grower", 8800, 1), ("seller", 500, 1)]
    assert (run.payout_fen, [(c["amount_fen"], c["rows"]) for c in run.carried]) == (12300, [(50, 1)])
    assert len(session.exec(select(StatementLine)).all()) == 4
    with pytest.raises(service.NothingToSettle):
        frozen(session, county)
    earn(session, county, "grower", county.growers[2].code, 70, "C2")
    (again,) = service.statements_of(session, frozen(session, county))
    assert (again.party_code, again.amount_fen, again.rows) == (county.growers[2].code, 120, 2), "carried over to the next statement"


def test_whoever_froze_a_run_cannot_approve_it(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    run = frozen(session, county)
    with pytest.raises(service.SamePerson):
        service.approve(session, run, by=ONE)
    assert run.status == "frozen"
    service.approve(session, run, by=TWO)
    service.approve(session, run, by=TWO)
    assert (run.status, run.approved_by) == ("approved", TWO)


def test_nothing_is_paid_before_a_second_person_and_the_file(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    run = frozen(session, county)
    (first, *_) = service.statements_of(session, run)
    for step in (lambda: None, lambda: service.approve(session, run, by=TWO)):
        step()
        with pytest.raises(paying.NotExported):
            paying.mark_paid(session, first, by=TWO)
    with pytest.raises(StatusMoved):
        paying.reconcile(session, first, by=TWO)
    assert held(session, f"station:{county.stations[0].code}") == 3000


def test_paid_once_the_rows_are_paid_and_the_money_has_left_the_account(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    run = exported(session, county)
    pay_all(session, run)
    pay_all(session, run)
    session.refresh(run)
    assert run.status == RunStatus.PAID
    assert rows(session, IncomeEntry.state) == ["paid", "paid", "paid", "payable", "paid"]
    assert (held(session, f"station:{county.stations[0].code}"), held(session, "payout")) == (0, 12300)
    for statement in service.statements_of(session, run):
        assert paying.reconcile(session, statement, by=ONE)
        assert not paying.reconcile(session, statement, by=ONE)
    session.refresh(run)
    assert (run.status, held(session, "payout"), held(session, "bank")) == ("reconciled", 0, -12300)


def test_what_the_bank_sends_back_is_owed_again_in_the_next_statement(session: Session, county: SmallCounty) -> None:
    earn(session, county, "grower", county.growers[1].code, 8800, "B1")
    run = exported(session, county)
    pay_all(session, run)
    (statement,) = service.statements_of(session, run)
    assert paying.send_back(session, statement, by=ONE)
    assert not paying.send_back(session, statement, by=ONE)
    mature(session, tenant_id=county.id)
    (again,) = service.statements_of(session, frozen(session, county))
    assert (again.amount_fen, held(session, "payout"), held(session, f"grower:{county.growers[1].code}")) == (8800, 0, 8800)


def test_a_voided_run_gives_its_rows_to_the_next(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    run = frozen(session, county)
    with pytest.raises(Refused):
        service.void(session, run, by=ONE, reason=" ")
    service.void(session, run, by=ONE, reason="少了一个人")
    assert rows(session, IncomeEntry.statement_id) == [None] * 5
    again = frozen(session, county)
    assert (again.payout_fen, again.code != run.code) == (12300, True)
    with pytest.raises(StatusMoved):
        service.approve(session, run, by=TWO)
    exported_run = again
    service.approve(session, exported_run, by=TWO)
    service.give_to_bank(session, exported_run, by=ONE)
    with pytest.raises(StatusMoved):
        service.void(session, exported_run, by=ONE, reason="晚了")


def test_a_refund_does_not_reach_into_a_frozen_statement(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    frozen(session, county)
    assert reverse_for(session, ["A1", "C1"], tenant_id=county.id) != []
    assert rows(session, IncomeEntry.state) == ["payable", "payable", "payable", "reversed", "payable"], "as good as paid: a debit later"
    reverse(session, session.exec(select(Journal).where(Journal.key == "trial:C1")).one(), key="back:C1")


def test_a_refund_between_the_freeze_and_the_payment_is_owed_and_stops_no_payment(session: Session, county: SmallCounty) -> None:
    earn(session, county, "grower", county.growers[1].code, 8800, "B1")
    run = exported(session, county)
    party, till = (session.exec(select(Account).where(Account.code == c)).one().id for c in (f"grower:{county.growers[1].code}", "till:x"))
    told = {"tenant_id": county.id, "kind": TRIAL, "cause_kind": "rule", "cause_code": "B1"}
    post(session, "taken", [(party or 0, 500), (till or 0, -500)], **told)  # type: ignore[arg-type]
    pay_all(session, run)
    assert (held(session, "payout"), held(session, f"debt:grower:{county.growers[1].code}")) == (8800, 500)
    debt = session.exec(select(Account).where(Account.code == f"debt:grower:{county.growers[1].code}")).one().id
    post(session, "given", [(till or 0, 500), (debt or 0, -500)], **told)  # type: ignore[arg-type]


def test_nobody_is_paid_before_the_claim_window_ends(session: Session, county: SmallCounty) -> None:
    """What is still pending stays out, whatever else its party is owed; so do days after the one that is settled up to."""
    owed(session, county)
    waiting = session.exec(select(IncomeEntry).where(IncomeEntry.key == "A1:x")).one()
    waiting.state = "pending"
    session.flush()
    assert preview(session, county.county, clock.today())[0].amount_fen == 2000
    assert preview(session, county.county, clock.today() - timedelta(days=1)) == []
    waiting.state = "payable"


def test_a_day_to_come_is_refused(session: Session, county: SmallCounty) -> None:
    with pytest.raises(Refused) as refused:
        service.freeze(session, county.county, clock.today() + timedelta(days=1), by=ONE)
    assert refused.value.more["field"] == "until"


def test_a_row_that_is_gone_from_under_a_statement_stops_the_payment(session: Session, county: SmallCounty) -> None:
    owed(session, county)
    run = exported(session, county)
    row = session.exec(select(IncomeEntry).where(IncomeEntry.key == "A1:x")).one()
    row.statement_id = None
    session.add(row)
    session.flush()
    (first, *_) = service.statements_of(session, run)
    with pytest.raises(Conflict), session.begin_nested():
        paying.mark_paid(session, first, by=TWO)
    session.expire_all()
    assert (first.status, held(session, "payout")) == ("frozen", 0)
    row.statement_id = first.id
