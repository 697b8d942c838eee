"""Weather and the rulings of a line, for programs: what the pages show and do, by the same people, once for a key."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from fulfillment.batching.service import plan_day
from fulfillment.timetable.models import Departure, LineRuling, WeatherReport
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed
from tests.fulfillment.web import county_with_roads, signed_in


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    made = county_with_roads()
    with db.writing() as session:
        line = session.merge(made.lines[0])
        line.max_wind, line.area = 7, "东洋"
    return made


def storm(**more: object) -> dict[str, object]:
    return {"wind": 8, "starts_at": clock.local(clock.now()).isoformat(), "ends_at": (clock.now() + timedelta(hours=6)).isoformat(), **more}


def count(table: type) -> int:
    with db.reading() as session:
        return len(session.exec(select(table)).all())


def test_a_report_is_kept_once_names_what_it_threatens_and_is_withdrawn(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    assert desk.get("/api/v1/weather").json() == {"items": [], "next": None, "areas": ["东洋"]}
    body = storm(area="东洋", note="港上说的")
    first, again = (desk.post("/api/v1/weather", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    assert count(WeatherReport) == 1
    (item,) = desk.get("/api/v1/weather").json()["items"]
    assert (item["id"], item["wind"], item["area"], item["note"]) == (first.json()["id"], 8, "东洋", "港上说的")
    with db.reading() as session:
        known = set(session.exec(select(Departure.code).where(Departure.line_id == rows.lines[0].id)))
    assert item["departures"] and {t["code"] for t in item["departures"]} <= known
    assert {t["danger"] for t in item["departures"]} == {"over"}
    for _ in range(2):
        gone = desk.post(f"/api/v1/weather/{item['id']}/withdrawal")
        assert gone.json() == {"id": item["id"], "withdrawn": True}
    assert desk.get("/api/v1/weather").json()["items"] == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"area": "火星"}, "area"), ({"wind": None}, "wind"), ({"wind": 18}, "wind"), ({"wind": -1}, "wind"),
        ({"wind": 7.5}, "wind"), ({"visibility_m": 50_001}, "visibility_m"), ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "2027-01-01T00:00:00Z"}, "ends_at"), ({"starts_at": "雾"}, "starts_at"), ({"note": "雾" * 201}, "note"), ({"sea": 1}, "sea"),
    ],
)  # fmt: skip
def test_an_impossible_report_is_refused_and_nothing_is_kept(rows: SmallCounty, more: dict[str, object], field: str) -> None:
    answer = signed_in(rows, "dispatcher").post("/api/v1/weather", json=storm(**more))
    assert answer.status_code == 422 and field in answer.text
    assert count(WeatherReport) == 0


def test_a_line_is_closed_and_opened_again_by_a_later_ruling(rows: SmallCounty) -> None:
    desk, address = signed_in(rows, "dispatcher"), f"/api/v1/lines/{rows.lines[1].code}/rulings"
    before = desk.get(address).json()
    assert (before["runs_today"], before["rulings"]) == (True, []) and before["ahead"]
    tomorrow = (DAY + timedelta(days=1)).isoformat()
    body = {"runs": False, "starts": tomorrow, "ends": tomorrow, "reason": "修路"}
    first, again = (desk.post(address, json=body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, first.json()) == (201, {"line": rows.lines[1].code, "runs": False})
    assert again.json() == first.json() and count(LineRuling) == 1
    closed = desk.get(address).json()
    assert [(r["runs"], r["starts"], r["reason"]) for r in closed["rulings"]] == [(False, tomorrow, "修路")]
    assert tomorrow not in {a["date"] for a in closed["ahead"]}
    assert desk.post(address, json={**body, "runs": True, "reason": "修好了"}).status_code == 201
    assert desk.get(address).json()["ahead"] == before["ahead"]


def test_a_line_that_carries_is_not_closed_and_says_which_runs_do(rows: SmallCounty) -> None:
    with db.writing() as session:
        packed(session, rows)
        plan_day(session, rows.county, DAY)
    desk = signed_in(rows, "dispatcher")
    full = next(
        (line.code, a) for line in rows.lines for a in desk.get(f"/api/v1/lines/{line.code}/rulings").json()["ahead"] if a["parcels"]
    )
    body = {"runs": False, "starts": full[1]["date"], "ends": full[1]["date"], "reason": "修路"}
    answer = desk.post(f"/api/v1/lines/{full[0]}/rulings", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "line_carries")
    assert _status(full[1]["departure"]) != "cancelled" and count(LineRuling) == 0


def _status(code: str) -> str:
    with db.reading() as session:
        return session.exec(select(Departure.status).where(col(Departure.code) == code)).one()


def test_impossible_days_and_lines_are_refused(rows: SmallCounty) -> None:
    desk, address = signed_in(rows, "dispatcher"), f"/api/v1/lines/{rows.lines[1].code}/rulings"
    good = {"runs": False, "starts": DAY.isoformat(), "ends": DAY.isoformat(), "reason": "修路"}
    for change in (
        {"starts": "2020-01-01"},
        {"ends": "2020-01-01"},
        {"ends": "2029-01-01"},
        {"reason": ""},
        {"reason": " "},
        {"runs": "no"},
    ):
        assert (change, desk.post(address, json={**good, **change}).status_code) == (change, 422)
    assert desk.post("/api/v1/lines/none/rulings", json=good).status_code == 404
    assert desk.get("/api/v1/lines/none/rulings").status_code == 404
    assert count(LineRuling) == 0
