from datetime import timedelta

import pytest

from core import clock
from core.errors import Refused
from supply.lots.queries import book, trace
from supply.lots.service import LotUnknown, lot_named, waste_lot, weigh_in
from supply.stock.queries import available
from tests.county import small_county


def bring(session, small, units=10, days_ago=0, grower=1, variant="tomato"):
    harvested = clock.today() - timedelta(days=days_ago)
    return weigh_in(
        session, small.products[0], small.variants[variant], small.growers[grower], units=units, grams=units * 2500, harvested_on=harvested
    )  # fmt: skip


def test_what_is_weighed_in_is_for_sale_until_its_shelf_days_are_over(session, small):
    lot = bring(session, small, days_ago=2)
    variant_id = small.variants["tomato"].id
    assert available(session, [variant_id])[variant_id] == 60
    assert lot.best_before == clock.today() + timedelta(days=5)
    assert lot_named(session, lot.code, tenant_id=small.id) is lot


def test_a_slip_that_cannot_be_true_is_refused(session, small):
    for wrong in [{"days_ago": -1}, {"days_ago": 8}, {"days_ago": 800}, {"grower": 2}, {"variant": "tea"}, {"units": 0}, {"units": -3}]:
        with pytest.raises(Refused):
            bring(session, small, **wrong)
    assert available(session, [small.variants["tomato"].id]) == {small.variants["tomato"].id: 50}


def test_the_same_spoilage_may_be_entered_on_two_evenings(session, small):
    lot = bring(session, small)
    for hour in (0, 24):
        with clock.at(clock.now() + timedelta(hours=hour)):
            waste_lot(session, lot, units=2, reason="压坏", by="U1")
    session.refresh(lot)
    assert (lot.remaining, lot.wasted) == (6, 4)
    with pytest.raises(Refused):
        waste_lot(session, lot, units=1, reason=" ", by="U1")


def test_the_book_shows_newest_first_in_pages(session, small):
    lots = [bring(session, small, units=n) for n in (1, 2, 3)]
    station = small.stations[0].node_id
    first = book(session, station, tenant_id=small.id, limit=2)
    assert [line.lot.code for line in first] == [lots[2].code, lots[1].code]
    rest = book(session, station, tenant_id=small.id, before_id=first[-1].lot.id)
    assert rest[0].lot.code == lots[0].code
    assert {line.grower for line in rest} == {small.growers[1].name}


def test_the_trace_names_product_grower_station_and_township(session, small):
    found = trace(session, bring(session, small).code, tenant_id=small.id)
    assert (found.product.name, found.grower.name, found.station.name, found.township) == ("高山西红柿", "葛家农户", "葛家驿站", "东镇")
    other = small_county(session, code="other", prefix="ot")
    with pytest.raises(LotUnknown):
        trace(session, found.lot.code, tenant_id=other.id)
