"""The dispatcher sees what a disruption would do before it is done; a driver whose bay is full says so on the run."""

import re
from datetime import datetime

import pytest
from sqlmodel import Session, col, select

import shop.wiring  # noqa: F401 - who answers what
from core import db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.models import Closure
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed
from tests.fulfillment.web import county_with_roads, signed_in


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


@pytest.fixture
def run(rows: SmallCounty) -> str:
    """A bus with one parcel on it."""
    with db.writing() as session:
        packed(session, rows)
        plan_day(session, rows.county, DAY)
        return on_the_road(session)[0].code


def on_the_road(session: Session) -> list[Departure]:
    return list(session.exec(select(Departure).join(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None)).distinct()))


def test_a_delay_is_shown_then_done_and_a_reason_is_asked_for(rows: SmallCounty, run: str) -> None:
    desk = signed_in(rows, "dispatcher")
    shown = desk.get(f"/ops/departures/{run}/delay?minutes=25")
    assert shown.status_code == 200
    assert re.search(r"<h1>1 路班车 \d\d:\d\d 晚 25 分钟</h1>", shown.text)
    assert "照此晚点，1 件有车可坐" in shown.text
    wrong = desk.post(f"/ops/departures/{run}/delay", data={"minutes": "25", "reason": " "})
    assert (wrong.status_code, 'id="e-reason"' in wrong.text) == (422, True)
    assert desk.post(f"/ops/departures/{run}/delay", data={"minutes": "25", "reason": "修路"}).status_code == 303
    with db.reading() as session:
        assert session.exec(select(Departure.delay_min).where(Departure.code == run)).one() == 25
    for minutes in ("x", "9999", "-3"):
        assert desk.get(f"/ops/departures/{run}/delay?minutes={minutes}").status_code == 200


def test_a_line_is_suspended_and_lifted_on_one_page(rows: SmallCounty, run: str) -> None:
    desk = signed_in(rows, "dispatcher")
    line = rows.lines[0].code
    seen = desk.get(f"/ops/closures/preview?kind=line&subject={line}&begins=2026-05-20T09:00&ends=2026-05-20T20:00")
    assert seen.status_code == 200
    assert "照此停运，1 件换路" in seen.text
    assert f"<h1>停运 1 路班车 {rows.lines[0].name}</h1>" in seen.text
    fields = {"kind": "line", "subject": line, "begins": "2026-05-20T09:00", "ends": "2026-05-20T20:00", "reason": "大风"}
    assert desk.post("/ops/closures", data=fields).status_code == 303
    listed = desk.get("/ops/closures").text
    assert "大风" in listed
    with db.reading() as session:
        code = session.exec(select(Closure.code)).one()
    assert desk.post(f"/ops/closures/{code}/lifting", data={}).status_code == 303
    assert "没有停着的线路和驿站，也没有装满的班次" in desk.get("/ops/closures").text
    assert desk.post(f"/ops/closures/{code}/lifting", data={}).status_code == 409


def test_a_station_is_closed_with_a_neighbour_in_its_place(rows: SmallCounty, run: str) -> None:
    desk = signed_in(rows, "dispatcher")
    here, there = rows.stations[0], rows.stations[1]
    alone = desk.get(f"/ops/closures/preview?kind=station&subject={here.code}")
    assert "请邻站代收代发" in alone.text
    assert there.name in alone.text
    seen = desk.get(f"/ops/closures/preview?kind=station&subject={here.code}&instead={there.code}")
    assert f"关站 {here.name}，{there.name}代收代发" in seen.text
    assert "照此关站，1 件换路" in seen.text
    done = desk.post("/ops/closures", data={"kind": "station", "subject": here.code, "instead": there.code, "reason": "停电"})
    assert done.status_code == 303
    assert f"{there.name}代收代发" in desk.get("/ops/closures").text
    with db.reading() as session:
        assert on_the_road(session), "it has a bus next door"


