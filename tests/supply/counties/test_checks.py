"""`validate_profile` sees what makes a readable county useless."""

from supply.counties.profile_checks import legs_from_hub, legs_to_hub, validate_profile
from supply.counties.profile_rows import Profile
from supply.products.models import Storage


def told(profile: Profile, words: str) -> bool:
    return any(words in fault for fault in validate_profile(profile))


def test_a_station_whose_bus_is_gone_has_no_road(shengsi: Profile):
    stranded = shengsi._replace(trips=tuple(trip for trip in shengsi.trips if not trip.pattern.startswith("ss-ly6-")))
    assert told(stranded, "ss-bixia 壁下驿站 has no road to a hub")
    assert told(stranded, "ss-bixia 壁下驿站 has no road from a hub")
    assert not told(stranded, "ss-dengta")


def test_a_road_of_more_hand_overs_than_allowed_is_no_road(shengsi: Profile):
    assert legs_to_hub(shengsi, Storage.AMBIENT)["ss-dengta"] == 3
    strict = shengsi._replace(county=shengsi.county._replace(hub=shengsi.county.hub._replace(max_handovers=2)))
    assert told(strict, "ss-dengta 灯塔驿站 has no road to a hub within 2 runs")


def test_seasonal_runs_are_not_a_road(shengsi: Profile):
    seasonal = tuple(t._replace(calendar="ss-mussel") if t.pattern.startswith("ss-lf4-") else t for t in shengsi.trips)
    assert "ss-bixia" not in legs_to_hub(shengsi._replace(trips=seasonal), Storage.AMBIENT)


def test_a_bus_without_a_bay_is_not_a_road(ninghai: Profile):
    bare = tuple(v._replace(has_bay=False, tiers=()) for v in ninghai.vehicles)
    assert set(legs_from_hub(ninghai._replace(vehicles=bare), Storage.AMBIENT)) == {"nh-hub"}


def test_frozen_produce_needs_a_frozen_road_and_trunk(shengsi: Profile):
    warm = tuple(v._replace(tiers=(Storage.AMBIENT,)) for v in shengsi.vehicles)
    assert told(shengsi._replace(vehicles=warm), "嵊山带鱼 needs frozen carriage, and 嵊山驿站 has none")
    trunks = tuple(t._replace(tiers=(Storage.AMBIENT,)) for t in shengsi.trunks)
    assert told(shengsi._replace(trunks=trunks), "嵊山带鱼 needs frozen carriage, and no trunk carries it")


def test_a_vehicle_cannot_be_on_two_runs_at_once(shengsi: Profile):
    first, second, *others = shengsi.trips
    clash = shengsi._replace(trips=(first, second._replace(departs=first.departs + 5), *others))
    assert told(clash, f"{first.vehicle} is on two runs at once: {first.code} and {second.code}")


def test_runs_of_different_weekdays_do_not_clash(shengsi: Profile):
    daily = shengsi.calendars[0]
    even = daily._replace(code="ss-even", weekdays=(True, False) * 3 + (False,))
    odd = daily._replace(code="ss-odd", weekdays=(False, True) * 3 + (False,))
    first, second, *others = shengsi.trips
    apart = (first._replace(calendar="ss-even"), second._replace(calendar="ss-odd", departs=first.departs, block="other"))
    profile = shengsi._replace(trips=(*apart, *others), calendars=(*shengsi.calendars, even, odd))
    assert not told(profile, "two runs at once: ss-lf1-i1 and ss-lf1-o1")


def test_a_vehicle_does_not_jump_between_its_runs(shengsi: Profile):
    first, _skipped, *others = shengsi.trips
    assert told(shengsi._replace(trips=(first, *others)), f"{first.vehicle} ends {first.code} at ss-p-wulong but begins")


def test_published_counts_are_held(shengsi: Profile):
    assert told(shengsi._replace(lines=shengsi.lines[1:]), "the county publishes 6 lines, its files hold 5")


def test_every_province_has_a_zone_and_every_lane_a_price(shengsi: Profile):
    assert told(shengsi._replace(places=shengsi.places[:-1]), "places.csv does not say which zone 台湾省 is in")
    assert told(shengsi._replace(freight=shengsi.freight[1:]), "z0: a trunk carries ambient there, but freight.csv has no price")
    unserved = shengsi._replace(trunk_zones=tuple(row for row in shengsi.trunk_zones if row.zone != "z5"))
    assert told(unserved, "z5: freight.csv prices ambient, but no trunk carries it there")
    assert told(shengsi._replace(places=shengsi.places[1:]), "exactly one zone must be in the county")


def test_a_month_without_produce_is_seen(shengsi: Profile):
    summer = tuple(p._replace(months=(6, 7, 8)) for p in shengsi.products)
    assert told(shengsi._replace(products=summer), "fewer than three products are in season in month 1")
    assert told(shengsi._replace(templates=()), "花鸟乡 has no ambient all-year product template")
