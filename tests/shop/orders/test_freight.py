"""A firm that shares the freight gets its part of what the buyers of its parcels paid, to the fen."""

from datetime import timedelta

from sqlmodel import select

import shop.wiring  # noqa: F401 - who hears of scans, who tells the freight
from core import clock, db, tasks
from core.money import share_bp
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.contracts.queries import read_month
from fulfillment.partners.closing import close
from fulfillment.partners.freight import freight_of
from fulfillment.partners.models import PartnerLine
from tests.county import SmallCounty
from tests.fulfillment.partners.carrying import BUS, agree
from tests.fulfillment.shipping import bus, event, scan
from tests.shop.buying import buy, order_of, pay


def test_a_share_of_the_freight_is_of_what_the_orders_paid(county_rows: SmallCounty) -> None:
    county, month = county_rows, read_month(None)
    with db.writing() as session:
        agree(session, county, "freight_share", 3_000)
        number = buy(session, county, ("tomato", 3), ("bamboo", 1)).number
    with db.writing() as session:
        pay(session, number)
    tasks.drain()
    with db.writing() as session:
        for whole in session.exec(select(Consignment).where(Consignment.source_code == number)).all():
            pack(session, whole, by="UMASTER")
        parcels = session.exec(select(Parcel).join(Consignment).where(Consignment.source_code == number)).all()
        paid = freight_of(session, county.id, {p.code for p in parcels})
        assert len(paid) == len(parcels) >= 2 and sum(paid.values()) == order_of(session, number).freight_fen
        run, now = bus(session, county).code, clock.now()
        scan(session, county, event("load", parcels[0], run), event("receive", parcels[0], county.hub.code, at=now + timedelta(seconds=1)))
    with clock.at(clock.now() + timedelta(days=31)), db.writing() as session:
        closed = close(session, county.id, BUS, month, by="U1")
        (line,) = session.exec(select(PartnerLine).where(PartnerLine.month_id == closed.id)).all()
        assert (line.quantity, line.fen) == (paid[parcels[0].code], share_bp(paid[parcels[0].code], 3_000))
