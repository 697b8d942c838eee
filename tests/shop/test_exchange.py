"""`jishi gtfs import` and `export` as a person and a program read them."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from core import db
from fulfillment.network.models import Line, Trip
from shop import exchange
from supply.stations.models import Node
from tests.county import small_county
from tests.fulfillment.timetable.gtfs.feeds import SMALL, small, zipped


@pytest.fixture
def county(database: str, nine: object) -> None:
    with db.writing() as session:
        small_county(session)


@pytest.fixture
def nine() -> object:
    from core import clock
    from tests.fulfillment.conftest import NINE

    with clock.at(NINE):
        yield NINE


def counted() -> tuple[int, int, int]:
    with db.reading() as session:
        return tuple(len(session.exec(select(model.id)).all()) for model in (Line, Trip, Node))  # type: ignore[return-value]


@pytest.mark.usefixtures("county")
def test_a_feed_is_taken_in_and_the_report_says_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = zipped(tmp_path / "f.zip", small())
    assert exchange.import_file(feed, withdraw=False, as_json=False) == 0
    said = capsys.readouterr().out
    assert "line +2" in said and "trip +3" in said and "warning: trips.txt: 2 new runs of 'r1' have no vehicle" in said
    assert exchange.import_file(feed, withdraw=False, as_json=False) == 0
    assert "the county has all of it; nothing was changed" in capsys.readouterr().out


@pytest.mark.usefixtures("county")
def test_a_feed_with_errors_changes_nothing_and_names_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = counted()
    feed = zipped(tmp_path / "f.zip", small(stop_times=SMALL["stop_times.txt"].replace("t3,24:20", "t3,2420", 1)))
    assert exchange.import_file(feed, withdraw=False, as_json=False) == 2
    assert "error: stop_times.txt:7:arrival_time: '2420:00' is not a time like 25:10:00" in capsys.readouterr().out
    assert counted() == before
    assert exchange.import_file(feed, withdraw=False, as_json=True) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["applied"], told["counts"]["errors"], told["changes"]) == (False, 1, {})
    assert told["errors"][0] | {"words": ""} == {
        "severity": "error", "code": "bad_value", "file": "stop_times.txt", "line": 7, "column": "arrival_time", "words": "",
    }  # fmt: skip


@pytest.mark.usefixtures("county")
def test_an_error_found_halfway_takes_back_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = counted()
    feed = zipped(tmp_path / "f.zip", small(x_trips="code,vehicle\nt1,nobody\n"))
    assert exchange.import_file(feed, withdraw=False, as_json=False) == 1
    assert "error: x_trips.txt:2:vehicle: no vehicle has the code 'nobody'" in capsys.readouterr().out
    assert counted() == before


@pytest.mark.usefixtures("county")
def test_what_was_exported_is_there_already(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exchange.export_file(tmp_path / "out.zip") == 0
    assert "16 trips.txt" in capsys.readouterr().out
    assert exchange.import_file(tmp_path / "out.zip", withdraw=True, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["applied"] and not any(
        c["added"] + c["changed"] + c["removed"] for name, c in told["changes"].items() if name != "departure"
    )


@pytest.mark.usefixtures("database")
def test_without_a_county_the_command_says_what_to_do_first(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="jishi county load"):
        exchange.import_file(zipped(tmp_path / "f.zip", small()), withdraw=False, as_json=False)
