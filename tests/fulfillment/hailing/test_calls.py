"""A run is asked to stop where it passes through otherwise: the driver and the dispatcher read it, and nobody stands there in vain."""

from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db, notify
from fulfillment.disruptions.closures import STATION, Span, open_closure
from fulfillment.disruptions.lifting import lift, run_after_all
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


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is told to anybody's phone, each key once."""
    words: list[str] = []
    keys: set[tuple[int, str]] = set()

    def tell(_session: Session, _phone: str, said: str, *, tenant_id: int, key: str) -> None:
        if (tenant_id, key) not in keys:
            keys.add((tenant_id, key))
            words.append(said)

    monkeypatch.setattr(notify, "tell", tell)
    return words


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


def test_a_line_that_is_not_announced_takes_calls_with_its_time_told_as_an_estimate(rows: SmallCounty, run: Departure) -> None:
    gejia, web = rows.stations[0].code, signed_in(rows, "consumer", "own")
    with db.writing() as session:
        session.get_one(Line, run.line_id).published = False
    page, told = guest().get(f"/travel?stop={gejia}").text, guest().get(f"/api/v1/travel/next?stop={gejia}").json()
    assert "约了才停的车" in page and "预计" in page
    assert f"/travel/calls/new?departure={run.code}&amp;stop={gejia}" in page
    assert run.code in [item["departure"] for item in told["on_call"]]
    assert run.code not in [item["departure"] for item in told["items"]]
    assert "时间是预计的" in web.get(f"/travel/calls/new?departure={run.code}&stop={gejia}").text
    assert ask(web, rows, run, people=2).status_code == 201
    assert waiting(rows, run) == 2
    east = rows.stations[1].code
    assert run.code not in guest().get(f"/travel?stop={east}").text, "where it stops anyway nobody need ask, and no timetable tells"
    with db.writing() as session:
        session.get_one(Line, run.line_id).kind = "mail"
    assert ask(web, rows, run).status_code == 422, "what carries no people takes no calls"


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


def test_a_struck_out_run_tells_its_callers_once_and_takes_no_more(rows: SmallCounty, run: Departure, told: list[str]) -> None:
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


def test_a_driver_reads_who_waits_where_on_his_own_departures_alone(rows: SmallCounty, run: Departure) -> None:
    one, other = signed_in(rows, "consumer", "own"), signed_in(rows, "consumer", "own")
    calls = [ask(one, rows, run, people=2).json()["id"], ask(other, rows, run).json()["id"]]
    path, stranger = f"/api/v1/departures/{run.code}/calls", signed_in(rows, "driver", "line", rows.lines[1].code)
    for reader in (signed_in(rows, "driver", "line", rows.lines[0].code), signed_in(rows, "dispatcher")):
        told = reader.get(path).json()
        (stop,) = told["items"]
        assert (told["people"], stop["people"], stop["stop"]["code"]) == (3, 3, rows.stations[0].code)
        assert [(c["id"], c["people"]) for c in stop["calls"]] == [(calls[0], 2), (calls[1], 1)]
        assert stop["closes_at"] < stop["leaves_at"]
    assert (stranger.get(path).status_code, one.get(path).status_code) == (404, 403)
    assert signed_in(rows, "dispatcher").get("/api/v1/departures/nothing/calls").status_code == 404
    one.post(f"/api/v1/travel/calls/{calls[0]}/withdrawal")
    assert signed_in(rows, "driver", "line", rows.lines[0].code).get(path).json()["people"] == 1


def test_the_stowage_sheet_shows_who_waits_at_a_stop(rows: SmallCounty, run: Departure) -> None:
    driver, desk = signed_in(rows, "driver", "line", rows.lines[0].code), signed_in(rows, "dispatcher")
    sheet = f"/driver/runs/{run.code}/stowage"
    assert "人等车" not in driver.get(sheet).text
    assert ask(signed_in(rows, "consumer", "own"), rows, run, people=2).status_code == 201
    page = driver.get(sheet).text
    assert "2 人等车" in page and "没有货上下；有 2 个人约了车，要停" in page
    people = {s["node"]: s["people"] for s in desk.get(f"/api/v1/departures/{run.code}/stowage").json()["stops"]}
    assert people[rows.stations[0].code] == 2
    assert sum(people.values()) == 2
    assert "有人约车的站" in driver.get(f"/driver/runs/{run.code}").text
    assert "2 人等车" in driver.get("/driver").text


def shut(rows: SmallCounty, *, until: datetime | None = None) -> str:
    """葛家 is closed from now on."""
    with db.writing() as session:
        return open_closure(session, rows.id, STATION, rows.stations[0].code, Span(clock.now(), until), reason="停电", by="U1").code


def test_a_closed_station_takes_no_calls_while_it_is_closed(rows: SmallCounty, run: Departure) -> None:
    web = signed_in(rows, "consumer", "own")
    with db.reading() as session:
        leaves = halt(session, rows, run).leaves_at
    shut(rows, until=leaves + timedelta(minutes=1))
    answer = ask(web, rows, run)
    assert (answer.status_code, answer.json()["code"]) == (409, "stop_closed")
    page = web.get(f"/travel/calls/new?departure={run.code}&stop={rows.stations[0].code}").text
    assert f"这个站关到今天 {clock.local(leaves + timedelta(minutes=1)):%H:%M}" in page and "请这班车停一下" not in page
    assert waiting(rows, run) == 0
    with db.writing() as session:
        later = session.exec(
            select(Departure).where(Departure.trip_id == run.trip_id, Departure.service_date == run.service_date + timedelta(days=1))
        ).one()
    assert ask(web, rows, later).status_code == 201, "tomorrow it is open again"