def test_a_full_departure_stands_among_the_closings_and_takes_goods_again(rows: SmallCounty, run: str) -> None:
    desk = signed_in(rows, "dispatcher")
    assert desk.post(f"/ops/departures/{run}/refusal", data={"stop": "0", "reason": "车满了"}).status_code == 303
    listed = desk.get("/ops/closures").text
    assert "不收货" in listed
    assert "重新收货" in listed
    (item,) = desk.get("/api/v1/closures").json()["items"]
    assert (item["kind"], item["subject"]) == ("departure", run)
    assert desk.post(f"/ops/closures/{item['id']}/lifting", data={}).status_code == 303
    assert desk.get("/api/v1/closures").json()["items"] == []


def test_what_cannot_be_read_is_drawn_again_at_its_field(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    station = rows.stations[0].code
    for asked in (
        f"begins=yesterday&subject={station}",
        f"ends=2020-01-01T00:00&subject={station}",
        f"instead={station}&subject={station}",
    ):
        wrong = desk.get(f"/ops/closures/preview?kind=station&{asked}")
        assert wrong.status_code == 422
        assert "field__err" in wrong.text
    for field in ("kind", "subject", "begins", "ends", "instead", "reason"):
        asked = {"kind": "station", "subject": station, field: "长" * 3_000}
        assert desk.get("/ops/closures/preview", params=asked).status_code in (200, 404, 422), f"however long: {field}"


def test_a_driver_whose_bay_is_full_says_so_and_a_wrong_code_refuses_nothing(rows: SmallCounty, run: str) -> None:
    driver = signed_in(rows, "driver", "line", rows.lines[0].code)
    assert "车满了，装不下" in driver.get(f"/driver/runs/{run}?stop=0").text
    wrong = driver.post(f"/driver/runs/{run}/refusals", data={"form_key": "k1", "stop": "0", "code": "no such box"})
    assert "没有这个包裹编号" in wrong.text
    with db.reading() as session:
        assert [d.code for d in on_the_road(session)] == [run]
    said = driver.post(f"/driver/runs/{run}/refusals", data={"form_key": "k2", "stop": "0"})
    assert "1 件改坐别的车" in said.text
    with db.reading() as session:
        assert [d.code for d in on_the_road(session)] != [run]
    assert (
        signed_in(rows, "driver", "line", rows.lines[1].code)
        .post(f"/driver/runs/{run}/refusals", data={"form_key": "k3", "stop": "0"})
        .status_code
        == 404
    )


def test_calls_show_a_disruption_then_do_it_and_undo_it(rows: SmallCounty, run: str) -> None:
    desk = signed_in(rows, "dispatcher")
    with db.reading() as session:
        parcel = session.exec(select(Parcel.code)).one()
    seen = desk.get(f"/api/v1/departures/{run}/cancellation/preview").json()
    assert [s["parcel"] for s in seen["shifts"]] == [parcel]
    assert seen["shifts"][0]["before"] != seen["shifts"][0]["after"]
    assert seen["extra_run"] is None, "everybody has a road"
    done = desk.post(f"/api/v1/departures/{run}/cancellation", json={"reason": "大雾"}).json()
    assert (done["moved"], done["unplaced"], done["extra_run"]) == (seen["moved"], seen["unplaced"], None)
    assert desk.delete(f"/api/v1/departures/{run}/cancellation").json()["departures"] == 1
    body, key = {"minutes": 15, "reason": "修路"}, {"Idempotency-Key": "k"}
    first = desk.post(f"/api/v1/departures/{run}/delay", json=body, headers=key).json()
    assert desk.post(f"/api/v1/departures/{run}/delay", json=body, headers=key).json() == first
    near = desk.get(f"/api/v1/stations/{rows.stations[0].code}/closures/preview").json()["neighbours"]
    beside = next(n for n in near if n["id"] == rows.stations[1].code)
    assert beside["minutes"] > 0
    assert (beside["line"], "同一条线上" in beside["words"]) == (rows.lines[0].code, True)
    closed = desk.post(
        f"/api/v1/stations/{rows.stations[0].code}/closures", json={"reason": "停电", "ends_at": "2026-05-21T12:00:00+08:00"}
    )
    assert closed.json()["station"] == rows.stations[0].code
    (item,) = desk.get("/api/v1/closures").json()["items"]
    assert desk.delete(f"/api/v1/closures/{item['id']}").status_code == 200
    assert desk.get("/api/v1/closures").json()["items"] == []
