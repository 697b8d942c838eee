"""A manifest names the boxes each group rides in: carried over to revisions, void with it, in the page, the print and the JSON."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlmodel import Session, col, select

from core import clock, db
from core.codes import new_code
from core.errors import JishiError, Refused
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.boxes.models import Box
from fulfillment.boxes.service import register_boxes
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.models import Disruption
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.naming import BoxTaken, name_boxes
from fulfillment.manifests.service import boxes_of, issue, valid, void
from fulfillment.timetable.models import Departure
from tests.broken import broken
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.shipping import bus, event, packed, scan
from tests.fulfillment.web import county_with_roads, signed_in

BOARD, HUB = 1, 3  # the first village's stop and the last one of a bus in
ROAD = {False: (BOARD, HUB), True: (0, 2)}


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


def planned(session: Session, county: SmallCounty, departure: Departure, *, short: bool = False) -> list[Parcel]:
    """A packed parcel with a place on a departure from a village to the hub; the second line is `short` of a stop."""
    plan = BatchPlan(tenant_id=county.id, code=new_code("B"), service_date=DAY, status="empty", asked_at=clock.now())
    goods, (board, alight) = [packed(session, county)], ROAD[short]
    session.add(plan)
    session.flush()
    session.add_all(
        PlannedLeg(
            tenant_id=county.id,
            plan_id=plan.id or 0,
            parcel_id=p.id or 0,
            position=0,
            departure_id=departure.id or 0,
            board=board,
            alight=alight,
        )
        for p in goods
    )
    session.flush()
    return goods


def boxes(session: Session, county: SmallCounty, count: int = 2, tier: str = "ambient") -> list[str]:
    return [b.code for b in register_boxes(session, county.stations[0].code, count, tenant_id=county.id, tier=tier)]


def named(session: Session, departure: Departure) -> dict[tuple[int, str], list[str]]:
    (manifest,) = valid(session, departure)
    return dict(boxes_of(session, [manifest]).get(manifest.id or 0, {}))


def test_boxes_named_on_a_manifest_make_a_revision_and_go_on_with_the_next(session: Session, county: SmallCounty) -> None:
    run, (first, second) = bus(session, county), boxes(session, county)
    planned(session, county, run)
    with pytest.raises(Refused):
        name_boxes(session, run, BOARD, (HUB, "ambient"), [first])
    (plain,) = issue(session, run)
    one = name_boxes(session, run, BOARD, (HUB, "ambient"), [first.lower()])
    assert (one.revision, plain.voided_at is not None, named(session, run)) == (2, True, {(HUB, "ambient"): [first]})
    assert name_boxes(session, run, BOARD, (HUB, "ambient"), [first]).code == one.code, "the same again is the same manifest"
    planned(session, county, run)
    (grown,) = issue(session, run)
    assert (grown.revision, one.voided_at is not None, named(session, run)) == (3, True, {(HUB, "ambient"): [first]})
    other = name_boxes(session, run, BOARD, (HUB, "ambient"), [second])
    assert other.revision == 4 and named(session, run) == {(HUB, "ambient"): [second]}
    assert name_boxes(session, run, BOARD, (HUB, "ambient"), []).revision == 5
    assert named(session, run) == {}
    assert boxes_of(session, [one])[one.id or 0] == {(HUB, "ambient"): [first]}, "what was issued never changes"
    assert broken(session, "I14") == []


def test_a_box_that_does_not_fit_is_refused_and_nothing_changes(session: Session, county: SmallCounty) -> None:
    run, (first, second) = bus(session, county), boxes(session, county)
    (cold,) = boxes(session, county, 1, "chilled")
    planned(session, county, run)
    issue(session, run)
    before = [m.code for m in valid(session, run)]
    for group, codes in (
        ((HUB, "ambient"), [first, second]), ((HUB, "ambient"), [cold]), ((HUB, "ambient"), ["X0"]), ((HUB, "ambient"), ["<b>" * 99]),
        ((HUB, "chilled"), [cold]), ((2, "ambient"), [first]),
    ):  # fmt: skip
        with pytest.raises(Refused):
            name_boxes(session, run, BOARD, group, codes)
    assert [m.code for m in valid(session, run)] == before


def test_one_box_is_not_named_for_two_rides_at_once_but_for_one_after_the_other(session: Session, county: SmallCounty) -> None:
    (first,) = boxes(session, county, 1)
    now, same, later = bus(session, county), bus(session, county, line=1), bus(session, county, start=1080)
    for run in (now, same, later):
        planned(session, county, run, short=run is same)
        issue(session, run)
    name_boxes(session, now, BOARD, (HUB, "ambient"), [first])
    with pytest.raises(BoxTaken):
        name_boxes(session, same, 0, (2, "ambient"), [first])
    name_boxes(session, later, BOARD, (HUB, "ambient"), [first])
    void(session, now)
    session.flush()
    assert name_boxes(session, same, 0, (2, "ambient"), [first]), "a void manifest holds no box"


def test_a_box_loaded_on_another_departure_than_its_manifest_says_is_an_exception(session: Session, county: SmallCounty) -> None:
    (first,) = boxes(session, county, 1)
    right, wrong = bus(session, county), bus(session, county, start=1080)
    planned(session, county, right)
    issue(session, right)
    name_boxes(session, right, BOARD, (HUB, "ambient"), [first])
    with clock.at(right.starts_at):
        (said,) = scan(session, county, event("load", first, wrong.code))
        assert (said.result, said.code) == ("accepted", "wrong_place")
        assert [d.subject_code for d in session.exec(select(Disruption).where(col(Disruption.closed_at).is_(None)))] == [first]


def test_two_dispatchers_name_one_box_at_once_and_one_of_them_has_it(rows: SmallCounty) -> None:
    with db.writing() as session:
        (first,) = boxes(session, rows, 1)
        runs = [bus(session, rows), bus(session, rows, line=1)]
        for run in runs:
            planned(session, rows, run, short=run is runs[1])
            issue(session, run)
        rides = [(run.id, *road) for run, road in zip(runs, ROAD.values(), strict=True)]
    gate = Barrier(2)

    def deed(ride: tuple[int, int, int]) -> str:
        departure_id, board, alight = ride

        def work(session: Session) -> str:
            return name_boxes(session, session.get_one(Departure, departure_id), board, (alight, "ambient"), [first]).code

        with clock.at(NINE):
            gate.wait()
            try:
                db.run_write(work)
            except JishiError as refused:
                return refused.code
            return "named"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(deed, rides)) == ["box_taken", "named"]


def test_the_page_names_boxes_and_page_and_json_say_what_rides_in_which(rows: SmallCounty) -> None:
    with db.writing() as session:
        run = bus(session, rows)
        (first, other) = boxes(session, rows)
        (parcel,) = planned(session, rows, run)
        scan(session, rows, event("stow", parcel, rows.stations[0].code, box=first))
        code, goods = run.code, parcel.code
    desk = signed_in(rows, "dispatcher")
    path = f"/ops/departures/{code}/manifest"
    assert "还没有出清单" in desk.get(path).text
    desk.post(f"/ops/departures/{code}/manifests")
    page = desk.get(path).text
    assert "还差 1 个箱号" in page and f'value="{first}" checked' in page and f'value="{other}"' in page and "里面有货" in page
    form = {"form_key": "k1", "stop": str(BOARD), "alight": str(HUB), "tier": "ambient"}
    wrong = desk.post(f"/ops/departures/{code}/manifests/boxes", data={**form, "codes": f"{first}，X0"})
    assert wrong.status_code == 422 and "这一组只要 1 个箱" in wrong.text and f'value="{first}，X0"' in wrong.text
    assert desk.post(f"/ops/departures/{code}/manifests/boxes", data={**form, "box": [first]}).status_code == 303
    page = desk.get(path).text
    assert f'□ <span class="code">{first}' in page and "第 2 版" in page and "在箱里" in page
    (sheet,) = desk.get(f"/api/v1/departures/{code}/manifests").json()["items"]
    assert sheet["groups"] == [{"alight": HUB, "tier": "ambient", "boxes": 1, "named": [first]}]
    assert [(p["code"], p["box"]) for p in sheet["parcels"]] == [(goods, first)]
    assert desk.get("/api/v1/departures/D0/manifests").status_code == 404
    assert "写箱号" not in signed_in(rows, "admin").get(path).text
    with db.reading() as session:
        assert session.exec(select(Manifest.revision).where(col(Manifest.voided_at).is_(None))).all() == [2]
        assert session.exec(select(Box.place).where(Box.code == first)).one() == rows.stations[0].code


def test_a_station_names_the_boxes_that_stand_there_on_what_it_gives(rows: SmallCounty) -> None:
    with db.writing() as session:
        run = bus(session, rows)
        here, _ = boxes(session, rows)
        (away,) = (b.code for b in register_boxes(session, rows.stations[1].code, 1, tenant_id=rows.id))
        planned(session, rows, run)
        (manifest,) = issue(session, run)
        code, departure = manifest.code, run.code
    keeper = signed_in(rows, "master", "station", rows.stations[0].code)
    path = f"/station/handovers/{code}"
    page = keeper.get(path).text
    assert f'value="{here}"' in page and away not in page and "还差 1 个箱号" in page
    form = {"form_key": "k", "alight": str(HUB), "tier": "ambient"}
    for wrong, status in ((away, 409), ("X0", 409), ("<b>" * 99, 409), (f"{here} {away}", 409)):
        answer = keeper.post(f"{path}/boxes", data={**form, "codes": wrong})
        assert answer.status_code == status and "不在站里" in answer.text
    assert keeper.post(f"{path}/boxes", data={**form, "tier": "chilled", "box": [here]}).status_code == 422
    stranger = signed_in(rows, "master", "station", rows.stations[1].code)
    assert stranger.post(f"{path}/boxes", data={**form, "box": [here]}).status_code == 404
    first = keeper.post(f"{path}/boxes", data={**form, "box": [here]})
    again = keeper.post(f"{path}/boxes", data={**form, "box": [here]})
    assert first.status_code == again.status_code == 303 and first.headers["location"] == again.headers["location"], "tapped twice"
    assert here in keeper.get(first.headers["location"]).text
    assert keeper.post(f"{path}/boxes", data={**form, "box": []}).status_code == 409, "another list on a void revision"
    (sheet,) = signed_in(rows, "dispatcher").get(f"/api/v1/departures/{departure}/manifests").json()["items"]
    assert (sheet["revision"], sheet["groups"][0]["named"]) == (2, [here])
    assert keeper.post(f"/api/v1/manifests/{sheet['code']}/signatures", json={}).status_code == 201
    late = keeper.post(f"/station/handovers/{sheet['code']}/boxes", data={**form, "box": []})
    assert late.status_code == 409 and "打电话告诉调度" in late.text, "what is signed is not changed under the signature"


def test_a_program_names_boxes_at_a_station_once_a_key_and_reads_its_groups(rows: SmallCounty) -> None:
    with db.writing() as session:
        run = bus(session, rows)
        here, other = boxes(session, rows)
        planned(session, rows, run)
        (manifest,) = issue(session, run)
        code, departure = manifest.code, run.code
    keeper = signed_in(rows, "helper", "station", rows.stations[0].code)
    (side,) = keeper.get("/api/v1/manifests").json()["items"]
    assert side["groups"] == [{"alight": HUB, "tier": "ambient", "boxes": 1, "named": []}]

    def name(codes: list[str], key: str, manifest: str = code, **more: object) -> tuple[int, dict[str, object]]:
        body = {"alight": HUB, "tier": "ambient", "boxes": codes, **more}
        answer = keeper.post(f"/api/v1/manifests/{manifest}/boxes", json=body, headers={"Idempotency-Key": key})
        return answer.status_code, answer.json()

    status, told = first = name([here], "k1")
    assert (status, told["revision"], told["groups"]) == (200, 2, [{"alight": HUB, "tier": "ambient", "boxes": 1, "named": [here]}])
    assert name([here], "k1") == first
    assert name([other], "k1")[0] == 422, "another body under the same key"
    assert name([here], "k2") == first, "asked about the void revision, the one that names it already answers"
    assert name([other], "k3")[1]["code"] == "manifest_void"
    now = str(told["code"])
    wrong: list[tuple[list[str], dict[str, object], int]] = [
        ([here, other], {}, 422), ([other], {"tier": "chilled"}, 422), ([other], {"tier": "<b>"}, 422), ([other], {"alight": 0}, 422),
        ([other], {"alight": -1}, 422), ([other], {"alight": "3"}, 422), (["X0"], {}, 409), (["9" * 81], {}, 422), ([""], {}, 422),
        ([other], {"stop": 1}, 422),
    ]  # fmt: skip
    for n, (codes, more, refused) in enumerate(wrong):
        assert name(codes, f"w{n}", now, **more)[0] == refused, (codes, more)
    for role, scope in (("master", rows.stations[1].code), ("driver", rows.lines[0].code)):
        stranger = signed_in(rows, role, "station" if role == "master" else "line", scope)
        answer = stranger.post(f"/api/v1/manifests/{now}/boxes", json={"alight": HUB, "tier": "ambient", "boxes": [other]})
        assert answer.status_code == (404 if role == "master" else 403)
    (sheet,) = signed_in(rows, "dispatcher").get(f"/api/v1/departures/{departure}/manifests").json()["items"]
    assert (sheet["revision"], sheet["groups"][0]["named"]) == (2, [here]), "what was refused changed nothing"
