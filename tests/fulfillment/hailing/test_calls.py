"""A run is asked to stop where it passes through otherwise: the driver and the dispatcher read it, and nobody stands there in vain."""

from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db, notify
from fulfillment.hailing import service, tasks
from fulfillment.hailing.models import StopCall
from fulfillment.hailing.queries import people_waiting
from fulfillment.network.models import Line, StopTime, Trip
from fulfillment.timetable.board import Call, find_run
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure
from supply.stations.models import Node
from tests.county import SmallCounty
from tests.fulfillment.web import county_with_roads, guest, signed_in
from tests.statements import statements_of


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


@pytest.fixture
def run(rows: SmallCounty) -> Departure:
    """The next run towards the county town; 葛家 is a request stop of it."""
    with db.writing() as session:
        query = (
            select(Departure)
            .join(Trip, col(Trip.id) == col(Departure.trip_id))
            .where(Departure.line_id == rows.lines[0].id, Departure.starts_at > clock.now(), Trip.direction == "in")
        )
        found = session.exec(query.order_by(col(Departure.starts_at))).first()
        stop = session.exec(select(StopTime).where(StopTime.trip_id == found.trip_id, StopTime.node_id == rows.stations[0].node_id)).one()
        stop.on_request = True
        session.add(stop)
    return found


def halt(session: Session, rows: SmallCounty, run: Departure) -> Call:
    return next(c for c in find_run(session, rows.id, run.code).calls if c.node == rows.stations[0].code)


def ask(web: TestClient, rows: SmallCounty, run: Departure, **more: object):
    return web.post("/api/v1/travel/calls", json={"departure": run.code, "stop": rows.stations[0].code, **more})


def waiting(rows: SmallCounty, run: Departure) -> int:
    with db.reading() as session:
        return people_waiting(session, run).get(halt(session, rows, run).position, 0)


def test_a_call_is_offered_made_once_shown_to_driver_and_dispatcher_and_taken_back(rows: SmallCounty, run: Departure) -> None:
    gejia = rows.stations[0].code
    place = f"/travel/calls/new?departure={run.code}&amp;stop={gejia}"
    assert place in guest().get(f"/travel?stop={gejia}").text
    assert "先登录" in guest().get(place.replace("&amp;", "&")).text
    web = signed_in(rows, "consumer", "own")
    assert "没人约，车可能不停" in web.get(place.replace("&amp;", "&")).text
    form = {"departure": run.code, "stop": gejia, "people": "3", "form_key": "k"}
    assert [web.post("/travel/calls", data=form).status_code for _ in range(2)] == [303, 303]
    assert web.post("/travel/calls", data={**form, "form_key": "other"}).status_code == 303
    assert waiting(rows, run) == 3
    mine = web.get("/travel/calls").text
    assert "会停" in mine and "3 个人" in mine
    with db.reading() as session:
        position = halt(session, rows, run).position
    driver = signed_in(rows, "driver", "line", rows.lines[0].code)
    shown = driver.get(f"/driver/runs/{run.code}?stop={position}").text
    assert "有 3 个人约了车，要停" in shown and "3 人等车" in shown
    assert "3 人等车" in signed_in(rows, "dispatcher").get(f"/ops/departures/{run.code}").text
    code = web.get("/api/v1/travel/calls").json()["items"][0]["id"]
    assert [web.post(f"/travel/calls/{code}/withdrawal").status_code for _ in range(2)] == [303, 303]
    assert waiting(rows, run) == 0
    assert "没人招手就开过去" in driver.get(f"/driver/runs/{run.code}?stop={position}").text


def test_two_villagers_count_together_and_neither_takes_the_others_back(rows: SmallCounty, run: Departure) -> None:
    one, other = signed_in(rows, "consumer", "own"), signed_in(rows, "consumer", "own")
    first = ask(one, rows, run, people=2).json()["id"]
    assert ask(other, rows, run).status_code == 201
    assert waiting(rows, run) == 3
    assert other.post(f"/api/v1/travel/calls/{first}/withdrawal").status_code == 404
    assert waiting(rows, run) == 3


