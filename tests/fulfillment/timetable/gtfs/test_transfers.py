"""transfers.txt is kept and handed on, and a place where changing takes longer makes goods wait too."""

from pathlib import Path

import pytest
from sqlmodel import Session, select

from fulfillment.batching.network import change_min
from fulfillment.batching.roads import instance_of, read_roads
from fulfillment.network.models import Transfer
from fulfillment.network.rules import hub_rules
from fulfillment.timetable.gtfs.exporting import export_feed
from supply.counties.models import County
from tests.fulfillment.conftest import DAY
from tests.fulfillment.timetable.gtfs.feeds import TRANSFERS, emptied, empty_county, exported, rows, small, table, take, zipped

SOME = (
    "A,B,,,,,2,300", "A,A,r1,r2,,,2,2400", "B,B,,,t1,t2,1,", ",,,,t1,t2,4,", "A,A,,,t2,t1,5,", "C,C,,,,,3,", "C,A,,r1,,,,",
)  # fmt: skip


@pytest.fixture
def bare(nine: object, session: Session) -> County:
    return empty_county(session)


def feed(path: Path, *transfers: str, **more: str | None) -> Path:
    return zipped(path, small(transfers=table(TRANSFERS, *transfers), **more))


def kept(session: Session) -> list[tuple[str | int | None, ...]]:
    every = session.exec(select(Transfer)).all()
    return sorted(
        (t.from_node, t.to_node, t.from_line, t.to_line, t.from_trip, t.to_trip, t.kind, -1 if t.min_s is None else t.min_s) for t in every
    )


def waits(session: Session, county: County) -> dict[str, float]:
    """Minutes from alighting to boarding, by place, as the planner and the promise reckon."""
    instance = instance_of(read_roads(session, county.id, DAY, 2), hub_rules(county), ())
    return {node.id: change_min(instance, n) for n, node in enumerate(instance.nodes)}


def test_transfers_are_kept_with_their_stops_lines_runs_type_and_time(session: Session, bare: County, tmp_path: Path) -> None:
    report = take(session, bare, feed(tmp_path / "f.zip", *SOME))
    assert report.changes["transfer"].added == 7
    assert kept(session) == [
        ("", "", "", "", "t1", "t2", 4, -1),
        ("ba-A", "ba-A", "", "", "t2", "t1", 5, -1),
        ("ba-A", "ba-A", "ba-r1", "ba-r2", "", "", 2, 2400),
        ("ba-A", "ba-B", "", "", "", "", 2, 300),
        ("ba-B", "ba-B", "", "", "t1", "t2", 1, -1),
        ("ba-C", "ba-A", "", "ba-r1", "", "", 0, -1),
        ("ba-C", "ba-C", "", "", "", "", 3, -1),
    ]


