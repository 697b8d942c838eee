"""Searching the shop: live cards behind the engine's hits, the outbox feeding it, the database when it is gone."""

import shutil
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, update

from core import clock, db
from core.permissions import Actor
from core.tasks import drain
from shop.app import create_app
from shop.listings import service as listings
from shop.listings.models import Listing, ListingPrice
from shop.search import service, tasks
from shop.search.choose import engine
from shop.search.engine import FACETS, Query, Sort
from shop.search.invariants import index_is_true
from shop.search.queries import plain_search
from supply.stock.service import release, reserve
from tests.county import SmallCounty

BY = Actor(tenant_id=0, user_code="U1")


def find(county: SmallCounty, text: str = "", **more: object) -> service.Found:
    with db.reading() as session:
        return service.find(session, Query(tenant=county.id, text=text, **more))  # type: ignore[arg-type]


def withdraw(county: SmallCounty, name: str) -> None:
    with db.writing() as session:
        listings.withdraw(session, session.get_one(Listing, county.listings[name].id), actor=BY)


def test_the_outbox_makes_the_index_and_follows_every_change(county_rows: SmallCounty) -> None:
    assert find(county_rows, "茶").is_plain
    withdraw(county_rows, "tea")
    drain()
    assert engine().count() == 4
    assert not find(county_rows, "茶").cards
    with db.writing() as session:
        listings.publish(session, session.get_one(Listing, county_rows.listings["tea"].id), actor=BY)
    drain()
    found = find(county_rows, "guihuacha")
    assert [card.name for card in found.cards] == ["桂花茶"]
    assert not found.is_plain
    with db.reading() as session:
        assert list(index_is_true(session)) == []


def test_sold_out_and_back_reaches_the_index(county_rows: SmallCounty) -> None:
    service.rebuild()
    with db.writing() as session:
        reserve(
            session,
            [(county_rows.level(session, "tea"), 80, "JLA")],
            tenant_id=county_rows.id,
            expires_at=clock.now() + timedelta(minutes=5),
        )
    drain()
    assert "桂花茶" not in {card.name for card in find(county_rows, sellable=True).cards}
    with db.writing() as session:
        release(session, ["JLA"], tenant_id=county_rows.id)
    drain()
    assert "桂花茶" in {card.name for card in find(county_rows, sellable=True).cards}


def test_price_and_stock_come_from_the_database_even_when_the_index_is_behind(county_rows: SmallCounty) -> None:
    service.rebuild()
    tea = county_rows.variants["tea"].id
    with db.writing() as session:
        session.exec(update(ListingPrice).where(ListingPrice.variant_id == tea).values(price_fen=7700))
    assert find(county_rows, "桂花茶").cards[0].price_fen == 7700
    withdraw(county_rows, "clam")
    assert find(county_rows, "蛏子").cards == []
    with db.writing() as session:
        session.exec(update(ListingPrice).where(ListingPrice.variant_id == tea).values(price_fen=8800))
    drain()


def test_old_drift_breaks_the_invariant_and_fresh_drift_does_not(county_rows: SmallCounty) -> None:
    service.rebuild()
    withdraw(county_rows, "clam")
    with db.reading() as session:
        assert list(index_is_true(session)) == []
        with clock.at(clock.now() + timedelta(seconds=61)):
            (said,) = index_is_true(session)
    assert next(p.code for p in county_rows.products if p.name == "长街蛏子") in said
    drain()


def test_a_lost_index_is_named_until_it_is_rebuilt(county_rows: SmallCounty) -> None:
    service.rebuild()
    shutil.rmtree(engine()._generations.root)  # type: ignore[attr-defined]
    with db.reading() as session:
        assert list(index_is_true(session)) == ["the index is gone: run jishi reindex"]
    assert find(county_rows, "茶").is_plain
    assert service.rebuild() == 5
    assert not find(county_rows, "茶").is_plain


