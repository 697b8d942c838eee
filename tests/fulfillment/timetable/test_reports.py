"""Weather is reported on a page, shown where people look, and withdrawn; a form that cannot be taken names its field."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from core import db
from fulfillment.timetable.models import WeatherReport
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import bus
from tests.fulfillment.web import county_with_roads, signed_in

FORM = {"form_key": "w1", "wind": "8", "starts_at": f"{DAY}T14:00", "ends_at": f"{DAY}T18:00", "note": "码头电话"}


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    county = county_with_roads()
    with db.writing() as session:
        line = session.merge(county.lines[0])
        line.max_wind, line.area = 7, "东海道"
    return county


def reported(rows: SmallCounty, **more: str):
    return signed_in(rows, "dispatcher").post("/ops/weather", data={**FORM, **more})


def test_what_the_harbour_said_is_shown_with_what_it_stops(rows: SmallCounty) -> None:
    assert reported(rows).status_code == 303
    desk = signed_in(rows, "dispatcher")
    with db.reading() as session:
        over, calm = bus(session, rows, start=910).code, bus(session, rows, start=910, day=1).code
    page = desk.get("/ops/weather").text
    assert f"/ops/departures/{over}/cancellation" in page
    assert calm not in page
    assert "风 8 级" in page
    board = desk.get("/ops").text
    assert "班超限" in board
    assert "天气超限" in desk.get(f"/ops/departures/{over}").text
    assert "天气超限" not in desk.get(f"/ops/departures/{calm}").text


def test_a_line_over_its_limit_is_offered_to_be_suspended_for_as_long_as_the_report_holds(rows: SmallCounty) -> None:
    reported(rows)
    desk = signed_in(rows, "dispatcher")
    page = desk.get("/ops/weather").text
    (offered,) = set(re.findall(r'href="(/ops/closures/preview[^"]+)"', page))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(unescape(offered)).query).items()}
    assert asked == {"kind": "line", "subject": rows.lines[0].code, "begins": f"{DAY}T14:00", "ends": f"{DAY}T18:00"}
    shown = desk.get(unescape(offered))
    assert shown.status_code == 200
    assert "照此停运" in shown.text
    assert "0 件" not in shown.text


def test_a_withdrawn_report_threatens_nothing(rows: SmallCounty) -> None:
    reported(rows)
    desk = signed_in(rows, "dispatcher")
    with db.reading() as session:
        code = session.exec(select(WeatherReport.code)).one()
    for _ in range(2):
        assert desk.post(f"/ops/weather/{code}/withdrawal", data={"form_key": "x"}).status_code == 303
    assert "班超限" not in desk.get("/ops").text
    assert "风 8 级" not in desk.get("/ops/weather").text


def test_a_report_sent_twice_is_one(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    for _ in range(2):
        desk.post("/ops/weather", data=FORM)
    with db.reading() as session:
        assert len(session.exec(select(WeatherReport)).all()) == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("wind", "18"), ("wind", "大风"), ("wind", ""), ("wind", "９"), ("visibility_m", "60000"), ("visibility_m", "-5"), ("area", "西海道"),
        ("starts_at", "昨天"), ("ends_at", f"{DAY}T13:00"), ("ends_at", f"{DAY + timedelta(days=30)}T13:00"), ("ends_at", "2026-13-01T00:00"),
    ],
)  # fmt: skip
def test_a_report_that_cannot_be_taken_names_its_field_and_keeps_what_was_typed(rows: SmallCounty, field: str, typed: str) -> None:
    answer = reported(rows, **{field: typed})
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text
    assert "码头电话" in answer.text
    with db.reading() as session:
        assert session.exec(select(WeatherReport)).first() is None
