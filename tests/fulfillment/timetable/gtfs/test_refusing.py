"""A feed with errors is refused, each error with its file, line and column."""

import io
import struct
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from fulfillment.timetable.gtfs import archive, tables
from fulfillment.timetable.gtfs.importing import FeedRefused, read_file
from fulfillment.timetable.gtfs.report import Report, Severity
from tests.fulfillment.timetable.gtfs.feeds import SMALL, TRANSFERS, refused, small, table, zipped


def changed(name: str, old: str, new: str) -> dict[str, str | bytes]:
    assert old in SMALL[f"{name}.txt"]
    return small(**{name: SMALL[f"{name}.txt"].replace(old, new, 1)})


def transfers(*rows: str) -> dict[str, str | bytes]:
    return small(transfers=table(TRANSFERS, *rows))


BAD = {
    "a file is missing": (small(stops=None), "stops.txt::"),
    "no calendar at all": (small(calendar=None, calendar_dates=None), "calendar.txt::"),
    "a column is missing": (changed("stop_times", "stop_sequence", "sequence"), "stop_times.txt:1:stop_sequence"),
    "a column is there twice": (changed("routes", "agency_id", "route_id"), "routes.txt:1:route_id"),
    "an empty table": (small(routes=""), "routes.txt:1:"),
    "a needed value is empty": (changed("trips", "r1,work,t2", ",work,t2"), "trips.txt:3:route_id"),
    "more fields than columns": (changed("stops", "29.2,121.2", "29.2,121.2,more"), "stops.txt:3:"),
    "a quote that never ends": (changed("stops", "小岛", '"小岛'), "stops.txt:4:"),
    "a field without end": (changed("stops", "小岛", "岛" * 3000), "stops.txt:3:stop_name"),
    "a stop twice": (changed("stops", "C,", "A,"), "stops.txt:4:stop_id"),
    "a route twice": (changed("routes", "r2,", "r1,"), "routes.txt:3:route_id"),
    "a trip twice": (changed("trips", "t3", "t1"), "trips.txt:4:trip_id"),
    "a calendar twice": (changed("calendar", "work", "all"), "calendar.txt:3:service_id"),
    "a date twice": (changed("calendar_dates", "20260521", "20260523"), "calendar_dates.txt:3:date"),
    "a stop number twice": (changed("stop_times", "A,5,0", "A,1,0"), "stop_times.txt:3:stop_sequence"),
    "an agency nobody named": (changed("routes", "r1,a", "r1,b"), "routes.txt:2:agency_id"),
    "a route nobody named": (changed("trips", "r2,all", "r9,all"), "trips.txt:4:route_id"),
    "a calendar nobody named": (changed("trips", "r2,all", "r2,none"), "trips.txt:4:service_id"),
    "a trip nobody named": (changed("stop_times", "t1,06:40", "t9,06:40"), "stop_times.txt:3:trip_id"),
    "a stop nobody named": (changed("stop_times", "C,2,3", "X,2,3"), "stop_times.txt:7:stop_id"),
    "a time of no clock": (changed("stop_times", "06:40:00,06:40:00", "6.40,06:40:00"), "stop_times.txt:3:arrival_time"),
    "a time of another week": (changed("stop_times", "25:10:00,25:10:00", "25:10:00,168:10:00"), "stop_times.txt:8:departure_time"),
    "no time at the last stop": (changed("stop_times", "06:40:00,06:40:00", ","), "stop_times.txt:3:arrival_time"),
    "back in time": (changed("stop_times", "06:40:00,06:40:00", "06:04:00,06:40:00"), "stop_times.txt:3:arrival_time"),
    "a date of no calendar": (changed("calendar", "20240101", "20240231"), "calendar.txt:2:start_date"),
    "a calendar that ends before it starts": (changed("calendar", "20291231", "20231231"), "calendar.txt:2:end_date"),
    "a weekday that is neither": (changed("calendar", "all,1", "all,2"), "calendar.txt:2:monday"),
    "no position on earth": (changed("stops", "29.1", "929.1"), "stops.txt:2:stop_lat"),
    "a position that is no number": (changed("stops", "29.1", "nan"), "stops.txt:2:stop_lat"),
    "a route type in words": (changed("routes", "海线,4", "海线,ferry"), "routes.txt:2:route_type"),
    "a direction that is neither": (changed("trips", "t1,1", "t1,2"), "trips.txt:2:direction_id"),
    "a headway of nothing": (small(frequencies=table("trip_id,start_time,end_time,headway_secs", "t1,07:00:00,08:00:00,0")), "frequencies.txt:2:headway_secs"),
    "a frequency that never runs": (small(frequencies=table("trip_id,start_time,end_time,headway_secs", "t1,08:00:00,07:00:00,600")), "frequencies.txt:2:end_time"),
    "a parent that is a platform": (
        small(stops=table("stop_id,stop_name,stop_lat,stop_lon,parent_station", "A,a,1,1,B", "B,b,1,1,C", "C,c,1,1,")), "stops.txt:2:parent_station",
    ),
    "a transfer to nowhere": (transfers("A,Z,,,,,0,"), "transfers.txt:2:to_stop_id"),
    "a transfer from no stop": (transfers(",B,,,,,2,60"), "transfers.txt:2:from_stop_id"),
    "a transfer to a line nobody named": (transfers("A,B,r1,r9,,,0,"), "transfers.txt:2:to_route_id"),
    "a transfer from a run nobody named": (transfers("A,B,,,t9,t1,1,"), "transfers.txt:2:from_trip_id"),
    "a transfer of no type": (transfers("A,B,,,,,6,"), "transfers.txt:2:transfer_type"),
    "a transfer in words": (transfers("A,B,,,,,often,"), "transfers.txt:2:transfer_type"),
    "a transfer in less than no time": (transfers("A,A,,,,,2,-60"), "transfers.txt:2:min_transfer_time"),
    "a transfer in words instead of seconds": (transfers("A,A,,,,,2,soon"), "transfers.txt:2:min_transfer_time"),
    "a transfer of more than a day": (transfers("A,A,,,,,2,86401"), "transfers.txt:2:min_transfer_time"),
    "a transfer twice": (transfers("A,B,,,,,2,60", "A,B,,,,,2,90"), "transfers.txt:3:from_stop_id"),
    "a transfer no index could hold": (transfers(f"A,A,,,{'t' * 1100},{'u' * 1100},0,"), "transfers.txt:2:"),
    "seated through no run": (transfers("A,A,,,,t1,4,"), "transfers.txt:2:from_trip_id"),
    "a transfer between all runs of every minute": (
        {**transfers("A,A,,,t1,t2,0,"), "frequencies.txt": table("trip_id,start_time,end_time,headway_secs", "t1,07:00:00,08:00:00,60", "t2,07:00:00,08:00:00,60")},
        "transfers.txt:2:from_trip_id",
    ),
    "a bay of less than nothing": (small(x_vehicles=table("code,kind,bay_g", "v,bus,-1")), "x_vehicles.txt:2:"),
    "a kind of line that is none": (small(x_lines=table("code,kind,mode", "r1,rocket,air")), "x_lines.txt:2:"),
    "a number in words": (small(x_vehicles=table("code,kind,seats", "v,bus,many")), "x_vehicles.txt:2:seats"),
    "a number beyond the database": (small(x_vehicles=table("code,kind,seats", f"v,bus,{2**31}")), "x_vehicles.txt:2:seats"),
    "a vehicle twice": (small(x_vehicles=table("code,kind", "v,bus", "v,bus")), "x_vehicles.txt:3:code"),
    "hub rules below nothing": (
        small(x_hub_rules=table("transfer_min,hub_sort_min,handover_fee_fen,late_fen_per_day,hold_fen_per_h,unserved_fen,max_handovers", "-1,1,1,1,1,1,1")),
        "x_hub_rules.txt:2:transfer_min",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_every_error_names_its_place(case: str, tmp_path: Path) -> None:
    tables_, place = BAD[case]
    name, line, column = place.split(":")
    assert f"{name}:{line or 0}:{column}" in refused(zipped(tmp_path / "f.zip", tables_))


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.zip"
    path.write_text("stop_id,stop_name\n")
    assert refused(path) == ["f.zip:0:"]


def test_a_file_that_cannot_be_read_is_one_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty.zip").touch()
    for path in (tmp_path, tmp_path / "nowhere.zip", tmp_path / "empty.zip", tmp_path / ("x" * 300)):
        report = Report()
        with pytest.raises(FeedRefused):
            read_file(path, report)
        assert [f.severity for f in report.findings] == [Severity.ERROR]


def test_a_table_that_inflates_out_of_all_proportion_is_not_opened(tmp_path: Path) -> None:
    assert refused(zipped(tmp_path / "f.zip", {**small(), "stops.txt": b"0" * (4 << 20)})) == ["stops.txt:0:"]


def test_tables_larger_than_a_province_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 500)
    assert refused(zipped(tmp_path / "f.zip", small())) == [":0:"]


def test_a_header_that_lies_about_its_size_is_a_broken_file(tmp_path: Path) -> None:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as out:
        for name, text in small().items():
            out.writestr(name, text)
    raw = bytearray(made.getvalue())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = struct.pack("<I", 20)  # agency.txt says it is 20 bytes long
    path = tmp_path / "f.zip"
    path.write_bytes(raw)
    assert refused(path) == ["agency.txt:0:"]


def test_a_table_with_more_rows_than_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 5)
    assert refused(zipped(tmp_path / "f.zip", small())) == ["stop_times.txt:7:"]