def test_transfers_go_out_and_come_back_to_the_byte(session: Session, bare: County, tmp_path: Path) -> None:
    take(session, bare, feed(tmp_path / "f.zip", *SOME))
    before = rows(session, bare)
    assert len(exported(session, bare, tmp_path / "one.zip")["transfers.txt"]) == 7
    assert not take(session, bare, tmp_path / "one.zip").changed
    emptied(session, bare)
    take(session, bare, tmp_path / "one.zip")
    assert rows(session, bare) == before
    export_feed(session, bare, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_same_transfers_a_second_time_change_nothing(session: Session, bare: County, tmp_path: Path) -> None:
    take(session, bare, feed(tmp_path / "f.zip", *SOME))
    before = kept(session)
    report = take(session, bare, tmp_path / "f.zip")
    assert not report.changed and report.changes["transfer"].same == 7
    assert kept(session) == before


def test_a_feed_without_transfers_leaves_them_and_one_that_names_them_changes_those(session: Session, bare: County, tmp_path: Path) -> None:
    take(session, bare, feed(tmp_path / "f.zip", *SOME))
    assert not take(session, bare, zipped(tmp_path / "g.zip", small())).changed
    report = take(session, bare, feed(tmp_path / "h.zip", "A,B,,,,,2,480", "B,A,,,,,0,"))
    assert (report.changes["transfer"].added, report.changes["transfer"].changed) == (1, 1)
    assert len(kept(session)) == 8 and ("ba-A", "ba-B", "", "", "", "", 2, 480) in kept(session)


def test_transfers_of_runs_that_are_withdrawn_go_with_them(session: Session, bare: County, tmp_path: Path) -> None:
    take(session, bare, feed(tmp_path / "f.zip", *SOME))
    less = {
        name: "\n".join(line for line in str(small()[f"{name}.txt"]).splitlines() if "t2," not in line) for name in ("trips", "stop_times")
    }
    report = take(session, bare, zipped(tmp_path / "g.zip", small(**less)), withdraw=True)
    assert report.changes["transfer"].removed == 3
    assert "t2" not in {name for row in kept(session) for name in row}


def test_a_transfer_of_a_run_that_ended_is_not_handed_on(session: Session, bare: County, tmp_path: Path) -> None:
    session.add(Transfer(tenant_id=bare.id, from_trip="gone", to_trip="t1", kind=4))
    take(session, bare, feed(tmp_path / "f.zip", "A,B,,,,,2,300"))
    assert [row["from_stop_id"] for row in exported(session, bare, tmp_path / "one.zip")["transfers.txt"]] == ["ba-A"]


def test_of_platforms_that_become_one_place_the_longest_time_is_kept(session: Session, bare: County, tmp_path: Path) -> None:
    stops = table(
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station", "S,大码头,29.1,121.1,1,", "A,1号,29.1,121.1,0,S",
        "D,2号,29.1,121.1,0,S", "B,小岛,29.2,121.2,,", "C,山口,29.3,121.3,0,",
    )  # fmt: skip
    report = take(session, bare, feed(tmp_path / "f.zip", "A,D,,,,,2,120", "D,A,,,,,2,1800", "A,A,,,,,2,60", stops=stops))
    assert kept(session) == [("ba-S", "ba-S", "", "", "", "", 2, 1800)]
    assert [f.line for f in report.findings if f.code == "one_place"] == [3, 4]
    assert not take(session, bare, tmp_path / "f.zip").changed


def test_a_transfer_of_a_repeated_run_is_one_of_each_of_its_runs(session: Session, bare: County, tmp_path: Path) -> None:
    often = table("trip_id,start_time,end_time,headway_secs,exact_times", "t1,07:00:00,08:00:00,1800,1")
    take(session, bare, feed(tmp_path / "f.zip", "B,B,,,t1,t2,1,", frequencies=often))
    assert [row[4:6] for row in kept(session)] == [("t1@0700", "t2"), ("t1@0730", "t2")]


def test_a_transfer_of_a_run_that_was_left_out_is_left_out_with_a_warning(session: Session, bare: County, tmp_path: Path) -> None:
    trips = str(small()["trips.txt"]) + "r2,all,idle,,\n"
    report = take(session, bare, feed(tmp_path / "f.zip", "A,A,,,idle,t1,1,", trips=trips))
    assert kept(session) == []
    assert [(f.severity, f.line) for f in report.findings if f.code == "no_such_trip"] == [("warning", 2)]


def test_a_time_that_is_asked_for_and_not_said_is_told(session: Session, bare: County, tmp_path: Path) -> None:
    report = take(session, bare, feed(tmp_path / "f.zip", "A,B,,,,,2,"))
    assert [(f.line, f.column) for f in report.findings if f.code == "no_time"] == [(2, "min_transfer_time")]
    assert kept(session) == [("ba-A", "ba-B", "", "", "", "", 2, -1)]


def test_where_a_place_asks_for_longer_than_the_county_goods_wait_longer(session: Session, bare: County, tmp_path: Path) -> None:
    county = hub_rules(bare).transfer_min
    take(session, bare, zipped(tmp_path / "f.zip", small()))
    assert set(waits(session, bare).values()) == {county}
    report = take(session, bare, feed(tmp_path / "g.zip", f"A,A,,,,,2,{county * 120 - 59}", "B,B,,,,,2,60"))
    assert waits(session, bare) == {"ba-A": county * 2, "ba-B": county, "ba-C": county}, "begun minutes count whole, fewer change nothing"
    assert [(f.line, f.words) for f in report.findings if f.code == "goods_wait"] == [
        (2, f"goods too wait {county * 2} minutes at 'ba-A', not the county's {county}")
    ]


@pytest.mark.parametrize(
    ("transfer", "code", "severity"),
    [
        ("A,A,r1,r2,,,2,7200", "of_some", "warning"),
        ("A,A,,,t1,t2,0,7200", "of_some", "warning"),
        ("A,A,,,,,3,7200", "not_possible", "warning"),
        ("A,B,,,,,2,7200", "on_foot", "note"),
    ],
)
def test_what_is_asked_for_and_goods_do_not_do_is_told(
    session: Session, bare: County, tmp_path: Path, transfer: str, code: str, severity: str
) -> None:
    take(session, bare, zipped(tmp_path / "f.zip", small()))
    before = waits(session, bare)
    report = take(session, bare, feed(tmp_path / "g.zip", transfer))
    assert waits(session, bare) == before
    assert [(f.severity, f.file, f.line) for f in report.findings if f.code == code] == [(severity, "transfers.txt", 2)]


def test_what_some_lines_are_asked_is_told_beside_what_the_place_itself_asks(session: Session, bare: County, tmp_path: Path) -> None:
    report = take(session, bare, feed(tmp_path / "f.zip", "A,A,r1,,,,2,7200", "A,A,,,,,2,3600", "A,A,r2,,,,2,3600"))
    assert [(f.line, f.words) for f in report.findings if f.code == "of_some"] == [
        (2, "asks for 120 minutes of some lines or runs at 'ba-A'; for goods the county reckons with 60")
    ]
