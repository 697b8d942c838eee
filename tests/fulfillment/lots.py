"""A lot that went its whole way: one parcel to its buyer, one still at the station, two units spoiled."""

from datetime import timedelta

from sqlmodel import select

from core import clock, db
from fulfillment.consignments.models import LotBinding
from supply.lots.models import Lot
from supply.stock.service import waste
from tests.county import SmallCounty
from tests.fulfillment.shipping import bus, event, packed, scan


def walked_lot(rows: SmallCounty) -> tuple[str, list[str]]:
    """The lot's code and its parcels': delivered, packed. The second is packed an hour after everything else."""
    with db.writing() as session:
        parcel, run, trunk = packed(session, rows), bus(session, rows), rows.trunks[0].code
        steps = [("load", run.code), ("unload", rows.hub.code), ("dispatch", trunk), ("deliver", trunk)]
        scans = [event(action, parcel, place, at=clock.now() + timedelta(minutes=n)) for n, (action, place) in enumerate(steps, 1)]
        with clock.at(clock.now() + timedelta(minutes=9)):
            assert {outcome.result for outcome in scan(session, rows, *scans, sent_at=clock.now())} == {"accepted"}
        lot = session.exec(select(Lot).join(LotBinding, LotBinding.lot_id == Lot.id).where(LotBinding.parcel_id == parcel.id)).one()
        with clock.at(clock.now() + timedelta(hours=1)):
            later = packed(session, rows)
            waste(session, lot, units=2, cause=f"压坏了（王小明 13911112222，{later.code}）")
        return lot.code, [parcel.code, later.code]
