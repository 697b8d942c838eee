"""To the door: whoever takes a parcel along takes custody by a scan and gives it up by a scan, like any other hand-over."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select, update

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.contracts.models import ZonePiece
from fulfillment.custody.doors import door_code
from fulfillment.custody.models import Custody
from fulfillment.network.models import DoorRound
from fulfillment.tracking.queries import road_of
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.contracts.zones import contract
from tests.fulfillment.shipping import TO, bus, event, person, scan, ship, sold
from tests.fulfillment.web import county_with_roads, signed_in

THEN = NINE + timedelta(hours=4)


def arrived(session: Session, county: SmallCounty, end: int = 1) -> Parcel:
    """A parcel for a door that 海头 serves, lying there."""
    there = county.stations[end]
    (sent,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0", to_node_id=there.node_id))
    session.exec(update(Consignment).where(col(Consignment.id) == sent.id).values(door_min=20))
    session.refresh(sent)
    (parcel,) = pack(session, sent, by="UMASTER")
    run = bus(session, county, direction="out", start=600).code
    with clock.at(THEN):
        scan(session, county, event("load", parcel, run, at=NINE + timedelta(hours=2)))
        scan(session, county, event("unload", parcel, there.code, at=NINE + timedelta(hours=3)))
    return parcel


def goes_round(session: Session, county: SmallCounty, *ends: int) -> None:
    for end in ends:
        node = county.stations[end].node_id
        session.add(DoorRound(node_id=node, tenant_id=county.id, kind="courier", first_min=480, last_min=1080, every_min=0, minutes=20))
    session.flush()


def holders(session: Session, parcel: Parcel) -> list[tuple[str, str, bool]]:
    rows = session.exec(select(Custody).where(Custody.parcel_code == parcel.code).order_by(col(Custody.began_at), col(Custody.id)))
    return [(c.holder_kind, c.holder_code, c.ended_at is None) for c in rows]


@pytest.fixture
def round_of(session: Session, county: SmallCounty) -> tuple[SmallCounty, str]:
    goes_round(session, county, 1, 2)
    return county, door_code(county.stations[1].code)


def test_the_courier_takes_custody_and_gives_it_up_at_the_door(session: Session, round_of: tuple[SmallCounty, str]) -> None:
    county, door = round_of
    parcel = arrived(session, county)
    courier = person(county, "driver", "line", door)
    with clock.at(THEN):
        (taken,) = scan(session, county, event("load", parcel, door), actor=courier)
        assert (taken.result, taken.code, parcel.status) == ("accepted", "", "on_trunk")
        assert holders(session, parcel)[-2:] == [("station", county.stations[1].code, False), ("courier", door, True)]
        assert road_of(session, county.id, parcel.code).headline == "正在送上门"
        plan_day(session, county.county, DAY)
        session.refresh(parcel)
        assert parcel.status == "on_trunk", "nothing is left to plan"
    with clock.at(THEN + timedelta(minutes=20)):
        (given,) = scan(session, county, event("deliver", parcel, door), actor=courier)
    assert (given.result, given.code, parcel.status) == ("accepted", "", "delivered")
    assert not any(still for *_, still in holders(session, parcel))


def test_what_nobody_took_in_is_brought_back_and_may_go_out_again(session: Session, round_of: tuple[SmallCounty, str]) -> None:
    county, door = round_of
    parcel, here, courier = arrived(session, county), county.stations[1].code, person(county, "driver", "line", door)
    for minute, (action, place) in enumerate((("load", door), ("unload", here), ("load", door), ("deliver", door))):
        with clock.at(THEN + timedelta(minutes=minute)):
            (outcome,) = scan(session, county, event(action, parcel, place), actor=courier)
            assert (outcome.result, outcome.code) == ("accepted", "")
    assert [kind for kind, *_ in holders(session, parcel)][-4:] == ["station", "courier", "station", "courier"]
    assert parcel.status == "delivered"


def test_a_delivery_at_the_door_is_believed_though_nobody_scanned_it_out(session: Session, round_of: tuple[SmallCounty, str]) -> None:
    county, door = round_of
    parcel = arrived(session, county)
    with clock.at(THEN + timedelta(minutes=30)):
        scan(session, county, event("deliver", parcel, door), actor=person(county, "driver", "line", door))
    assert parcel.status == "delivered"


def test_another_stations_courier_may_not_and_what_goes_elsewhere_is_doubted(session: Session, round_of: tuple[SmallCounty, str]) -> None:
    county, door = round_of
    parcel, other = arrived(session, county), door_code(county.stations[2].code)
    stranger = person(county, "driver", "line", other)
    with clock.at(THEN):
        (refused,) = scan(session, county, event("load", parcel, door), actor=stranger)
        assert refused.result == "rejected" and parcel.status == "moving"
        (doubted,) = scan(session, county, event("load", parcel, other), actor=stranger)
        assert (doubted.result, doubted.code) == ("accepted", "wrong_place")
        (nowhere,) = scan(session, county, event("load", parcel, door_code(county.stations[0].code)))
        assert (nowhere.result, nowhere.code) == ("rejected", "place_unknown"), "nobody goes there"


def test_the_station_takes_it_out_and_the_piece_of_the_zone_stays_one(session: Session, round_of: tuple[SmallCounty, str]) -> None:
    county, door = round_of
    contract(session, county, "甲", county.stations[1])
    parcel = arrived(session, county)
    keeper = person(county, "master", "station", county.stations[1].code)
    for minute, action in enumerate(("load", "deliver")):
        with clock.at(THEN + timedelta(minutes=minute)):
            scan(session, county, event(action, parcel, door), actor=keeper)
    assert [(p.parcel_code, p.direction) for p in session.exec(select(ZonePiece))] == [(parcel.code, "in")]


def test_the_pages_of_the_station_and_the_courier_follow_it_to_the_door(database: str) -> None:
    with clock.at(NINE):
        rows = county_with_roads()
        with db.writing() as session:
            goes_round(session, rows, 1)
            codes = [arrived(session, rows).code for _ in range(2)]
    here = rows.stations[1]
    door = door_code(here.code)
    with clock.at(THEN + timedelta(minutes=5)):
        courier = signed_in(rows, "driver", "line", door)
        assert "带上了" in courier.get("/driver/doors").text
        form = {"form_key": "d1", "door": door, "action": "load", "code": codes[0]}
        assert [courier.post("/driver/doors/scans", data=form).status_code for _ in range(2)] == [200, 200]
        assert "送到了" in courier.get("/driver/doors").text
        courier.post("/driver/doors/scans", data={**form, "form_key": "d2", "action": "deliver"})
        keeper = signed_in(rows, "master", "station", here.code)
        assert "/station/arrivals/rounds" in keeper.get("/station/arrivals").text
        keeper.post("/station/arrivals/rounds", data={"form_key": "k1", "code": codes[1], "station": here.code})
        page = keeper.get("/station/arrivals").text
        assert "正在送上门" in page and codes[1] in page
    with clock.at(THEN + timedelta(minutes=25)):
        keeper = signed_in(rows, "master", "station", here.code)
        keeper.post("/station/arrivals", data={"form_key": "k2", "code": codes[1], "station": here.code})
        other = signed_in(rows, "driver", "line", rows.lines[0].code)
        assert other.post("/driver/doors/scans", data={**form, "form_key": "d3"}).status_code == 404
        assert "没有归你送的上门件" in other.get("/driver/doors").text
    with db.reading() as session:
        assert session.exec(select(Parcel.status).where(col(Parcel.code).in_(codes))).all() == ["delivered", "delivered"]
