"""One box that was not taken at the door is taken after all: by its driver or a dispatcher, once, onto the departure if there is room."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from fulfillment.batching.service import plan_day
from fulfillment.disruptions.deed import preview
from fulfillment.disruptions.kinds import DelayDeparture, RefuseBoxes
from fulfillment.disruptions.lifting import AlreadyLifted
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.refusals import RefusalUnknown, TakeAfterAll, refusals_of
from fulfillment.timetable.models import Departure
from fulfillment.timetable.running import NotRunning
from fulfillment.timetable.tasks import follow
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.disruptions.conftest import do, on, rides
from tests.fulfillment.shipping import event, scan
from tests.fulfillment.web import signed_in


def code_of(rows: SmallCounty, run: str) -> str:
    with db.reading() as session:
        (refusal,) = refusals_of(session, rows.id, run)
        return refusal.code


def test_a_box_taken_after_all_rides_that_departure_again_as_was_foreseen(rows: SmallCounty, refused: tuple[str, str]) -> None:
    parcel, run = refused
    assert rides(parcel) != [run]
    seen = preview(rows.county, TakeAfterAll(run, parcel))
    assert (seen.parcels, seen.moved, seen.shifts[0].stays, rides(parcel) == [run]) == (1, 1, False, False)
    assert do(rows, TakeAfterAll(run, parcel)) == {"departure": run, **seen.figures()}
    assert rides(parcel) == [run]
    with db.writing() as session:
        row = session.exec(select(Disruption).where(Disruption.kind == "refused")).one()
        assert row.closed_at
        assert refusals_of(session, rows.id, run) == []
        plan_day(session, rows.county, DAY)
        assert [d.code for d in on(session, parcel)] == [run], "later plans keep to it"
        assert session.exec(select(Disruption.kind).where(col(Disruption.closed_at).is_(None))).all() == [], "nothing went wrong by it"


def test_without_room_it_keeps_the_road_it_has(rows: SmallCounty, refused: tuple[str, str]) -> None:
    parcel, run = refused
    instead = rides(parcel)
    do(rows, RefuseBoxes(run, 0, (), "车满了"))
    assert preview(rows.county, TakeAfterAll(run, parcel)).shifts[0].stays
    assert do(rows, TakeAfterAll(run, parcel))["moved"] == 1
    assert rides(parcel) == instead


def test_it_is_undone_once_and_the_same_key_gets_the_first_answer(rows: SmallCounty, refused: tuple[str, str]) -> None:
    parcel, run = refused
    first = do(rows, TakeAfterAll(run, parcel), key="k")
    assert do(rows, TakeAfterAll(run, parcel), key="k") == first
    with pytest.raises(AlreadyLifted):
        do(rows, TakeAfterAll(run, parcel), key="another")
    with pytest.raises(RefusalUnknown):
        preview(rows.county, TakeAfterAll(run, "P0"))


def test_refused_again_it_is_kept_off_again(rows: SmallCounty, refused: tuple[str, str]) -> None:
    parcel, run = refused
    do(rows, TakeAfterAll(run, parcel))
    do(rows, RefuseBoxes(run, 0, (parcel,), "还是装不下"))
    assert rides(parcel) != [run]
    with db.reading() as session:
        row = session.exec(select(Disruption).where(Disruption.kind == "refused")).one()
        assert (row.closed_at, row.closed_by, row.outcome, "还是装不下" in row.words) == (None, "", "", True)
    do(rows, TakeAfterAll(run, parcel))
    assert rides(parcel) == [run]


def test_one_whose_case_was_closed_by_hand_is_still_kept_off_until_it_is_undone(rows: SmallCounty, refused: tuple[str, str]) -> None:
    parcel, run = refused
    with db.writing() as session:
        code = session.exec(select(Disruption.code).where(Disruption.kind == "refused")).one()
    assert signed_in(rows, "dispatcher").post(f"/ops/disruptions/{code}/closing", data={"outcome": "知道了"}).status_code == 303
    with db.writing() as session:
        plan_day(session, rows.county, DAY)
    assert rides(parcel) != [run]
    do(rows, TakeAfterAll(run, parcel))
    assert rides(parcel) == [run]


def test_after_the_departure_arrived_nothing_is_undone_and_what_it_took_without_words_need_not_be(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str]
) -> None:
    (parcel, run), other = refused, two[1]
    with db.reading() as session:
        leaves = session.exec(select(Departure.starts_at).where(Departure.code == run)).one()
    with clock.at(leaves + timedelta(minutes=1)):
        with db.writing() as session:
            scan(session, rows, event("load", parcel, run))
        with pytest.raises(AlreadyLifted):
            do(rows, TakeAfterAll(run, parcel))
    do(rows, RefuseBoxes(run, 0, (other,), "又不收"))
    with clock.at(leaves + timedelta(hours=3)):
        follow()
        with pytest.raises(NotRunning):
            preview(rows.county, TakeAfterAll(run, other))


def test_the_same_key_gets_the_first_answer_though_the_departure_has_arrived(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    run = two[2]
    late, full = DelayDeparture(run, 5, "修路"), RefuseBoxes(run, 0, (), "车满了")
    first = [do(rows, incident, key=f"k{n}") for n, incident in enumerate((late, full))]
    with clock.at(clock.now() + timedelta(hours=6)):
        follow()
        with pytest.raises(NotRunning):
            do(rows, full)
        assert [do(rows, incident, key=f"k{n}") for n, incident in enumerate((late, full))] == first


def test_a_driver_sees_what_taking_it_would_do_and_takes_it(rows: SmallCounty, refused: tuple[str, str]) -> None:
    parcel, run = refused
    driver, other = (signed_in(rows, "driver", "line", rows.lines[n].code) for n in (0, 1))
    page, code = driver.get(f"/driver/runs/{run}?stop=0").text, code_of(rows, run)
    assert "没收的" in page
    assert f"/driver/refusals/{code}/withdrawal" in page
    shown = driver.get(f"/driver/refusals/{code}/withdrawal?stop=0").text
    assert parcel in shown
    assert "收下这件" in shown
    form = {"form_key": "k1", "stop": "0"}
    assert [
        other.get(f"/driver/refusals/{code}/withdrawal").status_code,
        other.post(f"/driver/refusals/{code}/withdrawal", data=form).status_code,
    ] == [404, 404]
    assert rides(parcel) != [run]
    assert "这件排回这班" in driver.post(f"/driver/refusals/{code}/withdrawal", data=form).text
    assert rides(parcel) == [run]
    assert "没收的" not in driver.get(f"/driver/runs/{run}?stop=0").text
    assert "这件排回这班" in driver.post(f"/driver/refusals/{code}/withdrawal", data=form).text, "a second tap is answered as the first"
    assert driver.post(f"/driver/refusals/{code}/withdrawal", data={**form, "form_key": "k2"}).status_code == 409


def test_a_dispatcher_sees_what_a_departure_does_not_take_and_undoes_it(rows: SmallCounty, refused: tuple[str, str]) -> None:
    parcel, run = refused
    desk, code = signed_in(rows, "dispatcher"), code_of(rows, run)
    page = desk.get(f"/ops/departures/{run}").text
    assert parcel in page
    assert "装不下这件" in page
    shown = desk.get(f"/ops/refusals/{code}/withdrawal").text
    assert "照此收下" in shown
    assert 'name="reason"' not in shown
    assert desk.post(f"/ops/refusals/{code}/withdrawal", data={"form_key": "k"}).headers["location"].endswith(f"/ops/departures/{run}")
    assert rides(parcel) == [run]
    assert "不收的" not in desk.get(f"/ops/departures/{run}").text


def test_a_departure_that_takes_nothing_more_shows_it_why_and_until_when_and_takes_goods_again(
    rows: SmallCounty, two: tuple[str, str, str]
) -> None:
    run, desk = two[2], signed_in(rows, "dispatcher")
    with db.reading() as session:
        was = session.exec(select(Departure).where(Departure.code == run)).one()
    do(rows, RefuseBoxes(run, 0, (), "后排坐满了"))
    page = desk.get(f"/ops/departures/{run}").text
    assert "整班不再收货" in page
    assert "后排坐满了" in page
    assert f"原来 {was.cap_g // 1000}" in page
    assert f"{clock.local(was.ends_at):%H:%M}" in page
    (item,) = desk.get("/api/v1/closures").json()["items"]
    lifted = desk.post(f"/ops/closures/{item['id']}/lifting", data={"form_key": "k"})
    assert lifted.headers["location"].endswith(f"/ops/departures/{run}")
    assert "整班不再收货" not in desk.get(f"/ops/departures/{run}").text


def test_calls_list_foresee_and_undo_a_refusal(rows: SmallCounty, refused: tuple[str, str]) -> None:
    parcel, run = refused
    desk, driver, other = (
        signed_in(rows, "dispatcher"), signed_in(rows, "driver", "line", rows.lines[0].code), signed_in(rows, "driver", "line", rows.lines[1].code),
    )  # fmt: skip
    (item,) = driver.get(f"/api/v1/departures/{run}/refusals").json()["items"]
    assert (item["parcel"], item["departure"]) == (parcel, run)
    assert other.get(f"/api/v1/departures/{run}/refusals").json()["code"] == "departure_unknown"
    at = f"/api/v1/refusals/{item['id']}/withdrawal"
    assert other.get(f"{at}/preview").json()["code"] == other.post(at).json()["code"] == "refusal_unknown"
    seen = driver.get(f"{at}/preview").json()
    assert (seen["parcels"], [s["parcel"] for s in seen["shifts"]]) == (1, [parcel])
    first = desk.post(at, headers={"Idempotency-Key": "k"})
    assert (first.status_code, first.json()["moved"]) == (200, 1)
    assert desk.post(at, headers={"Idempotency-Key": "k"}).json() == first.json()
    assert desk.post(at).json()["code"] == "already_lifted"
    assert rides(parcel) == [run]
    assert driver.get(f"/api/v1/departures/{run}/refusals").json()["items"] == []


def test_an_act_that_begins_now_is_the_same_act_a_moment_later(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    desk, key = signed_in(rows, "dispatcher"), {"Idempotency-Key": "k"}
    at = f"/api/v1/stations/{rows.stations[0].code}/closures"
    first = desk.post(at, json={"reason": "停电"}, headers=key).json()
    with clock.at(clock.now() + timedelta(seconds=1)):
        assert desk.post(at, json={"reason": "停电"}, headers=key).json() == first
        assert desk.post(at, json={"reason": "没人"}, headers=key).json()["code"] == "idempotency_key_reused"


def test_a_box_refused_where_it_never_had_a_road_keeps_the_one_it_has(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    parcel, _, run = two
    with db.reading() as session:
        query = select(Departure.code).where(Departure.line_id == rows.lines[1].id, Departure.starts_at > clock.now())
        other = session.exec(query.order_by(col(Departure.starts_at))).first() or ""
    do(rows, RefuseBoxes(other, 0, (parcel,), "不是这条线的"))
    assert preview(rows.county, TakeAfterAll(other, parcel)).shifts[0].stays
    assert do(rows, TakeAfterAll(other, parcel))["moved"] == 1
    assert rides(parcel) == [run]
