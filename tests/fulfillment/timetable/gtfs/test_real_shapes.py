"""Feeds as they are found in the world, within what the specification allows: each is read, and what was done is told in a few lines."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from fulfillment.network.models import ServiceCalendar, StopTime, Trip
from fulfillment.timetable.board import runs_of_day
from fulfillment.timetable.calendar import runs_on
from fulfillment.timetable.gtfs.importing import read_file
from fulfillment.timetable.gtfs.report import Report, Severity
from fulfillment.timetable.models import Departure
from supply.counties.models import County
from supply.stations.models import Node
from tests.fulfillment.conftest import DAY
from tests.fulfillment.timetable.gtfs.feeds import SMALL, empty_county, refused, small, table, take, zipped

TIMES = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type"


@pytest.fixture
def bare(nine: object, session: Session) -> County:
    return empty_county(session)


def requests(session: Session, trip: str) -> list[bool]:
    query = select(StopTime.on_request).join(Trip, col(Trip.id) == col(StopTime.trip_id)).where(Trip.code == trip)
    return list(session.exec(query.order_by(col(StopTime.position))))


def test_spaces_marks_quotes_case_and_line_ends_of_other_programs_change_nothing(session: Session, bare: County, tmp_path: Path) -> None:
    def odd(text: str) -> bytes:
        head, *lines = text.splitlines()
        spaced = [",".join(f' "{cell} "' if n else f"{cell}  " for n, cell in enumerate(line.split(","))) for line in lines]
        plain = [line.replace(' "', '"') for line in spaced]
        return ("\ufeff" + "\r\n".join([head.replace(",", " , "), *plain, "", "  ,  ", ""])).encode()

    take(session, bare, zipped(tmp_path / "odd.zip", {name.upper(): odd(text) for name, text in SMALL.items()}))
    again = take(session, bare, zipped(tmp_path / "plain.zip", small()))
    assert not again.changed


def test_a_feed_in_a_folder_beside_other_papers_is_found(tmp_path: Path) -> None:
    papers = {"README.txt": "read me", "docs/licence.txt": "free", "__MACOSX/gtfs/2026/._stops.txt": b"\x00\x05"}
    report = Report()
    feed = read_file(zipped(tmp_path / "f.zip", {**{f"gtfs/2026/{name}": text for name, text in small().items()}, **papers}), report).feed
    assert len(feed.trips) == 3
    assert [f.code for f in report.findings if f.severity == Severity.WARNING] == ["in_a_folder"]


def test_two_feeds_in_one_file_are_told_apart_by_nobody(tmp_path: Path) -> None:
    both = {f"{folder}/{name}": text for folder in ("bus", "ferry") for name, text in small().items()}
    assert refused(zipped(tmp_path / "f.zip", both))[0] == ":0:"


def test_dates_only_with_an_empty_calendar_beside_them(session: Session, bare: County, tmp_path: Path) -> None:
    dates = table("service_id,date,exception_type", "all,20260520,1", "work,20260521,1")
    head = SMALL["calendar.txt"].splitlines()[0]
    take(session, bare, zipped(tmp_path / "f.zip", small(calendar=table(head), calendar_dates=dates)))
    calendar = session.exec(select(ServiceCalendar).where(ServiceCalendar.code == "all")).one()
    assert [n for n in range(18, 30) if runs_on(calendar, date(2026, 5, n))] == [20]


@pytest.mark.parametrize(
    ("pickup", "drop_off", "asked"),
    [("", "", False), ("0", "0", False), ("2", "0", True), ("0", "2", True), ("3", "", True), ("", "3", True), ("1", "3", True), ("3", "1", True)],
)  # fmt: skip
def test_phone_and_tell_the_driver_are_request_stops(
    session: Session, bare: County, tmp_path: Path, pickup: str, drop_off: str, asked: bool
) -> None:
    times = table(TIMES, "t3,10:00:00,10:00:00,A,1,,", f"t3,10:30:00,10:30:00,C,2,{pickup},{drop_off}", "t3,11:00:00,11:00:00,B,3,,")
    take(session, bare, zipped(tmp_path / "f.zip", small(stop_times=times)))
    assert requests(session, "t3") == [False, asked, False]


def test_frequencies_past_midnight_touching_each_other_and_without_exact_times(session: Session, bare: County, tmp_path: Path) -> None:
    often = table("trip_id,start_time,end_time,headway_secs", "t1,23:00:00,24:00:00,1800", "t1,24:00:00,25:00:00,3600")
    report = take(session, bare, zipped(tmp_path / "f.zip", small(frequencies=often)))
    assert session.exec(select(Trip.code).where(col(Trip.code).startswith("t1@")).order_by(Trip.code)).all() == [
        "t1@2300", "t1@2330", "t1@2400",
    ]  # fmt: skip
    assert [f.line for f in report.findings if f.code == "approximate"] == [2, 3]


def test_a_block_over_midnight_keeps_its_runs_on_the_service_day_they_belong_to(session: Session, bare: County, tmp_path: Path) -> None:
    trips = table("route_id,service_id,trip_id,block_id", "r2,all,late,night", "r2,all,later,night")
    times = table(
        TIMES, "late,23:30:00,23:30:00,A,1,,", "late,24:10:00,24:10:00,B,2,,", "later,24:20:00,24:20:00,B,1,,",
        "later,25:00:00,25:00:00,A,2,,",
    )  # fmt: skip
    take(session, bare, zipped(tmp_path / "f.zip", small(trips=trips, stop_times=times)))
    assert {trip.code: trip.block for trip in session.exec(select(Trip))} == {"late": "night", "later": "night"}
    runs = runs_of_day(session, bare.id, DAY)
    assert [run.departure.service_date for run in runs] == [DAY, DAY]
    assert runs[1].leaves_at - runs[0].calls[-1].arrives_at == runs[1].calls[0].leaves_at - runs[0].calls[-1].leaves_at


def test_stops_of_all_kinds_and_a_station_that_is_called_at_itself(session: Session, bare: County, tmp_path: Path) -> None:
    stops = table(
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,platform_code", "S,大码头,29.1,121.1,1,,", "A,1号,29.1,121.1,,S,1",
        "E,入口,29.1,121.1,2,S,", "G,,,,3,S,", "P,候车区,29.1,121.1,4,A,", "B,小岛,29.2,121.2,0,,", "C,山口,29.3,121.3,,,",
    )  # fmt: skip
    times = table(
        TIMES, "t3,10:00:00,10:00:00,S,1,,", "t3,10:30:00,10:30:00,C,2,,", "t1,10:00:00,10:00:00,B,1,,", "t1,11:00:00,11:00:00,A,2,,"
    )
    report = take(session, bare, zipped(tmp_path / "f.zip", small(stops=stops, stop_times=times)))
    assert sorted(session.exec(select(Node.code)).all()) == ["ba-B", "ba-C", "ba-S"]
    assert sorted(f.line for f in report.findings if f.code == "not_a_stop") == [4, 5, 6]


def test_only_what_the_specification_asks_for_is_enough(session: Session, bare: County, tmp_path: Path) -> None:
    fewest = {
        "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,甲,29.1,121.1\nB,乙,29.2,121.2\n",
        "routes.txt": "route_id,route_type,route_short_name\nr,3,9\n", "calendar_dates.txt": "service_id,date,exception_type\ns,20260520,1\n",
        "trips.txt": "route_id,service_id,trip_id\nr,s,t\n",
        "stop_times.txt": "trip_id,stop_id,stop_sequence,arrival_time,departure_time\nt,A,0,07:00:00,07:00:00\nt,B,7,07:30:00,\n",
    }  # fmt: skip
    report = take(session, bare, zipped(tmp_path / "f.zip", fewest))
    assert len(session.exec(select(Departure)).all()) == 1
    assert not report.failed and "no_agency" in {f.code for f in report.findings}


def test_a_large_feed_is_read_in_order_and_its_report_stays_short(tmp_path: Path) -> None:
    trips = [f"r2,all,n{n}" for n in range(2_000)]
    times = [
        f"n{n},{5 + n % 18}:{at:02}:30,{5 + n % 18}:{at:02}:30,{stop},{at}" for n in range(2_000) for at, stop in enumerate("ABCABCABCA")
    ]
    feed = small(
        trips=table("route_id,service_id,trip_id", *trips),
        stop_times=table("trip_id,arrival_time,departure_time,stop_id,stop_sequence", *reversed(times)),
    )
    report = Report()
    read = read_file(zipped(tmp_path / "f.zip", feed), report).feed
    assert len(read.trips) == 2_000
    assert all([call.arr_min for call in trip.calls] == sorted(call.arr_min for call in trip.calls) for trip in read.trips)
    assert len(report.findings) < 10
    assert [f.code for f in report.findings if f.severity == Severity.WARNING] == ["seconds"]
