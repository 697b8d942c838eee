"""A scenario from the first form to the two columns, proposals to a scenario; what is wrong is said on the page and changes nothing."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, delete, select

from core import clock, db
from core.outbox import Outbox
from core.tasks import drain
from core.tasks.relay import lease
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import StopTime, Trip
from fulfillment.network.rules import RUNS, run_rules
from fulfillment.timetable.models import Departure
from fulfillment.whatif import service
from fulfillment.whatif.book import read_book
from fulfillment.whatif.days import counts_back, day_before, flows_of, thinned, timetable_of, typical_days
from fulfillment.whatif.models import ProposalRun, WhatIf
from fulfillment.whatif.queries import scenarios
from supply.counties.models import County
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import ship, sold
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    import shop.wiring  # noqa: F401 - who answers what

    made = county_with_roads()
    with db.writing() as session:
        sent(session, made)
    return made


def sent(session: Session, county: SmallCounty, days: int = 1) -> None:
    """Some parcels ready yesterday morning, and on the days before."""
    for n in range(1, days + 1):
        for name in ("tomato", "clam", "bamboo"):
            ship(session, county, sold(session, county, name, 2))
        for parcel in session.exec(select(Parcel).where(Parcel.ready_at >= clock.midnight(DAY))):
            parcel.ready_at -= timedelta(days=n)
            parcel.due_at -= timedelta(days=n)
            parcel.shelf_until = None
            session.add(parcel)
        session.flush()


def run_named(county: SmallCounty, direction: str = "in", start: int = 910) -> str:
    return f"{county.lines[0].code}-{direction}-{start}"


def make(desk, county: SmallCounty, *changes: dict[str, str]) -> str:
    answer = desk.post("/ops/what-if", data={"date": DAY.isoformat(), "title": "早班"})
    assert answer.status_code == 303
    place = answer.headers["location"]
    for change in changes:
        assert desk.post(f"{place}/changes", data=change).status_code == 303
    return place


def real(session: Session) -> list[tuple]:
    """The real timetable, as rows."""
    trips = session.exec(select(Trip.code, Trip.vehicle_id).order_by(Trip.code)).all()
    stops = session.exec(select(StopTime.trip_id, StopTime.position, StopTime.dep_min).order_by(StopTime.trip_id, StopTime.position)).all()
    runs = session.exec(select(Departure.code, Departure.status, Departure.cap_g, Departure.starts_at).order_by(Departure.code)).all()
    return [*map(tuple, trips), *map(tuple, stops), *map(tuple, runs)]


def test_a_scenario_is_made_changed_solved_and_compared_and_nothing_real_moves(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    with db.reading() as session:
        before = real(session)
    place = make(
        desk, rows, {"kind": "drop_run", "run": run_named(rows)}, {"kind": "shift_run", "run": rows.lines[1].code, "minutes": "-15"},
        {"kind": "change_bay", "run": rows.lines[0].code, "boxes": "20", "kg": "300"},
    )  # fmt: skip
    shown = desk.get(place).text
    assert "停开 1 15:10 海头驿站 → 小县共配中心" in shown
    assert "2 山里线（全线） 早 15 分钟开" in shown
    assert "货舱改成 20 筐、300 公斤" in shown
    assert desk.post(f"{place}/changes/removal", data={"position": "1"}).status_code == 303
    assert desk.post(f"{place}/solving").status_code == 303
    assert 'hx-trigger="every 2s"' in desk.get(place).text
    drain()
    done = desk.get(place).text
    assert "改了以后" in done
    assert "早 15 分钟开" not in done
    assert "昨天的 3 件包裹" in done or "5 月 19 日的 3 件包裹" in done
    assert any(words in done for words in ("看不出差别", "一天省", "一天多花"))
    with db.reading() as session:
        assert real(session) == before
        told = session.exec(select(WhatIf)).one().answer
        assert (told["base"]["placed"], told["changed"]["placed"]) == (3, 3)
    fragment = desk.get(place, headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<div id="scenario"')
    assert "hx-trigger" not in fragment


def test_a_solved_scenario_that_is_changed_is_to_be_solved_again(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    place = make(desk, rows, {"kind": "drop_run", "run": run_named(rows)})
    desk.post(f"{place}/solving")
    again = desk.post(f"{place}/changes", data={"kind": "drop_run", "run": run_named(rows, "out", 360)})
    assert again.status_code == 409
    assert "正在算，算完再改" in again.text
    drain()
    assert desk.post(f"{place}/changes", data={"kind": "drop_run", "run": run_named(rows, "out", 360)}).status_code == 303
    after = desk.get(place).text
    assert "改了以后" not in after
    assert "算一算" in after


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"kind": "drop_run", "run": "D123"}, "run", "D123"), ({"kind": "shift_run", "run": "sm-l1", "minutes": "十"}, "minutes", "整数"),
        ({"kind": "shift_run", "run": "sm-l1", "minutes": "99999999999"}, "minutes", "整数"), ({"kind": "shift_run", "run": "sm-l1"}, "minutes", "还差一项"),
        ({"kind": "extra_stop", "run": "sm-l1", "node": "sm-shanqian", "after": "nowhere"}, "after", "nowhere"), ({"kind": "fly"}, "kind", "没有这种改动"),
        ({"kind": "close_node", "node": "sm-hub", "instead": "sm-gejia"}, "node", "共配中心"), ({"kind": "add_run", "run": "sm-l1", "minutes": "5", "vehicle": "tank"}, "vehicle", "tank"),
        ({"kind": "open_node", "node": "<script>", "like": "none", "share_pct": "5"}, "like", "none"), ({"kind": "change_bay", "run": "sm-l1"}, "g", "至少填一项"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_impossible_change_is_said_and_not_kept(rows: SmallCounty, typed: dict[str, str], field: str, words: str) -> None:
    desk = signed_in(rows, "dispatcher")
    place = make(desk, rows)
    wrong = desk.post(f"{place}/changes", data=typed)
    assert wrong.status_code == 422
    assert words in wrong.text
    assert "<script>" not in wrong.text
    with db.reading() as session:
        assert session.exec(select(WhatIf.changes)).one() == []
    api = desk.post("/api/v1/what-if", json={"date": DAY.isoformat(), "changes": [{k: v for k, v in typed.items() if k != "minutes"}]})
    assert api.status_code == 422


def test_a_day_too_far_off_is_said_and_what_was_typed_stays(rows: SmallCounty) -> None:
    wrong = signed_in(rows, "dispatcher").post("/ops/what-if", data={"date": "2030-01-01", "title": "以后"})
    assert (wrong.status_code, 'value="2030-01-01"' in wrong.text, 'value="以后"' in wrong.text) == (422, True, True)


def test_so_many_are_solved_at_once_and_a_day(rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = signed_in(rows, "dispatcher")
    places = [make(desk, rows, {"kind": "drop_run", "run": run_named(rows)}) for _ in range(4)]
    assert [desk.post(f"{place}/solving").status_code for place in places] == [303, 303, 429, 429]
    with db.writing() as session:
        for scenario in session.exec(select(WhatIf).where(WhatIf.status == "solving")):
            scenario.status = "done"
    monkeypatch.setattr(service, "MOST_A_DAY", 3)
    assert [desk.post(f"{place}/solving").status_code for place in places[2:]] == [303, 429]
    with clock.at(clock.now() + timedelta(days=2)), db.writing() as session:
        assert service.ask_scenario(session, rows.county, places[3].rpartition("/")[2]).status == "solving"


def test_a_scenario_whose_solver_was_lost_may_be_asked_for_again(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    place = make(desk, rows, {"kind": "drop_run", "run": run_named(rows)})
    desk.post(f"{place}/solving")
    with clock.at(clock.now() + service.GIVEN_UP):
        desk.post(f"{place}/solving")
    drain()
    with db.reading() as session:
        assert session.exec(select(WhatIf.status)).one() == "done"


def test_without_parcels_it_says_so(database: str, nine: datetime) -> None:
    made = county_with_roads()
    desk = signed_in(made, "dispatcher")
    place = make(desk, made, {"kind": "drop_run", "run": run_named(made)})
    desk.post(f"{place}/solving")
    drain()
    assert "最近四周没有发过包裹" in desk.get(place).text
    answer = desk.post("/ops/proposals")
    assert answer.status_code == 422
    assert "最近四周没有发过包裹" in answer.text


def test_proposals_are_made_from_the_last_weeks_and_tried_out_as_a_scenario(rows: SmallCounty) -> None:
    with db.writing() as session:
        for vehicle_line in rows.lines[1:]:
            row = session.get(type(vehicle_line), vehicle_line.id)
            row.kind = "freight"  # made for these goods alone: what it does not carry it need not run
            session.add(row)
    desk = signed_in(rows, "dispatcher")
    assert "还没有算过" in desk.get("/ops/proposals").text
    assert desk.post("/ops/proposals").status_code == 303
    assert "算着呢" in desk.get("/ops/proposals").text
    assert desk.post("/ops/proposals").status_code == 303
    with db.reading() as session:
        code = session.exec(select(ProposalRun.code)).one()  # the second asking is the first's
    drain()
    told = desk.get(f"/api/v1/proposals/{code}").json()
    assert (told["status"], told["parcels"], told["days"]) == ("done", 3, 1)
    assert 1 <= len(told["items"]) <= 5
    together = told["together"]["month_fen"] if len(told["items"]) > 1 else told["together"]
    assert together is None or together <= sum(i["month_fen"] for i in told["items"])
    assert ("这几处一起改" in desk.get("/ops/proposals").text) == (together is not None)
    assert [i["month_fen"] for i in told["items"]] == sorted((i["month_fen"] for i in told["items"]), reverse=True)
    shown = desk.get("/ops/proposals").text
    assert told["items"][0]["title"].split("（")[0] in shown
    tried = desk.post(f"/ops/proposals/{code}/scenarios", data={"position": "0"})
    assert tried.status_code == 303
    assert told["items"][0]["title"].split("（")[0] in desk.get(tried.headers["location"]).text
    assert desk.post(f"/ops/proposals/{code}/scenarios", data={"position": "9"}).status_code == 422
    assert desk.post("/api/v1/proposals").json() == {"id": code, "status": "done"}


def test_the_interface_makes_reads_and_lists_and_answers_the_same_key_once(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    body = {
        "date": DAY.isoformat(),
        "title": "停一班",
        "changes": [
            {"kind": "drop_run", "run": run_named(rows)},
            {"kind": "add_run", "run": run_named(rows, start=670), "minutes": 30, "vehicle": "sm-bus-1"},
        ],
    }
    first, again = (desk.post("/api/v1/what-if", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, first.json()) == (202, again.json())
    assert first.json()["status"] == "solving"
    assert desk.post("/api/v1/what-if", json={**body, "title": "别的"}, headers={"Idempotency-Key": "k1"}).status_code == 422
    drain()
    told = desk.get(f"/api/v1/what-if/{first.json()['id']}").json()
    assert told["status"] == "done"
    assert told["changes"] == body["changes"]
    assert told["comparison"]["changed"]["runs_fen"] > 0
    assert {line["name"] for line in told["comparison"]["lines"]} <= {line.code for line in rows.lines}
    page = desk.get("/api/v1/what-if?limit=1").json()
    assert ([item["id"] for item in page["items"]], page["next"]) == ([told["id"]], None)


def test_the_same_click_again_adds_nothing_and_is_no_fault(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    place = make(desk, rows)
    click = {"kind": "drop_run", "run": run_named(rows), "form_key": "k"}
    assert [desk.post(f"{place}/changes", data=click).status_code for _ in range(2)] == [303, 303]
    assert desk.post(f"{place}/changes", data={**click, "form_key": "other"}).status_code == 422  # it is dropped already
    with db.reading() as session:
        assert len(session.exec(select(WhatIf.changes)).one()) == 1


def test_a_change_that_others_build_on_stays(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    place = make(
        desk, rows, {"kind": "open_node", "node": "新村", "like": rows.stations[0].code, "share_pct": "50"},
        {"kind": "extra_stop", "run": run_named(rows), "node": "新村", "after": rows.stations[1].code, "detour_min": "4"},
    )  # fmt: skip
    wrong = desk.post(f"{place}/changes/removal", data={"position": "0"})
    assert (wrong.status_code, "没有“新村”这个地方" in wrong.text) == (422, True)
    assert desk.post(f"{place}/solving").status_code == 303
    drain()
    assert "新开“新村”" in desk.get(place).text


def test_the_names_of_all_runs_are_four_questions_and_a_timetable_no_more_for_more_days(rows: SmallCounty) -> None:
    with db.reading() as session:
        assert statements_of(lambda: read_book(session, rows.id)) == 4
        asked = [statements_of(lambda n=n: timetable_of(session, rows.county, DAY + timedelta(days=n), n)) for n in (2, 8)]
        assert max(asked) <= 16  # the roads are remembered, so the second asks less
        assert statements_of(lambda: scenarios(session, rows.id)) == 1


def test_a_county_says_what_its_runs_cost(rows: SmallCounty) -> None:
    assert run_rules(rows.county) == RUNS
    own = {**rows.county.policy, "runs": {**RUNS._asdict(), "per_run_fen": 1}}
    assert run_rules(County(id=rows.id, code="x", name="x", region="", brand="", policy=own)) == RUNS._replace(per_run_fen=1)


def test_a_rule_that_an_older_version_kept_does_not_stop_a_newer_one(rows: SmallCounty) -> None:
    own = {**rows.county.policy, "extra_run": {"call_out_fen": 1, "per_km_fen": 1, "ready_min": 1}}
    assert run_rules(County(id=rows.id, code="x", name="x", region="", brand="", policy=own)) == RUNS


def test_trying_out_is_heavy_work_that_waits_for_a_worker_of_its_own(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    place = make(desk, rows, {"kind": "drop_run", "run": run_named(rows)})
    assert desk.post(f"{place}/solving").status_code == 303
    assert desk.post("/ops/proposals").status_code == 303
    heavy = [parcel for parcel in lease() if parcel.is_heavy]
    assert [len(parcel.rows) for parcel in heavy] == [1, 1]
    with db.writing() as session:
        session.exec(delete(Outbox))


def test_pages_speak_english_under_en(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    for path in ("/en/ops/what-if", "/en/ops/proposals"):
        assert desk.get(path).status_code == 200
    place = make(desk, rows, {"kind": "drop_run", "run": run_named(rows)})
    assert desk.get(f"/en{place}?kind=shift_run&line={rows.lines[0].code}").status_code == 200


def test_every_kind_has_its_form_with_what_it_needs(rows: SmallCounty) -> None:
    from fulfillment.whatif.forms import FIELDS

    desk = signed_in(rows, "dispatcher")
    place = make(desk, rows)
    for kind, fields in FIELDS.items():
        shown = desk.get(f"{place}?kind={kind}&line={rows.lines[0].code}").text
        assert all(f'name="{name}"' in shown for name in fields), kind
    assert 'name="run"' not in desk.get(f"{place}?kind=drop_run&line=none").text
    assert desk.get(f"{place}?kind=nonsense").status_code == 200


def test_an_administrator_reads_and_changes_nothing(rows: SmallCounty) -> None:
    place = make(signed_in(rows, "dispatcher"), rows, {"kind": "drop_run", "run": run_named(rows)})
    admin = signed_in(rows, "admin")
    shown = admin.get(place)
    assert shown.status_code == 200
    assert "算一算" not in shown.text
    assert admin.post(f"{place}/solving").status_code == 403


def test_a_day_borrows_the_last_same_weekday_and_a_weekday_is_its_middle_day():
    d = DAY - timedelta(days=DAY.weekday())  # a Monday
    counts = {d: 5, d - timedelta(days=7): 9, d - timedelta(days=14): 7, d + timedelta(days=1): 3}
    assert day_before(counts, d) == d
    assert day_before(counts, d + timedelta(days=7)) == d
    assert day_before(counts, d + timedelta(days=2)) == d + timedelta(days=1)
    assert day_before({}, d) is None
    assert typical_days(counts) == {0: d - timedelta(days=14), 1: d + timedelta(days=1)}


def test_flows_are_read_as_they_were_sent_on_their_day(rows: SmallCounty) -> None:
    with db.reading() as session:
        yesterday = DAY - timedelta(days=1)
        assert counts_back(session, rows.county, DAY) == {yesterday: 3}
        flows = flows_of(session, rows.county, yesterday)
        assert {f.origin for f in flows} == {s.code for s in rows.stations}
        assert all(0 <= f.ready < 1440 < f.due for f in flows)
        assert flows_of(session, rows.county, DAY) == []
        runs = timetable_of(session, rows.county, DAY + timedelta(days=20)).roads.departures
        assert len(runs) == 4 * len(rows.trips)  # as printed, opened or not


def test_of_too_many_parcels_some_stand_for_the_rest_with_all_their_weight(rows: SmallCounty) -> None:
    with db.reading() as session:
        flows = flows_of(session, rows.county, DAY - timedelta(days=1)) * 10
    few = thinned(flows, 15)
    assert len(few) == 15
    assert sum(f.grams for f in few) == pytest.approx(sum(f.grams for f in flows), rel=0.2)
    assert thinned(flows, 30) == flows
