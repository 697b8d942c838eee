"""Two counties that take money through one account of a gateway: each line is its own county's, what went to the bank waits for people."""

from sqlmodel import col, select

from core import clock, db
from shop.payments.models import PaymentAttempt
from shop.payments.provider import BillLine
from shop.reconciliation.models import BillException, GatewayBill, GatewayBillLine, GatewayPayout
from shop.reconciliation.service import keep_day
from tests.county import small_county
from tests.shop.buying import open_roads

from .test_reading import sold


def test_a_line_is_its_countys_and_a_shared_payout_is_booked_by_people(database, county_rows):
    with db.writing() as session:
        other = small_county(session, code="tother", prefix="to-")
        open_roads(session, other)
    codes = {county.id: sold(county)[1] for county in (county_rows, other)}
    with db.reading() as session:
        paid = dict(session.exec(select(PaymentAttempt.code, PaymentAttempt.amount_fen)).all())
    lines = [BillLine("payment", code, "", paid[code], 2) for code in codes.values()]
    lines += [BillLine("payment", "nobody's", "", 700), BillLine("payout", "", "", 900, 0, "PO1")]
    with db.writing() as session:
        keep_day(session, "sandbox", clock.today(), lines)
    with db.reading() as session:
        kept = session.exec(select(GatewayBillLine.tenant_id, GatewayBillLine.number).order_by(col(GatewayBillLine.id))).all()
        told = session.exec(select(BillException.tenant_id, BillException.kind, BillException.number).order_by(BillException.number)).all()
        bills = session.exec(select(GatewayBill.tenant_id).order_by(GatewayBill.tenant_id)).all()
        booked = session.exec(select(GatewayPayout)).all()
    assert set(kept) == {*((tenant, code) for tenant, code in codes.items()), (county_rows.id, "nobody's"), (county_rows.id, "PO1")}
    assert told == [(county_rows.id, "payout", "PO1"), (county_rows.id, "unknown", "nobody's")]
    assert (bills, booked) == ([county_rows.id, other.id], [])
