"""A county that shares out, orders paid by Alipay over HTTP whose income is payable, and runs of it."""

from datetime import timedelta

from sqlmodel import Session, col, select

import shop.invariants
from core import clock, db
from core.ledger.models import Account, Balance
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.income.service import mature
from fulfillment.settlement import service as settlement
from fulfillment.settlement.models import SettlementRun, Statement
from fulfillment.settlement.payees import set_payee
from shop.payments.service import open_at_gateway
from shop.sharing import service
from shop.sharing.models import SharePart, ShareRequest
from supply.counties.models import County
from supply.counties.policy import policy_of, to_policy
from supply.counties.profile_rules import SettlementRules
from tests.county import SmallCounty
from tests.fulfillment.shipping import event, scan
from tests.gateways.alipay import FakeAlipay
from tests.shop.payments.gateways import begun, knock, worked

ONE, TWO = "UFINANCE1", "UFINANCE2"
SETTLE = "alipay.trade.order.settle"
GROWER = ("13700000001", "葛农户")


def shares_out(county: SmallCounty, *, limit_bp: int | None = None, days: int | None = None, on: bool = True) -> None:
    """The county's own data say so."""
    with db.writing() as session:
        row = session.get_one(County, county.id)
        rules = SettlementRules(100, days, on or None, limit_bp)
        row.policy = to_policy(policy_of(row)._replace(settlement=rules))
        session.add(row)


def paid_by_alipay(county: SmallCounty, *, kind: str = "grower", code: str = "", account: str = GROWER[0], holder: str = GROWER[1]) -> None:
    """The party's account, which counts already."""
    with clock.at(clock.now() - timedelta(days=2)), db.writing() as session:
        set_payee(
            session, tenant_id=county.id, kind=kind, code=code or county.growers[1].code, way="alipay", holder=holder, account=account,
            by=ONE,
        )  # fmt: skip


def sold(county: SmallCounty, alipay: FakeAlipay, *, units: int = 1) -> tuple[str, str, int]:
    """Tomatoes paid by Alipay, delivered, and past every claim: the order's number, the payment's code, the total."""
    number, total, code = begun(county, "alipay", "qr", units=units)
    open_at_gateway(code)
    alipay.scan(code)
    knock(alipay.charge(code))
    worked()
    deliver(county, number)
    return number, code, total


def deliver(county: SmallCounty, number: str) -> None:
    with db.writing() as session:
        for consignment in session.exec(select(Consignment).where(Consignment.source_code == number)):
            pack(session, consignment, by="U1")
    with db.writing() as session:
        parcels = session.exec(select(Parcel).join(Consignment).where(Consignment.source_code == number)).all()
        scan(session, county, *(event(deed, p, county.trunks[0].code) for p in parcels for deed in ("dispatch", "deliver")))
    worked()
    with clock.at(clock.now() + timedelta(days=40)), db.writing() as session:
        mature(session, tenant_id=county.id)


def approved(county: SmallCounty) -> str:
    """A run that a second person has approved: its code."""
    with db.writing() as session:
        run = settlement.freeze(session, session.get_one(County, county.id), clock.today(), by=ONE)
        settlement.approve(session, run, by=TWO)
        return run.code


def share(county: SmallCounty, run: str) -> int:
    return db.run_write(lambda session: share_in(session, county, run))


def share_in(session: Session, county: SmallCounty, run: str) -> int:
    return service.share_out(session, session.get_one(County, county.id), run_named(session, county, run), by=ONE)


def run_named(session: Session, county: SmallCounty, code: str) -> SettlementRun:
    return settlement.run_named(session, code, tenant_id=county.id)


def statement_of(county: SmallCounty, run: str, kind: str = "grower", at: int = 0) -> Statement:
    with db.reading() as session:
        return [s for s in settlement.statements_of(session, run_named(session, county, run)) if s.party_kind == kind][at]


def requests() -> list[tuple[str, int]]:
    """How each stands and what it comes to, as settled."""
    with db.reading() as session:
        rows = session.exec(select(ShareRequest.status, ShareRequest.amount_fen).order_by(col(ShareRequest.id)))
        return [(status, fen) for status, fen in rows]


def parts() -> list[int]:
    with db.reading() as session:
        return list(session.exec(select(SharePart.amount_fen).order_by(col(SharePart.id))))


def held(*codes: str) -> dict[str, int]:
    with db.reading() as session:
        rows = session.exec(select(Account.code, Balance.amount_fen).join(Balance, col(Balance.account_id) == col(Account.id)))
        found = dict(rows.all())
    return {code: found.get(code, 0) for code in codes}


def unbroken() -> None:
    with db.reading() as session:
        assert [f"{f.invariant.words}: {f.broken}" for f in shop.invariants.check(session) if f.count] == []


def later(minutes: int = 10) -> None:
    """What is due by then is done."""
    with clock.at(clock.now() + timedelta(minutes=minutes)):
        worked()


def ready(county: SmallCounty, alipay: FakeAlipay, **rules: int) -> tuple[str, str, int]:
    """A county that shares out, one sale, an approved run: the run, the payment, its total."""
    shares_out(county, **rules)
    _number, payment, total = sold(county, alipay)
    paid_by_alipay(county)
    return approved(county), payment, total
