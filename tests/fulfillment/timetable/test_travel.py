"""/travel as villagers use it: nothing stale, nothing that is not announced, every odd question answered."""

import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from core import clock, db
from fulfillment.network.models import Line, ServiceCalendar, Trip
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure
from supply.stations.models import Node
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.web import county_with_roads, guest
from tests.statements import statements_of


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    return county_with_roads()


def shown(path: str) -> str:
    answer = guest().get(path)
    assert answer.status_code == 200, path
    return answer.text


def next_bus(county: SmallCounty, line: int = 0, direction: str = "in") -> Departure:
    with db.reading() as session:
        query = (
            select(Departure)
            .join(Trip, col(Trip.id) == col(Departure.trip_id))
            .where(Departure.line_id == county.lines[line].id, Departure.starts_at > clock.now(), Trip.direction == direction)
            .order_by(col(Departure.starts_at))
        )
        return session.exec(query).first()


def test_a_cancellation_shows_on_the_very_next_request_with_its_reason(rows: SmallCounty) -> None:
    web, address = guest(), f"/travel?stop={rows.stations[0].code}"
    before = web.get(address).text
    assert "停班" not in before
    with db.writing() as session:
        cancel_departure(session, rows.id, next_bus(rows).code, reason="大雾封路", by="U1")
    after = web.get(address).text
    assert re.search(r'<tr class="[^"]*is-off"><td><s><time[^>]*>11:32</time></s>', after)
    assert "停班" in after and "大雾封路" in after
    item = next(i for i in web.get(f"/api/v1/travel/next?stop={rows.stations[0].code}").json()["items"] if i["state"] == "cancelled")
    assert (item["note"], item["leaves_at"][11:16]) == ("大雾封路", "11:32")


def test_a_late_bus_shows_when_it_comes_and_when_it_should_have(rows: SmallCounty) -> None:
    with db.writing() as session:
        session.get_one(Departure, next_bus(rows).id).delay_min = 10
    page = shown(f"/travel?stop={rows.stations[0].code}")
    assert ">11:42</time><small>计划 11:32</small>" in page
    assert "晚 10 分" in page


def test_what_is_not_announced_or_carries_no_people_is_not_told(rows: SmallCounty) -> None:
    stop, mountain = rows.stations[2].code, rows.stations[0].code
    assert ">2</span>" in shown(f"/travel?stop={stop}")
    for change in ({"published": False}, {"kind": "mail", "published": True}, {"kind": "freight", "published": True}):
        with db.writing() as session:
            line = session.get_one(Line, rows.lines[1].id)
            for name, value in change.items():
                setattr(line, name, value)
            board_changed(session, rows.id)
        assert "这里没有班车停" in shown(f"/travel?stop={stop}")
        assert guest().get(f"/api/v1/travel/next?stop={stop}").json() == {"items": [], "on_call": [], "next": None}
        assert guest().get(f"/api/v1/travel/journeys?from={stop}&to=县城").json()["items"] == []
        assert "山前" not in shown(f"/travel?line={rows.lines[1].code}")
        assert ">2</span>" not in shown(f"/travel/stops/{mountain}/sheet")


def test_a_village_is_found_by_its_name_and_its_township(rows: SmallCounty) -> None:
    assert "接下来的车" in shown("/travel?q=葛家村")
    items = guest().get("/api/v1/travel/stops?q=葛家村").json()["items"]
    assert [(i["name"], i["township"], i["served"], i["near"]) for i in items] == [("葛家驿站", "东镇", True, [])]
    assert "没有叫这个名字的站" in shown("/travel?q=火星")


def test_a_village_without_a_bus_is_told_where_to_walk(rows: SmallCounty) -> None:
    with db.writing() as session:
        near = session.get_one(Node, rows.stations[0].node_id)
        session.add(
            Node(
                tenant_id=rows.id,
                code="sm-up",
                name="上坑",
                kind="hamlet",
                township_id=near.township_id,
                lat=near.lat + 0.005,
                lon=near.lon,
            )
        )
    page = shown("/travel?q=上坑村")
    assert "这里没有班车停" in page
    assert "走路约 10 分" in page
    (item,) = guest().get("/api/v1/travel/stops?q=上坑").json()["items"]
    assert item["near"] == [{"code": rows.stations[0].code, "name": "葛家驿站", "minutes": 10}]
    ways = guest().get("/api/v1/travel/journeys?from=sm-up&to=县城").json()["items"]
    assert (ways[0]["walk_to_min"], ways[0]["starts_at"][11:16]) == (10, "11:22")


