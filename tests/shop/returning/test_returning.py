"""Refunded goods that came back are put on the shelf or thrown away by their master, once, and stock adds up."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db, tasks
from core.invariants import check
from fulfillment.consignments.models import Consignment, Parcel
from shop.orders.models import OrderLine
from shop.payments.giving import Part, give_back, left_of
from shop.returning.models import Into, ReturnedParcel
from shop.returning.service import NotReturned, ReturnUnknown, settle_return, waiting
from supply.stock.models import StockLevel
from tests.fulfillment.shipping import event, scan
from tests.shop.buying import order_of
from tests.shop.earning import sell
from tests.shop.visitor import hidden


def came_back(county, *, refunded: bool = True) -> tuple[str, str, int]:
    """An order's number, its parcel handed back at the station, and the level it was taken from."""
    number = sell(county, ("tomato", 2), packed=True)
    with db.writing() as session:
        parcel = session.exec(select(Parcel).join(Consignment).where(Consignment.source_code == number)).one()
        outcome = scan(session, county, event("return", parcel, county.stations[0].code))
        assert outcome[0].result == "accepted", outcome
        code = parcel.code
    with db.writing() as session:
        order = order_of(session, number)
        line = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).one()
        level = line.level_id
        if refunded:
            give_back(session, order, [Part(line.id, left_of(session, [line])[line.id].fen)], key="k", reason="买家不要了")
    tasks.drain()
    return number, code, level


def on_hand(level: int) -> int:
    with db.reading() as session:
        return session.get_one(StockLevel, level).on_hand


def settled(county, code: str, into: Into) -> str:
    with db.writing() as session:
        return settle_return(session, code, into, stations=[county.stations[0].node_id], by="user:U1").code


def sound() -> None:
    with db.reading() as session:
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []


def test_on_the_shelf_again_its_units_are_for_sale_once(county_rows):
    _number, code, level = came_back(county_rows)
    before = on_hand(level)
    assert settled(county_rows, code, Into.SHELF) == settled(county_rows, code, Into.SHELF)
    assert on_hand(level) == before + 2
    with pytest.raises(NotReturned):
        settled(county_rows, code, Into.WASTE)
    sound()


def test_thrown_away_it_is_waste_of_its_lot(county_rows):
    _number, code, level = came_back(county_rows)
    before = on_hand(level)
    settled(county_rows, code, Into.WASTE)
    assert on_hand(level) == before
    sound()


def test_what_is_past_its_date_is_only_thrown_away(county_rows):
    _number, code, _level = came_back(county_rows)
    with clock.at(clock.now() + timedelta(days=400)):
        with pytest.raises(NotReturned, match="保质期"):
            settled(county_rows, code, Into.SHELF)
        settled(county_rows, code, Into.WASTE)


def test_what_is_not_refunded_whole_or_not_the_callers_stays(county_rows):
    _number, code, _level = came_back(county_rows, refunded=False)
    with pytest.raises(NotReturned):
        settled(county_rows, code, Into.SHELF)
    with db.reading() as session:
        assert waiting(session, [county_rows.stations[0].node_id]) == []
    for stations in ([county_rows.stations[1].node_id], []):
        with pytest.raises(ReturnUnknown), db.writing() as session:
            settle_return(session, code, Into.SHELF, stations=stations, by="user:U1")
    sound()


def test_a_master_deals_with_it_with_one_tap(county_rows, signed_in):
    number, code, level = came_back(county_rows)
    master = signed_in("master", "station", county_rows.stations[0].code)
    page = master.get("/station/returns").text
    assert number in page
    before, form = on_hand(level), {"form_key": hidden(page, "form_key")}
    for _ in range(2):
        assert master.post(f"/station/returns/{code}/shelf", data=form).status_code == 303
    assert on_hand(level) == before + 2
    assert "没有退回来的货" in master.get("/station/returns").text
    assert master.post(f"/station/returns/{code}/waste", data=form).status_code == 409
    other = signed_in("master", "station", county_rows.stations[1].code)
    assert other.post(f"/station/returns/{code}/shelf", data=form).status_code == 404
    with db.reading() as session:
        assert session.exec(select(ReturnedParcel.goes_to)).one() == "shelf"
