"""A whole town's feed comes in and goes round; a real one where the folder named by JISHI_CONTRACT_SPECS holds it."""

import csv
import io
import os
import time
from pathlib import Path
from zipfile import ZipFile

from sqlmodel import Session, func, select

from core import clock
from fulfillment.network.models import StopTime
from fulfillment.timetable.gtfs.exporting import export_feed
from tests.fulfillment.conftest import NINE
from tests.fulfillment.timetable.gtfs.feeds import emptied, empty_county, rows, small, table, take, zipped


def town(folder: Path) -> Path:
    """The real feed, or one of the same shape: lines of many runs, blank times, seconds, a foreign clock."""
    path = Path(os.environ.get("JISHI_CONTRACT_SPECS", "")) / "cairns_gtfs.zip"
    if path.exists():
        return path
    runs = [(f"r{r}", f"t{r}-{n}", 300 + 20 * n) for r in range(12) for n in range(40)]
    tables = small(
        agency=table("agency_name,agency_url,agency_timezone", "Town,http://example.org,Australia/Brisbane"), shapes="shape_id\n",
        stops=table("stop_id,stop_name,stop_lat,stop_lon", *(f"{n},Stop {n},-16.{n},145.{n}" for n in range(100, 300))),
        routes=table("route_id,route_short_name,route_long_name,route_type", *(f"r{n},{n},Line {n},3" for n in range(12))),
        trips=table("route_id,service_id,trip_id,direction_id", *(f"{r},all,{t},{n % 2}" for n, (r, t, _) in enumerate(runs))),
        stop_times=table(
            "trip_id,arrival_time,departure_time,stop_id,stop_sequence",
            *(f"{t},{clocked(at + n) if n % 9 == 0 else ''},,{100 + (at + n) % 200},{n + 1}" for _, t, at in runs for n in range(28)),
        ),
    )  # fmt: skip
    return zipped(folder / "town.zip", tables)


def clocked(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:30"


def lines(feed: Path, name: str) -> int:
    with ZipFile(feed) as archive:
        return sum(1 for _ in csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline="")))


def test_a_towns_feed_comes_in_within_seconds_and_goes_round(session: Session, tmp_path: Path) -> None:
    feed = town(tmp_path)
    with clock.at(NINE):
        county = empty_county(session, "town", "tw")
        began = time.process_time()
        report = take(session, county, feed)
        assert time.process_time() - began < 60  # of work; row by row it would be minutes
        added = {name: change.added for name, change in report.changes.items()}
        assert {name: added[name] for name in ("line", "node", "trip")} == {
            "line": lines(feed, "routes.txt"), "node": lines(feed, "stops.txt"), "trip": lines(feed, "trips.txt"),
        }  # fmt: skip
        assert session.exec(select(func.count()).select_from(StopTime)).one() == lines(feed, "stop_times.txt")
        assert not take(session, county, feed).changed
        before = rows(session, county)
        export_feed(session, county, tmp_path / "one.zip")
        assert not take(session, county, tmp_path / "one.zip").changed
        emptied(session, county)
        take(session, county, tmp_path / "one.zip")
        assert rows(session, county) == before
