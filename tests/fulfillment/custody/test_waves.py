"""The waves of a hub: what must be sorted before which trunk, what goes on by which run, and whose hub it is."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.consignments.service import pack
from fulfillment.custody.waves import Wave, waves_of
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.shipping import TO, event, parcels_of, scan, ship, sold
from tests.fulfillment.test_modes import legs_of, made
from tests.fulfillment.web import signed_in
from tests.statements import statements_of
from tests.two_hubs import Wider


def sent(session: Session, county: SmallCounty, zone: str, number: int = 1) -> list[Parcel]:
    found = []
    for _ in range(number):
        (whole,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone=zone))
        pack(session, whole, by="UMASTER")
        found += parcels_of(session, whole)
    return found


@pytest.fixture
def both(nine, session: Session) -> tuple[SmallCounty, Wider]:
    return made(session)


def told(waves: list[Wave]) -> list[tuple[str, str, int, int, int]]:
    return [(w.kind, w.name, w.here, w.coming, w.done) for w in waves]


def test_each_hub_sorts_for_its_own_trunks_and_for_what_takes_goods_on_to_the_other(
    session: Session, both: tuple[SmallCounty, Wider]
) -> None:
    county, wider = both
    (near, *_), (far,) = sent(session, county, "z1", 2), sent(session, county, "z3")
    plan_day(session, county.county, DAY)
    west = waves_of(session, county.hub)
    assert told(west) == [("run", "S1", 0, 1, 0), ("trunk", "邮政下午干线", 0, 2, 0)]
    assert told(waves_of(session, wider.east)) == [("trunk", "高铁快运", 0, 1, 0)]
    assert [w.closes_at for w in west] == sorted(w.closes_at for w in west)
    by_kind = {w.kind: w for w in west}
    assert by_kind["trunk"].zones == {"江浙沪": 2} and by_kind["run"].zones == {"东部共配中心": 1}
    (_, bus), (_, shuttle) = legs_of(session, far)
    with clock.at(bus.ends_at + timedelta(minutes=1)):
        scan(
            session,
            county,
            *(e for p in (near, far) for e in (event("load", p, bus.code, at=bus.starts_at), event("receive", p, county.hub.code))),
        )
        after = {w.kind: w for w in waves_of(session, county.hub)}
        assert (after["trunk"].here, after["trunk"].coming) == (1, 1)
        assert (after["run"].here, after["run"].coming) == (1, 0)
    with clock.at(shuttle.starts_at):
        scan(session, county, event("dispatch", near, county.trunks[0].code), event("load", far, shuttle.code))
        after = {w.kind: w for w in waves_of(session, county.hub)}
        assert after["run"].done == 1 and after["run"].here == 0
    with clock.at(shuttle.ends_at):
        assert told(waves_of(session, wider.east)) == [("trunk", "高铁快运", 0, 1, 0)]


def test_what_lies_here_after_the_cut_off_is_said_to_be_left_behind(session: Session, both: tuple[SmallCounty, Wider]) -> None:
    county, _ = both
    (parcel,) = sent(session, county, "z1")
    plan_day(session, county.county, DAY)
    ((_, bus),) = legs_of(session, parcel)
    with clock.at(bus.ends_at):
        scan(session, county, event("load", parcel, bus.code, at=bus.starts_at), event("receive", parcel, county.hub.code))
    (wave,) = waves_of(session, county.hub)
    assert wave.left_behind == 0
    with clock.at(wave.closes_at + timedelta(minutes=1)):
        (wave,) = waves_of(session, county.hub)
        assert wave.left_behind == 1
    with clock.at(wave.leaves_at + timedelta(hours=2)):
        assert waves_of(session, county.hub) == []


def test_waves_are_read_in_two_queries_however_many_parcels(session: Session, both: tuple[SmallCounty, Wider]) -> None:
    county, _ = both
    for number in (1, 6):
        sent(session, county, "z1", number)
        plan_day(session, county.county, DAY)
        assert statements_of(lambda: waves_of(session, county.hub)) == 2


def people(county: SmallCounty, wider: Wider) -> tuple[TestClient, TestClient]:
    return signed_in(county, "dispatcher"), signed_in(county, "sorter", "hub", wider.east.code)


def test_a_dispatcher_chooses_the_hub_and_a_sorter_stays_at_the_own_one(database: str) -> None:
    with clock.at(NINE):
        with db.writing() as session:
            county, wider = made(session)
            (parcel,) = sent(session, county, "z3")
            code = parcel.code
            plan_day(session, county.county, DAY)
            ((_, bus), (_, shuttle)) = legs_of(session, parcel)
        desk, east = people(county, wider)
        first = desk.get("/hub").text
        assert f"/hub?hub={wider.east.code}" in first and "邮政下午干线" in first and "高铁快运" not in first
        assert "高铁快运" in desk.get(f"/hub?hub={wider.east.code}").text
        assert "没到 1" in east.get("/hub").text
        assert "换中心" not in east.get("/hub").text, "there is nothing to choose"
        refused = [east.get(f"/hub?hub={county.hub.code}"), desk.get("/hub?hub=nowhere"), desk.get("/hub?hub=sm-gejia")]
        assert [answer.status_code for answer in refused] == [404, 404, 404]
    with clock.at(shuttle.ends_at + timedelta(minutes=1)):
        with db.writing() as session:
            scan(session, county, event("load", code, bus.code, at=bus.starts_at), event("receive", code, county.hub.code, at=bus.ends_at))
            scan(session, county, event("load", code, shuttle.code, at=shuttle.starts_at))
        desk, _ = people(county, wider)
        form = {"form_key": "k1", "code": code, "trunk": "", "hub": wider.east.code}
        answer = desk.post("/hub/scans", data=form).text
        assert "东部共配中心" in answer and "要分 1 件" in answer
        with db.reading() as session:
            (wave,) = waves_of(session, wider.east)
            assert (wave.here, wave.coming) == (1, 0)
