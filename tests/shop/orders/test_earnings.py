"""Nothing a sale earns is payable before its claim window ends: not the shares, and not the fee for packing it."""

from datetime import timedelta

from sqlmodel import select

from core import clock, db
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from shop.orders.earnings import complete_orders
from tests.fulfillment.shipping import event, scan
from tests.shop.buying import order_of
from tests.shop.earning import sell


def test_the_packing_fee_waits_for_the_last_window_of_its_consignment(county_rows):
    number = sell(county_rows, ("tomato", 1), ("tea", 1), packed=True)
    with db.writing() as session:
        parcels = session.exec(select(Parcel)).all()
        assert session.exec(select(IncomeEntry.payable_at).where(IncomeEntry.source == "handling")).all() == [None] * len(parcels)
        trunk = county_rows.trunks[0].code
        scan(session, county_rows, *(event(deed, p, trunk) for p in parcels for deed in ("dispatch", "deliver")))
    with db.writing() as session:
        (delivered,) = session.exec(select(Consignment.delivered_at)).all()
        ends = session.exec(select(IncomeEntry.payable_at).where(IncomeEntry.source == "sale")).all()
        assert session.exec(select(IncomeEntry.payable_at).where(IncomeEntry.source == "handling")).all() == [max(ends)] * len(parcels)
        assert min(ends) > delivered
        mature(session, tenant_id=county_rows.id)
        assert set(session.exec(select(IncomeEntry.state))) == {"pending"}
    with clock.at(max(ends) + timedelta(seconds=1)):
        with db.writing() as session:
            mature(session, tenant_id=county_rows.id)
            assert set(session.exec(select(IncomeEntry.state))) == {"payable"}
        complete_orders()
        with db.reading() as session:
            assert order_of(session, number).status == "completed"
