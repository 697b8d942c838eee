import pytest
from sqlmodel import select

from core.errors import Refused
from core.outbox import Outbox
from supply.counties.models import County
from supply.products.models import Product, Storage
from supply.products.queries import categories, product_named, variant_named
from supply.products.service import ProductUnknown, add_variant, create_product, edit_product
from supply.stock.queries import available
from tests.county import small_county

NEW = {"name": "香榧", "category": "坚果", "storage": Storage.AMBIENT, "shelf_days": 180, "months": [11, 9, 10, 9]}


def told(session):
    return [
        row.payload["product_code"] for row in session.exec(select(Outbox).where(Outbox.topic == "listing.changed").order_by(Outbox.id))
    ]


def own(session, small):
    grown_here = select(Product.name).where(Product.station_id == small.stations[0].node_id)
    return list(session.exec(grown_here.order_by(Product.id)))


def test_a_new_product_stands_on_an_empty_shelf_of_its_station(session, small):
    product = create_product(session, small.stations[0], small.growers[1], **NEW)
    variant = add_variant(session, product, spec="500g", net_g=500, gross_g=560, ml=1200)
    assert product.months == [9, 10, 11]
    assert (variant.position, variant.box_milli) == (0, 20)
    assert available(session, [variant.id]) == {variant.id: 0}
    assert own(session, small) == ["高山西红柿", "桂花茶", "香榧"]
    assert "坚果" in categories(session, tenant_id=small.id)


def test_a_product_that_makes_no_sense_is_refused_and_names_the_field(session, small):
    wrongs = [{"name": " "}, {"category": ""}, {"shelf_days": 0}, {"shelf_days": 99999}, {"months": []}, {"months": [0]}, {"months": [13]}]
    for wrong in wrongs:
        with pytest.raises(Refused) as refused:
            create_product(session, small.stations[0], small.growers[1], **{**NEW, **wrong})
        assert refused.value.more["field"] == next(iter(wrong))
    assert own(session, small) == ["高山西红柿", "桂花茶"]


def test_a_product_belongs_to_a_grower_of_its_station(session, small):
    with pytest.raises(Refused):
        create_product(session, small.stations[0], small.growers[2], **NEW)


def test_a_spec_has_possible_weights(session, small):
    for net_g, gross_g, ml in [(0, 10, 10), (100, 99, 10), (100, 10**6, 10), (100, 120, 0), (-5, -1, 10)]:
        with pytest.raises(Refused):
            add_variant(session, small.products[0], spec="一箱", net_g=net_g, gross_g=gross_g, ml=ml)


def test_a_correction_is_told_to_search_and_to_cached_pages_and_no_change_is_not(session, small):
    product, before = small.products[0], told(session)
    version, pages = product.version, session.get(County, small.id).catalogue_version
    edit_product(session, product, name="大佳何西红柿", months=[6, 7, 8])
    assert (product.version, told(session)) == (version + 1, [*before, product.code])
    edit_product(session, product, name="大佳何西红柿", months=[8, 7, 6])
    assert (product.version, told(session)) == (version + 1, [*before, product.code])
    session.expire_all()
    assert session.get(County, small.id).catalogue_version == pages + 1


def test_how_goods_are_stored_and_where_they_come_from_cannot_be_edited(session, small):
    for name, value in {"storage": Storage.FROZEN, "station_id": small.stations[1].node_id, "sales": 999, "tenant_id": 9}.items():
        with pytest.raises(Refused):
            edit_product(session, small.products[0], **{name: value})


def test_another_county_does_not_see_it(session, small):
    other = small_county(session, code="other", prefix="ot")
    with pytest.raises(ProductUnknown):
        product_named(session, small.products[0].code, tenant_id=other.id)
    with pytest.raises(ProductUnknown):
        variant_named(session, small.variants["tea"].sku, tenant_id=other.id)
    assert variant_named(session, small.variants["tea"].sku, tenant_id=small.id)[1].name == "桂花茶"
