"""The stowage sheet: it follows plan and manifest, keeps tiers apart, says where boxes must be lifted, and is shown to whom it serves."""

import pytest
from sqlmodel import Session

from core import db
from fulfillment.batching.service import plan_day
from fulfillment.consignments.service import pack
from fulfillment.manifests.service import issue
from fulfillment.network.models import StopTime, Vehicle
from fulfillment.stowage.sheet import Sheet, sheet_of
from fulfillment.timetable.board import find_run
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import TO, bus, packed, ship, sold
from tests.fulfillment.web import county_with_roads, signed_in

CODE_OF_NONE = "D0000000000000"


def crossing(session: Session, county: SmallCounty) -> None:
    """Chilled goods from 海头 for 东镇 and from 葛家 for the hub: their stretches cross on the bus in; and ambient ones beside them."""
    near = TO._replace(zone="z0", to_node_id=county.township_station.node_id)
    (clam,) = ship(session, county, sold(session, county, "clam", 1), to=near)
    (cold,) = ship(session, county, sold(session, county, "tomato", 1)._replace(tier="chilled"))
    for consignment in (clam, cold):
        pack(session, consignment, by="UMASTER")
    packed(session, county, "tea")
    plan_day(session, county.county, DAY)


def sheet(session: Session, county: SmallCounty, code: str) -> Sheet:
    run = find_run(session, county.id, code)
    assert run
    return sheet_of(session, run)


def laden(session: Session, county: SmallCounty) -> str:
    """The run both chilled parcels were planned on."""
    for start in (670, 910, 1080):
        departure = bus(session, county, start=start)
        run = find_run(session, county.id, departure.code)
        if run and run.parcels >= 2:
            return departure.code
    raise AssertionError("nothing was planned together")


def test_crossing_stretches_in_the_only_cold_bay_are_lifted_once_and_it_is_told_where(session: Session, county: SmallCounty) -> None:
    crossing(session, county)
    made = sheet(session, county, laden(session, county))
    assert (made.lifts, made.exact, made.left) == (1, True, ())
    lifting = [stop for stop in made.stops if stop.lifted]
    assert [(stop.call.node, [piece.boxes for piece in stop.lifted]) for stop in lifting] in (
        [(county.township_station.code, [1])], [(county.stations[0].code, [1])],
    )  # fmt: skip


def test_with_a_second_cold_bay_nothing_is_lifted(session: Session, county: SmallCounty) -> None:
    crossing(session, county)
    code = laden(session, county)
    vehicle = session.get_one(Vehicle, bus(session, county).vehicle_id)
    vehicle.bays = [["前舱", 4, False], ["后舱", 4, False], ["冷柜一", 2, True], ["冷柜二", 2, True]]
    session.add(vehicle)
    session.flush()
    made = sheet(session, county, code)
    assert made.lifts == 0
    assert {piece.bay.name for stop in made.stops for piece in stop.on if piece.load.tier == "chilled"} == {"冷柜一", "冷柜二"}
    assert {piece.bay.cold for stop in made.stops for piece in stop.on if piece.load.tier == "ambient"} == {False}


def test_every_parcel_planned_on_the_run_stands_on_the_sheet_once(session: Session, county: SmallCounty) -> None:
    crossing(session, county)
    code = laden(session, county)
    run = find_run(session, county.id, code)
    made = sheet(session, county, code)
    loaded = [code for stop in made.stops for piece in stop.on if piece.load.board == stop.call.position for code in piece.load.parcels]
    assert run and len(loaded) == len(set(loaded)) == run.parcels


def test_heavy_parcels_of_a_load_go_in_first(session: Session, county: SmallCounty) -> None:
    (light, heavy) = (packed(session, county, "tomato-small"), packed(session, county, "tomato"))
    plan_day(session, county.county, DAY)
    for start in (670, 910, 1080):
        made = sheet(session, county, bus(session, county, start=start).code)
        loads = [piece.load for stop in made.stops for piece in stop.on]
        if loads:
            assert loads[0].parcels == (heavy.code, light.code)
            return
    raise AssertionError("nothing was planned")


