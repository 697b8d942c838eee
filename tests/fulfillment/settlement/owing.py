"""Payable income of the small county's parties, as rows with their journals, and a run of it."""

from datetime import timedelta

from sqlmodel import Session

from core import clock
from core.ledger.models import Side
from core.ledger.service import open_account, post
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, mature, record
from fulfillment.settlement import service
from fulfillment.settlement.models import SettlementRun
from tests.county import SmallCounty
from tests.trial import TRIAL

ONE, TWO = "UFINANCE1", "UFINANCE2"


def earn(session: Session, county: SmallCounty, kind: str, code: str, fen: int, name: str) -> None:
    """One row that may be paid at once, and the same fen in the party's account."""
    till = open_account(session, "till:x", tenant_id=county.id, side=Side.DEBIT, may_be_negative=True)
    party = open_account(session, f"{kind}:{code}", tenant_id=county.id, side=Side.CREDIT)
    lines = [(till.id or 0, fen), (party.id or 0, -fen)]
    journal = post(session, f"trial:{name}", lines, tenant_id=county.id, kind=TRIAL, cause_kind="rule", cause_code=name)
    row = Earned(f"{name}:x", kind, code, Source.SUBSIDY, fen, "rule", name, "每件补 1 元", {"name": name})
    record(session, [row], tenant_id=county.id, journal_id=journal.id, payable_at=clock.now() - timedelta(seconds=1))
    mature(session, tenant_id=county.id)


def owed(session: Session, county: SmallCounty) -> None:
    """A station 30.00 in two rows, a grower 88.00, another grower half a yuan, a seller 5.00."""
    station = county.stations[0].code
    earn(session, county, "station", station, 1000, "A1")
    earn(session, county, "station", station, 2000, "A2")
    earn(session, county, "grower", county.growers[1].code, 8800, "B1")
    earn(session, county, "grower", county.growers[2].code, 50, "C1")
    earn(session, county, "seller", "USELLER", 500, "D1")


def frozen(session: Session, county: SmallCounty) -> SettlementRun:
    return service.freeze(session, county.county, clock.today(), by=ONE)


def exported(session: Session, county: SmallCounty) -> SettlementRun:
    run = frozen(session, county)
    service.approve(session, run, by=TWO)
    service.give_to_bank(session, run, by=ONE)
    return run
