"""A timetable that changes never takes goods off their bus, nor changes what has been."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlmodel import Session, col, select

from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.network.models import StopTime, Trip
from fulfillment.promise.stamp import roads_version
from fulfillment.timetable.gtfs.exporting import export_feed
from fulfillment.timetable.gtfs.importing import FeedRefused, import_feed, read_file
from fulfillment.timetable.gtfs.report import Report
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed
from tests.fulfillment.timetable.gtfs.feeds import rows, take, zipped

TOMORROW = DAY + timedelta(days=1)

Edit = Callable[[dict[str, str]], dict[str, str] | None]


def edited(session: Session, county: SmallCounty, folder: Path, table: str, edit: Edit) -> Path:
    """The county's own feed with one table's rows edited, or left out (None)."""
    export_feed(session, county.county, folder / "own.zip")
    with ZipFile(folder / "own.zip") as own:
        tables: dict[str, str | bytes] = {name: own.read(name) for name in own.namelist()}
        its = list(csv.DictReader(io.StringIO(own.read(table).decode(), newline="")))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, its[0].keys())
    writer.writeheader()
    writer.writerows(row for old in its if (row := edit(dict(old))))
    return zipped(folder / "edited.zip", {**tables, table: out.getvalue()})


def later(trip: str, minutes: int) -> Edit:
    """Every time of a trip so many minutes later."""

    def edit(row: dict[str, str]) -> dict[str, str]:
        if row["trip_id"] == trip:
            for column in ("arrival_time", "departure_time"):
                h, m, s = row[column].split(":")
                at = int(h) * 60 + int(m) + minutes
                row[column] = f"{at // 60:02}:{at % 60:02}:{s}"
        return row

    return edit


def departures(session: Session, trip_code: str) -> dict[int, Departure]:
    """A run's departures by days from today, whatever row they stand on."""
    query = select(Departure).join(Trip, col(Trip.id) == col(Departure.trip_id)).where(col(Trip.code).startswith(trip_code))
    return {(d.service_date - DAY).days: d for d in session.exec(query).all()}


@pytest.fixture
def empty_trip(county: SmallCounty) -> str:
    return county.trips[-1].code


def test_a_changed_run_begins_tomorrow_and_todays_stays_as_it_was(
    session: Session, county: SmallCounty, empty_trip: str, tmp_path: Path
) -> None:
    before = departures(session, empty_trip)
    old_row, old_start, version = before[0].trip_id, before[1].starts_at, roads_version(session, county.id)
    take(session, county.county, edited(session, county, tmp_path, "stop_times.txt", later(empty_trip, 20)))
    now = departures(session, empty_trip)
    assert now[0].code == before[0].code and now[0].trip_id == old_row
    assert session.exec(select(StopTime.dep_min).where(StopTime.trip_id == old_row, StopTime.position == 0)).one() == 1080
    assert [now[n].starts_at - old_start - timedelta(days=n - 1) for n in (1, 2, 3)] == [timedelta(minutes=20)] * 3
    assert len(session.exec(select(Departure).where(Departure.service_date == DAY)).all()) == len(county.trips)
    assert roads_version(session, county.id) > version
    assert not take(session, county.county, tmp_path / "edited.zip").changed


@pytest.fixture
def loaded(session: Session, county: SmallCounty) -> Departure:
    """Tomorrow's departure of some run with a parcel planned on it."""
    packed(session, county)
    plan_day(session, county.county, DAY)
    session.flush()
    leg = session.exec(select(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None))).first()
    assert leg is not None
    trip = session.exec(select(Trip).join(Departure, col(Departure.trip_id) == col(Trip.id)).where(Departure.id == leg.departure_id)).one()
    one = session.exec(select(Departure).where(Departure.trip_id == trip.id, Departure.service_date == TOMORROW)).one()
    leg.departure_id = one.id or 0
    session.flush()
    return one


def trip_of(session: Session, departure: Departure) -> str:
    return session.exec(select(Trip.code).where(Trip.id == departure.trip_id)).one()


def test_a_run_that_carries_planned_parcels_is_not_replaced_and_nothing_is(
    session: Session, county: SmallCounty, loaded: Departure, tmp_path: Path
) -> None:
    code = trip_of(session, loaded)
    path, report, before = edited(session, county, tmp_path, "stop_times.txt", later(code, 20)), Report(), rows(session, county.county)
    with pytest.raises(FeedRefused), session.begin_nested():
        import_feed(session, county.county, read_file(path, report), report)
    (finding,) = [f for f in report.findings if f.code == "carries_goods"]
    assert loaded.code in finding.words and "1 parcels" in finding.words and code in finding.words
    assert rows(session, county.county) == before
    assert session.get(Departure, loaded.id) is not None