def test_an_issued_manifest_counts_until_it_is_revised(session: Session, county: SmallCounty) -> None:
    """A plan that changes the load of a frozen run revises its manifests, and the sheet follows the revision."""
    crossing(session, county)
    code = laden(session, county)
    departure = next(d for d in (bus(session, county, start=s) for s in (670, 910, 1080)) if d.code == code)
    assert all(stop.manifest is None for stop in sheet(session, county, code).stops)
    issue(session, departure)
    frozen = sheet(session, county, code)
    assert {stop.manifest.revision for stop in frozen.stops if stop.manifest} == {1}
    packed(session, county, "tomato")
    plan_day(session, county.county, DAY)
    before = sum(len(p.load.parcels) for stop in frozen.stops for p in stop.on if p.load.board == stop.call.position)
    run = find_run(session, county.id, code)
    after = sheet(session, county, code)
    assert run and sum(len(p.load.parcels) for stop in after.stops for p in stop.on if p.load.board == stop.call.position) == run.parcels
    assert run.parcels >= before


def test_an_empty_run_has_an_empty_sheet(session: Session, county: SmallCounty) -> None:
    assert sheet(session, county, bus(session, county).code).empty


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    return county_with_roads()


@pytest.fixture
def code(rows: SmallCounty) -> str:
    with db.writing() as session:
        crossing(session, rows)
        return laden(session, rows)


def test_the_desk_prints_it_and_the_driver_holds_it(rows: SmallCounty, code: str) -> None:
    desk = signed_in(rows, "dispatcher").get(f"/ops/departures/{code}/stowage")
    mine = signed_in(rows, "driver", "line", rows.lines[0].code).get(f"/driver/runs/{code}/stowage")
    for page in (desk, mine):
        assert page.status_code == 200
        for words in ("装载图", "冷藏处", "至少要倒 1 筐", "交接清单还没出"):
            assert words in page.text
    assert f"/driver/runs/{code}/stowage" in signed_in(rows, "driver", "line", rows.lines[0].code).get(f"/driver/runs/{code}").text
    assert f"/ops/departures/{code}/stowage" in signed_in(rows, "dispatcher").get(f"/ops/departures/{code}").text


def test_another_lines_driver_does_not_see_it(rows: SmallCounty, code: str) -> None:
    answer = signed_in(rows, "driver", "line", rows.lines[1].code).get(f"/driver/runs/{code}/stowage")
    assert answer.status_code == 404


def test_programs_read_the_same_sheet(rows: SmallCounty, code: str) -> None:
    desk = signed_in(rows, "dispatcher")
    told = desk.get(f"/api/v1/departures/{code}/stowage").json()
    assert (told["departure"], told["lifts"], told["exact"], told["left"]) == (code, 1, True, [])
    assert [bay["cold"] for bay in told["bays"]] == [False, True]
    on = [row for stop in told["stops"] for row in stop["on"] if row["board"] == stop["position"]]
    off = [row for stop in told["stops"] for row in stop["off"]]
    assert sorted((r["board"], r["alight"], r["tier"], r["boxes"]) for r in on) == sorted(
        (r["board"], r["alight"], r["tier"], r["boxes"]) for r in off
    )
    assert desk.get(f"/api/v1/departures/{CODE_OF_NONE}/stowage").json()["code"] == "departure_unknown"


def test_a_request_stop_without_work_says_that_nobody_need_stop(rows: SmallCounty, code: str) -> None:
    with db.writing() as session:
        trip = next(d.trip_id for d in (bus(session, rows, start=s) for s in (670, 910, 1080)) if d.code == code)
        stop = session.get_one(StopTime, (trip, 1))
        stop.on_request = True
        session.add(stop)
    page = signed_in(rows, "dispatcher").get(f"/ops/departures/{code}/stowage").text
    assert "招呼站" in page
