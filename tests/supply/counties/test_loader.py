import random

import pytest
from sqlmodel import Session, col, func, select

from core import clock, codes
from core.settings import ROOT
from fulfillment.network.models import FreightTariff, Line, Place, StopTime, Trip, Trunk, Vehicle
from fulfillment.network.service import load_network
from supply.counties.models import ShareRule
from supply.counties.policy import policy_of
from supply.counties.profile import read_profile
from supply.counties.service import CountyKnown, load_county
from supply.growers.models import Agreement, Grower
from supply.lots.models import Lot
from supply.products.models import Product, Variant
from supply.stations.models import Node, Station
from supply.stock.models import StockLevel

SEED = 7


def load(session: Session, name: str):
    profile = read_profile(ROOT / "data" / "counties" / name)
    with codes.drawn_from(SEED):
        loaded = load_county(session, profile, SEED)
        load_network(session, profile, loaded.county.id)
    return profile, loaded


def count(session: Session, table, *where) -> int:
    return session.exec(select(func.count()).select_from(table).where(*where)).one()


def test_ninghai_is_as_large_as_it_says(session):
    load(session, "ninghai")
    kinds = dict(session.exec(select(Node.kind, func.count()).group_by(Node.kind)).all())
    assert {kind: kinds[kind] for kind in ("hub", "township", "station")} == {"hub": 1, "township": 11, "station": 160}
    assert count(session, Line, col(Line.published)) == 91
    assert count(session, Vehicle, Vehicle.kind == "bus", Vehicle.bay_g > 0) == 63
    assert count(session, Vehicle, Vehicle.kind == "bus", Vehicle.bay_g == 0) > 0


@pytest.mark.parametrize("name", ["ninghai", "shengsi"])
def test_every_row_of_a_profile_arrives(session, name):
    profile, loaded = load(session, name)
    assert policy_of(loaded.county) == profile.county
    for table, rows in (
        (Node, profile.nodes),
        (Station, profile.stations),
        (Line, profile.lines),
        (Trip, profile.trips),
        (Trunk, profile.trunks),
    ):
        assert count(session, table) == len(rows), table
    for table, rows in ((Place, profile.places), (FreightTariff, profile.freight), (ShareRule, profile.county.shares)):
        assert count(session, table) == len(rows), table
    assert count(session, Agreement) == count(session, Grower) > len(profile.stations)


@pytest.mark.parametrize("name", ["ninghai", "shengsi"])
def test_villages_are_served_by_the_station_they_name(session, name):
    profile, _ = load(session, name)
    codes_of = dict(session.exec(select(Node.id, Node.code)).all())
    served = {node.code: codes_of.get(node.served_by_id) for node in session.exec(select(Node))}
    assert served == {node.code: node.served_by for node in profile.nodes}


@pytest.mark.parametrize("name", ["ninghai", "shengsi"])
def test_stops_are_passed_at_the_times_of_the_files(session, name):
    profile, _ = load(session, name)
    for trip in random.Random(1).sample(profile.trips, 10):
        row = session.exec(select(Trip).where(Trip.code == trip.code)).one()
        times = session.exec(
            select(Node.code, StopTime.arr_min, StopTime.dep_min)
            .join(Node, col(Node.id) == col(StopTime.node_id)).where(StopTime.trip_id == row.id).order_by(StopTime.position)
        ).all()  # fmt: skip
        stops = [stop for stop in profile.stops if stop.pattern == trip.pattern]
        assert times == [(s.node, trip.departs + s.arr_min, trip.departs + s.dep_min) for s in stops]


@pytest.mark.parametrize("name", ["ninghai", "shengsi"])
def test_every_station_sells_and_what_is_in_season_is_on_the_shelf(session, name):
    profile, _ = load(session, name)
    selling = set(session.exec(select(Station.name).join(Product, col(Product.station_id) == col(Station.node_id))))
    assert selling == {station.name for station in profile.stations}
    month = clock.today().month
    rows = session.exec(
        select(Product.months, StockLevel.on_hand)
        .join(Variant, col(Variant.product_id) == col(Product.id)).join(StockLevel, col(StockLevel.variant_id) == col(Variant.id))
    ).all()  # fmt: skip
    assert len(rows) == count(session, Variant)
    demo = profile.county.demo
    assert all(demo.stock_min <= on_hand <= demo.stock_max if month in months else on_hand == 0 for months, on_hand in rows)
    assert sum(50 <= on_hand <= 150 for months, on_hand in rows if month in months) >= 3


def test_the_same_seed_gives_the_same_rows(session):
    load(session, "shengsi")
    rows = sorted(session.exec(select(Variant.sku, Product.code, Product.name).join(Product)).all())
    lots = sorted(session.exec(select(Lot.code, Lot.received, Lot.harvested_on)).all())
    session.rollback()
    load(session, "shengsi")
    assert sorted(session.exec(select(Variant.sku, Product.code, Product.name).join(Product)).all()) == rows
    assert sorted(session.exec(select(Lot.code, Lot.received, Lot.harvested_on)).all()) == lots


def test_two_counties_live_in_one_installation_but_one_is_not_loaded_twice(session):
    with codes.drawn_from(1):
        first = load_county(session, read_profile(ROOT / "data" / "counties" / "shengsi"), 1)
        second = load_county(session, read_profile(ROOT / "data" / "counties" / "ninghai"), 1)
    assert first.county.id != second.county.id
    with pytest.raises(CountyKnown):
        load(session, "ninghai")
    tenants = set(session.exec(select(Variant.tenant_id).distinct()))
    assert tenants == {first.county.id, second.county.id}