def test_tables_in_a_folder_are_read_with_a_warning_and_twice_the_same_name_is_refused(tmp_path: Path) -> None:
    report = Report()
    read_file(zipped(tmp_path / "f.zip", {f"feed/{name}": text for name, text in small().items()}), report)
    assert [f.code for f in report.findings if f.severity == Severity.WARNING] == ["in_a_folder"]
    with pytest.warns(UserWarning, match="Duplicate"), ZipFile(tmp_path / "f.zip", "a") as out:
        out.writestr("feed/stops.txt", "stop_id\n")
    assert refused(tmp_path / "f.zip") == ["stops.txt:0:"]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    assert refused(zipped(tmp_path / "f.zip", {**small(), "stops.txt": SMALL["stops.txt"].encode() + b"D,\xff\xff,1,1\n"})) == [
        "stops.txt:0:"
    ]


def test_many_findings_of_one_kind_are_counted_and_few_are_listed(tmp_path: Path) -> None:
    stops = table("stop_id,stop_name,stop_lat,stop_lon", *(f"s{n},n,91,1" for n in range(400)))
    report = Report()
    with pytest.raises(FeedRefused):
        read_file(zipped(tmp_path / "f.zip", small(stops=stops)), report)
    assert sum(f.column == "stop_lat" for f in report.findings) == 50
    assert report.as_json()["counts"]["errors"] >= 400
    assert any("350 more" in line for line in report.unlisted())
