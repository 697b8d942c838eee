"""Whatever a station sells reaches a trunk before it spoils, whenever in the opening hours it is ready.

A plain earliest-arrival scan over three days of the timetable, written apart from the product's own scan.
"""

import heapq
from bisect import bisect_left
from collections import defaultdict
from datetime import date, timedelta

from supply.counties.population import populate
from supply.counties.profile_checks import carried_as
from supply.counties.profile_rows import Profile
from supply.products.models import Storage
from supply.stations.models import NodeKind

DAY = 1440
MONDAY = date(2026, 1, 12)  # no season's extra runs


def boardings(county: Profile, tier: Storage) -> dict[str, list[tuple[int, list[tuple[int, str]]]]]:
    """Per node: (loading closes, the stops after it), by time."""
    stops = defaultdict(list)
    for stop in county.stops:
        stops[stop.pattern].append(stop)
    lines = {line.code: line for line in county.lines}
    close = {pattern.code: lines[pattern.line].close_min for pattern in county.patterns}
    carrying = {vehicle.code for vehicle in county.vehicles if tier in vehicle.tiers}
    calendars = {row.code: row for row in county.calendars}
    found = defaultdict(list)
    for day in range(3):
        for trip in county.trips:
            if trip.vehicle in carrying and calendars[trip.calendar].runs_on(MONDAY + timedelta(days=day)):
                start = day * DAY + trip.departs
                run = stops[trip.pattern]
                for index, stop in enumerate(run[:-1]):
                    onward = [(start + later.arr_min, later.node) for later in run[index + 1 :]]
                    found[stop.node].append((start + stop.dep_min - close[trip.pattern], onward))
    for runs in found.values():
        runs.sort(key=lambda run: run[0])
    return found


def arrival_at_hub(county: Profile, runs: dict[str, list[tuple[int, list[tuple[int, str]]]]], origin: str, ready: int) -> int:
    rules = county.county.hub
    hubs = {node.code for node in county.nodes if node.kind is NodeKind.HUB}
    queue = [(ready, 0, origin)]
    seen: dict[str, int] = {}
    while queue:
        at, legs, node = heapq.heappop(queue)
        if node in hubs:
            return at
        if legs >= rules.max_handovers or seen.get(node, legs + 1) <= legs:
            continue
        seen[node] = legs
        first = bisect_left(runs[node], at + rules.transfer_min, key=lambda run: run[0])
        # later runs of the next hours may go elsewhere, so the first thirty are tried
        for _, onward in runs[node][first : first + 30]:
            for arrives, stop in onward:
                heapq.heappush(queue, (arrives, legs + 1, stop))
    raise AssertionError(f"{origin}: no road for what is ready at {ready}")


def trunk_departure(county: Profile, tier: Storage, sorted_at: int) -> int:
    calendars = {row.code: row for row in county.calendars}
    return min(
        day * DAY + trunk.departs
        for trunk in county.trunks
        for day in range(4)
        if tier in trunk.tiers
        and trunk.code in {lane.trunk for lane in county.trunk_zones if lane.zone == "z1"}
        and day * DAY + trunk.cutoff >= sorted_at
        and calendars[trunk.calendar].runs_on(MONDAY + timedelta(days=day))
    )


def test_everything_for_sale_leaves_the_county_before_it_spoils(county: Profile):
    tiers_sold = defaultdict(dict)
    for product in populate(county, county.county.demo.seed).products:
        tier = carried_as(county, product.storage)
        shelf = tiers_sold[tier].setdefault(product.station, product.shelf_days)
        tiers_sold[tier][product.station] = min(shelf, product.shelf_days)
    for tier, stations in tiers_sold.items():
        runs = boardings(county, tier)
        for station, shelf_days in stations.items():
            for ready in (7 * 60, 9 * 60 + 30, 12 * 60, 14 * 60 + 30):
                sorted_at = arrival_at_hub(county, runs, station, ready) + county.county.hub.hub_sort_min
                leaves = trunk_departure(county, tier, sorted_at)
                assert leaves - ready <= shelf_days * DAY, f"{station} {tier} ready at {ready // 60}:{ready % 60:02d}"
