"""A manifest is signed where it is handed over: once a side, on the revision that holds, by who stands there; what differs is kept."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from core import clock, db
from core.errors import JishiError
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.models import Disruption
from fulfillment.manifests import pending
from fulfillment.manifests.models import Manifest, ManifestSignature
from fulfillment.manifests.naming import name_boxes
from fulfillment.manifests.service import issue, revise, void
from fulfillment.manifests.signing import Word, sign
from fulfillment.manifests.waiting import groups_to_name, listed, one_to_sign, to_sign
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import follow_the_clock
from tests.broken import broken
from tests.county import SmallCounty
from tests.fulfillment.conftest import NINE
from tests.fulfillment.manifests.test_naming import BOARD, HUB, boxes, planned
from tests.fulfillment.shipping import bus, event, packed, person, scan
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of

GIVER, DRIVER, SORTER = "master", "driver", "sorter"


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


class Handed:
    """A run that takes three parcels, one named box, from the first village to the hub; committed."""

    def __init__(self, county: SmallCounty, parcels: int = 3) -> None:
        self.county = county
        with db.writing() as session:
            run = bus(session, county)
            self.parcels = [p.code for _ in range(parcels) for p in planned(session, county, run)]
            (self.box,) = boxes(session, county, 1)
            issue(session, run)
            self.code = name_boxes(session, run, BOARD, (HUB, "ambient"), [self.box]).code
            self.run, self.run_id = run.code, run.id or 0
        scopes = {GIVER: ("station", county.stations[0].code), DRIVER: ("line", county.lines[0].code), SORTER: ("hub", county.hub.code)}
        self.at = {role: signed_in(county, role, *scope) for role, scope in scopes.items()}

    def sign(self, role: str, **body: object) -> tuple[int, dict[str, object]]:
        answer = self.at[role].post(f"/api/v1/manifests/{self.code}/signatures", json=body)
        return answer.status_code, answer.json()

    def leave(self) -> None:
        with db.reading() as session:
            starts = session.get_one(Departure, self.run_id).starts_at
        with clock.at(starts + timedelta(minutes=1)), db.writing() as session:
            follow_the_clock(session, self.county.id)

    def opened(self) -> list[tuple[str, str, str]]:
        with db.reading() as session:
            rows = session.exec(select(Disruption).where(col(Disruption.closed_at).is_(None)).order_by(col(Disruption.kind))).all()
            return [(r.kind, r.subject_kind, r.subject_code) for r in rows]

    def signatures(self) -> Sequence[ManifestSignature]:
        with db.reading() as session:
            return session.exec(select(ManifestSignature).order_by(col(ManifestSignature.id))).all()


def test_giver_driver_and_hub_sign_each_their_own_side_and_the_page_and_print_show_it(rows: SmallCounty) -> None:
    way = Handed(rows)
    assert way.sign(GIVER)[1]["side"] == "given"
    assert way.sign(DRIVER)[1]["side"] == "taken"
    status, early = way.sign(SORTER)
    assert (status, early["code"]) == (409, "departure_not_left")
    way.leave()
    status, told = way.sign(SORTER)
    assert (status, told["side"], told["stop"], told["parcels"], told["boxes"], told["missing"]) == (201, "received", HUB, 3, 1, [])
    desk = signed_in(rows, "dispatcher")
    (sheet,) = desk.get(f"/api/v1/departures/{way.run}/manifests").json()["items"]
    assert [(s["side"], s["stop"], s["parcels"]) for s in sheet["signatures"]] == [
        ("given", BOARD, 3), ("taken", BOARD, 3), ("received", HUB, 3),
    ]  # fmt: skip
    page = desk.get(f"/ops/departures/{way.run}/manifest").text
    assert page.count('<p class="signed">') == 3 and "交：" not in page
    assert way.opened() == []


def test_the_same_signature_again_is_the_first_ones_answer_and_another_is_refused(rows: SmallCounty) -> None:
    way = Handed(rows)
    first = way.sign(GIVER)
    assert way.sign(GIVER) == first
    status, told = way.sign(GIVER, missing=way.parcels[:1], reason="没找到")
    assert (status, told["code"]) == (409, "manifest_signed")
    way.at[GIVER] = signed_in(rows, "helper", "station", rows.stations[0].code)
    assert way.sign(GIVER)[1]["code"] == "manifest_signed"
    assert len(way.signatures()) == 1 and way.opened() == []


def test_what_is_missing_or_too_much_is_kept_with_who_and_when_and_the_dispatcher_sees_it(rows: SmallCounty) -> None:
    way = Handed(rows)
    with db.writing() as session:
        stray = packed(session, rows).code
    missing, extra = [way.parcels[0].lower(), way.box], [stray]
    status, told = way.sign(DRIVER, missing=missing, extra=extra, reason="数了两遍 13912345678")
    assert status == 201 and (told["parcels"], told["boxes"]) == (3, 0)
    (row,) = way.signatures()
    assert (row.side, row.missing, row.extra, row.signed_at) == ("taken", sorted([way.parcels[0], way.box]), extra, NINE)
    assert "13912345678" not in row.reason, "no number of anybody stays in it"
    assert sorted(way.opened()) == sorted(
        [("missing", "parcel", way.parcels[0]), ("missing", "box", way.box), ("wrong_place", "parcel", stray)]
    )
    page = signed_in(rows, "dispatcher").get(f"/ops/departures/{way.run}/manifest").text
    assert "少了" in page and "多出" in page and stray in page
    way.leave()
    assert way.sign(SORTER, missing=[way.parcels[0]], reason="车上没有")[0] == 201
    assert len(way.opened()) == 3, "missed on both sides it is one exception"
    with db.writing() as session, clock.at(NINE + timedelta(hours=8)):
        scan(session, rows, event("load", way.parcels[0], way.run))
    assert ("missing", "parcel", way.parcels[0]) not in way.opened(), "a later scan explains it"
    assert [s.missing for s in way.signatures()] == [row.missing, [way.parcels[0]]], "the signatures stay as they were made"


HOSTILE: list[tuple[dict[str, object], str]] = [
    ({"missing": ["JP0000000000000"], "reason": "没见到"}, "missing"), ({"extra": ["你好"], "reason": "多了"}, "extra"),
    ({"extra": ["X" * 80], "reason": "多了"}, "extra"), ({"extra": ["9" * 81], "reason": "多了"}, "extra"), ({"side": "taken"}, "side"),
    ({"side": "received"}, "side"), ({"side": "nonsense"}, "side"), ({"stop": -1}, "stop"), ({"by": "U1"}, "by"),
    ({"parcels": 9}, "parcels"), ({"missing": ["own"], "reason": ""}, "reason"), ({"extra": ["own"], "reason": "多"}, "extra"),
    ({"missing": "own"}, "missing"), ({"reason": "长" * 201}, "reason"), ({"missing": [""]}, "missing"),
]  # fmt: skip


def test_hostile_words_are_refused_and_nothing_changes(rows: SmallCounty) -> None:
    way = Handed(rows)
    for body, field in HOSTILE:
        said = {name: [way.parcels[0]] if value == ["own"] else value for name, value in body.items()}
        status, told = way.sign(GIVER, **said)
        assert status == 422 and field in str(told), (body, told)
    assert not way.signatures() and not way.opened()


def test_only_who_stands_at_that_end_signs(rows: SmallCounty) -> None:
    way = Handed(rows)
    strangers = [
        ("master", "station", rows.stations[1].code), ("driver", "line", rows.lines[1].code), ("sorter", "hub", "sm-nowhere"),
    ]  # fmt: skip
    for role, kind, scope in strangers:
        who = signed_in(rows, role, kind, scope)
        answer = who.post(f"/api/v1/manifests/{way.code}/signatures", json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "manifest_unknown"), role
        assert who.get("/api/v1/manifests").json()["items"] == []
    assert way.at[GIVER].post("/api/v1/manifests/M0/signatures", json={}).status_code == 404
    assert signed_in(rows, "consumer").post(f"/api/v1/manifests/{way.code}/signatures", json={}).status_code == 403
    assert not way.signatures()


def test_only_the_revision_that_holds_is_signed_and_what_was_signed_before_stays_in_sight(rows: SmallCounty) -> None:
    way = Handed(rows)
    way.sign(GIVER, missing=way.parcels[:1], reason="还在后院")
    with db.writing() as session:
        run = session.get_one(Departure, way.run_id)
        planned(session, rows, run)
        revise(session, run)
        now = session.exec(select(Manifest.code).where(col(Manifest.voided_at).is_(None))).one()
    assert way.sign(DRIVER)[1]["code"] == "manifest_void"
    old, way.code = way.code, now
    page = way.at[GIVER].get(f"/station/handovers/{now}").text
    assert "清单改过，要重新签" in page and "还在后院" in page
    assert "这一版作废" in way.at[DRIVER].get(f"/driver/handovers/{old}").text
    assert way.sign(GIVER)[0] == 201
    desk = signed_in(rows, "dispatcher")
    (sheet,) = desk.get(f"/api/v1/departures/{way.run}/manifests").json()["items"]
    assert [(s["revision"], s["missing"]) for s in sheet["earlier_signatures"]] == [(2, way.parcels[:1])]
    assert "以前的版签过" in desk.get(f"/ops/departures/{way.run}/manifest").text
    with db.writing() as session:
        void(session, session.get_one(Departure, way.run_id))
    assert way.sign(DRIVER)[1]["code"] == "manifest_void", "what does not run is not handed over"


def replanned(way: Handed, change: Callable[[Session, Departure], object]) -> None:
    """The plan changes after the manifest was issued; `way` is about the revision that holds then."""
    with db.writing() as session:
        run = session.get_one(Departure, way.run_id)
        change(session, run)
        session.flush()
        revise(session, run)
        way.code = session.exec(select(Manifest.code).where(col(Manifest.voided_at).is_(None))).one()


def leg_of(session: Session, parcel: str) -> PlannedLeg:
    return session.exec(select(PlannedLeg).join(Parcel).where(Parcel.code == parcel)).one()


def test_who_hands_over_the_same_need_not_sign_again_and_it_says_which_revision_was_signed(rows: SmallCounty) -> None:
    way = Handed(rows)
    with db.writing() as session:
        leg_of(session, way.parcels[0]).alight = 2
    replanned(way, lambda _session, _run: None)
    assert [way.sign(role)[0] for role in (GIVER, DRIVER)] == [201, 201]
    way.leave()
    assert way.sign(SORTER)[1]["stop"] == HUB
    signed = {row.side: row for row in way.signatures()}

    def the_other_way_round(session: Session, _run: Departure) -> None:
        leg_of(session, way.parcels[0]).alight, leg_of(session, way.parcels[1]).alight = HUB, 2

    replanned(way, the_other_way_round)
    desk = signed_in(rows, "dispatcher")
    (sheet,) = desk.get(f"/api/v1/departures/{way.run}/manifests").json()["items"]
    assert sheet["revision"] == 4
    assert [(s["side"], s["revision"], s["parcels"]) for s in sheet["signatures"]] == [("given", 3, 3), ("taken", 3, 3)]
    assert [(s["side"], s["parcels"]) for s in sheet["earlier_signatures"]] == [("received", 2)], "the hub gets another parcel instead"
    for role, path in ((GIVER, "/station/handovers"), (DRIVER, "/driver/handovers")):
        page = _listed(way.at[role], f"{path}/{way.code}")
        assert "签好了" in page and "签的是第 3 版" in page
    hub = _listed(way.at[SORTER], f"/hub/handovers/{way.code}")
    assert (
        "第 3 版签过以后" in hub
        and f'加了 <span class="code">{way.parcels[0]}' in hub
        and f'去掉了 <span class="code">{way.parcels[1]}' in hub
    )
    kept = [row for row in way.signatures() if row.signed_revision]
    assert [(row.side, row.by, row.signed_at) for row in kept] == [(s, signed[s].by, signed[s].signed_at) for s in ("given", "taken")]
    assert way.sign(GIVER)[1]["revision"] == 3, "signed again it is the first one's answer"
    assert way.sign(GIVER, missing=way.parcels[:1], reason="没找到")[1]["code"] == "manifest_signed"
    assert way.sign(SORTER)[1]["parcels"] == 2
    with db.reading() as session:
        assert broken(session, "I14") == []


def test_what_changed_since_is_told_and_what_came_back_to_what_was_signed_stands_again(rows: SmallCounty) -> None:
    way = Handed(rows)
    assert way.sign(GIVER, missing=[way.parcels[0]], reason="还在后院")[0] == 201
    extra: list[str] = []

    def one_more(session: Session, run: Departure) -> None:
        extra.extend(p.code for p in planned(session, rows, run))

    replanned(way, one_more)
    page = _listed(way.at[GIVER], f"/station/handovers/{way.code}")
    assert "要重新签" in page and "第 2 版签过以后" in page and "加了" in page and extra[0] in page
    assert [row.signed_revision for row in way.signatures()] == [None]

    def gone_again(session: Session, _run: Departure) -> None:
        leg_of(session, extra[0]).voided_at = clock.now()

    replanned(way, gone_again)
    (sheet,) = signed_in(rows, "dispatcher").get(f"/api/v1/departures/{way.run}/manifests").json()["items"]
    assert [(s["side"], s["revision"], s["missing"], s["reason"]) for s in sheet["signatures"]] == [
        ("given", 2, [way.parcels[0]], "还在后院")
    ]  # fmt: skip
    assert sheet["earlier_signatures"] == []
    assert way.opened() == [("missing", "parcel", way.parcels[0])], "it is told once"


def test_another_box_is_another_hand_over(rows: SmallCounty) -> None:
    way = Handed(rows)
    way.sign(GIVER)
    way.sign(DRIVER)
    with db.writing() as session:
        (other,) = boxes(session, rows, 1)
        way.code = name_boxes(session, session.get_one(Departure, way.run_id), BOARD, (HUB, "ambient"), [other]).code
    assert all(row.signed_revision is None for row in way.signatures())
    page = _listed(way.at[DRIVER], f"/driver/handovers/{way.code}")
    assert "加了" in page and other in page and "去掉了" in page and way.box in page
    assert [way.sign(role)[0] for role in (GIVER, DRIVER)] == [201, 201]


def test_a_hub_takes_over_a_whole_run_at_once_and_what_differs_by_itself(rows: SmallCounty) -> None:
    way = Handed(rows, 1)
    with db.writing() as session:
        run = session.get_one(Departure, way.run_id)
        for board in (0, 2):
            (parcel,) = planned(session, rows, run)
            session.exec(select(PlannedLeg).where(PlannedLeg.parcel_id == parcel.id)).one().board = board
        issue(session, run)
        other = bus(session, rows, start=1080).code
    hub = way.at[SORTER]
    assert hub.post(f"/hub/handovers/runs/{way.run}").status_code == 404, "it has not left"
    way.leave()
    assert "3 张清单" in _listed(hub, "/hub/handovers")
    assert way.sign(SORTER, missing=way.parcels, reason="没卸下来")[0] == 201
    assert "2 张清单" in _listed(hub, "/hub/handovers")
    for _ in range(2):
        assert hub.post(f"/hub/handovers/runs/{way.run}").status_code == 303, "tapped twice it is signed once"
    assert "一班车一起收" not in _listed(hub, "/hub/handovers")
    assert sorted((s.side, s.parcels) for s in way.signatures()) == [("received", 0), ("received", 1), ("received", 1)]
    for code in ("D0", "%3Cb%3E", other):
        assert hub.post(f"/hub/handovers/runs/{code}").status_code == 404


def test_two_who_sign_one_side_at_once_sign_it_once(rows: SmallCounty) -> None:
    way, gate = Handed(rows), Barrier(3)

    def deed(n: int) -> str:
        actor = person(rows, "master", "station", rows.stations[0].code)
        actor = type(actor)(**{**actor.__dict__, "user_code": f"UMASTER{n}"})

        def work(session: Session) -> str:
            return sign(session, actor, way.code, Word("given")).row.side

        with clock.at(NINE):
            gate.wait()
            try:
                return db.run_write(work)
            except JishiError as refused:
                return refused.code

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(deed, range(3))) == ["given", "manifest_signed", "manifest_signed"]
    assert len(way.signatures()) == 1
    with db.reading() as session:
        assert broken(session, "I14") == []


def _listed(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def test_pages_lead_to_one_large_button_and_keep_what_was_typed(rows: SmallCounty) -> None:
    way = Handed(rows)
    assert f'href="/station/handovers/{way.code}?side=given&amp;stop={BOARD}"' in _listed(way.at[GIVER], "/station/handovers")
    assert "要签 1 张清单" in _listed(way.at[DRIVER], f"/driver/handovers?run={way.run}")
    assert "没有等着签的清单" in _listed(way.at[DRIVER], "/driver/handovers?run=D0")
    assert "车到了再签" in _listed(way.at[SORTER], "/hub/handovers")
    assert f"/driver/handovers?run={way.run}" in _listed(way.at[DRIVER], f"/driver/runs/{way.run}?stop={BOARD}")
    path = f"/driver/handovers/{way.code}"
    page = _listed(way.at[DRIVER], path)
    assert page.count(f'action="{path}"') == 2, "one large button, one form for what differs"
    assert "签名：接到 3 件" in page and way.box in page and "没扫到" not in page
    with db.writing() as session, clock.at(NINE + timedelta(minutes=1)):
        scan(session, rows, event("load", way.parcels[1], way.run))
    page = _listed(way.at[DRIVER], path)
    assert page.count("没扫到") == 2 and "扫到 1 件" in page
    form = {"form_key": "k", "side": "taken", "stop": str(BOARD), "missing": [way.parcels[0]], "extra": "X0，JP1", "reason": "没见到"}
    wrong = way.at[DRIVER].post(path, data=form)
    assert wrong.status_code == 422 and 'value="X0，JP1"' in wrong.text and "没见到" in wrong.text
    assert f'value="{way.parcels[0]}" checked' in wrong.text and not way.signatures()
    assert way.at[DRIVER].post(path, data={**form, "extra": ""}).status_code == 303
    assert way.at[DRIVER].post(path, data={**form, "extra": ""}).status_code == 303, "a double tap is one signature"
    assert "签好了" in _listed(way.at[DRIVER], f"{path}?side=taken&stop={BOARD}")
    assert "有出入" in _listed(way.at[DRIVER], "/driver/handovers")
    assert "对方签的" in _listed(way.at[GIVER], f"/station/handovers/{way.code}")
    assert way.at[DRIVER].post(path, data={**form, "side": "given", "extra": ""}).status_code == 422
    assert way.at[DRIVER].get("/driver/handovers/M0").status_code == 404
    assert way.at[GIVER].get(f"/station/handovers/{way.code}?side=nonsense&stop=77").status_code == 200
    assert len(way.signatures()) == 1


def test_what_is_asked_of_the_database_does_not_grow_with_the_manifest(rows: SmallCounty) -> None:
    few = Handed(rows, 1)
    driver, keeper = person(rows, "driver", "line", rows.lines[0].code), person(rows, "master", "station", rows.stations[0].code)

    def asked() -> int:
        def deed() -> None:
            with db.reading() as session:
                (task,) = to_sign(session, driver).tasks
                assert len(listed(session, task)) == len(task.side.rows)
                groups_to_name(session, one_to_sign(session, keeper, task.manifest.code)[0])

        return statements_of(deed)

    before = asked()
    with db.writing() as session:
        run = session.get_one(Departure, few.run_id)
        for _ in range(6):
            planned(session, rows, run)
        revise(session, run)
    assert asked() == before


def test_lists_are_paged_by_runs_what_is_unsigned_first_and_nothing_is_left_out(rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "RUNS", 2)
    with db.writing() as session:
        runs = [run for run in session.exec(select(Departure).where(Departure.line_id == rows.lines[0].id)) if run.trip_id in _inward(rows)]
        near = sorted((run for run in runs if abs(run.starts_at - NINE) < timedelta(hours=13)), key=lambda run: run.starts_at)
        codes = []
        for run in near:
            planned(session, rows, run)
            codes += [m.code for m in issue(session, run)]
    assert len(codes) > 3
    keeper = signed_in(rows, "master", "station", rows.stations[0].code)
    assert keeper.post(f"/api/v1/manifests/{codes[0]}/signatures", json={}).status_code == 201

    def walk(web: TestClient) -> list[list[str]]:
        pages, cursor = [], ""
        while cursor is not None:
            told = web.get("/api/v1/manifests", params={"cursor": cursor} if cursor else {}).json()
            pages.append([item["code"] for item in told["items"]])
            cursor = told["next"]
        return pages

    pages = walk(keeper)
    assert [code for page in pages for code in page] == [*codes[1:], codes[0]], "what is signed comes last"
    assert {len(page) for page in pages[:-1]} == {2}
    for role, kind, scope in (("driver", "line", rows.lines[0].code), ("sorter", "hub", rows.hub.code)):
        listed_once = [code for page in walk(signed_in(rows, role, kind, scope)) for code in page]
        assert listed_once == codes, role
    first = _listed(keeper, "/station/handovers")
    (following,) = re.findall(r'href="(/station/handovers\?[^"]*cursor=[^"]+)" rel="next"', first)
    second = _listed(keeper, following.replace("&amp;", "&"))
    assert f"/station/handovers/{codes[1]}" in first and f"/station/handovers/{codes[3]}" in second and "回到开头" in second
    assert f"/station/handovers/{codes[1]}" not in second
    for wrong in ("x", "W10", "é" * 9):
        assert keeper.get("/api/v1/manifests", params={"cursor": wrong}).status_code == 422
        assert keeper.get("/station/handovers", params={"cursor": wrong}).status_code == 422


def _inward(county: SmallCounty) -> set[int]:
    return {trip.id or 0 for trip in county.trips if trip.direction == "in"}
