"""What delivery means for an order and its money: proven before anything is paid, the same in whatever order scans are told."""

from datetime import datetime, timedelta
from itertools import permutations

from sqlmodel import col, select

from core import clock, db, tasks
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.custody.service import ScanEvent
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from shop.orders.models import OrderLine
from tests.county import SmallCounty
from tests.fulfillment.shipping import bus, event, scan
from tests.shop.buying import order_of
from tests.shop.earning import sell

MINUTE = timedelta(minutes=1)


def parcels_of(number: str) -> list[Parcel]:
    with db.reading() as session:
        rows = select(Parcel).join(Consignment, col(Consignment.id) == col(Parcel.consignment_id)).where(Consignment.source_code == number)
        return list(session.exec(rows.order_by(col(Parcel.id))))


def tell(county: SmallCounty, *events: ScanEvent) -> None:
    with db.writing() as session:
        assert {said.result for said in scan(session, county, *events)} == {"accepted"}


def run_of(county: SmallCounty) -> str:
    with db.reading() as session:
        return bus(session, county).code


def road(county: SmallCounty, parcel: Parcel, begin: datetime) -> list[ScanEvent]:
    """From the station to the buyer with every hand-over scanned."""
    trunk = county.trunks[0].code
    steps = [("load", run_of(county)), ("unload", county.hub.code), ("dispatch", trunk), ("deliver", trunk)]
    return [event(deed, parcel, place, at=begin + n * MINUTE) for n, (deed, place) in enumerate(steps, 1)]


def ends(number: str) -> set[datetime | None]:
    """When the claim windows of the order's lines end."""
    with db.reading() as session:
        order = order_of(session, number)
        codes = session.exec(select(OrderLine.code).where(OrderLine.order_id == order.id)).all()
        rows = session.exec(select(IncomeEntry).where(col(IncomeEntry.cause_code).in_(codes))).all()
        assert rows
        return {row.payable_at for row in rows}


def stage(number: str) -> str:
    with db.reading() as session:
        return order_of(session, number).fulfillment_status


def test_a_delivery_told_with_an_old_date_makes_nothing_payable_at_once(county_rows: SmallCounty) -> None:
    number = sell(county_rows, ("tomato", 1), packed=True)
    (parcel,) = parcels_of(number)
    tell(county_rows, event("deliver", parcel, county_rows.trunks[0].code, at=clock.now() - timedelta(days=4)))
    assert stage(number) == "delivered"
    assert all(end and end > clock.now() + timedelta(hours=11) for end in ends(number))
    with db.writing() as session:
        mature(session, tenant_id=county_rows.id)
        waiting = session.exec(select(IncomeEntry.state).where(IncomeEntry.source == "sale")).all()
    assert set(waiting) == {"pending"}


def test_a_window_begins_with_the_last_parcel_in_whatever_order_they_were_told(county_rows: SmallCounty) -> None:
    begin, found = clock.now(), []
    for order in permutations(range(2)):
        number = sell(county_rows, ("tomato", 8), packed=True)
        roads = [road(county_rows, parcel, begin + n * timedelta(hours=2)) for n, parcel in enumerate(parcels_of(number))]
        with clock.at(begin + timedelta(hours=9)):
            for n in order:
                tell(county_rows, *roads[n])
            (start,) = {row.delivered_at for row in consignments(number)}
            (end,) = ends(number)
            assert start is not None and end is not None
            found.append((start - begin, end - start))
    assert found[0] == found[1]
    assert found[0][0] == timedelta(hours=2) + 4 * MINUTE
    assert found[0][1] in {timedelta(hours=h) for h in (12, 24, 48, 72, 168)}


def consignments(number: str) -> list[Consignment]:
    with db.reading() as session:
        return list(session.exec(select(Consignment).where(Consignment.source_code == number)))


def test_a_corrected_delivery_moves_the_window_until_its_income_is_payable(county_rows: SmallCounty) -> None:
    begin = clock.now()
    number = sell(county_rows, ("tomato", 1), packed=True)
    (parcel,) = parcels_of(number)
    *handed_over, delivered = road(county_rows, parcel, begin)
    with clock.at(begin + timedelta(hours=6)):
        tell(county_rows, delivered)
        (guessed,) = ends(number)
        tell(county_rows, *handed_over)
        (proven,) = ends(number)
    assert guessed is not None and proven is not None
    assert guessed - proven == timedelta(hours=6) - 4 * MINUTE
    with clock.at(proven + MINUTE):
        with db.writing() as session:
            mature(session, tenant_id=county_rows.id)
        tell(county_rows, event("load", parcel, run_of(county_rows), at=begin + 2.5 * MINUTE))
    assert consignments(number)[0].delivered_at == begin + timedelta(hours=6), "now a scan is missing"
    assert ends(number) == {proven}, "what became payable stays"


def test_what_is_lost_or_came_back_makes_no_order_delivered_and_may_be_found(county_rows: SmallCounty) -> None:
    begin = clock.now()
    station, hub, trunk = county_rows.stations[0].code, county_rows.hub.code, county_rows.trunks[0].code
    for deed, place in (("lose", station), ("return", station)):
        number = sell(county_rows, ("tomato", 1), packed=True)
        (parcel,) = parcels_of(number)
        with clock.at(begin + timedelta(hours=5)):
            tell(county_rows, event(deed, parcel, place, at=clock.now() - timedelta(hours=2)))
            assert (stage(number), ends(number)) == ("in_transit", {None})
            for n, (next_deed, where) in enumerate((("receive", hub), ("dispatch", trunk), ("deliver", trunk))):
                tell(county_rows, event(next_deed, parcel, where, at=clock.now() - (50 - n) * MINUTE))
            assert stage(number) == "delivered"
            assert None not in ends(number)
    tasks.drain()