def test_once_its_departure_is_cancelled_and_its_parcels_ride_elsewhere_the_run_is_replaced(
    session: Session, county: SmallCounty, loaded: Departure, tmp_path: Path
) -> None:
    code = trip_of(session, loaded)
    cancel_departure(session, county.id, loaded.code, reason="换车", by="test")
    for leg in session.exec(select(PlannedLeg).where(PlannedLeg.departure_id == loaded.id)).all():
        leg.voided_at = loaded.starts_at
    session.flush()
    take(session, county.county, edited(session, county, tmp_path, "stop_times.txt", later(code, 20)))
    standing = session.exec(select(Departure).where(Departure.service_date == TOMORROW, Departure.line_id == loaded.line_id)).all()
    assert {d.status for d in standing if d.id == loaded.id} == {"cancelled"}
    assert sum(d.starts_at == loaded.starts_at + timedelta(minutes=20) for d in standing) == 1


def test_other_room_does_not_take_parcels_off_their_bus(session: Session, county: SmallCounty, loaded: Departure, tmp_path: Path) -> None:
    code, room = trip_of(session, loaded), loaded.cap_g

    def fuller(row: dict[str, str]) -> dict[str, str]:
        return {**row, "passenger_pct": "60"} if row["code"] == code else row

    report = take(session, county.county, edited(session, county, tmp_path, "x_trips.txt", fuller))
    assert "keeps_its_room" in {f.code for f in report.findings}
    days = departures(session, code)
    assert (days[0].cap_g, days[1].cap_g, days[1].id) == (room, room, loaded.id)
    assert days[2].cap_g == room // 2


def test_a_day_that_is_struck_from_the_calendar_loses_its_empty_departures_only(
    session: Session, county: SmallCounty, empty_trip: str, tmp_path: Path
) -> None:
    def weekdays(row: dict[str, str]) -> dict[str, str]:
        return {**row, "thursday": "0"}

    take(session, county.county, edited(session, county, tmp_path, "calendar.txt", weekdays))
    assert TOMORROW.weekday() == 3
    assert sorted(departures(session, empty_trip)) == [0, 2, 3, 4, 5]


def test_a_day_struck_from_the_calendar_is_refused_while_parcels_are_planned_on_it(
    session: Session, county: SmallCounty, loaded: Departure, tmp_path: Path
) -> None:
    path, report = edited(session, county, tmp_path, "calendar.txt", lambda row: {**row, "thursday": "0"}), Report()
    with pytest.raises(FeedRefused), session.begin_nested():
        import_feed(session, county.county, read_file(path, report), report)
    assert [f.code for f in report.findings if f.severity == "error"] == ["carries_goods"]


def test_what_a_dispatcher_cancelled_stays_cancelled_when_it_is_made_anew(
    session: Session, county: SmallCounty, empty_trip: str, tmp_path: Path
) -> None:
    cancel_departure(session, county.id, departures(session, empty_trip)[2].code, reason="大风", by="test")
    take(session, county.county, edited(session, county, tmp_path, "stop_times.txt", later(empty_trip, 20)))
    days = departures(session, empty_trip)
    assert {n: (d.status, d.note) for n, d in days.items() if n in (1, 2)} == {1: ("scheduled", ""), 2: ("cancelled", "大风")}


def test_withdrawn_runs_end_today_and_come_back_when_the_feed_names_them_again(
    session: Session, county: SmallCounty, empty_trip: str, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.zip"
    export_feed(session, county.county, whole)
    before = rows(session, county.county)
    take(session, county.county, edited(session, county, tmp_path, "trips.txt", lambda row: row), withdraw=True)
    assert rows(session, county.county) == before
    less = edited(session, county, tmp_path, "stop_times.txt", lambda row: None if row["trip_id"] == empty_trip else row)
    take(session, county.county, less, withdraw=True)
    assert sorted(departures(session, empty_trip)) == [0]
    take(session, county.county, whole)
    assert sorted(departures(session, empty_trip)) == [0, 1, 2, 3, 4, 5]
