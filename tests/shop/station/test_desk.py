"""The master's desk shows what to do next, and only to those who work there."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from core import clock, db, tasks
from core.settings import settings
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import ask_plan
from fulfillment.consignments.models import Consignment
from fulfillment.consignments.queries import jobs
from fulfillment.timetable.models import Departure
from shop.app import create_app
from shop.station.queries import leaving
from tests.shop.earning import sell, session_of


@pytest.fixture(autouse=True)
def demo(monkeypatch):
    """The sandbox cashier exists in demo mode only."""
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def client(county_rows):
    return TestClient(create_app(), base_url="http://127.0.0.1:8000", follow_redirects=False)


def _get(client, path, token):
    return client.get(path, headers={"Cookie": f"sid={token}"})


def test_a_paid_order_waits_on_the_desk_and_leaves_it_when_packed(client, county_rows):
    master = session_of(county_rows, "13811110001", "master", county_rows.stations[0].code)
    assert "没有等着打包的" in _get(client, "/station", master).text
    sell(county_rows, ("tomato", 2))
    page = _get(client, "/station", master).text
    assert "打包，还差 1 单" in page
    assert "× 2" in page
    assert "赵**" in page
    assert "赵立春" not in page, "a buyer's name is masked on the desk"
    sell(county_rows, ("tomato", 1), packed=True)
    assert "另有 1 件打好了" in _get(client, "/station", master).text


def test_the_desk_says_the_bus_the_plan_chose_as_packing_does(client, county_rows):
    master = session_of(county_rows, "13811110001", "master", county_rows.stations[0].code)
    sell(county_rows, ("tomato", 2))
    with db.writing() as session:
        promised = session.exec(select(Consignment.ships_at)).one()
        ask_plan(session, county_rows.county, clock.business_date(promised))
    tasks.drain()
    with db.writing() as session:
        chosen = session.exec(select(Departure).join(PlannedLeg, PlannedLeg.departure_id == Departure.id)).one()
        chosen.delay_min += 17
    with db.reading() as session:
        planned = jobs(session, county_rows.stations[0])[0].bus.leaves_at
    assert planned != promised
    assert re.findall(r"坐 \S+ (\d\d:\d\d)", _get(client, "/station", master).text) == [f"{clock.local(planned):%H:%M}"]
    assert f"{clock.local(planned):%H:%M}" in _get(client, "/station/packing", master).text


def test_the_desk_names_the_next_bus(client, county_rows):
    master = session_of(county_rows, "13811110001", "master", county_rows.stations[0].code)
    page = _get(client, "/station", master)
    assert page.status_code == 200
    assert "截单" in page.text


def test_a_helper_sees_the_work_and_not_the_income(client, county_rows):
    helper = session_of(county_rows, "13811110002", "helper", county_rows.stations[0].code)
    page = _get(client, "/station", helper).text
    assert "随手做" in page
    assert "/station/income" not in page.split("tabs")[0]
    assert _get(client, "/station/income", helper).status_code == 403


def test_income_opens_to_its_cause(client, county_rows):
    code = county_rows.stations[0].code
    master = session_of(county_rows, "13811110001", "master", code)
    number = sell(county_rows, ("tomato", 2), packed=True)
    api = _get(client, f"/api/v1/stations/{code}/income", master).json()
    assert {row["source"] for row in api["items"]} == {"sale", "handling"}
    assert api["total_fen"] == sum(row["amount_fen"] for row in api["items"])
    sale = next(row for row in api["items"] if row["source"] == "sale")
    opened = _get(client, f"/api/v1/income/{sale['id']}", master).json()
    assert number in opened["cause"]["title"]
    assert "赵" not in str(opened)
    html = _get(client, f"/station/income/{sale['id']}", master)
    assert number in html.text
    assert _get(client, "/station/income", master).status_code == 200


def test_another_stations_income_is_not_there(client, county_rows):
    own, other = county_rows.stations[0].code, county_rows.stations[1].code
    sell(county_rows, ("tomato", 1))
    stranger = session_of(county_rows, "13811110003", "master", other)
    absent = _get(client, "/api/v1/stations/sm-nowhere/income", stranger)
    foreign = _get(client, f"/api/v1/stations/{own}/income", stranger)
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json() == absent.json()


@pytest.mark.parametrize(
    "query", ["from=2026-02-30", "from=2026-05-02&to=2026-05-01", "group=week", "limit=0", "limit=201", "cursor=!!!", "from=1000-01-01"]
)
def test_wrong_questions_about_income_are_refused(client, county_rows, query):
    code = county_rows.stations[0].code
    master = session_of(county_rows, "13811110001", "master", code)
    assert _get(client, f"/api/v1/stations/{code}/income?{query}", master).status_code == 422


def _giant(page):
    return re.search(r'<h2 id="next"><time[^>]*>(\d\d:\d\d)', page)[1]


def test_the_giant_time_is_the_next_bus_with_work(client, county_rows):
    """Others come earlier and take nothing from here."""
    here = county_rows.stations[0]
    master = session_of(county_rows, "13811110001", "master", here.code)
    sell(county_rows, ("tomato", 2))
    with db.reading() as session:
        promised = session.exec(select(Consignment.ships_at)).one()
        page = _get(client, "/station", master).text
        assert _giant(page) == f"{clock.local(promised):%H:%M}"
        assert "答应装 <b>1</b> 件" in page
        runs = leaving(session, here)
    assert (runs[0].promised, runs[0].parcels) == (1, 0)
    with db.writing() as session:
        ask_plan(session, county_rows.county, clock.business_date(promised))
    tasks.drain()
    with db.reading() as session:
        runs = leaving(session, here)
        planned = jobs(session, here)[0].bus.leaves_at
    assert (runs[0].promised, runs[0].parcels, runs[0].leaves_at) == (0, 1, planned)
    assert [run.leaves_at for run in runs[1:]] == sorted(run.leaves_at for run in runs[1:])
    assert _giant(_get(client, "/station", master).text) == f"{clock.local(planned):%H:%M}"


def test_work_for_a_bus_days_away_is_on_the_desk(client, county_rows):
    here = county_rows.stations[0]
    sell(county_rows, ("tomato", 2))
    with db.writing() as session:
        consignment = session.exec(select(Consignment)).one()
        consignment.ships_at += timedelta(days=2)
        session.add(consignment)
        session.flush()
        first, *_ = leaving(session, here)
        assert first.leaves_at == consignment.ships_at
