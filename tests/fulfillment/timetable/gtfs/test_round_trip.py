"""What goes out as a feed comes back the same: to the row, and to the byte."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, delete, select

from core import clock, db
from core.tenant import forget_tenants
from fulfillment.network import models as network
from fulfillment.network.models import ServiceCalendar
from fulfillment.network.service import load_network
from fulfillment.timetable.gtfs.cells import Column
from fulfillment.timetable.gtfs.columns import BOOKKEEPING, HELD, columns_of, exchanged_models, key_of, table_of, x_file, x_models
from fulfillment.timetable.gtfs.exporting import export_feed
from fulfillment.timetable.models import Departure
from supply.counties.models import Township
from supply.counties.profile import profile_of
from supply.counties.service import load_places
from supply.stations.models import Node
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.timetable.gtfs.feeds import TRANSFERS, emptied, empty_county, exported, rows, table, take, zipped


def test_every_table_and_column_of_the_network_is_exchanged() -> None:
    tables = {
        m
        for m in vars(network).values()
        if isinstance(m, type) and issubclass(m, SQLModel) and hasattr(m, "__table__") and m is not SQLModel
    }
    assert tables - set(exchanged_models()) == set()
    for model in exchanged_models():
        told = {c.attribute for c in columns_of(model)} | HELD.get(model, frozenset()) | BOOKKEEPING
        assert {c.name for c in table_of(model).columns} <= told, model
        assert set(key_of(model)) <= {c.attribute for c in columns_of(model)}


def test_docs_name_every_table_of_ours() -> None:
    docs = (Path(__file__).parents[4] / "docs" / "gtfs.md").read_text()
    assert [x_file(m) for m in x_models() if f"`{x_file(m)}`" not in docs] == []
    assert {m.__name__ for m in set(exchanged_models()) - set(x_models())} == {"Transfer"} and "`transfers.txt`" in docs


@pytest.mark.parametrize(("code", "prefix"), [("ninghai", "nh"), ("shengsi", "ss")])
def test_a_whole_county_goes_out_and_comes_back_to_the_byte(
    nine: object, session: Session, tmp_path: Path, code: str, prefix: str
) -> None:  # fmt: skip
    profile = profile_of(code)
    county = empty_county(session, code, prefix)
    load_places(session, profile, county.id)
    load_network(session, profile, county.id)
    session.flush()
    before = rows(session, county)
    export_feed(session, county, tmp_path / "one.zip")
    emptied(session, county)
    assert not any(rows(session, county).values())
    report = take(session, county, tmp_path / "one.zip")
    assert not [f for f in report.findings if f.severity != "note"]
    assert rows(session, county) == before
    export_feed(session, county, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert not take(session, county, tmp_path / "two.zip").changed


def test_values_no_plain_cell_can_hold_come_back(session: Session, county: SmallCounty, tmp_path: Path) -> None:
    vehicle = session.exec(select(network.Vehicle)).first()
    assert vehicle
    vehicle.plate, vehicle.energy, vehicle.tiers, vehicle.boxes = '"浙B, 1"\n二', " [油] ", ["ambient", "a|b"], None
    county.trips[0].direction = "round and round"
    county.lines[0].fee_fen, county.lines[0].published, county.lines[0].max_wind = 0, False, 0
    session.flush()
    before = rows(session, county.county)
    export_feed(session, county.county, tmp_path / "f.zip")
    emptied_but_for_places(session)
    take(session, county.county, tmp_path / "f.zip")
    assert rows(session, county.county) == before


def emptied_but_for_places(session: Session) -> None:
    session.exec(delete(Departure))
    for model in reversed(exchanged_models()):
        if model not in (Node, Township):
            session.exec(delete(model))
    session.expire_all()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column("c", "c", str, None, False), text) for text in ("", " a", "a\nb", '"a', "[1", "a,b", "二　", "\x85", "0")
    ] + [
        (Column("c", "c", list, str, False), v) for v in ([], ["a"], [""], ["a|b"], ["a", "b"], ["[x"])
    ] + [
        (Column("c", "c", list, int, True), v) for v in (None, [], [1], [1, -2])
    ] + [
        (Column("c", "c", dict, None, False), v) for v in ({}, {"a": [1, {"b": None}]})
    ] + [
        (Column("c", "c", int, None, True), v) for v in (None, 0, -7, 2**31 - 1)
    ] + [
        (Column("c", "c", bool, None, False), True), (Column("c", "c", float, None, True), 1.1), (Column("c", "c", date, None, True), DAY),
    ],
)  # fmt: skip
def test_a_cell_gives_back_what_was_written(column: Column, value: object) -> None:
    from fulfillment.timetable.gtfs.tables import CONTROLS

    text = column.write(value)
    assert CONTROLS.sub(" ", text).strip() == text
    assert column.read(text) == value


def test_months_and_goods_only_lines_mean_the_same_to_a_reader_without_our_tables(
    session: Session, county: SmallCounty, tmp_path: Path
) -> None:
    calendar = session.exec(select(ServiceCalendar)).one()
    calendar.months, calendar.starts_on, calendar.ends_on, calendar.added = [5], date(2026, 4, 1), date(2026, 6, 30), ["2026-06-10"]
    county.lines[0].kind, county.lines[1].published = "mail", False
    session.flush()
    feed = exported(session, county.county, tmp_path / "f.zip")
    assert {row["exception_type"] for row in feed["calendar_dates.txt"]} == {"2", "1"}
    dates = {row["date"] for row in feed["calendar_dates.txt"] if row["exception_type"] == "2"}
    assert len(dates) == 30 + 30 - 1 and "20260401" in dates
    assert {(row["pickup_type"], row["drop_off_type"]) for row in feed["stop_times.txt"]} == {("1", "1")}


def test_what_a_run_was_before_it_changed_is_no_part_of_the_timetable(session: Session, county: SmallCounty, tmp_path: Path) -> None:
    county.trips[0].runs_until = DAY
    session.flush()
    feed = exported(session, county.county, tmp_path / "f.zip")
    assert county.trips[0].code not in {row["trip_id"] for row in feed["trips.txt"]} | {row["trip_id"] for row in feed["stop_times.txt"]}


def test_the_standard_tables_have_what_gtfs_asks_for(session: Session, county: SmallCounty, tmp_path: Path) -> None:
    feed = exported(session, county.county, tmp_path / "f.zip")
    needed = {
        "agency.txt": {"agency_name", "agency_url", "agency_timezone"}, "stops.txt": {"stop_id", "stop_name", "stop_lat", "stop_lon"},
        "routes.txt": {"route_id", "route_type"}, "trips.txt": {"route_id", "service_id", "trip_id"},
        "stop_times.txt": {"trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"},
        "calendar.txt": {"service_id", "monday", "start_date", "end_date"}, "feed_info.txt": {"feed_publisher_name", "feed_publisher_url", "feed_lang"},
    }  # fmt: skip
    for name, columns in needed.items():
        assert all(row[column] for row in feed[name] for column in columns), name
    assert {row["agency_timezone"] for row in feed["agency.txt"]} == {"Asia/Shanghai"}
    assert {row["agency_id"] for row in feed["routes.txt"]} <= {row["agency_id"] for row in feed["agency.txt"]}


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=12).filter(
    lambda t: t.strip() == t
)
ids = st.text("abcXYZ019_.- 路", min_size=1, max_size=8).map(str.strip).filter(bool)


@st.composite
def feeds(draw: st.DrawFn) -> dict[str, str | bytes]:
    """Small feeds: any ids, any names, runs past midnight, loops, services of days and dates."""
    stops = draw(st.lists(ids, min_size=2, max_size=5, unique=True))
    routes = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    services = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    trips = draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    quote = lambda text: '"' + text.replace('"', '""') + '"'  # noqa: E731
    called: list[str] = []
    for trip in trips:
        at, places = draw(st.integers(0, 1600)), draw(st.lists(st.sampled_from(stops), min_size=2, max_size=5))
        for n, stop in enumerate(places):
            stays = draw(st.integers(0, 5))
            called.append(
                f"{trip},{at // 60}:{at % 60:02}:00,{(at + stays) // 60:02}:{(at + stays) % 60:02}:00,{stop},{n * 3},{draw(st.sampled_from('0123'))}"
            )
            at += stays + draw(st.integers(0, 200))
    weeks = [f"{s},{','.join(draw(st.lists(st.sampled_from('01'), min_size=7, max_size=7)))},20260501,20260630" for s in services]
    days = [f"{s},202605{n:02},{draw(st.sampled_from('12'))}" for s in services for n in draw(st.sets(st.integers(1, 31), max_size=4))]
    lines = [
        f"{r},{quote(draw(names))},{quote(draw(names))},{draw(st.sampled_from(['3', '4', '11', '200', '702', '1000']))}" for r in routes
    ]
    runs = [
        f"{draw(st.sampled_from(routes))},{draw(st.sampled_from(services))},{t},{draw(st.sampled_from(['', '0', '1']))},{draw(st.sampled_from(['', 'b']))}"
        for t in trips
    ]
    changes = draw(
        st.sets(st.tuples(st.sampled_from(stops), st.sampled_from(stops), st.sampled_from(["", *routes]), st.sampled_from(["", *trips])))
    )
    changing = [
        f"{a},{b},{route},,,{trip},{draw(st.sampled_from(['', '0', '2', '3']))},{draw(st.sampled_from(['', '0', '90', '7200']))}"
        for a, b, route, trip in sorted(changes)
    ]
    return {
        "transfers.txt": table(TRANSFERS, *changing),
        "stops.txt": table("stop_id,stop_name,stop_lat,stop_lon", *(f"{s},{quote(draw(names))},{draw(st.floats(-90, 90))!r},{draw(st.floats(-180, 180))!r}" for s in stops)),
        "routes.txt": table("route_id,route_short_name,route_long_name,route_type", *lines),
        "calendar.txt": table("service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date", *weeks),
        "calendar_dates.txt": table("service_id,date,exception_type", *days),
        "trips.txt": table("route_id,service_id,trip_id,direction_id,block_id", *runs),
        "stop_times.txt": table("trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type", *called),
    }  # fmt: skip


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of its own, from which every example takes back what it wrote."""
    engine = db.make_engine(f"sqlite:///{tmp_path_factory.mktemp('scratch') / 'feeds.db'}", writes=True)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@given(feeds())
def test_any_small_feed_comes_in_goes_out_and_comes_back(
    scratch: Engine, tmp_path_factory: pytest.TempPathFactory, tables: dict[str, str | bytes]
) -> None:
    folder = tmp_path_factory.mktemp("feed")
    with clock.at(clock.on(DAY, 540)), Session(scratch) as session:
        county = empty_county(session)
        take(session, county, zipped(folder / "f.zip", tables))
        before = rows(session, county)
        assert not take(session, county, folder / "f.zip").changed
        export_feed(session, county, folder / "one.zip")
        assert not take(session, county, folder / "one.zip").changed
        emptied(session, county)
        take(session, county, folder / "one.zip")
        assert rows(session, county) == before
        export_feed(session, county, folder / "two.zip")
        assert (folder / "one.zip").read_bytes() == (folder / "two.zip").read_bytes()
    forget_tenants()
