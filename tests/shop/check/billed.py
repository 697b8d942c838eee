"""A gateway's bill of the small installation: fees, a payout, what differs – open and closed – and payouts typed rightly and wrongly."""

from sqlmodel import select

from core import clock, db
from shop.payments.provider import BillLine
from shop.payments.sandbox import Sandbox
from shop.reconciliation import closing, payouts
from shop.reconciliation.models import BillException
from shop.reconciliation.service import keep_day
from tests.county import SmallCounty

ONE, TWO = "UFINANCE1", "UFINANCE2"


def reconcile(county: SmallCounty) -> None:
    today = clock.today()
    first, *rest = Sandbox().bill(today)
    more = [BillLine("payout", "", "", 100, 2, "PO1"), BillLine("other", "", "", -30, 0, "X1"), BillLine("other", "", "", -40, 0, "X2")]
    with db.writing() as session:
        keep_day(session, "sandbox", today, [first._replace(fee_fen=3), *rest, *more])
        dealt = session.exec(select(BillException).where(BillException.number == "X1")).one()
        closing.explain(session, dealt.code, tenant_id=county.id, by=ONE, reason="拒付，已经另记")
        closing.close(session, dealt.code, tenant_id=county.id, by=TWO)
        for fen in (500, 60):
            paid = payouts.book(
                session, tenant_id=county.id, provider="sandbox", amount_fen=fen, fee_fen=1, reference="回单", paid_on=today, by=ONE
            )
        payouts.undo(session, paid.code, tenant_id=county.id, by=ONE, reason="记错了")
