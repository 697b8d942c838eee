"""What a buyer asks of the stations reaches everyone who packs, and lies sealed on the way."""

from sqlmodel import select

from core import db, tasks
from fulfillment.consignments.models import Consignment
from shop.orders.models import Order
from tests.shop.buying import order_of
from tests.shop.earning import sell, session_of
from tests.shop.orders.test_pages import place
from tests.shop.visitor import visitor

ASKED = "要熟一点的\n到了打 13912345678"


def _packing(county, station, path=""):
    token = session_of(county, f"1381111000{station}", "master", county.stations[station].code)
    return visitor().get(f"/station/packing{path}", headers={"Cookie": f"sid={token}"}).text


def test_the_note_stands_on_the_packing_page_of_every_station_its_numbers_masked(county_rows):
    number = sell(county_rows, ("tomato", 1), ("bamboo", 1), note=ASKED)
    with db.reading() as session:
        made = session.exec(select(Consignment).where(Consignment.source_code == number)).all()
        at = {c.station_id: c.code for c in made}
    for station in (0, 2):
        page = _packing(county_rows, station, f"/{at[county_rows.stations[station].node_id]}")
        assert "买家留言" in page and "要熟一点的\n到了打 139****5678" in page
        assert "13912345678" not in page
        assert "有留言" in _packing(county_rows, station)


def test_without_a_note_nothing_is_said_of_one(county_rows):
    number = sell(county_rows, ("tomato", 1))
    with db.reading() as session:
        made = session.exec(select(Consignment).where(Consignment.source_code == number)).one()
        assert (made.note_sealed, order_of(session, number).note_sealed) == ("", "")
    assert "留言" not in _packing(county_rows, 0) + _packing(county_rows, 0, f"/{made.code}")


def test_the_buyer_reads_their_note_in_full_and_it_lies_nowhere_in_clear(county_rows):
    client = visitor()
    page, cashier = place(client, county_rows, ("tomato", 1), note=ASKED)
    assert ASKED in client.get(page).text
    client.post(cashier, data={"outcome": "paid"})
    tasks.drain()
    with db.reading() as session:
        rows = [session.exec(select(Order)).one(), session.exec(select(Consignment)).one()]
    for row in rows:
        assert row.note_sealed
        assert "要熟" not in "".join(str(value) for value in row.model_dump().values())
