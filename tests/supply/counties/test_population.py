"""The invented part of a demo county: the same for the same seed, and a shop behind every door."""

from collections import defaultdict

from supply.counties.population import populate
from supply.counties.profile_checks import carried_as, legs_to_hub
from supply.counties.profile_kinds import MONTHS, TIERS
from supply.counties.profile_rows import Profile


def test_the_same_seed_gives_the_same_county(county: Profile):
    assert populate(county, 7) == populate(county, 7)
    assert populate(county, 7) != populate(county, 8)


def test_every_station_sells_something(county: Profile):
    products = populate(county, 1).products
    assert {product.station for product in products} == {node.code for node in county.stations}


def test_named_products_are_taken_as_they_stand(county: Profile):
    names = {node.code: node.name for node in county.nodes}
    named = [
        (names[p.station], p.name, variant.spec, variant.price_fen, p.months, p.shelf_days)
        for p in populate(county, 1).products
        if not p.invented
        for variant in p.variants
    ]
    assert sorted(named) == sorted((p.station, p.product, p.spec, p.price_fen, p.months, p.shelf_days) for p in county.products)


def test_specs_of_one_product_become_its_variants(ninghai: Profile):
    loquats = [product for product in populate(ninghai, 1).products if product.name == "宁海白枇杷"]
    assert [[variant.spec for variant in product.variants] for product in loquats] == [["3斤装", "5斤装"]]


def test_invented_channels_sell_their_signature_and_something_all_year(county: Profile):
    signature = {node.code: (node.name.removesuffix("驿站"), node.signature) for node in county.stations}
    own = defaultdict(list)
    for product in populate(county, 1).products:
        if product.invented:
            own[product.station].append(product)
    assert own
    for station, products in own.items():
        assert any(product.months == MONTHS for product in products), station
        assert products[0].name == "".join(signature[station])
        low, high = county.county.demo.products_min, county.county.demo.products_max
        assert low <= len(products) <= high
        assert len({product.name for product in products}) == len(products)


def test_nothing_is_sold_that_no_vehicle_can_carry(county: Profile):
    reach = {tier: legs_to_hub(county, tier) for tier in TIERS}
    for product in populate(county, 1).products:
        assert product.station in reach[carried_as(county, product.storage)], product


def test_a_product_has_a_grower_of_its_own_station(county: Profile):
    population = populate(county, 1)
    home = {grower.code: grower.station for grower in population.growers}
    assert all(home[product.grower] == product.station for product in population.products)
    assert len(home) == len(population.growers)
    phones = [grower.phone for grower in population.growers if grower.phone]
    assert len(set(phones)) == len(phones) < len(population.growers)
    assert {grower.agreement for grower in population.growers} == {"consignment", "purchase"}


def test_invented_prices_and_names_read_like_a_village_shop(ninghai: Profile):
    products = populate(ninghai, 3).products
    invented = [product for product in products if product.invented]
    assert all("{" not in product.name + product.story for product in invented)
    assert all(variant.price_fen % 50 == 0 and variant.gross_g >= variant.net_g for product in invented for variant in product.variants)
    assert len({product.code for product in products}) == len(products)
