"""The dispatcher makes a group a run of its own: real, once, and told to everybody in it."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from core import clock, db
from core.errors import JishiError
from core.notify import install_sender
from fulfillment.customised.confirming import Terms, confirm
from fulfillment.customised.following import follow_runs
from fulfillment.customised.models import SpecialRun
from fulfillment.customised.queries import confirmed_runs, gathered_groups
from fulfillment.network.models import Line, StopTime, Trip, Vehicle
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure, follow_the_clock, open_days
from supply.counties.models import County
from tests.concurrency.rivals import at_once
from tests.county import SmallCounty
from tests.fulfillment.web import county_with_roads, guest, signed_in
from tests.statements import statements_of

from .asking import TOMORROW, asks, messages, rows_of
from .test_requests import Pigeon


@pytest.fixture
def rows(database: str, nine):
    install_sender(Pigeon())
    yield county_with_roads()
    install_sender(None)


def two_villages(rows: SmallCounty) -> str:
    """海头 and 葛家 want to the county town at the same hour; the group's name."""
    asks(rows, start="海头村", earliest="08:10", latest="08:30", seats="3", note="带鸡蛋")
    asks(rows)
    return ",".join(sorted(r.code for r in rows_of()))


def terms(rows: SmallCounty, key: str, **more: str) -> dict[str, str]:
    return {"requests": key, "vehicle": "sm-bus-1", "leaves": "08:20", "price": "5", "least": "2", **more}


def runs() -> list[SpecialRun]:
    with db.reading() as session:
        return list(session.exec(select(SpecialRun)).all())


def test_those_of_one_way_and_hour_are_gathered_with_a_vehicle_free_then(rows: SmallCounty) -> None:
    key = two_villages(rows)
    asks(rows, start="山前村")
    page = signed_in(rows, "dispatcher").get("/ops/requests").text
    assert "海头驿站 → 小县共配中心" in page and "山前驿站 → 小县共配中心" in page
    assert f'value="{key}"' in page
    assert "2 户、5 个人" in page and "带鸡蛋" in page
    assert 'value="08:15"' in page and "浙B·1　30 座" in page
    assert "同路的已有 2 户、5 个人" in signed_page(rows)


def signed_page(rows: SmallCounty) -> str:
    return asks(rows, earliest="08:10", latest="08:40", on=(TOMORROW + timedelta(days=1)).isoformat()) and _second(rows)


def _second(rows: SmallCounty) -> str:
    return (
        asks(rows, start="海头", seats="3", earliest="08:10", latest="08:30", on=(TOMORROW + timedelta(days=1)).isoformat())
        .get("/travel/requests")
        .text
    )


def test_one_tap_makes_a_run_that_passengers_find_and_goods_may_ride(rows: SmallCounty) -> None:
    web = asks(rows, start="海头村", earliest="08:10", latest="08:30", seats="3")
    asks(rows)
    key = ",".join(sorted(r.code for r in rows_of()))
    desk = signed_in(rows, "dispatcher")
    for _ in range(2):  # a double tap is one
        assert desk.post("/ops/requests/confirmations", data=terms(rows, key, form_key="k")).status_code == 303
    (run,) = runs()
    assert {r.status for r in rows_of()} == {"confirmed"}
    with db.reading() as session:
        departure = session.get_one(Departure, run.departure_id)
        trip = session.get_one(Trip, departure.trip_id)
        line = session.get_one(Line, departure.line_id)
        calls = session.exec(
            select(StopTime.node_id, StopTime.dep_min).where(StopTime.trip_id == trip.id).order_by(col(StopTime.position))
        ).all()
    assert [tuple(c) for c in calls] == [(rows.stations[1].node_id, 500), (rows.stations[0].node_id, 520), (rows.hub.id, 546)]
    assert (departure.service_date, clock.local(departure.starts_at).strftime("%H:%M"), line.number, trip.direction) == (
        TOMORROW,
        "08:20",
        "定制",
        "in",
    )
    assert 0 < departure.cap_g < 150_000  # passengers first: goods get the rest
    assert "定制" in guest().get(f"/travel?stop={rows.stations[0].code}&on={TOMORROW}").text
    assert "08:20" in (mine := web.get("/travel/requests").text) and "每人 5.00 元" in mine and "浙B·1" in mine
    told = [m for m in messages() if "定制客运定了" in m]
    assert len(told) == 2 and "08:40 在葛家驿站上车" in told[1]
    with db.writing() as session:  # opening days again makes no second one, and it is of that day alone
        open_days(session, session.get_one(County, rows.id), TOMORROW, TOMORROW + timedelta(days=9))
        found = session.exec(select(Departure).where(Departure.trip_id == trip.id)).all()
        assert len(found) == 1
    with clock.at(departure.starts_at):
        with db.writing() as session:
            follow_the_clock(session, rows.id)
        assert web.post(f"/travel/requests/{rows_of()[0].code}/withdrawal").status_code == 409


