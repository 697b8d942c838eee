"""Whoever buys in a shipped county, at whatever hour, is told when it comes: by a road that is still open, and fresh enough."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock
from core.settings import ROOT
from fulfillment.network.service import load_network
from fulfillment.promise.hours import Hours, ready_at
from fulfillment.promise.service import Asked, Promise, promises, zone_of
from fulfillment.promise.serving import within
from fulfillment.promise.words import how_soon
from fulfillment.timetable.service import open_days
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile import read_profile
from supply.counties.service import load_county
from supply.products.models import Product, Storage
from supply.stations.models import Station

FRIDAY = date(2026, 1, 16)  # no season's extra runs; some lines rest on the days after
DAYS = 3


@pytest.fixture(params=["ninghai", "shengsi"])
def county(request: pytest.FixtureRequest, session: Session) -> County:
    profile = read_profile(ROOT / "data" / "counties" / request.param)
    with clock.at(clock.midnight(FRIDAY)):
        made = load_county(session, profile, profile.county.demo.seed).county
        load_network(session, profile, made.id)
        open_days(session, made, FRIDAY, FRIDAY + timedelta(days=DAYS + 3))
    session.flush()
    return made


def questions(session: Session, county: County) -> dict[Asked, int]:
    """What buyers of the default destination ask of everything that is sold, and its shelf days."""
    policy = policy_of(county)
    zone = zone_of(session, county.id, *policy.default_destination)
    assert zone
    rows = session.exec(select(Product.station_id, Product.storage, Product.shelf_days).where(col(Product.tenant_id) == county.id))
    live = str(policy.storage.live_rides_as)
    return {Asked(station, live if storage == Storage.LIVE else storage, zone.code, None, days): days for station, storage, days in rows}


def leaves(promise: Promise) -> datetime:
    """The trunk's leaving."""
    return datetime.fromisoformat(str(promise.path[-1]["leaves_at"]))


def test_every_station_has_a_road_at_every_hour_and_what_spoils_sooner_a_fresh_one_or_none(session: Session, county: County) -> None:
    asked = questions(session, county)
    opened = select(Station.node_id, Station.opens_min, Station.closes_min).where(Station.tenant_id == county.id)
    hours = {station: Hours(*times) for station, *times in session.exec(opened)}
    refused = 0
    for hour in range(DAYS * 24):
        now = clock.on(FRIDAY, hour * 60 + 31)
        told = promises(session, county, [q for question in asked for q in (question, question._replace(shelf_days=None))], at=now)
        for question, days in asked.items():
            fresh, lasting = told[question], told[question._replace(shelf_days=None)]
            assert lasting, (question, now)
            assert now <= lasting.order_by <= lasting.ships_at <= leaves(lasting) < lasting.deliver_by, (question, now)
            spoils = ready_at(now, hours[question.station_id]) + timedelta(days=days)
            assert fresh == lasting if leaves(lasting) <= spoils else fresh is None or leaves(fresh) <= spoils, (question, now)
            refused += fresh is None
    assert refused <= len(asked) * DAYS * 24 / 1000, "what is sold can almost always be sent"


@pytest.mark.parametrize("place", ["ninghai", "shengsi"])
def test_every_town_and_village_of_a_shipped_county_is_served_by_a_station_of_its_own(session: Session, place: str) -> None:
    profile = read_profile(ROOT / "data" / "counties" / place)
    made = load_county(session, profile, profile.county.demo.seed).county
    load_network(session, profile, made.id)
    session.flush()
    inside, nodes = within(session, made.id), {node.code: node for node in profile.nodes}
    for town in profile.townships:
        end = inside.serving(f"{town.name}人民街 8 号")
        assert end and nodes[end.code].township == town.name and nodes[end.code].trades, town.name
    for node in profile.stations:
        end = inside.serving(f"{node.township}{node.name.removesuffix('驿站')} 3 号")
        assert end and end.code == node.code, node.name
    assert {door.node for door in profile.doors} <= {node.code for node in profile.stations}


def test_the_town_has_its_door_delivery_and_the_hour_only_while_the_courier_goes(session: Session) -> None:
    profile = read_profile(ROOT / "data" / "counties" / "ninghai")
    with clock.at(clock.midnight(FRIDAY)):
        made = load_county(session, profile, profile.county.demo.seed).county
        load_network(session, profile, made.id)
        open_days(session, made, FRIDAY, FRIDAY + timedelta(days=DAYS))
    session.flush()
    end = within(session, made.id).serving("跃龙街道城区 12 号")
    origin = session.exec(select(Station.node_id).where(Station.code == "nh-xiancheng")).one()
    assert end and end.door
    asked = Asked(origin, "ambient", "z0", to=end)
    told = {hour: promises(session, made, [asked], at=clock.on(FRIDAY, hour * 60 + 2))[asked] for hour in (10, 20)}
    assert all(told.values())
    day, night = told[10], told[20]
    assert day and night and day.path[-1]["kind"] == "courier" and day.path[-1]["words"].endswith("送上门")
    assert [how_soon(p.deliver_by, clock.on(FRIDAY, hour * 60 + 2)) for hour, p in ((10, day), (20, night))] == ["hour", "later"]
