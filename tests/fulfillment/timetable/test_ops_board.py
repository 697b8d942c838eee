"""The dispatcher's board: it begins with what leaves next."""

import re

import pytest
from sqlmodel import select

from core import clock, db
from fulfillment.batching.service import plan_day
from fulfillment.timetable.board import goods_runs
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed
from tests.fulfillment.web import county_with_roads, signed_in


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    return county_with_roads()


def shown(county: SmallCounty, query: str = "") -> str:
    answer = signed_in(county, "dispatcher").get(f"/ops{query}")
    assert answer.status_code == 200
    return answer.text


def hours(page: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>(\d\d:00)', page)


def test_without_goods_the_next_runs_are_shown_and_said_to_be_empty(rows: SmallCounty) -> None:
    page = shown(rows)
    assert hours(page)[0] == "09:00"
    assert "还没有排上货" in page


def test_late_in_the_evening_the_board_is_tomorrows(rows: SmallCounty) -> None:
    with clock.at(clock.on(DAY, 23 * 60 + 30)):
        page = shown(rows)
    assert hours(page)[0] == "06:00"
    assert "明天" in page
    assert ">06:00</time>" in page


def test_a_run_with_goods_comes_before_nearer_empty_ones(rows: SmallCounty) -> None:
    with db.writing() as session:
        packed(session, rows)
        plan_day(session, rows.county, DAY)
    with clock.at(clock.on(DAY, 60)):
        page = shown(rows)
    assert "还没有排上货" not in page
    assert page.count('class="dep ') < shown(rows, f"?day={DAY}&start=6&every=1").count('class="dep ')


def test_an_hour_that_was_asked_for_stays_even_if_nothing_leaves(rows: SmallCounty) -> None:
    assert "这几个小时没有排上货的班次" in shown(rows, "?start=0")
    assert hours(shown(rows, f"?day={DAY}&start=12&every=1"))[0] == "12:00"


def test_a_late_bus_stands_where_it_leaves(rows: SmallCounty) -> None:
    with db.writing() as session:
        late = session.exec(select(Departure).where(Departure.starts_at == clock.on(DAY, 6 * 60))).first()
        assert late
        late.delay_min = 90
        session.add(late)
        code = late.code
    with db.reading() as session:
        codes = [r.departure.code for r in goods_runs(session, rows.id, clock.on(DAY, 7 * 60), clock.on(DAY, 8 * 60), empty=True)]
        early = [r.departure.code for r in goods_runs(session, rows.id, clock.on(DAY, 6 * 60), clock.on(DAY, 7 * 60), empty=True)]
    assert code in codes
    assert code not in early


def test_only_the_hours_shown_are_read(rows: SmallCounty) -> None:
    with db.reading() as session:
        runs = goods_runs(session, rows.id, clock.on(DAY, 6 * 60), clock.on(DAY, 7 * 60), empty=True)
        assert {clock.local(run.leaves_at).hour for run in runs} == {6}
        assert goods_runs(session, rows.id, clock.on(DAY, 6 * 60), clock.on(DAY, 7 * 60)) == []