def test_two_dispatchers_who_confirm_the_same_group_make_one_run(rows: SmallCounty) -> None:
    codes = two_villages(rows).split(",")

    def one(vehicle: str) -> str:
        return db.run_write(
            lambda session: confirm(session, session.get_one(County, rows.id), codes, Terms(vehicle, 500, 0, 1), by="U").code
        )

    with db.writing() as session:
        session.add(Vehicle(tenant_id=rows.id, code="sm-spare", plate="浙B·9", kind="bus", seats=30))
    now = clock.now()

    def held(vehicle: str) -> str:
        with clock.at(now):
            return one(vehicle)

    outcomes = at_once([lambda v=v: held(v) for v in ("sm-bus-1", "sm-spare") * 3])
    assert len([o for o in outcomes if isinstance(o, str)]) == 1
    assert {o.code for o in outcomes if isinstance(o, JishiError)} <= {"group_moved", "vehicle_taken"}
    assert all(isinstance(o, str | JishiError) for o in outcomes), outcomes
    assert len(runs()) == 1
    with db.reading() as session:
        line = session.exec(select(Line).where(Line.number == "定制")).one()
        assert len(session.exec(select(Departure).where(Departure.line_id == line.id)).all()) == 1
    assert len([m for m in messages() if "定制客运定了" in m]) == 2


def test_a_vehicle_that_runs_then_is_neither_offered_nor_taken(rows: SmallCounty) -> None:
    asks(rows, earliest="07:20", latest="07:40")
    (row,) = rows_of()
    desk = signed_in(rows, "dispatcher")
    assert "这个时间没有空车" in desk.get("/ops/requests").text
    answer = desk.post("/ops/requests/confirmations", data=terms(rows, row.code, leaves="07:30"))
    assert answer.status_code == 409 and "有别的班次" in answer.text
    assert not runs()


def test_terms_that_cannot_be_change_nothing_and_stay_typed(rows: SmallCounty) -> None:
    key, desk = two_villages(rows), signed_in(rows, "dispatcher")
    for wrong in (
        {"leaves": "09:30"}, {"leaves": "x"}, {"price": "-1"}, {"price": "1e9"}, {"price": "100000"}, {"least": "6"}, {"least": "0"}, {"least": "9" * 50},
        {"vehicle": "nothing"}, {"vehicle": ""},
    ):  # fmt: skip
        answer = desk.post("/ops/requests/confirmations", data=terms(rows, key, **wrong))
        assert (wrong, answer.status_code) == (wrong, 422)
    for codes, status in (("", 404), ("TQ0", 404), (key + ",TQ0", 404), ("x," * 3000, 404), ("x" * 9000, 422)):
        assert desk.post("/ops/requests/confirmations", data=terms(rows, codes)).status_code == status
        assert desk.post("/ops/requests/refusals", data={"requests": codes, "reason": "没有车"}).status_code == status
    assert desk.post("/ops/requests/refusals", data={"requests": key, "reason": " "}).status_code == 422
    assert not runs() and {r.status for r in rows_of()} == {"asked"}


def test_requests_that_cannot_ride_together_are_no_group(rows: SmallCounty) -> None:
    asks(rows)
    asks(rows, start="山前")
    key = ",".join(r.code for r in rows_of())
    answer = signed_in(rows, "dispatcher").post("/ops/requests/confirmations", data=terms(rows, key))
    assert answer.status_code == 422 and "坐不到一趟车上" in answer.text


def test_one_who_took_the_request_back_meanwhile_stops_the_deed(rows: SmallCounty) -> None:
    web, key = asks(rows, start="海头"), two_villages
    asks(rows)
    key = ",".join(r.code for r in rows_of())
    web.post(f"/travel/requests/{rows_of()[0].code}/withdrawal")
    answer = signed_in(rows, "dispatcher").post("/ops/requests/confirmations", data=terms(rows, key))
    assert answer.status_code == 409 and "有人撤回了" in answer.text
    assert not runs()


def test_a_group_is_declined_with_a_reason_told_once(rows: SmallCounty) -> None:
    web = asks(rows)
    desk = signed_in(rows, "dispatcher")
    for status in (303, 409):
        assert desk.post("/ops/requests/refusals", data={"requests": rows_of()[0].code, "reason": "车都去送考了"}).status_code == status
    assert "车都去送考了" in web.get("/travel/requests").text
    assert len([m for m in messages() if "车都去送考了" in m]) == 1


def test_a_run_that_is_struck_out_is_told_once_to_those_who_were_to_ride(rows: SmallCounty) -> None:
    web, desk = asks(rows), signed_in(rows, "dispatcher")
    desk.post("/ops/requests/confirmations", data=terms(rows, rows_of()[0].code, leaves="08:30"))
    (run,) = runs()
    with db.writing() as session:
        cancel_departure(session, rows.id, session.get_one(Departure, run.departure_id).code, reason="山路塌方", by="U1")
    for _ in range(2):
        with db.writing() as session:
            follow_runs(session, rows.id)
    assert rows_of()[0].status == "called_off"
    assert "山路塌方" in web.get("/travel/requests").text
    assert len([m for m in messages() if "山路塌方" in m]) == 1


def test_the_desk_sees_when_too_few_are_left(rows: SmallCounty) -> None:
    web, desk = asks(rows, seats="3"), signed_in(rows, "dispatcher")
    desk.post("/ops/requests/confirmations", data=terms(rows, rows_of()[0].code, leaves="08:30", least="2"))
    assert "不到 2 人" not in desk.get("/ops/requests").text
    web.post(f"/travel/requests/{rows_of()[0].code}/withdrawal")
    assert "不到 2 人" in desk.get("/ops/requests").text


def test_the_desk_asks_as_much_for_many_as_for_one(rows: SmallCounty) -> None:
    def asked() -> int:
        with db.reading() as session:
            return statements_of(lambda: (gathered_groups(session, rows.id), confirmed_runs(session, rows.id)))

    two_villages(rows)
    few = asked()
    for n in range(1, 4):
        for village in ("海头", "葛家", "山前", "东镇"):
            asks(rows, start=village, on=(TOMORROW + timedelta(days=n)).isoformat())
    assert asked() == few