def test_from_a_village_to_the_county_town_and_with_a_change_to_the_other_valley(rows: SmallCounty) -> None:
    page = shown("/travel?start=葛家村&to=县城")
    assert "直达" in page and "11:32" in page
    ways = guest().get("/api/v1/travel/journeys?from=葛家村&to=山前").json()["items"]
    first = ways[0]
    assert [(leg["line"]["number"], leg["board"]["name"], leg["alight"]["name"]) for leg in first["legs"]] == [
        ("1", "葛家驿站", "东镇驿站"),
        ("2", "东镇驿站", "山前驿站"),
    ]
    assert first["arrives_at"] > first["starts_at"]
    assert "换 1 次" in shown("/travel?start=葛家村&to=山前")


def test_a_day_beyond_the_opened_ones_shows_what_the_timetable_says(rows: SmallCounty) -> None:
    far = DAY + timedelta(days=40)
    assert "按时刻表是这样" in (page := shown(f"/travel?stop={rows.stations[0].code}&on={far}"))
    assert page.count("按计划") == 8
    assert "只查得到五天以内" in shown(f"/travel?start=葛家&to=县城&on={far}")
    assert "照常" in shown(f"/travel?stop={rows.stations[0].code}&on={DAY + timedelta(days=1)}")
    assert "开走了" in shown(f"/travel?stop={rows.stations[0].code}&on={DAY}")


def test_a_lines_page_has_its_stops_in_order_and_its_runs_of_the_day(rows: SmallCounty) -> None:
    page = shown(f"/travel?line={rows.lines[0].code}")
    assert re.findall(r'<th scope="row"><a[^>]*>([^<]+)', page)[:4] == ["小县共配中心", "东镇驿站", "葛家驿站", "海头驿站"]
    assert "06:00" in page and "18:50" not in page.split("海头驿站 往")[0]


def test_the_sheet_for_the_wall_prints_every_run_and_on_which_days(rows: SmallCounty) -> None:
    with db.writing() as session:
        days = ServiceCalendar(
            tenant_id=rows.id, code="sm-week", weekdays=31, months=[5, 6], starts_on=DAY, ends_on=DAY + timedelta(days=99)
        )
        session.add(days)
        session.flush()
        session.get_one(Trip, rows.trips[0].id).calendar_id = days.id
    page = shown(f"/travel/stops/{rows.stations[0].code}/sheet")
    assert "06:36<sup>①</sup>" in page
    assert "只在周一至周五 5 月、6 月开" in page
    assert guest().get("/travel/stops/nowhere/sheet").status_code == 404


ODD = [
    "stop=nowhere", "stop=" + "x" * 1900, "line=%27%20OR%201=1", "on=2026-02-30", "on=9999-12-31", "at=99:99", "at=%F0%9F%9A%8C", "q=" + "%E6%97%A0" * 200,
    "start=&to=县城", "start=县城&to=县城", "start=驿站&to=县城", "start=海头&to=葛家&on=2020-01-01&at=2400", "start=海头&to=葛家&on=2026-05-20&at=0800", "from=singlemessage",
]  # fmt: skip


def test_every_odd_question_is_answered_in_words(rows: SmallCounty) -> None:
    for query in ODD:
        assert "<h1>" in shown(f"/travel?{query}"), query
    web = guest()
    assert web.get("/travel?q=" + "x" * 3000).status_code == 422
    refused = {
        "from=火星&to=县城": (404, "stop_unknown"), "from=驿站&to=县城": (422, "place_unclear"), "from=县城&to=县城": (422, "invalid"),
        "from=葛家&to=县城&at=2026-05-20": (422, "invalid"), "from=葛家&to=县城&at=2026-09-20T08:00:00Z": (422, "invalid"), "from=葛家": (422, "invalid"),
    }  # fmt: skip
    for query, (status, code) in refused.items():
        answer = web.get(f"/api/v1/travel/journeys?{query}")
        assert (query, answer.status_code, answer.json()["code"]) == (query, status, code)
    assert web.get("/api/v1/travel/next?stop=nowhere").status_code == 404


def test_pages_ask_a_fixed_number_of_questions(rows: SmallCounty) -> None:
    """Three of their own at most; two are the dateline's, where its copy is old. Where a run stops on request, one of what is closed."""
    stop = rows.stations[0].code
    for path, most in (
        (f"/travel?stop={stop}", 5),
        ("/travel?start=葛家&to=山前", 5),
        (f"/travel?line={rows.lines[0].code}", 5),
        ("/travel", 3),
    ):
        web = guest()
        web.get(path)
        assert statements_of(lambda web=web, path=path: web.get(path)) <= most, path
