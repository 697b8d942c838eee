"""What the two shipped counties promise: the published figures, a road for everyone, produce all year."""

import csv
import tomllib
from collections import Counter, defaultdict
from datetime import date

import pytest

from supply.counties.profile_checks import carried_as, legs_to_hub, validate_profile, zone_of
from supply.counties.profile_kinds import MONTHS
from supply.counties.profile_rows import Profile
from supply.products.models import Storage
from supply.stations.models import NodeKind

from .conftest import COUNTIES


def published(code: str) -> dict:
    systems = tomllib.loads((COUNTIES.parent / "systems.toml").read_text(encoding="utf-8"))["system"]
    return next(system for system in systems if system["id"] == code)


def test_a_shipped_county_works(county: Profile):
    assert validate_profile(county) == []


def test_the_counties_have_their_published_size(county: Profile):
    system = published(county.county.code)
    kinds = Counter(node.kind for node in county.nodes)
    assert [kinds[NodeKind.HUB], kinds[NodeKind.TOWNSHIP], kinds[NodeKind.STATION]] == system["tiers"]
    assert sum(line.published for line in county.lines) == system["lines"]


def test_ninghai_has_63_buses_with_bays_and_others_without(ninghai: Profile):
    buses = [vehicle for vehicle in ninghai.vehicles if vehicle.kind == "bus"]
    assert sum(bus.has_bay for bus in buses) == published("ninghai")["buses"] == 63
    assert any(not bus.has_bay for bus in buses)


def test_shengsi_sails_the_published_routes(shengsi: Profile):
    system = published("shengsi")
    assert {line.name for line in shengsi.lines if line.published} == {*system["ferry_routes"], *system["bus_routes"]}
    assert all(line.max_wind for line in shengsi.lines if line.kind == "ferry")
    assert {zone.name for zone in shengsi.contract_zones} == set(system["operator_zones"])
    assert shengsi.county.boxes.pieces == system["boxes"]


def test_ninghai_sells_exactly_the_listed_produce(ninghai: Profile):
    with (COUNTIES / "ninghai" / "products.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["station"], row["product"], row["spec"]) for row in rows] == [(p.station, p.product, p.spec) for p in ninghai.products]
    assert len({p.station for p in ninghai.products}) == 18
    assert len({p.township for p in ninghai.products}) == 16


def test_a_village_may_be_served_from_another_township(ninghai: Profile):
    township = {node.code: node.township for node in ninghai.nodes}
    villages = [node for node in ninghai.nodes if node.kind is NodeKind.STATION]
    assert any(node.served_by and township[node.served_by] != node.township for node in villages)
    assert {node.township for node in villages} == {row.name for row in ninghai.townships}


def test_every_ninghai_village_is_three_to_ninety_minutes_by_a_bus_with_a_bay(ninghai: Profile):
    bays = {vehicle.code for vehicle in ninghai.vehicles if vehicle.kind == "bus" and vehicle.has_bay}
    carried = {trip.pattern for trip in ninghai.trips if trip.vehicle in bays and trip.calendar == "nh-daily"}
    inbound = {pattern.code for pattern in ninghai.patterns if pattern.direction == "in"} & carried
    arrival = {stop.pattern: stop.arr_min for stop in ninghai.stops if stop.node == "nh-hub"}
    rides: dict[str, list[int]] = defaultdict(list)
    for stop in ninghai.stops:
        if stop.pattern in inbound and stop.node != "nh-hub":
            rides[stop.node].append(arrival[stop.pattern] - stop.dep_min)
    for node in ninghai.stations:
        assert 3 <= min(rides[node.code]) <= 90, node.name


def test_lines_run_both_ways_between_first_and_last_bus(ninghai: Profile):
    direction = {pattern.code: pattern.direction for pattern in ninghai.patterns}
    line = {pattern.code: pattern.line for pattern in ninghai.patterns}
    runs = Counter((line[trip.pattern], direction[trip.pattern]) for trip in ninghai.trips if trip.calendar == "nh-daily")
    announced = {row.code for row in ninghai.lines if row.published}
    assert all(2 <= runs[code, way] <= 8 for code in announced for way in ("out", "in"))
    begins = [trip.departs for trip in ninghai.trips if line[trip.pattern] in announced]
    assert (min(begins), max(begins)) == (5 * 60 + 40, 18 * 60 + 30)


def test_goods_that_need_the_cold_have_a_cold_road(county: Profile):
    for product in county.products:
        node = next(node for node in county.nodes if node.name == product.station)
        assert node.code in legs_to_hub(county, carried_as(county, product.storage)), product.product


def test_every_month_has_produce_in_season(county: Profile):
    assert all(sum(month in product.months for product in county.products) >= 3 for month in MONTHS)


def test_live_goods_ride_chilled(county: Profile):
    assert carried_as(county, Storage.LIVE) is Storage.CHILLED
    assert carried_as(county, Storage.FROZEN) is Storage.FROZEN


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        (("浙江省", "宁波市", "宁海县"), "z0"),
        (("浙江省", "宁波市", "海曙区"), "z1"),
        (("上海市", "上海市", "徐汇区"), "z1"),
        (("新疆维吾尔自治区", "喀什地区", "喀什市"), "z5"),
        (("台湾省", "台北市", ""), "z6"),
        (("不存在省", "", ""), None),
    ],
)
def test_an_address_lies_in_the_zone_of_its_most_exact_row(ninghai: Profile, address: tuple[str, str, str], zone: str | None):
    assert zone_of(ninghai, *address) == zone


def test_a_category_without_its_own_claim_rule_takes_the_general_one(ninghai: Profile):
    assert ninghai.county.claim_rule("水果").window_h == 24
    assert ninghai.county.claim_rule("茶饮").category == "*"


def test_a_seasonal_calendar_runs_only_in_its_months(ninghai: Profile):
    loquat = next(row for row in ninghai.calendars if row.code == "nh-loquat")
    assert loquat.runs_on(date(2026, 5, 20))
    assert not loquat.runs_on(date(2026, 7, 1))
    workdays = next(row for row in ninghai.calendars if row.code == "nh-workdays")
    assert workdays.runs_on(date(2026, 5, 22))
    assert not workdays.runs_on(date(2026, 5, 23))
    feast = workdays._replace(without=(date(2026, 5, 22),), also=(date(2026, 5, 23),))
    assert not feast.runs_on(date(2026, 5, 22))
    assert feast.runs_on(date(2026, 5, 23))


def test_every_place_has_its_own_spot_inside_the_county(ninghai: Profile):
    spots = [(node.lat, node.lon) for node in ninghai.nodes]
    assert len(set(spots)) == len(spots)
    assert all(29.05 < lat < 29.55 and 121.15 < lon < 121.80 for lat, lon in spots)


def test_flagship_stations_offer_eighteen_services_and_a_story(ninghai: Profile):
    flagships = [node for node in ninghai.stations if node.flagship]
    assert {"葛家驿站", "弘杨驿站", "南庄驿站", "西翁驿站", "竹林驿站"} <= {node.name for node in flagships}
    assert all(len(node.services) >= 18 for node in flagships)
    assert all(node.story and node.signature and node.services for node in ninghai.stations)
    assert len({node.story for node in ninghai.stations}) == len(ninghai.stations)
