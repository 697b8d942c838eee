from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session

from core import clock, db
from shop.catalogue import queries
from shop.catalogue.offers import MARKET, PUBLISHED, Card
from shop.channels.models import Channel, ChannelKind
from shop.listings.models import Listing, ListingPrice, ListingStatus
from supply.stock.service import reserve
from tests.county import SmallCounty


def card(session: Session, county: SmallCounty, name: str) -> Card:
    return queries.product(session, county.products[list(county.listings).index(name)].code, tenant_id=county.id)


def test_what_stands_in_the_statement_is_what_the_rows_say() -> None:
    assert (str(PUBLISHED), str(MARKET)) == (f"'{ListingStatus.PUBLISHED}'", f"'{ChannelKind.MARKET}'")


def test_a_card_shows_the_lowest_live_price_and_what_is_free(session: Session, county: SmallCounty) -> None:
    level = county.level(session, "tomato")
    reserve(session, [(level, 7, "JLX")], tenant_id=county.id, expires_at=clock.now() + timedelta(minutes=5))
    found = card(session, county, "tomato")
    assert found.price_fen == 1680
    assert {o.spec: o.available for o in found.offers} == {"2斤装": 50, "5斤装": 43}
    assert found.offers[0].per_jin_fen == 840
    assert found.in_stock


def test_a_cheaper_listing_in_another_channel_sets_the_price_only_on_its_days(session: Session, county: SmallCounty) -> None:
    tea, today = county.variants["tea"], clock.today()
    fair = Channel(tenant_id=county.id, code="fair", kind=ChannelKind.FAIR, name="展销", opened_at=clock.now())
    session.add(fair)
    session.flush()
    listing = Listing(
        tenant_id=county.id, code="GFAIR", channel_id=fair.id, product_id=tea.product_id, status="published", starts_on=today, ends_on=today
    )
    session.add(listing)
    session.flush()
    session.add(ListingPrice(listing_id=listing.id, variant_id=tea.id, tenant_id=county.id, price_fen=7000))
    session.flush()
    assert card(session, county, "tea").price_fen == 7000
    assert len(card(session, county, "tea").offers) == 1
    with clock.at(clock.now() + timedelta(days=1)):
        assert card(session, county, "tea").price_fen == 8800


def test_out_of_season_is_shown_but_not_in_stock(session: Session, county: SmallCounty) -> None:
    peach = card(session, county, "peach")
    assert not peach.in_season
    assert not peach.in_stock
    assert clock.today().month not in peach.months


def test_a_withdrawn_product_looks_like_one_that_never_was(session: Session, county: SmallCounty) -> None:
    listing = county.listings["clam"]
    listing.status = "withdrawn"
    session.add(listing)
    session.flush()
    with pytest.raises(queries.ProductUnknown):
        card(session, county, "clam")


def test_another_countys_product_is_unknown(session: Session, county: SmallCounty) -> None:
    with pytest.raises(queries.ProductUnknown):
        queries.product(session, county.products[0].code, tenant_id=county.id + 1)


def test_a_list_asks_as_many_questions_for_one_product_as_for_all(county_rows: SmallCounty) -> None:
    asked: list[str] = []
    event.listen(db.engine(writes=False), "before_cursor_execute", lambda *a: asked.append(a[2]) if a[2].startswith("SELECT") else None)
    counts = []
    for codes in ([county_rows.products[0].code], [p.code for p in county_rows.products]):
        asked.clear()
        with db.reading() as session:
            assert len(queries.cards(session, codes, tenant_id=county_rows.id)) == len(codes)
        counts.append(len(asked))
    assert counts[0] == counts[1] == 1


def test_lots_on_the_shelf_name_the_grower_and_what_was_weighed(session: Session, county: SmallCounty) -> None:
    (slip,) = queries.lots_on_shelf(session, [county.variants["tea"].id or 0], tenant_id=county.id)
    assert (slip.grower, slip.units, slip.grams) == (county.growers[1].name, 80, 80 * 320)
    assert queries.lot_slip(session, slip.code, tenant_id=county.id) == slip
    with pytest.raises(queries.LotUnknown):
        queries.lot_slip(session, slip.code, tenant_id=county.id + 1)