def test_only_a_request_stop_is_offered_and_taken(rows: SmallCounty, run: Departure) -> None:
    web = signed_in(rows, "consumer", "own")
    east = rows.stations[1].code
    assert "/travel/calls/new" not in guest().get(f"/travel?stop={east}").text
    for stop, departure, status in (
        ("sm-hub", run.code, 422),
        (east, run.code, 422),
        ("nowhere", run.code, 422),
        (rows.stations[0].code, "nothing", 422),
    ):
        answer = web.post("/api/v1/travel/calls", json={"departure": departure, "stop": stop})
        assert (stop, answer.status_code) == (stop, status)
        assert web.get(f"/travel/calls/new?departure={departure}&stop={stop}").status_code == status
    for people in ("0", "-1", "21", "三"):
        page = web.post("/travel/calls", data={"departure": run.code, "stop": rows.stations[0].code, "people": people})
        assert (people, page.status_code, "一次约 1 到 20 个人" in page.text) == (people, 422, True)
    assert ask(web, rows, run, people=21).status_code == 422
    assert waiting(rows, run) == 0


def test_a_line_that_is_not_announced_takes_no_calls(rows: SmallCounty, run: Departure) -> None:
    with db.writing() as session:
        session.get_one(Line, run.line_id).published = False
    assert ask(signed_in(rows, "consumer", "own"), rows, run).status_code == 422


def test_calls_close_when_loading_does_there_delay_included(rows: SmallCounty, run: Departure) -> None:
    web = signed_in(rows, "consumer", "own")
    with db.reading() as session:
        closes = halt(session, rows, run).closes_at
    with clock.at(closes):
        answer = ask(web, rows, run)
        assert (answer.status_code, answer.json()["code"]) == (409, "stop_closed")
        page = web.get(f"/travel/calls/new?departure={run.code}&stop={rows.stations[0].code}")
        assert "来不及约了" in page.text and "请这班车停一下" not in page.text
        with db.writing() as session:
            session.get_one(Departure, run.id).delay_min = 10
        assert ask(web, rows, run).status_code == 201
    with clock.at(closes + timedelta(minutes=9)):
        code = web.get("/api/v1/travel/calls").json()["items"][0]["id"]
        assert web.post(f"/api/v1/travel/calls/{code}/withdrawal").status_code == 200
    with clock.at(closes + timedelta(minutes=9)):
        again = ask(web, rows, run).json()["id"]
    with clock.at(closes + timedelta(minutes=30)):
        gone = web.post(f"/travel/calls/{again}/withdrawal")
        assert gone.status_code == 409 and "车已经开过去了" in gone.text


def test_a_struck_out_run_tells_its_callers_once_and_takes_no_more(rows: SmallCounty, run: Departure, monkeypatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(notify, "tell", lambda session, phone, words, **_: told.append(words))
    web = signed_in(rows, "consumer", "own")
    assert ask(web, rows, run).status_code == 201
    with db.writing() as session:
        cancel_departure(session, rows.id, run.code, reason="大雾封路", by="U1")
    assert "停班" in web.get("/travel/calls").text
    for _ in range(2):
        tasks.follow()
    assert len(told) == 1
    assert "葛家驿站" in told[0] and "大雾封路" in told[0]
    item = web.get("/api/v1/travel/calls").json()["items"][0]
    assert (item["status"], item["state"]) == ("called_off", "cancelled")
    assert ask(web, rows, run).json()["code"] == "stop_closed"
    assert waiting(rows, run) == 0


def test_one_person_holds_so_many_calls_and_a_station_master_more(rows: SmallCounty, run: Departure, monkeypatch) -> None:
    monkeypatch.setattr(service, "MOST_OPEN", 1)
    with db.writing() as session:
        other = session.exec(
            select(Departure).where(Departure.trip_id == run.trip_id, Departure.service_date == run.service_date + timedelta(days=1))
        ).one()
    web, master = signed_in(rows, "consumer", "own"), signed_in(rows, "master", "station", rows.stations[0].code)
    assert ask(web, rows, run).status_code == 201
    assert ask(web, rows, run).status_code == 201, "the same call again is no second one"
    answer = ask(web, rows, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_calls")
    assert [ask(master, rows, each, people=4).status_code for each in (run, other)] == [201, 201]
    with clock.at(run.ends_at + timedelta(minutes=1)):
        assert ask(web, rows, other).status_code == 201, "what is over does not count"


def test_calls_by_the_hour_are_limited(rows: SmallCounty, run: Departure) -> None:
    web = signed_in(rows, "consumer", "own")
    answers = [ask(web, rows, run).status_code for _ in range(21)]
    assert answers == [201] * 20 + [429]


def test_who_waits_and_ones_own_are_read_in_one_query_each(rows: SmallCounty, run: Departure) -> None:
    web = signed_in(rows, "consumer", "own")
    assert ask(web, rows, run).status_code == 201
    with db.reading() as session:
        assert statements_of(lambda: people_waiting(session, run)) == 1
        assert session.exec(select(StopCall)).one().people == 1
        assert session.exec(select(Node.name).where(Node.id == rows.stations[0].node_id)).one() == "葛家驿站"
