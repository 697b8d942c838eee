"""A station is closed: its goods wait, go round it or board and are collected next door, and whoever is concerned hears of it."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.errors import Refused
from core.tasks import drain
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.closing import CloseStation
from fulfillment.disruptions.closures import Span, current
from fulfillment.disruptions.deed import preview
from fulfillment.disruptions.lifting import lift
from fulfillment.disruptions.neighbours import neighbours
from fulfillment.network.models import StopTime
from fulfillment.promise.service import promise
from fulfillment.timetable.models import Departure
from fulfillment.timetable.tasks import follow
from supply.stations.models import Node
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.disruptions.conftest import do, on
from tests.fulfillment.disruptions.test_deeds import told
from tests.fulfillment.shipping import TO, packed, ship, sold


def boards_at(code: str) -> str:
    """The node where a parcel is to board first."""
    with db.reading() as session:
        stop = (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(PlannedLeg.board))
        query = (
            select(Node.code)
            .join(StopTime, col(StopTime.node_id) == col(Node.id))
            .join(Departure, col(Departure.trip_id) == col(StopTime.trip_id))
        )
        query = query.join(PlannedLeg, (col(PlannedLeg.departure_id) == col(Departure.id)) & stop).join(Parcel)
        return session.exec(query.where(Parcel.code == code, col(PlannedLeg.voided_at).is_(None), PlannedLeg.position == 0)).one()


def test_a_closed_station_hands_nothing_over_and_promises_nothing_through_it(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    one, _, run = two
    station, opens = rows.stations[0], clock.on(DAY + timedelta(days=1), 12 * 60)

    def told_now():
        with db.reading() as session:
            return promise(session, rows.county, station_id=station.node_id, tier="ambient", zone="z1")

    before = told_now()
    done = do(rows, CloseStation(station.code, Span(clock.now(), opens), "停电"))
    assert (done["station"], done["parcels"]) == (station.code, 2)
    with db.reading() as session:
        (later,) = on(session, one)
        assert later.code != run
        assert later.starts_at + timedelta(minutes=20) >= opens - timedelta(hours=1)
    after = told_now()
    assert before
    assert after
    assert after.ships_at >= opens > before.ships_at
    with db.writing() as session:
        (closure,) = current(session, rows.id)
        lift(session, rows.county, closure.code, by="U1")
    assert told_now() == before


def test_what_ends_at_a_closed_station_is_collected_next_door(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = packed(session, rows, "tomato", 1)
        consignment = session.get_one(Consignment, parcel.consignment_id)
        consignment.to_node_id = rows.stations[1].node_id
        session.add(consignment)
        session.flush()
        plan_day(session, rows.county, DAY)
        assert on(session, parcel.code)
        code, number = parcel.code, consignment.code
    do(rows, CloseStation(rows.stations[1].code, Span(clock.now(), None), "没人", rows.stations[2].code))
    with db.reading() as session:
        moved = session.exec(select(Consignment).where(Consignment.code == number)).one()
        assert moved.to_node_id == rows.stations[2].node_id
        assert on(session, code)
    with pytest.raises(Refused):
        preview(rows.county, CloseStation(rows.stations[2].code, Span(clock.now(), None), "", rows.stations[2].code))


def test_what_lies_at_a_closed_station_boards_next_door_and_at_home_again_once_it_is_open(
    rows: SmallCounty, two: tuple[str, str, str]
) -> None:
    one = two[0]
    here, there = rows.stations[0], rows.stations[1]
    alone = preview(rows.county, CloseStation(here.code, Span(clock.now(), None), "停电"))
    assert (alone.parcels, alone.unplaced) == (2, 2), "with no end, and nobody who stands in for it"
    with db.reading() as session:
        near = neighbours(session, rows.county, here.code, Span(clock.now(), None))
        assert there.code in {n.code for n in near}
        assert near == sorted(near, key=lambda n: n.minutes)
    seen = preview(rows.county, CloseStation(here.code, Span(clock.now(), None), "停电", there.code))
    assert (seen.parcels, seen.unplaced) == (2, 0)
    done = do(rows, CloseStation(here.code, Span(clock.now(), None), "停电", there.code))
    assert {name: done[name] for name in seen.figures()} == seen.figures()
    assert boards_at(one) == there.code
    with db.writing() as session:
        plan_day(session, rows.county, DAY)
    assert boards_at(one) == there.code, "later plans keep to it"
    with db.writing() as session:
        (closure,) = current(session, rows.id)
        lift(session, rows.county, closure.code, by="U1")
    assert boards_at(one) == here.code


def test_who_waits_next_door_and_misses_the_bus_is_planned_anew(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    one = two[0]
    do(rows, CloseStation(rows.stations[0].code, Span(clock.now(), None), "停电", rows.stations[1].code))
    with db.reading() as session:
        (missed,) = on(session, one)
    with clock.at(missed.ends_at + timedelta(minutes=20)):
        follow()
        drain()
        with db.reading() as session:
            assert [d.code for d in on(session, one)] not in ([], [missed.code])


def test_a_receiver_hears_where_to_collect_once_and_again_when_it_is_open(rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    from core import notify

    monkeypatch.setattr(notify, "can_send", lambda: True)
    with db.writing() as session:
        to = TO._replace(zone="z0", to_node_id=rows.stations[1].node_id)
        (consignment,) = ship(session, rows, sold(session, rows, "tomato", 1), to=to)
        plan_day(session, rows.county, DAY)
        number = consignment.code
    closing = CloseStation(rows.stations[1].code, Span(clock.now(), None), "没人", rows.stations[2].code)
    assert preview(rows.county, closing).notified == 1
    assert do(rows, closing)["notified"] == 1
    assert [row.key.split(":")[:2] for row in told()] == [["place", number]]
    with db.writing() as session:
        (closure,) = current(session, rows.id)
        lift(session, rows.county, closure.code, by="U1")
    assert [row.key.split(":")[:2] for row in told()] == [["place", number]] * 2
    with db.reading() as session:
        assert session.exec(select(Consignment.to_node_id)).one() == rows.stations[1].node_id


def test_a_station_that_is_closed_itself_stands_in_for_none(rows: SmallCounty) -> None:
    do(rows, CloseStation(rows.stations[1].code, Span(clock.now(), None), "没人"))
    with pytest.raises(Refused):
        preview(rows.county, CloseStation(rows.stations[0].code, Span(clock.now(), None), "", rows.stations[1].code))
    with db.reading() as session:
        near = neighbours(session, rows.county, rows.stations[0].code, Span(clock.now(), None))
        assert rows.stations[1].code not in {n.code for n in near}


def test_the_way_next_door_is_as_a_line_runs_and_a_station_off_the_map_is_offered_by_its_line(rows: SmallCounty) -> None:
    here, there, far = rows.stations
    with db.writing() as session:
        for station in (there, far):
            node = session.get_one(Node, station.node_id)
            node.lat = node.lon = None
            session.add(node)
    with db.reading() as session:
        near = neighbours(session, rows.county, here.code, Span(clock.now(), None))
        first = next(n for n in near if n.code == there.code)
        stops = session.exec(select(StopTime).order_by(col(StopTime.trip_id), col(StopTime.position))).all()
    runs = [
        (b.arr_min - a.dep_min, b.position - a.position)
        for a in stops
        for b in stops
        if a.trip_id == b.trip_id and a.position < b.position and {a.node_id, b.node_id} == {here.node_id, there.node_id}
    ]
    assert (first.code, first.km, first.minutes, first.ride and first.ride.stops) == (there.code, None, *map(min, zip(*runs, strict=True)))
    assert first.words == f"同一条线上（{rows.lines[0].number} 路班车），下一站，{first.minutes} 分钟"
    assert far.code not in {n.code for n in near}, "no line joins it, and nobody knows where it lies"


def test_where_no_line_joins_two_stations_the_straight_line_is_told(rows: SmallCounty) -> None:
    with db.reading() as session:
        near = neighbours(session, rows.county, rows.stations[2].code, Span(clock.now(), None))
    (other,) = (n for n in near if n.code == rows.stations[0].code)
    assert other.ride is None
    assert other.words == f"没有同线的车，直线约 {other.km} 公里，{other.minutes} 分钟"
