"""A station puts parcels into boxes on a page, and driver and hub scan the whole box where they scan a parcel."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from core import clock, db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.boxes.models import Box
from fulfillment.boxes.service import register_boxes
from fulfillment.consignments.models import Parcel
from fulfillment.custody.models import Custody
from fulfillment.disruptions.models import Disruption
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import TO, bus, packed
from tests.fulfillment.web import county_with_roads, signed_in


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


def made(rows: SmallCounty) -> tuple[str, list[str]]:
    with db.writing() as session:
        (box,) = register_boxes(session, rows.stations[0].code, 1, tenant_id=rows.id)
        goods = [packed(session, rows) for _ in range(2)]
        plan_day(session, rows.county, DAY)
        return box.code, [p.code for p in goods]


def statuses(session: Session, codes: list[str]) -> set[str]:
    return set(session.exec(select(Parcel.status).where(Parcel.code.in_(codes))))


def test_a_station_scans_the_box_then_what_goes_into_it(rows: SmallCounty) -> None:
    box, (one, two) = made(rows)
    keeper = signed_in(rows, "master", "station", rows.stations[0].code)
    assert box in keeper.get("/station/boxes").text
    assert "先扫箱子，再扫件" in keeper.post("/station/boxes", data={"form_key": "k0", "code": one}).text
    assert "箱子是空的" in keeper.post("/station/boxes", data={"form_key": "k1", "code": box}).text
    for key, code in (("k2", one), ("k3", two), ("k3", two)):
        page = keeper.post("/station/boxes", data={"form_key": key, "code": code, "box": box}).text
    assert "这箱 2 件" in page and "这件已经扫过" in page and one in page and two in page
    assert TO.name not in page and TO.phone not in page
    assert "这箱 1 件" in keeper.post("/station/boxes", data={"form_key": "k4", "code": one, "box": box, "action": "unstow"}).text
    assert "这箱空了" in keeper.post("/station/boxes", data={"form_key": "k5", "code": box, "box": box, "action": "unstow"}).text
    for bad in ("你好", "9" * 4096, "JP0000000000000"):
        assert "note--bad" in keeper.post("/station/boxes", data={"form_key": f"b{bad[:9]}", "code": bad, "box": box}).text
    assert "没有这个周转箱" in keeper.get("/station/boxes?box=X1").text
    with clock.at(clock.now() + timedelta(minutes=1)):
        stranger = signed_in(rows, "master", "station", rows.stations[1].code)
        assert "note--bad" in stranger.post("/station/boxes", data={"form_key": "s1", "code": one, "box": box}).text


def test_driver_and_hub_scan_the_whole_box(rows: SmallCounty) -> None:
    box, codes = made(rows)
    keeper = signed_in(rows, "master", "station", rows.stations[0].code)
    for n, code in enumerate(codes):
        keeper.post("/station/boxes", data={"form_key": f"p{n}", "code": code, "box": box})
    with db.reading() as session:
        run = session.exec(select(Departure).join(PlannedLeg).distinct()).one()
        (stop,) = set(session.exec(select(PlannedLeg.board)))
        code, leaves = run.code, run.starts_at
    with clock.at(leaves):
        driver = signed_in(rows, "driver", "line", rows.lines[0].code)
        assert f'在箱里 <span class="code">{box}<' in driver.get(f"/driver/runs/{code}?stop={stop}").text
        told = driver.post(
            f"/driver/runs/{code}/scans", data={"form_key": "d1", "stop": str(stop), "action": "load", "code": box.lower()}
        ).text
        assert "整箱上了车" in told and "里面 2 件跟着记下了" in told and "车上 2 件" in told
        again = driver.post(f"/driver/runs/{code}/scans", data={"form_key": "d2", "stop": str(stop), "action": "load", "code": box}).text
        assert "这箱早就在车上了" in again
        lost = driver.post(f"/driver/runs/{code}/scans", data={"form_key": "d3", "stop": str(stop), "action": "lose", "code": box}).text
        assert "note--bad" in lost
    with clock.at(leaves + timedelta(minutes=50)):
        hub = signed_in(rows, "sorter", "hub", rows.hub.code)
        told = hub.post("/hub/scans", data={"form_key": "h1", "code": box}).text
        assert "里面 2 件跟着记下了" in told
        with db.reading() as session:
            assert statuses(session, codes) == {"at_hub"} and session.exec(select(Box.place).where(Box.code == box)).one() == rows.hub.code
        hub.post("/hub/scans", data={"form_key": "h2", "code": box, "trunk": rows.trunks[0].code})
        assert "没有这个周转箱" in hub.post("/hub/scans", data={"form_key": "h3", "code": "X0000000000000"}).text
    with db.reading() as session:
        assert statuses(session, codes) == {"on_trunk"}
        assert set(session.exec(select(Custody.box).where(Custody.holder_kind == "carrier"))) == {""}


def test_a_box_that_two_buses_scanned_stands_on_the_board_of_exceptions(rows: SmallCounty) -> None:
    box, _ = made(rows)
    with db.reading() as session:
        first, second = bus(session, rows), bus(session, rows, line=1)
        codes, leaves = (first.code, second.code), first.starts_at
    with clock.at(leaves + timedelta(minutes=30)):
        for line, code in zip(rows.lines, codes, strict=False):
            driver = signed_in(rows, "driver", "line", line.code)
            driver.post(f"/driver/runs/{code}/scans", data={"form_key": code, "stop": "1", "action": "load", "code": box})
        page = signed_in(rows, "dispatcher").get("/ops").text
    assert "两辆车都扫了这箱" in page and f'class="code" href="/ops/boxes">{box}' in page


def test_a_driver_refuses_one_box_and_what_lies_in_it_gets_another_road(rows: SmallCounty) -> None:
    box, (one, two) = made(rows)
    with db.writing() as session:
        (empty,) = (b.code for b in register_boxes(session, rows.stations[0].code, 1, tenant_id=rows.id))
        run = session.exec(select(Departure).join(PlannedLeg).distinct()).one()
        code, leaves = run.code, run.starts_at
    keeper = signed_in(rows, "master", "station", rows.stations[0].code)
    keeper.post("/station/boxes", data={"form_key": "p", "code": one, "box": box})
    with clock.at(leaves - timedelta(minutes=5)):
        driver = signed_in(rows, "driver", "line", rows.lines[0].code)
        path = f"/driver/runs/{code}/refusals"
        for bad in (empty, "X0000000000000", "JP0000000000000", "你好"):
            wrong = driver.post(path, data={"form_key": bad, "stop": "0", "code": bad}).text
            assert "没有收下" in wrong
        said = driver.post(path, data={"form_key": "r", "stop": "0", "code": box.lower()}).text
        again = driver.post(path, data={"form_key": "r", "stop": "0", "code": box.lower()}).text
    assert "1 件改坐别的车" in said and "1 件改坐别的车" in again and f'class="code scanned">{box}<' in said
    with db.reading() as session:
        refused = select(Disruption.subject_code, Disruption.words).where(Disruption.kind == "refused")
        assert session.exec(refused).all() == [(one, "司机没收这件：装不下这箱")]
        rides = select(Departure.code).join(PlannedLeg).join(Parcel, Parcel.id == PlannedLeg.parcel_id)
        standing = rides.where(PlannedLeg.voided_at.is_(None))
        assert code not in session.exec(standing.where(Parcel.code == one)).all()
        assert session.exec(standing.where(Parcel.code == two)).first() == code, "only what lies in that box"