def offered(rows: SmallCounty, run: Departure) -> list[bool]:
    """Whether a run's call at 葛家 is offered: on the stop's page, on the ways from there, and to programs."""
    gejia = rows.stations[0].code
    link = f"/travel/calls/new?departure={run.code}&amp;stop={gejia}"
    pages = [guest().get(path).text for path in (f"/travel?stop={gejia}", "/travel?start=葛家&to=县城")]
    told = {item["departure"]: item["takes_calls"] for item in guest().get(f"/api/v1/travel/next?stop={gejia}").json()["items"]}
    return [*(link in page for page in pages), told[run.code]]


def test_a_call_that_would_be_refused_is_not_offered_and_the_page_says_until_when(rows: SmallCounty, run: Departure) -> None:
    gejia = rows.stations[0].code
    with db.reading() as session:
        there = halt(session, rows, run)
    assert offered(rows, run) == [True] * 3
    opens = there.leaves_at + timedelta(minutes=1)
    closure = shut(rows, until=opens)
    assert offered(rows, run) == [False] * 3
    for path in (f"/travel?stop={gejia}", "/travel?start=葛家&to=县城"):
        page = guest().get(path).text
        assert f"这个站关到今天 {clock.local(opens):%H:%M}，车不停" in page
        assert "来不及约了" not in page
    with db.writing() as session:
        lift(session, rows.county, closure, by="U1")
    assert offered(rows, run) == [True] * 3
    with clock.at(there.closes_at):
        assert offered(rows, run) == [False] * 3
        assert "来不及约了" in guest().get(f"/travel?stop={gejia}").text
    shut(rows, until=clock.now() + timedelta(minutes=1))
    assert offered(rows, run) == [True] * 3, "it is open again when the run comes"


def test_a_station_closed_after_the_call_tells_its_callers_and_tells_them_again_when_it_opens(
    rows: SmallCounty, run: Departure, told: list[str]
) -> None:
    web = signed_in(rows, "consumer", "own")
    assert ask(web, rows, run).status_code == 201
    closure = shut(rows)
    for _ in range(2):
        tasks.follow()
    assert len(told) == 1
    assert "不停葛家驿站了" in told[0]
    assert waiting(rows, run) == 0
    assert "不停了" in web.get("/travel/calls").text
    with db.writing() as session:
        lift(session, rows.county, closure, by="U1")
    for _ in range(2):
        tasks.follow()
    assert len(told) == 2
    assert "又照常了" in told[1]
    assert waiting(rows, run) == 1


def test_a_reinstated_run_brings_its_calls_back_and_tells_those_who_made_them(rows: SmallCounty, run: Departure, told: list[str]) -> None:
    one, other = signed_in(rows, "consumer", "own"), signed_in(rows, "consumer", "own")
    assert ask(one, rows, run, people=2).status_code == 201
    gone = ask(other, rows, run).json()["id"]
    other.post(f"/api/v1/travel/calls/{gone}/withdrawal")
    for turn in (1, 2):  # struck out and reinstated twice: told each time
        with db.writing() as session:
            cancel_departure(session, rows.id, run.code, reason="大雾", by="U1")
        tasks.follow()
        assert waiting(rows, run) == 0
        with db.writing() as session:
            run_after_all(session, rows.county, run.code, by="U1")
        with clock.at(clock.now() + timedelta(minutes=turn)):
            tasks.follow()
            tasks.follow()
        assert waiting(rows, run) == 2, "what was taken back stays so"
        assert len(told) == 2 * turn
        assert "又照常了" in told[-1]
    assert one.get("/api/v1/travel/calls").json()["items"][0]["status"] == "called"


def test_who_called_anew_meanwhile_has_one_call(rows: SmallCounty, run: Departure, told: list[str]) -> None:
    web = signed_in(rows, "consumer", "own")
    assert ask(web, rows, run, people=2).status_code == 201
    with db.writing() as session:
        cancel_departure(session, rows.id, run.code, reason="大雾", by="U1")
    tasks.follow()
    with db.writing() as session:
        run_after_all(session, rows.county, run.code, by="U1")
    assert ask(web, rows, run, people=3).status_code == 201
    tasks.follow()
    assert (waiting(rows, run), len(told)) == (3, 1)


def test_a_run_reinstated_when_it_is_past_the_stop_brings_nobody_back(rows: SmallCounty, run: Departure, told: list[str]) -> None:
    assert ask(signed_in(rows, "consumer", "own"), rows, run).status_code == 201
    with db.writing() as session:
        cancel_departure(session, rows.id, run.code, reason="大雾", by="U1")
    tasks.follow()
    with db.writing() as session:
        run_after_all(session, rows.county, run.code, by="U1")
    with db.reading() as session:
        leaves = halt(session, rows, run).leaves_at
    with clock.at(leaves):
        tasks.follow()
    assert (waiting(rows, run), len(told)) == (0, 1)


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
