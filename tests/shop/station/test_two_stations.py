"""Who keeps two stations works at either: the pages say which, lead to the other, and stay where one is."""

import re

import pytest
from sqlmodel import select

from core import db
from core.settings import settings
from fulfillment.consignments.models import Consignment
from fulfillment.income.models import IncomeEntry
from tests.shop.earning import sell, session_of
from tests.shop.visitor import visitor

PHONE = "13811110001"
PAGES = ("/station", "/station/packing", "/station/listings", "/station/arrivals", "/station/income", "/station/people")


@pytest.fixture(autouse=True)
def demo(monkeypatch):
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def both(county_rows):
    """A browser of a master of the first and the third station."""
    for station in (county_rows.stations[0], county_rows.stations[2]):
        token = session_of(county_rows, PHONE, "master", station.code)
    client = visitor()
    client.cookies.set("sid", token)
    return client


def head(page):
    return re.search(r'class="work-bar__place".*?<b>(.*?)</b>', page, re.S)[1]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_a_station_is_there_for_both_and_its_links_stay(both, county_rows, path):
    for station, other in ((county_rows.stations[2], county_rows.stations[0]), (county_rows.stations[0], county_rows.stations[2])):
        both.cookies.delete("station")
        page = both.get(f"{path}?station={station.code}").text
        assert head(page) == station.name
        assert f'?station={other.code}"' in page and other.name in page, "the way to the other station"
        links = set(re.findall(r'href="(/station[^"]*)"', page))
        own = {link for link in links if f"station={station.code}" in link}
        assert links - own == {link for link in links if f"station={other.code}" in link}
        assert {link.partition("?")[0] for link in own} >= {"/station", "/station/packing", "/station/listings", "/station/income"}
        for link in own:
            answer = both.get(link.replace("&amp;", "&"))
            assert answer.status_code == 200, link
            assert head(answer.text) == station.name, link


def test_the_station_last_asked_for_is_remembered(both, county_rows):
    assert head(both.get("/station").text) == min(county_rows.stations[0], county_rows.stations[2], key=lambda s: s.code).name
    for station in (county_rows.stations[2], county_rows.stations[0]):
        both.get(f"/station?station={station.code}")
        for path in PAGES:
            assert head(both.get(path).text) == station.name, path
    assert both.get(f"/station/packing?station={county_rows.stations[1].code}").status_code == 404


def test_a_consignment_a_listing_and_a_row_of_income_open_at_their_own_station(both, county_rows):
    sell(county_rows, ("tomato", 1))
    sell(county_rows, ("bamboo", 1))
    with db.reading() as session:
        rows = session.exec(select(Consignment)).all()
        at = {c.station_id: c.code for c in rows}
        income = dict(session.exec(select(IncomeEntry.party_code, IncomeEntry.code).where(IncomeEntry.party_kind == "station")).all())
    for station, listing in ((county_rows.stations[0], "tomato"), (county_rows.stations[2], "bamboo")):
        code = at[station.node_id]
        for path in (
            f"/station/packing/{code}",
            f"/station/listings/{county_rows.listings[listing].code}",
            f"/station/income/{income[station.code]}",
        ):
            answer = both.get(path)
            assert (answer.status_code, head(answer.text)) == (200, station.name), path
        packed = both.post(f"/station/packing/{code}/parcels", data={})
        assert (packed.status_code, packed.headers["location"]) == (303, f"/station/packing/{code}")
        assert both.get(f"/station/packing/{code}/labels.pdf").status_code == 200


def test_a_helper_at_one_and_master_at_the_other_sees_income_only_where_it_is_theirs(county_rows):
    session_of(county_rows, PHONE, "master", county_rows.stations[0].code)
    client = visitor()
    client.cookies.set("sid", session_of(county_rows, PHONE, "helper", county_rows.stations[2].code))
    assert "/station/income" in client.get(f"/station?station={county_rows.stations[0].code}").text
    there = client.get(f"/station?station={county_rows.stations[2].code}").text
    assert "/station/income" not in there and "/station/people" not in there
    assert client.get(f"/station/income?station={county_rows.stations[2].code}").status_code == 404
    assert head(client.get("/station/income").text) == county_rows.stations[0].name


def test_who_keeps_one_station_sees_no_choice_and_no_station_in_any_address(county_rows):
    client = visitor()
    client.cookies.set("sid", session_of(county_rows, PHONE, "master", county_rows.stations[0].code))
    for path in PAGES:
        page = client.get(path).text
        assert "work-places" not in page and "?station=" not in page, path
