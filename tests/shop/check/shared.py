"""Shares of the small installation: given, left out, and waiting for the provider's answer; no gateway is asked here."""

from datetime import timedelta

from sqlmodel import Session, col, select, update

from core import clock, db, tasks
from core.outbox import Outbox
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.income.service import mature
from fulfillment.settlement import service as settlement
from fulfillment.settlement.payees import set_payee
from shop.payments.provider import Verdict
from shop.payments.service import start_payment
from shop.payments.settle import settle
from shop.sharing import service
from shop.sharing.models import SharePart, ShareRequest
from supply.counties.models import County
from supply.counties.policy import policy_of, to_policy
from supply.counties.profile_rules import SettlementRules
from tests.county import SmallCounty
from tests.fulfillment.shipping import event, scan
from tests.shop.buying import buy, order_of

ONE, TWO = "UFINANCE1", "UFINANCE2"


def share(county: SmallCounty) -> None:
    for n in range(2):
        _sell(county, f"20260000000000000000000{n}")
    payees = [("grower", county.growers[1].code, "13700000001"), ("station", county.stations[0].code, "13700000002")]
    with clock.at(clock.now() - timedelta(days=2)), db.writing() as session:
        for kind, code, account in payees:
            set_payee(session, tenant_id=county.id, kind=kind, code=code, way="alipay", holder="某人", account=account, by=ONE)
    with db.writing() as session:
        row = session.get_one(County, county.id)
        row.policy = to_policy(policy_of(row)._replace(settlement=SettlementRules(100, 180, True, 3_000)))
        run = settlement.freeze(session, row, clock.today(), by=ONE)
        settlement.approve(session, run, by=TWO)
        service.settle_shares(session, row, run, by=ONE)
        given, _waiting = session.exec(select(ShareRequest).order_by(col(ShareRequest.id))).all()
        few = session.exec(select(SharePart).where(SharePart.request_id == given.id).order_by(col(SharePart.amount_fen))).first()
        assert few is not None
        service.leave_out(session, few.code, service.UNKNOWN_THERE)
        service.mark_asked(session, given.code)
        service.keep_shared(session, given.code, "s1")
        later = clock.now() + timedelta(days=10)  # nobody asks here
        session.exec(update(Outbox).where(col(Outbox.topic) == service.TOPIC).values(available_at=later, leased_until=None))


def _sell(county: SmallCounty, trade: str) -> None:
    with db.writing() as session:
        number = buy(session, county, ("tomato", 1)).number
        attempt = start_payment(session, order_of(session, number), provider="sandbox", method="page")
        attempt.provider = "alipay"  # whose keys are not here
        session.add(attempt)
    with db.writing() as session:
        settle(session, attempt.code, Verdict("captured", attempt.amount_fen, "CNY", trade), by="notice")
    tasks.drain()
    with db.writing() as session:
        _deliver(session, county, number)
    tasks.drain()
    with clock.at(clock.now() + timedelta(days=40)), db.writing() as session:
        mature(session, tenant_id=county.id)


def _deliver(session: Session, county: SmallCounty, number: str) -> None:
    for consignment in session.exec(select(Consignment).where(Consignment.source_code == number)):
        pack(session, consignment, by="U1")
    parcels = session.exec(select(Parcel).join(Consignment).where(Consignment.source_code == number)).all()
    scan(session, county, *(event(deed, p, county.trunks[0].code) for p in parcels for deed in ("dispatch", "deliver")))
