"""Settlements of the small installation: paid, confirmed, sent back, still to be paid, voided; cash of every fate; disputes."""

from datetime import timedelta

from sqlmodel import Session, col, select

from core import clock, db
from fulfillment.cash import service as cash
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from fulfillment.services.service import do_service, undo_service
from fulfillment.settlement import disputing, paying, service
from fulfillment.settlement.payees import set_payee
from supply.stations.models import VillageService
from tests.county import SmallCounty

ONE, TWO = "UFINANCE1", "UFINANCE2"


def settle(county: SmallCounty) -> None:
    with clock.at(clock.now() - timedelta(days=2)), db.writing() as session:
        for code in session.exec(select(IncomeEntry.party_code).where(IncomeEntry.party_kind == "grower").distinct()).all():
            set_payee(
                session, tenant_id=county.id, kind="grower", code=code, way="bank", holder="葛农户", account="6222020200112233",
                bank="信用社", by=ONE,
            )  # fmt: skip
    with db.writing() as session:
        _hold_cash(session, county)
        _dispute(session)
        _serve(session, county)
    with db.writing() as session:
        run = service.freeze(session, county.county, clock.today(), by=ONE)
        service.approve(session, run, by=TWO)
        service.give_to_bank(session, run, by=ONE)
        first, second, *_left = service.statements_of(session, run)
        paying.mark_paid(session, first, by=ONE, reference="B1")
        paying.reconcile(session, first, by=ONE)
        paying.mark_paid(session, second, by=ONE, reference="B2")
        paying.send_back(session, second, by=ONE)
        mature(session, tenant_id=county.id)
    with db.writing() as session:
        cash.take_cash(session, county.stations[1], "send", 100, what="", by="U1")
        service.void(session, service.freeze(session, county.county, clock.today(), by=ONE), by=ONE, reason="重来")


def _hold_cash(session: Session, county: SmallCounty) -> None:
    """Netted and found too much; undone; paid in, with something left."""
    here, there, far = county.stations
    cash.take_cash(session, here, "send", 30, what="寄到杭州", by="U1")
    cash.close_day(session, here, 40, reason="多了一角", by="U1")
    wrong = cash.take_cash(session, there, "service", 200, what="打印", by="U1")
    cash.undo_taking(session, there, wrong.code, by="U1")
    cash.take_cash(session, far, "collected", 500, what="水费", by="U1")
    cash.pay_in(session, far, 200, reference="收条 1", by=ONE)


def _serve(session: Session, county: SmallCounty) -> None:
    """Village services: in cash, paid by the county, and one of each undone."""
    session.add(VillageService(tenant_id=county.id, code="express-in", name="快递代收", unit="件", fee_fen=10, county_fee_fen=5))
    session.flush()
    for in_cash in (True, False):
        _stands, undone = (do_service(session, county.stations[2], "express-in", quantity=2, in_cash=in_cash, by="U1") for _n in range(2))
        undo_service(session, county.stations[2], undone.code, by="U1")


def _dispute(session: Session) -> None:
    """One answered with a difference, one open on a row that waits for its claim window."""
    pending = select(IncomeEntry).where(IncomeEntry.party_kind == "grower", IncomeEntry.state == "pending").order_by(col(IncomeEntry.id))
    answered, waiting, reduced, *_ = session.exec(pending).all()
    asked = disputing.dispute(session, answered, by="U1", reason="少算了一件")
    disputing.answer(session, asked, by=ONE, words="补上", granted_fen=60)
    disputing.answer(session, disputing.dispute(session, reduced, by="U1", reason="多算"), by=ONE, words="扣回", granted_fen=-1)
    disputing.dispute(session, waiting, by="U1", reason="不对")