@pytest.mark.parametrize("lost", ["the folder", "the pointer", "a part of it"])
def test_an_index_that_was_thrown_away_comes_back_by_itself(county_rows: SmallCounty, lost: str) -> None:
    root = engine()._generations.root  # type: ignore[attr-defined]
    tasks.bring_back()
    assert not root.exists(), "before the first one there is nothing to bring back"
    service.rebuild()
    if lost == "the folder":
        shutil.rmtree(root.parent)
    elif lost == "the pointer":
        (root / "pointer").unlink()
    else:
        next(root.glob("*/*.store")).unlink()
        engine()._open = None  # type: ignore[attr-defined]  # as a process that starts
    assert tasks.is_down()
    assert find(county_rows, "茶").is_plain
    tasks.bring_back()
    assert not tasks.is_down()
    assert not find(county_rows, "茶").is_plain
    assert not find(county_rows, "guihuacha").is_plain


def test_with_the_engine_down_pages_go_on_with_plain_words_and_say_so(county_rows: SmallCounty) -> None:
    client = TestClient(create_app())
    page = client.get("/search?q=茶").text
    assert "桂花茶" in page
    assert "备用" in page
    answer = client.get("/api/v1/products?q=番茄").json()
    assert answer["engine"] == "database"
    assert [item["name"] for item in answer["items"]] == ["高山西红柿"]
    assert client.get("/api/v1/search/suggest?q=砧板").json()["items"] == ["毛竹砧板"]
    assert client.get(f"/p/{county_rows.products[0].code}").status_code == 200
    for q in ("%", "_", "'", "\\", "a" * 5000, "*"):
        assert client.get("/search", params={"q": q}).status_code == 200


@pytest.mark.parametrize("sort", [Sort.RELEVANCE, Sort.NEW, Sort.PRICE])
def test_pages_neither_skip_nor_repeat_when_a_product_comes_or_goes_meanwhile(county_rows: SmallCounty, sort: Sort) -> None:
    def page(cursor: str | None) -> service.Found:
        with db.reading() as session:
            return service.find(session, Query(tenant=county_rows.id, limit=2, sort=sort), cursor=cursor)

    def listed(name: str, *, there: bool) -> None:
        with db.writing() as session:
            change = listings.publish if there else listings.withdraw
            change(session, session.get_one(Listing, county_rows.listings[name].id), actor=BY)
        drain()

    drain()
    whole = [card.name for card in find(county_rows, sort=sort, limit=5).cards]
    by_name = {product.name: name for name, product in zip(county_rows.listings, county_rows.products, strict=True)}
    for changes in (whole[:1], whole[1:2]):  # the first, and the very one that a page ended with
        first = page(None)
        for name in changes:
            listed(by_name[name], there=False)
        second = page(first.next)
        assert [card.name for card in (*first.cards, *second.cards)] == whole[:4]
        fresh = page(None)
        for name in changes:
            listed(by_name[name], there=True)
        third = page(fresh.next)
        seen = [card.name for card in (*fresh.cards, *third.cards)]
        assert len(set(seen)) == len(seen), "nothing twice"
        assert set(whole) - set(changes) - set(seen) <= {whole[-1]}, "and nothing left out"


def test_the_plain_search_filters_sorts_and_counts_like_an_engine(session: Session, county: SmallCounty) -> None:
    def ask(**more: object) -> list[str]:
        return [hit.id for hit in plain_search(session, Query(tenant=county.id, **more), clock.today()).hits]  # type: ignore[arg-type]

    codes = {p.name: p.code for p in county.products}
    assert ask(sort=Sort.PRICE)[0] == codes["高山西红柿"]
    assert ask(sort=Sort.PRICE_DOWN)[0] == codes["毛竹砧板"]
    assert ask(station="sm-haitou") == [codes["长街蛏子"]]
    assert ask(category="茶饮") == [codes["桂花茶"]]
    assert codes["水蜜桃"] not in ask(in_season=clock.today().month)
    assert ask(price_from=8000, price_to=9000) == [codes["桂花茶"]]
    assert len(ask(limit=2)) == 2
    assert ask(text="!!!") == []
    assert plain_search(session, Query(tenant=county.id + 1), clock.today()).total == 0
    facets = plain_search(session, Query(tenant=county.id, facets=FACETS), clock.today()).facets
    assert facets["storage"] == {"ambient": 4, "live": 1}
