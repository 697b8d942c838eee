"""A quote says what it costs and when it comes, and asks for nothing twice."""

import pytest

from core.errors import Refused
from shop.checkout.address import Address
from shop.checkout.service import Item, NoRoad, NotForSale, quote
from shop.listings.models import ListingStatus
from supply.stock.service import SoldOut
from tests.shop.buying import SHANGHAI


def item(county, name, qty=1):
    return Item(county.variants[name].sku, qty)


def test_goods_freight_and_promise_of_two_stations_and_two_tiers(session, county):
    seen = quote(session, county.county, [item(county, "tomato", 2), item(county, "clam"), item(county, "bamboo")], SHANGHAI)
    assert seen.goods_fen == 2 * 3600 + 6900 + 12800
    # z1: ambient 500 + 100 × 8 kg (2 × 2,930 + 2,100 g), chilled 650 + 100 × 3 kg
    assert seen.freight_fen == 500 + 100 * 8 + 650 + 100 * 3
    assert seen.total_fen == seen.goods_fen + seen.freight_fen
    assert sum(seen.freight_parts) == seen.freight_fen
    assert [(leg.station_name, leg.tier) for leg in seen.legs] == [
        ("葛家驿站", "ambient"),
        ("海头驿站", "chilled"),
        ("山前驿站", "ambient"),
    ]
    for leg in seen.legs:
        assert leg.promise.order_by < leg.promise.ships_at < leg.promise.deliver_by
        assert leg.promise.path


def test_asking_twice_answers_the_same(session, county):
    first, again = (quote(session, county.county, [item(county, "tomato")], SHANGHAI).answer() for _ in range(2))
    assert first == again


def test_the_same_line_twice_counts_as_its_sum(session, county):
    lines = quote(session, county.county, [item(county, "tomato", 20), item(county, "tomato", 5)], SHANGHAI).lines
    assert [(line.sku, line.qty) for line in lines] == [(county.variants["tomato"].sku, 25)]
    with pytest.raises(SoldOut) as refused:
        quote(session, county.county, [item(county, "tomato", 30), item(county, "tomato", 30)], SHANGHAI)
    assert refused.value.more == {"sku": county.variants["tomato"].sku, "left": 50}


def test_out_of_season_and_withdrawn_are_told_apart(session, county):
    with pytest.raises(SoldOut) as out:
        quote(session, county.county, [item(county, "peach")], SHANGHAI)
    assert out.value.more["left"] == 0
    county.listings["tea"].status = ListingStatus.WITHDRAWN
    session.add(county.listings["tea"])
    session.flush()
    with pytest.raises(NotForSale):
        quote(session, county.county, [item(county, "tea")], SHANGHAI)


def test_an_address_no_trunk_reaches_has_no_road(session, county):
    for province, city, district in (("火星", "环形山", "一号"), ("121.44", "29.30", "0,0"), ("拉萨", "上海市", "徐汇区")):
        with pytest.raises(NoRoad):
            quote(session, county.county, [item(county, "tomato")], Address(province=province, city=city, district=district))


@pytest.mark.parametrize("items", [[], [("NOPE", 1)], [("1;DROP TABLE orders", 1)], [("tomato", 0)], [("tomato", -1)], [("tomato", 10**9)]])
def test_nonsense_is_refused_by_name(session, county, items):
    wanted = [Item(county.variants[name].sku if name in county.variants else name, qty) for name, qty in items]
    with pytest.raises(Refused):
        quote(session, county.county, wanted, SHANGHAI)


def test_the_cheapest_live_listing_sets_the_price(session, county):
    from core import clock
    from shop.channels.models import Channel, ChannelKind
    from shop.listings.models import Listing, ListingPrice

    fair = Channel(tenant_id=county.id, code="sm-fair", kind=ChannelKind.FAIR, name="年货节", opened_at=clock.now())
    session.add(fair)
    session.flush()
    tomato = county.variants["tomato"]
    listing = Listing(tenant_id=county.id, code="GFAIR", channel_id=fair.id, product_id=tomato.product_id, status=ListingStatus.PUBLISHED)
    session.add(listing)
    session.flush()
    session.add(ListingPrice(listing_id=listing.id, variant_id=tomato.id, tenant_id=county.id, price_fen=3000))
    session.flush()
    [line] = quote(session, county.county, [item(county, "tomato")], SHANGHAI).lines
    assert (line.price_fen, line.channel_id) == (3000, fair.id)
