"""Does a county that reads well also work? Roads, tiers, vehicles, zones, seasons and the published counts.

Roads are judged without the clock: goods may wait for tomorrow's bus, so a station has a road when a chain of at most
`max_handovers` runs with a bay leads to a hub. Seasonal and market-day runs do not count as a road, nor do those without goods.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from supply.products.models import Storage
from supply.stations.models import NodeKind

from .profile_kinds import MONTHS, TIERS
from .profile_rows import CalendarRow, Profile, StopRow, TripRow
from .service_days import lies_within

# fmt: off
PROVINCES = (
    "北京市", "天津市", "河北省", "山西省", "内蒙古自治区", "辽宁省", "吉林省", "黑龙江省",
    "上海市", "江苏省", "浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省",
    "湖北省", "湖南省", "广东省", "广西壮族自治区", "海南省", "重庆市", "四川省", "贵州省",
    "云南省", "西藏自治区", "陕西省", "甘肃省", "青海省", "宁夏回族自治区", "新疆维吾尔自治区", "香港特别行政区",
    "澳门特别行政区", "台湾省",
)
# fmt: on
DAY = 1440


def validate_profile(profile: Profile) -> list[str]:
    """What is wrong with the county, in plain words; empty when it works."""
    checks = (_counts, _roads, _product_roads, _double_bookings, _zones, _seasons)
    return [fault for check in checks for fault in check(profile)]


def carried_as(profile: Profile, storage: Storage) -> Storage:
    """The tier goods of this storage class ride in."""
    return profile.county.storage.live_rides_as if storage is Storage.LIVE else storage


def legs_to_hub(profile: Profile, tier: Storage) -> dict[str, int]:
    """Fewest runs from each node to a hub for goods of this tier; hubs are 0, nodes without a road are absent."""
    return _legs(profile, tier, towards_hub=True)


def legs_from_hub(profile: Profile, tier: Storage) -> dict[str, int]:
    """Fewest runs from a hub to each node for goods of this tier."""
    return _legs(profile, tier, towards_hub=False)


def _legs(profile: Profile, tier: Storage, *, towards_hub: bool) -> dict[str, int]:
    calls: dict[str, list[str]] = defaultdict(list)
    ends: dict[str, int] = defaultdict(int)
    for stop in profile.stops:
        calls[stop.pattern].append(stop.node)
        ends[stop.pattern] = stop.arr_min
    of_line = {line.code: line.goods_windows for line in profile.lines}
    windows = {pattern.code: of_line.get(pattern.line, ()) for pattern in profile.patterns}
    carrying = {vehicle.code for vehicle in profile.vehicles if tier in vehicle.tiers}
    all_year = {row.code for row in profile.calendars if row.every_day}
    runs = {
        trip.pattern
        for trip in profile.trips
        if trip.vehicle in carrying
        and trip.calendar in all_year
        and lies_within(windows[trip.pattern], trip.departs, trip.departs + ends[trip.pattern])
    }
    before: dict[str, set[str]] = defaultdict(set)
    for pattern in runs:
        nodes = calls[pattern] if towards_hub else calls[pattern][::-1]
        for index, node in enumerate(nodes):
            before[node].update(nodes[:index])
    legs = {node.code: 0 for node in profile.nodes if node.kind is NodeKind.HUB}
    edge = set(legs)
    while edge:
        edge = {origin for node in edge for origin in before[node]} - legs.keys()
        steps = max(legs.values()) + 1
        legs.update(dict.fromkeys(edge, steps))
    return legs


def _counts(profile: Profile) -> Iterator[str]:
    published = profile.county.published
    bays = [vehicle for vehicle in profile.vehicles if vehicle.kind == "bus" and vehicle.has_bay]
    own = (
        ("hubs", published.hubs, sum(node.kind is NodeKind.HUB for node in profile.nodes)),
        ("township stations", published.township_stations, sum(node.kind is NodeKind.TOWNSHIP for node in profile.nodes)),
        ("village stations", published.village_stations, sum(node.kind is NodeKind.STATION for node in profile.nodes)),
        ("lines", published.lines, sum(line.published for line in profile.lines)),
        ("buses with bays", published.buses_with_bays, len(bays)),
    )
    for what, wanted, found in own:
        if wanted is not None and wanted != found:
            yield f"the county publishes {wanted} {what}, its files hold {found}"


def _roads(profile: Profile) -> Iterator[str]:
    most = profile.county.hub.max_handovers
    for words, legs in (("to", legs_to_hub(profile, Storage.AMBIENT)), ("from", legs_from_hub(profile, Storage.AMBIENT))):
        for node in profile.stations:
            if legs.get(node.code, most + 1) > most:
                yield f"{node.code} {node.name} has no road {words} a hub within {most} runs"


def _product_roads(profile: Profile) -> Iterator[str]:
    codes = {node.name: node.code for node in profile.stations}
    most = profile.county.hub.max_handovers
    reach = {tier: legs_to_hub(profile, tier) for tier in TIERS}
    tiers_by_zone: dict[str, set[Storage]] = defaultdict(set)
    trunk_tiers = {trunk.code: trunk.tiers for trunk in profile.trunks}
    for lane in profile.trunk_zones:
        tiers_by_zone[lane.zone].update(trunk_tiers[lane.trunk])
    home = zone_of(profile, *profile.county.default_destination)
    for product in profile.products:
        tier = carried_as(profile, product.storage)
        if reach[tier].get(codes[product.station], most + 1) > most:
            yield f"{product.product} needs {tier} carriage, and {product.station} has none to a hub within {most} runs"
        if home and tier not in tiers_by_zone[home]:
            yield f"{product.product} needs {tier} carriage, and no trunk carries it to the default destination"


def _double_bookings(profile: Profile) -> Iterator[str]:
    runs: dict[str, list[StopRow]] = defaultdict(list)
    for stop in profile.stops:
        runs[stop.pattern].append(stop)
    calendars = {row.code: row for row in profile.calendars}
    by_vehicle: dict[str, list[TripRow]] = defaultdict(list)
    by_block: dict[tuple[str, str], list[TripRow]] = defaultdict(list)
    for trip in profile.trips:
        by_vehicle[trip.vehicle].append(trip)
        by_block[trip.vehicle, trip.block].append(trip)
        if trip.departs >= DAY:
            yield f"{trip.code} departs after midnight of its own day"

    def ends(trip: TripRow) -> int:
        return trip.departs + runs[trip.pattern][-1].arr_min

    for trips in by_vehicle.values():
        trips.sort(key=lambda trip: trip.departs)
        for one, other in combinations(trips, 2):
            if other.departs < ends(one) and _same_day(calendars[one.calendar], calendars[other.calendar]):
                yield f"{one.vehicle} is on two runs at once: {one.code} and {other.code}"
    for trips in by_block.values():
        trips.sort(key=lambda trip: trip.departs)
        for one, other in pairwise(trips):
            arrived, leaves = runs[one.pattern][-1].node, runs[other.pattern][0].node
            if arrived != leaves:
                yield f"{one.vehicle} ends {one.code} at {arrived} but begins {other.code} at {leaves}"


def _same_day(one: CalendarRow, other: CalendarRow) -> bool:
    """May both run on one day? Errs on the side of yes for dates added by `also`."""
    if one.also or other.also:
        return True
    months = set(one.months) & set(other.months)
    weekdays = any(a and b for a, b in zip(one.weekdays, other.weekdays, strict=True))
    if one.seasons and other.seasons and not any(a.meets(b) for a in one.seasons for b in other.seasons):
        return False
    if one.market and other.market and one.market.lunar == other.market.lunar and not set(one.market.digits) & set(other.market.digits):
        return False
    return bool(months) and weekdays and one.starts <= other.ends and other.starts <= one.ends


def zone_of(profile: Profile, province: str, city: str, district: str) -> str | None:
    """The zone code of an address: its most exact row, or None for a place no row names."""
    places = {(row.province, row.city, row.district): row.zone for row in profile.places}
    exact_first = ((province, city, district), (province, city, ""), (province, "", ""))
    return next((places[key] for key in exact_first if key in places), None)


def _zones(profile: Profile) -> Iterator[str]:
    provinces = {row.province for row in profile.places}
    yield from (f"places.csv does not say which zone {name} is in" for name in PROVINCES if name not in provinces)
    yield from (f"places.csv: {name} is not a province" for name in sorted(provinces - set(PROVINCES)))
    in_county = [zone.code for zone in profile.zones if zone.in_county]
    if len(in_county) != 1 or zone_of(profile, *profile.county.home) not in in_county:
        yield "exactly one zone must be in the county, and the county's own address must lie in it"
    trunk_tiers = {trunk.code: trunk.tiers for trunk in profile.trunks}
    carried = {(lane.zone, tier) for lane in profile.trunk_zones for tier in trunk_tiers[lane.trunk]}
    priced = {(row.zone, row.tier) for row in profile.freight}
    yield from (f"{zone}: a trunk carries {tier} there, but freight.csv has no price" for zone, tier in sorted(carried - priced))
    yield from (f"{zone}: freight.csv prices {tier}, but no trunk carries it there" for zone, tier in sorted(priced - carried))


def _seasons(profile: Profile) -> Iterable[str]:
    for month in MONTHS:
        if sum(month in product.months for product in profile.products) < 3:
            yield f"fewer than three products are in season in month {month}"
    all_year = [row for row in profile.templates if row.months == MONTHS and row.storage is Storage.AMBIENT]
    covered = {name for row in all_year for name in row.townships}
    for township in profile.townships:
        if "*" not in covered and township.name not in covered:
            yield f"{township.name} has no ambient all-year product template"
