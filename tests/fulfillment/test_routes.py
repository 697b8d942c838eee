"""The roads of goods as people walk them in the browser and scanners at the interface: pack, plan, load, sort, deliver, track."""

import hashlib
import io
import re

import pytest
from pypdf import PdfReader
from sqlmodel import select

from core import clock, db
from core.tasks import drain
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import issue
from fulfillment.network.models import StopTime
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import TO, bus, event, packed, ship, sold
from tests.fulfillment.web import county_with_roads, guest, signed_in


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    return county_with_roads()


def planned(county: SmallCounty, name: str = "tomato") -> tuple[str, str]:
    """A packed parcel on its planned bus: (parcel code, departure code)."""
    from fulfillment.batching.service import plan_day

    with db.writing() as session:
        parcel = packed(session, county, name)
        plan_day(session, county.county, DAY)
        leg = session.exec(select(PlannedLeg).where(PlannedLeg.parcel_id == parcel.id)).first()
        assert leg
        run = session.get(Departure, leg.departure_id)
        assert run
        return parcel.code, run.code


def test_a_master_packs_and_prints_labels_without_anybodys_name(rows: SmallCounty) -> None:
    with db.writing() as session:
        (made,) = ship(session, rows, sold(session, rows, "tomato", 8))
    master = signed_in(rows, "master", "station", rows.stations[0].code)
    page = master.get("/station/packing")
    assert page.status_code == 200
    assert "打包，还差 2 件" in page.text
    assert TO.phone not in page.text
    assert TO.name not in page.text
    shown = f"/station/packing/{made.code}"
    assert "还差 2 件" in master.get(shown).text
    for _ in range(2):  # a double click packs once
        assert master.post(f"{shown}/parcels", data={"station": rows.stations[0].code}).status_code == 303
    assert "打好了" in master.get(shown).text
    pdf = master.get(f"{shown}/labels.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    sheets = PdfReader(io.BytesIO(pdf.content)).pages
    assert len(sheets) == 2
    words = sheets[0].extract_text()
    assert "王**" in words
    assert "139****2222" in words
    assert TO.phone not in words
    assert "漕溪北路" not in words


def test_another_stations_consignment_is_not_there(rows: SmallCounty) -> None:
    with db.writing() as session:
        (made,) = ship(session, rows, sold(session, rows, "tomato", 1))
    other = signed_in(rows, "master", "station", rows.stations[1].code)
    assert other.get(f"/station/packing/{made.code}").status_code == 404
    assert other.post(f"/station/packing/{made.code}/parcels", data={}).status_code == 404
    assert signed_in(rows, "consumer").get("/station/packing").status_code == 403
    assert guest().get("/station/packing").status_code in (303, 401)


def test_a_plan_is_asked_for_and_read(rows: SmallCounty) -> None:
    with db.writing() as session:
        packed(session, rows)
    desk = signed_in(rows, "dispatcher")
    asked = desk.post("/api/v1/plans", json={"date": DAY.isoformat()}, headers={"Idempotency-Key": "p1"})
    assert asked.status_code == 202
    assert desk.post("/api/v1/plans", json={"date": DAY.isoformat()}, headers={"Idempotency-Key": "p1"}).json() == asked.json()
    plan = f"/api/v1/plans/{asked.json()['id']}"
    assert desk.get(plan).json()["status"] == "solving"
    assert "正在算" in desk.get(f"/ops?day={DAY}").text
    drain()
    done = desk.get(plan).json()
    assert (done["status"], done["placed"], done["unplaced"], done["late"]) == ("optimal", 1, [], 0)
    assert done["bound_fen"] <= done["cost_fen"]
    assert done["asked_at"].endswith("+08:00") and done["finished_at"].endswith("+08:00")
    board = desk.get(f"/ops?day={DAY}").text
    assert "1 / 1" in board
    assert "timeboard" in board


NO_PLAN = [
    {"date": "2026-02-30"}, {"date": "2025-02-29"}, {"date": "1969-01-01"}, {"date": "9999-12-31"}, {"date": 1779240000}, {"date": None}, {},
    {"date": "2026-05-20", "wave": "2460"}, {"date": "2026-05-20", "status": "optimal"}, {"date": "2026-05-20", "wave": 1655},
]  # fmt: skip


def test_a_plan_for_no_day_or_wave_is_refused(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    for body in NO_PLAN:
        answer = desk.post("/api/v1/plans", json=body)
        assert (body, answer.status_code) == (body, 422)
        assert answer.headers["content-type"].startswith("application/problem+json")
    with db.reading() as session:
        assert session.exec(select(BatchPlan)).all() == []


def test_departures_tell_room_and_load(rows: SmallCounty) -> None:
    _, run = planned(rows)
    items = guest().get(f"/api/v1/departures?date={DAY}&line={rows.lines[0].code}").json()["items"]
    assert len(items) == 8
    (mine,) = [d for d in items if d["id"] == run]
    assert (mine["load"]["parcels"], mine["load"]["g"], mine["capacity"]["boxes"]) == (1, 2930, 6)
    assert sum(s["on"] for s in mine["stops"]) == sum(s["off"] for s in mine["stops"]) == 1
    assert guest().get("/api/v1/departures?date=2026-02-30").status_code == 422


def test_cancelling_shows_its_effect_first_and_moves_every_parcel_once(rows: SmallCounty) -> None:
    parcel, run = planned(rows)
    desk = signed_in(rows, "dispatcher")
    seen = desk.get(f"/ops/departures/{run}/cancellation")
    assert "停了这班会怎样" in seen.text
    with db.reading() as session:
        assert session.exec(select(Departure.status).where(Departure.code == run)).one() != "cancelled"
    done = desk.post(f"/api/v1/departures/{run}/cancellation", json={"reason": "大雾"}, headers={"Idempotency-Key": "c"})
    assert done.status_code == 200
    effect = done.json()
    assert (effect["parcels"], effect["moved"], effect["unplaced"]) == (1, 1, 0)
    assert effect["notified"] == effect["late"]
    again = desk.post(f"/api/v1/departures/{run}/cancellation", json={"reason": "大雾"}, headers={"Idempotency-Key": "c"})
    assert again.json() == effect
    assert desk.post(f"/api/v1/departures/{run}/cancellation", json={"reason": "大雾"}).status_code == 409
    with db.reading() as session:
        legs = session.exec(select(PlannedLeg, Departure).join(Departure, Departure.id == PlannedLeg.departure_id)).all()
        assert [(d.code == run, leg.voided_at is None) for leg, d in legs] == [(True, False), (False, True)]
    assert parcel in desk.get(f"/track/{parcel}").text
    assert "停班" in desk.get(f"/ops/departures/{run}").text
    assert desk.post("/api/v1/departures/D0/cancellation", json={"reason": "x"}).status_code == 404
    assert desk.post(f"/api/v1/departures/{run}/cancellation", json={"reason": ""}).status_code == 422


def test_a_driver_loads_and_a_sorter_is_told_where_to_walk(rows: SmallCounty) -> None:
    parcel, run = planned(rows)
    driver = signed_in(rows, "driver", "line", rows.lines[0].code)
    assert run in driver.get("/driver").text
    page = driver.get(f"/driver/runs/{run}")
    assert page.status_code == 200
    key = re.search(r'name="form_key" value="([^"]+)"', page.text)[1]
    form = {"form_key": key, "stop": "1", "action": "load", "code": parcel}
    assert "记下了" in driver.post(f"/driver/runs/{run}/scans", data=form).text
    assert "已经扫过" in driver.post(f"/driver/runs/{run}/scans", data=form).text
    assert "没有收下" in driver.post(f"/driver/runs/{run}/scans", data={**form, "form_key": "k2", "code": "https://evil.cn"}).text
    foreign = signed_in(rows, "driver", "line", rows.lines[1].code)
    assert foreign.get(f"/driver/runs/{run}").status_code == 404
    sorter = signed_in(rows, "sorter", "hub", rows.hub.code)
    told = sorter.post("/hub/scans", data={"form_key": "h1", "code": parcel})
    assert rows.trunks[0].name in told.text or rows.trunks[1].name in told.text
    assert "已交" in sorter.post("/hub/scans", data={"form_key": "h2", "code": parcel, "trunk": rows.trunks[0].code}).text
    with db.reading() as session:
        assert session.exec(select(Parcel.status).where(Parcel.code == parcel)).one() == "on_trunk"


def test_a_scanner_uploads_with_its_own_token_until_it_is_revoked(rows: SmallCounty) -> None:
    parcel, run = planned(rows)
    driver = signed_in(rows, "driver", "line", rows.lines[0].code)
    made = driver.post("/api/v1/devices", json={"name": "7 路手持"}).json()
    scanner = guest()
    scanner.headers.update({"authorization": f"Bearer {made['token']}"})
    one = event("load", parcel, run, device=made["device"], seq=1).model_dump()
    body = {"events": [one], "sent_at": clock.now().isoformat()}
    assert [o["result"] for o in scanner.post("/api/v1/scans", json=body).json()["items"]] == ["accepted"]
    for _ in range(2):
        assert [o["result"] for o in scanner.post("/api/v1/scans", json=body).json()["items"]] == ["duplicate"]
    assert scanner.get("/driver").status_code in (303, 401)
    assert scanner.post("/api/v1/devices", json={"name": "x"}).status_code in (401, 403)
    stranger = signed_in(rows, "driver", "line", rows.lines[1].code)
    assert stranger.delete(f"/api/v1/devices/{made['device']}").status_code == 404
    assert driver.delete(f"/api/v1/devices/{made['device']}").status_code == 204
    assert driver.delete(f"/api/v1/devices/{made['device']}").status_code == 204
    assert scanner.post("/api/v1/scans", json=body).status_code == 401


NO_UPLOAD = [
    {}, {"events": []}, {"events": [{}]}, {"events": "x"}, {"events": [{"id": "a", "at": 1, "action": "load", "code": "x"}]}, [],
    {"events": [{"id": "a", "at": "x", "action": "load", "code": "x", "is_admin": True}]}, {"events": [], "paid": True},
]  # fmt: skip


def test_an_upload_of_the_wrong_shape_is_refused(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    for body in NO_UPLOAD:
        assert (body, desk.post("/api/v1/scans", json=body).status_code) == (body, 422)


def test_a_batch_of_ten_thousand_is_refused_and_a_buyer_cannot_scan(rows: SmallCounty) -> None:
    one = event("load", "JP0", "D0").model_dump()
    desk = signed_in(rows, "dispatcher")
    assert desk.post("/api/v1/scans", json={"events": [{**one, "id": f"e{n}"} for n in range(501)]}).status_code == 422
    assert desk.post("/api/v1/scans", json={"events": [{**one, "id": f"e{n}"} for n in range(10_001)]}).status_code in (413, 422)
    assert signed_in(rows, "consumer").post("/api/v1/scans", json={"events": [one]}).status_code == 403
    assert guest().post("/api/v1/scans", json={"events": [one]}).status_code == 401


def test_the_track_says_the_road_and_nobodys_name(rows: SmallCounty) -> None:
    parcel, _run = planned(rows)
    page, facts = guest().get(f"/track/{parcel}"), guest().get(f"/api/v1/track/{parcel}")
    assert page.status_code == facts.status_code == 200
    for secret in (TO.name, TO.phone, "漕溪北路", "王**"):
        assert secret not in page.text + facts.text
    words = [e["words"] for e in facts.json()["events"]]
    assert words[0] == "葛家驿站打好包"
    assert any(w.startswith("坐 ") for w in words)
    assert words[-1] == "送到"
    assert not re.search(r"<time>[^<]*23:59", page.text)  # a day is promised, not its last minute
    assert guest().get(f"/track/{parcel.lower()}").status_code == 200
    for nothing in ("JP0", "x" * 500, "..%2F..%2Fetc", "%00", "1;DROP TABLE"):
        assert guest().get(f"/track/{nothing}").status_code in (400, 404)
        assert guest().get(f"/api/v1/track/{nothing}").status_code in (400, 404)


def test_travel_names_the_next_buses_of_a_stop(rows: SmallCounty) -> None:
    assert rows.stations[0].name in guest().get("/travel?q=葛家").text
    page = guest().get(f"/travel?stop={rows.stations[0].code}")
    assert "15:32" in page.text
    assert "小县共配中心" in page.text
    assert guest().get("/travel?stop=nowhere&q=" + "无" * 300).status_code == 200


def test_a_manifest_never_changes_a_correction_is_a_revision(rows: SmallCounty) -> None:
    _, run = planned(rows)
    desk = signed_in(rows, "dispatcher")
    assert desk.post(f"/ops/departures/{run}/manifests").status_code == 303
    assert "第 1 版" in desk.get(f"/ops/departures/{run}/manifest").text
    with db.reading() as session:
        first = session.exec(select(Manifest)).one()
        kept = (first.digest, list(first.rows))
    planned(rows)
    with db.writing() as session:
        departure = session.exec(select(Departure).where(Departure.code == run)).one()
        issue(session, departure)
        issue(session, departure)
    with db.reading() as session:
        sheets = session.exec(select(Manifest).order_by(Manifest.id)).all()
        assert [(m.revision, m.voided_at is None, len(m.rows)) for m in sheets] == [(1, False, 1), (2, True, 2)]
        assert (sheets[0].digest, sheets[0].rows) == kept
        assert all(len(m.digest) == hashlib.sha256().digest_size * 2 for m in sheets)


def test_a_dispatcher_closes_what_was_dealt_with(rows: SmallCounty) -> None:
    from fulfillment.disruptions.models import Disruption
    from fulfillment.disruptions.service import open_disruption

    with db.writing() as session:
        code = open_disruption(
            session, "missing_scan", tenant_id=rows.id, subject_kind="parcel", subject_code="JPX", words="少一次扫码"
        ).code
    desk = signed_in(rows, "dispatcher")
    assert "少一次扫码" in desk.get("/ops").text
    assert desk.post(f"/ops/disruptions/{code}/closing", data={"outcome": "站长补了扫码"}).status_code == 303
    with db.reading() as session:
        assert session.exec(select(Disruption.outcome).where(Disruption.code == code)).one() == "站长补了扫码"
    assert desk.post("/ops/disruptions/X0/closing", data={"outcome": "x"}).status_code == 404


def test_work_pages_are_for_those_whose_work_it_is(rows: SmallCounty) -> None:
    buyer = signed_in(rows, "consumer")
    work = {"/ops": "dispatcher", "/driver": "driver", "/hub": "sorter", "/station/packing": "master", "/api/v1/plans/B0": "dispatcher"}
    for path, role in work.items():
        assert guest().get(path).status_code in (303, 401)
        assert buyer.get(path).status_code == 403
        assert signed_in(rows, role, second_factor=False).get(path).status_code == 403


def test_the_packed_consignment_is_the_one_on_the_page(rows: SmallCounty) -> None:
    parcel, _ = planned(rows)
    with db.reading() as session:
        row = session.exec(select(Parcel).where(Parcel.code == parcel)).one()
        made = session.get(Consignment, row.consignment_id)
        assert made
        with db.writing() as writing:
            run = bus(writing, rows)
    master = signed_in(rows, "master", "station", rows.stations[0].code)
    shown = master.get(f"/station/packing/{made.code}").text
    assert parcel in shown
    assert run.code not in shown


def boxes(rows: SmallCounty, *, pack_first: bool = True) -> str:
    """A consignment of several boxes with a mixed load; its code."""
    with db.writing() as session:
        (made,) = ship(session, rows, sold(session, rows, "tomato", 8), sold(session, rows, "tea", 3))
        if pack_first:
            pack(session, made, by="UMASTER")
        return made.code


def test_before_packing_the_page_says_what_goes_into_each_box(rows: SmallCounty) -> None:
    code = boxes(rows, pack_first=False)
    shown = signed_in(rows, "master", "station", rows.stations[0].code).get(f"/station/packing/{code}").text
    listed = re.findall(r"第 (\d) 件.*?</a>", shown.split('id="parcels"')[1], re.S)
    packed = re.findall(r"(\w+) (\S+) × <b>(\d+)</b>", shown.split('id="parcels"')[1])
    assert len(listed) > 1
    assert sum(int(n) for name, _, n in packed if name == "tomato") == 8
    assert sum(int(n) for name, _, n in packed if name == "tea") == 3


def test_nothing_packed_has_no_labels(rows: SmallCounty) -> None:
    code = boxes(rows, pack_first=False)
    master = signed_in(rows, "master", "station", rows.stations[0].code)
    master.headers["accept"] = "text/html"
    for answer in (master.get(f"/station/packing/{code}/labels.pdf"), master.post(f"/station/packing/{code}/labels", data={})):
        assert answer.status_code == 409
        assert "还没打包" in answer.text


def test_a_label_printed_before_the_plan_says_the_promised_bus(rows: SmallCounty) -> None:
    code = boxes(rows)
    master = signed_in(rows, "master", "station", rows.stations[0].code)
    with db.reading() as session:
        ships_at = session.exec(select(Consignment.ships_at).where(Consignment.code == code)).one()
    said = f"{clock.local(ships_at):%m-%d %H:%M} 的车"

    def words() -> str:
        return PdfReader(io.BytesIO(master.get(f"/station/packing/{code}/labels.pdf").content)).pages[0].extract_text()

    assert said in words()
    with clock.at(ships_at):
        master = signed_in(rows, "master", "station", rows.stations[0].code)
        assert "等排车" in words()


def test_a_box_that_changed_its_bus_asks_for_a_new_label_until_it_is_printed(rows: SmallCounty) -> None:
    from fulfillment.batching.service import plan_day

    with db.writing() as session:
        (made,) = ship(session, rows, sold(session, rows, "tomato", 1))
        plan_day(session, rows.county, DAY)
        pack(session, made, by="UMASTER")
        leg = session.exec(select(PlannedLeg)).one()
        run = session.get_one(Departure, leg.departure_id)
    master = signed_in(rows, "master", "station", rows.stations[0].code)
    shown = f"/station/packing/{made.code}"
    with db.reading() as session:
        stop = select(StopTime.dep_min).where(StopTime.trip_id == run.trip_id, StopTime.position == leg.board)
        leaves = f"{clock.local(clock.on(run.service_date, session.exec(stop).one())):%H:%M}"
    assert leaves in master.get("/station/packing").text.split("打好了，等车")[1], "the row says which bus it waits for"
    assert "换了车" not in master.get(shown).text
    desk = signed_in(rows, "dispatcher")
    assert desk.post(f"/api/v1/departures/{run.code}/cancellation", json={"reason": "大雾"}).status_code == 200
    for path in ("/station/packing", shown):
        assert "换了车" in master.get(path).text
    assert f"面单上是 今天 {leaves} 的 {rows.lines[0].number} 路" in master.get(shown).text
    again = master.post(f"{shown}/labels", data={"station": rows.stations[0].code, "parcel": ""})
    assert again.status_code == 303
    assert master.get(again.headers["location"]).content.startswith(b"%PDF")
    for path in ("/station/packing", shown):
        assert "换了车" not in master.get(path).text
