"""A long shelf is read sixty goods at a time, by plain links, and searched by name."""

import re
from html import unescape

import pytest

from core import db
from core.errors import Refused
from shop.listings.queries import SHOWN, shelf, shelved
from supply.products.models import Product, Storage
from supply.products.service import add_variant, create_product
from tests.county import SmallCounty
from tests.shop.conftest import SignIn
from tests.statements import statements_of

MORE = SHOWN + 5


def fill(rows: SmallCounty, names: list[str]) -> None:
    """Goods without a listing, at 葛家."""
    with db.writing() as session:
        for name in names:
            product = create_product(
                session, rows.stations[0], rows.growers[1], name=name, category="干货", storage=Storage.AMBIENT, shelf_days=9, months=[1]
            )
            add_variant(session, product, spec="一斤装", net_g=500, gross_g=600, ml=1300)


def names(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r"<h3>(.*?)</h3>", page)]


def link(page: str, words: str) -> str:
    found = re.search(rf'href="([^"]*)"[^>]*>{words}</a>', page)
    assert found, words
    return unescape(found[1])


@pytest.fixture
def long_shelf(county_rows: SmallCounty) -> SmallCounty:
    fill(county_rows, [f"番薯干{n:02}" for n in range(MORE)])
    return county_rows


def test_a_long_shelf_is_paged_newest_first(long_shelf: SmallCounty, signed_in: SignIn) -> None:
    client = signed_in("master", "station", "sm-gejia")
    first = client.get("/station/listings").text
    assert names(first) == [f"番薯干{n:02}" for n in range(MORE - 1, MORE - 1 - SHOWN, -1)]
    assert f"{MORE + 2} 样" in first  # with the tomatoes and the tea
    second = client.get(link(first, "下一页")).text
    assert names(second) == [*(f"番薯干{n:02}" for n in range(MORE - 1 - SHOWN, -1, -1)), "桂花茶", "高山西红柿"]
    assert ">下一页<" not in second
    assert client.get(link(second, "回到开头")).text.count("<h3>") == SHOWN


def test_a_shelf_is_searched_by_part_of_a_name(long_shelf: SmallCounty, signed_in: SignIn) -> None:
    fill(long_shelf, ["Tea 50%", "tea_a"])
    client = signed_in("master", "station", "sm-gejia")
    assert names(client.get("/station/listings?q=桂花").text) == ["桂花茶"]
    assert names(client.get("/station/listings?q=TEA").text) == ["tea_a", "Tea 50%"]
    assert names(client.get("/station/listings?q=%25").text) == ["Tea 50%"]
    assert names(client.get("/station/listings?q=_").text) == ["tea_a"]
    first = client.get("/station/listings?q=番薯").text
    assert 'value="番薯"' in first
    assert len(names(client.get(link(first, "下一页")).text)) == MORE - SHOWN
    nothing = client.get('/station/listings?q="><script>').text
    assert "没有叫这个名字的" in nothing
    assert "<script>" not in nothing.split("<body>")[1]
    assert client.get("/station/listings?q=" + "长" * 101).status_code == 422


def test_links_and_search_keep_the_station_an_admin_asked_for(long_shelf: SmallCounty, signed_in: SignIn) -> None:
    admin = signed_in("admin", "county", "")
    first = admin.get("/station/listings?station=sm-gejia").text
    assert '<input type="hidden" name="station" value="sm-gejia">' in first
    assert len(names(admin.get(link(first, "下一页")).text)) == MORE + 2 - SHOWN
    assert link(admin.get("/station/listings?station=sm-gejia&q=无").text, "看整个货架").endswith("?station=sm-gejia")


def test_a_foreign_cursor_is_refused(county_rows: SmallCounty) -> None:
    with db.reading() as session, pytest.raises(Refused):
        shelf(session, county_rows.stations[0], cursor="W10")


def test_a_longer_shelf_costs_no_more_statements(county_rows: SmallCounty) -> None:
    def read() -> None:
        with db.reading() as session:
            shelf(session, county_rows.stations[0])

    before = statements_of(read)
    fill(county_rows, [f"番薯干{n}" for n in range(MORE)])
    assert statements_of(read) == before


def test_one_product_is_shown_as_the_shelf_shows_it(county_rows: SmallCounty) -> None:
    with db.reading() as session:
        station = county_rows.stations[0]
        product = session.get_one(Product, county_rows.products[0].id)
        one = shelved(session, station, product)
        assert one == next(item for item in shelf(session, station).items if item.product.id == product.id)
        assert [(spec.variant.spec, spec.price_fen, spec.free) for spec in one.specs] == [("5斤装", 3600, 50), ("2斤装", 1680, 50)]
