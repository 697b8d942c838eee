"""A feed comes into a county."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from core import clock
from fulfillment.network.models import Line, ServiceCalendar, StopTime, Trip, Vehicle
from fulfillment.timetable.board import runs_at
from fulfillment.timetable.calendar import runs_on
from fulfillment.timetable.gtfs.report import Severity
from fulfillment.timetable.models import Departure
from supply.counties.models import County
from supply.stations.models import Node
from tests.fulfillment.conftest import DAY
from tests.fulfillment.timetable.gtfs.feeds import SMALL, empty_county, rows, small, table, take, zipped


@pytest.fixture
def bare(nine: object, session: Session) -> County:
    return empty_county(session)


def calls(session: Session, county: County, code: str) -> list[tuple[str, int, int, bool]]:
    query = (
        select(Node.code, StopTime.arr_min, StopTime.dep_min, StopTime.on_request)
        .join(StopTime, col(StopTime.node_id) == col(Node.id))
        .join(Trip, col(Trip.id) == col(StopTime.trip_id))
        .where(Trip.tenant_id == county.id, Trip.code == code)
    )
    return list(session.exec(query.order_by(col(StopTime.position))).all())


def test_an_empty_county_has_the_feeds_lines_places_runs_and_departures(session: Session, bare: County, tmp_path: Path) -> None:
    report = take(session, bare, zipped(tmp_path / "f.zip", small()))
    assert {table: change.added for table, change in report.changes.items() if table in ("node", "line", "trip")} == {
        "node": 3,
        "line": 2,
        "trip": 3,
    }
    lines = {line.code: line for line in session.exec(select(Line)).all()}
    assert {code: (line.number, line.name, line.kind, line.mode, line.operator) for code, line in lines.items()} == {
        "ba-r1": ("1", "海线", "ferry", "sea", "渡运公司"), "ba-r2": ("2", "山线", "bus", "road", "渡运公司"),
    }  # fmt: skip
    assert {n.code: n.kind for n in session.exec(select(Node)).all()} == {"ba-A": "pier", "ba-B": "pier", "ba-C": "stop"}
    today = [r.line.code for r in runs_at(session, bare.id, DAY, "ba-A")]
    assert sorted(today) == ["ba-r1", "ba-r1", "ba-r2"]


def test_runs_past_midnight_stops_out_of_order_and_request_stops_are_kept(session: Session, bare: County, tmp_path: Path) -> None:
    head, *lines = SMALL["stop_times.txt"].splitlines()
    take(session, bare, zipped(tmp_path / "f.zip", small(stop_times=table(head, *reversed(lines)))))
    assert calls(session, bare, "t3") == [("ba-A", 1430, 1430, False), ("ba-C", 1460, 1462, True), ("ba-B", 1510, 1510, False)]
    assert calls(session, bare, "t1") == [("ba-B", 360, 365, False), ("ba-A", 400, 400, False)]
    trip = session.exec(select(Trip).where(Trip.code == "t1")).one()
    assert (trip.direction, trip.block) == ("in", "b1")


def test_a_bus_whose_bay_is_not_known_carries_no_goods(session: Session, bare: County, tmp_path: Path) -> None:
    report = take(session, bare, zipped(tmp_path / "f.zip", small()))
    assert {d.cap_g for d in session.exec(select(Departure)).all()} == {0}
    assert "no_vehicle" in {f.code for f in report.findings}


def test_the_same_file_twice_changes_nothing(session: Session, bare: County, tmp_path: Path) -> None:
    take(session, bare, zipped(tmp_path / "f.zip", small()))
    before, departures = rows(session, bare), session.exec(select(Departure.code)).all()
    report = take(session, bare, tmp_path / "f.zip")
    assert not report.changed
    assert rows(session, bare) == before
    assert session.exec(select(Departure.code)).all() == departures


def test_a_calendar_of_dates_only_runs_on_those(session: Session, bare: County, tmp_path: Path) -> None:
    dates = table("service_id,date,exception_type", "all,20260520,1", "all,20260525,1", "work,20260521,1")
    take(session, bare, zipped(tmp_path / "f.zip", small(calendar=None, calendar_dates=dates)))
    calendar = session.exec(select(ServiceCalendar).where(ServiceCalendar.code == "all")).one()
    assert [n for n in range(18, 30) if runs_on(calendar, date(2026, 5, n))] == [20, 25]


def test_blank_times_between_timed_stops_are_filled_in_evenly(session: Session, bare: County, tmp_path: Path) -> None:
    times = table(
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence", "t1,06:00:00,06:00:00,A,1", "t1,,,B,2", "t1,,,C,3", "t1,06:30:00,,A,4"
    )
    report = take(session, bare, zipped(tmp_path / "f.zip", small(stop_times=times)))
    assert [c[1:3] for c in calls(session, bare, "t1")] == [(360, 360), (370, 370), (380, 380), (390, 390)]
    assert {"interpolated", "no_stops"} <= {f.code for f in report.findings}


@pytest.mark.parametrize(("exact", "warned"), [("1", False), ("0", True)])
def test_frequencies_become_single_runs(session: Session, bare: County, tmp_path: Path, exact: str, warned: bool) -> None:
    often = table("trip_id,start_time,end_time,headway_secs,exact_times", f"t1,07:00:00,08:00:00,1200,{exact}")
    report = take(session, bare, zipped(tmp_path / "f.zip", small(frequencies=often)))
    codes = session.exec(select(Trip.code).where(Trip.tenant_id == bare.id).order_by(Trip.code)).all()
    assert codes == ["t1@0700", "t1@0720", "t1@0740", "t2", "t3"]
    assert calls(session, bare, "t1@0720") == [("ba-B", 435, 440, False), ("ba-A", 475, 475, False)]
    assert ("approximate" in {f.code for f in report.findings}) is warned


def test_platforms_are_put_together_into_their_station(session: Session, bare: County, tmp_path: Path) -> None:
    stops = table(
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station", "S,大码头,29.1,121.1,1,", "A,大码头1号,29.1,121.1,0,S",
        "B,小岛,29.2,121.2,,", "C,山口,29.3,121.3,0,", "E,入口,29.1,121.1,2,S",
    )  # fmt: skip
    take(session, bare, zipped(tmp_path / "f.zip", small(stops=stops)))
    assert sorted(session.exec(select(Node.code)).all()) == ["ba-B", "ba-C", "ba-S"]
    assert calls(session, bare, "t2")[0][0] == "ba-S"


def test_shapes_are_ignored(session: Session, bare: County, tmp_path: Path) -> None:
    report = take(session, bare, zipped(tmp_path / "f.zip", small(shapes="shape_id\nx\n")))
    assert ("ignored", "shapes.txt", Severity.NOTE) in {(f.code, f.file, f.severity) for f in report.findings}


def test_a_line_nobody_may_board_is_not_announced(session: Session, bare: County, tmp_path: Path) -> None:
    times = table(
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type",
        "t3,10:00:00,10:00:00,A,1,1,1", "t3,11:00:00,11:00:00,C,2,1,1", "t1,10:00:00,10:00:00,A,1,0,1", "t1,11:00:00,11:00:00,B,2,1,0",
    )  # fmt: skip
    take(session, bare, zipped(tmp_path / "f.zip", small(stop_times=times)))
    assert {line.code: line.published for line in session.exec(select(Line)).all()} == {"ba-r1": True, "ba-r2": False}


def test_names_in_gb18030_and_a_byte_order_mark_are_read(session: Session, bare: County, tmp_path: Path) -> None:
    tables: dict[str, str | bytes] = {
        **SMALL,
        "stops.txt": SMALL["stops.txt"].encode("gb18030"),
        "routes.txt": SMALL["routes.txt"].encode("utf-8-sig"),
    }
    report = take(session, bare, zipped(tmp_path / "f.zip", tables))
    assert {n.name for n in session.exec(select(Node)).all()} == {"大码头", "小岛", "山口"}
    assert [(f.code, f.file) for f in report.findings if f.code == "encoding"] == [("encoding", "stops.txt")]


def test_x_tables_bring_what_goods_need(session: Session, bare: County, tmp_path: Path) -> None:
    more = {
        "x_vehicles": table("code,kind,bay_g,bay_ml,boxes,tiers", "v1,ferry,300000,900000,20,ambient|chilled"),
        "x_trips": table("code,vehicle,passenger_pct", "t1,v1,40"),
        "x_lines": table("code,kind,mode,fee_fen,close_min,max_wind", "r1,ferry,sea,120,10,7"),
        "x_nodes": table("code,kind", "A,hub"),
        "x_trunks": table("code,carrier,name,mode,hub,calendar,cutoff_min,dep_min,cap_g", "k1,中国邮政,晚班,road,A,all,1200,1240,5000000"),
        "x_zones": table("code,name,in_county", "z1,江浙沪,0"),
        "x_trunk_zones": table("trunk,zone,base_fen,per_kg_fen,hours", "k1,z1,300,80,20"),
        "x_hub_rules": table("transfer_min,hub_sort_min,handover_fee_fen,late_fen_per_day,hold_fen_per_h,unserved_fen,max_handovers", "12,30,15,300,2,4000,3"),
    }  # fmt: skip
    take(session, bare, zipped(tmp_path / "f.zip", small(**more)))
    one = session.exec(
        select(Departure).join(Trip, col(Trip.id) == col(Departure.trip_id)).where(Trip.code == "t1", Departure.service_date == DAY)
    ).one()
    assert (one.cap_g, one.cap_boxes, one.tiers) == (180_000, 12, ["ambient", "chilled"])
    assert clock.local(one.closes_at).strftime("%H:%M") == "05:55"
    assert bare.policy["hub"]["hub_sort_min"] == 30
    found = rows(session, bare)
    assert (found["trunk"][0]["hub_id"], found["trunk_zone"][0]["trunk_id"], found["line"][0]["max_wind"]) == ("ba-A", "ba-k1", 7)
    assert not take(session, bare, tmp_path / "f.zip").changed


def test_a_feed_without_x_tables_leaves_the_goods_facts_of_known_rows(session: Session, bare: County, tmp_path: Path) -> None:
    more = {
        "x_vehicles": table("code,kind,bay_g", "v1,ferry,300000"), "x_trips": table("code,vehicle,passenger_pct", "t1,v1,40"),
        "x_lines": table("code,kind,mode,fee_fen", "r1,ferry,sea,120"), "x_nodes": table("code,kind", "A,hub"),
    }  # fmt: skip
    take(session, bare, zipped(tmp_path / "f.zip", small(**more)))
    before = rows(session, bare)
    report = take(session, bare, zipped(tmp_path / "g.zip", small(routes=SMALL["routes.txt"].replace("海线", "海岛线"))))
    assert report.changes["line"].changed == 1
    after = rows(session, bare)
    assert {k: v for k, v in before.items() if k != "line"} == {k: v for k, v in after.items() if k != "line"}
    assert [(x["fee_fen"], x["name"]) for x in after["line"]] == [(120, "海岛线"), (0, "山线")]
    assert session.exec(select(Vehicle)).one().bay_g == 300_000


def test_where_calendar_and_x_calendar_disagree_the_standard_table_is_taken(session: Session, bare: County, tmp_path: Path) -> None:
    more = {
        "x_service_calendars": table(
            "code,weekdays,months,starts_on,ends_on", "all,127,5|6,2024-01-01,2029-12-31", "work,31,,2024-01-01,2029-12-31"
        )
    }
    report = take(session, bare, zipped(tmp_path / "f.zip", small(**more)))
    assert [f.code for f in report.findings if f.file == "x_service_calendars.txt"] == ["says_otherwise", "says_otherwise"]
    assert runs_on(session.exec(select(ServiceCalendar).where(ServiceCalendar.code == "all")).one(), date(2026, 1, 5))


def test_a_stop_is_a_known_place_by_its_id_or_the_code_on_its_post(session: Session, bare: County, tmp_path: Path) -> None:
    session.add(Node(tenant_id=bare.id, code="ba-dock", name="码头驿站", kind="township", lat=29.0, lon=121.0))
    session.flush()
    stops = (
        SMALL["stops.txt"].replace("stop_id,", "stop_id,stop_code,").replace("A,", "A,ba-dock,").replace("B,", "B,,").replace("C,", "C,,")
    )
    take(session, bare, zipped(tmp_path / "f.zip", small(stops=stops)))
    assert sorted((n.code, n.name) for n in session.exec(select(Node)).all()) == [
        ("ba-B", "小岛"),
        ("ba-C", "山口"),
        ("ba-dock", "码头驿站"),
    ]


def test_runs_the_feed_leaves_out_go_on_unless_asked_to_end(session: Session, bare: County, tmp_path: Path) -> None:
    take(session, bare, zipped(tmp_path / "f.zip", small()))
    less = small(
        trips="\n".join(line for line in SMALL["trips.txt"].splitlines() if ",t2," not in line),
        stop_times="\n".join(line for line in SMALL["stop_times.txt"].splitlines() if not line.startswith("t2")),
    )
    report = take(session, bare, zipped(tmp_path / "g.zip", less))
    assert "left_out" in {f.code for f in report.findings}
    assert not report.changed
    report = take(session, bare, tmp_path / "g.zip", withdraw=True)
    assert report.changes["trip"].removed == 1
    left = session.exec(
        select(Departure.service_date).join(Trip, col(Trip.id) == col(Departure.trip_id)).where(col(Trip.code).startswith("t2"))
    ).all()
    assert left == [DAY]
