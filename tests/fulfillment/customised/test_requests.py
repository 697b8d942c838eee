"""A villager asks for a trip: by phone and code on one form, only once, nothing lost, nobody else's business."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from core import clock, db
from core.notify import install_sender
from core.permissions import Actor
from core.settings import settings
from core.tasks import drain
from fulfillment.customised.following import forget_old, lapse_due
from fulfillment.customised.queries import mine
from fulfillment.customised.service import MOST_OPEN
from shop.app import create_app
from tests.county import SmallCounty
from tests.documented import watched
from tests.fulfillment.conftest import DAY
from tests.fulfillment.web import county_with_roads, guest, signed_in
from tests.statements import statements_of

from .asking import TOMORROW, asks, form, messages, rows_of, villager


class Pigeon:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, phone: str, words: str, *, key: str) -> None:
        self.sent.append((phone, words))


@pytest.fixture
def pigeon():
    bird = Pigeon()
    install_sender(bird)
    yield bird
    install_sender(None)


@pytest.fixture
def rows(database: str, nine, pigeon) -> SmallCounty:
    return county_with_roads()


def test_whoever_is_not_signed_in_proves_the_phone_on_the_same_form(rows: SmallCounty, pigeon: Pigeon) -> None:
    web = TestClient(create_app(), headers={"accept": "text/html", "sec-fetch-site": "same-origin"}, follow_redirects=False)
    typed = form(rows, phone="139 8888 7777", note="奶奶坐轮椅")
    first = web.post("/travel/requests", data={**typed, "step": "code"})
    assert first.status_code == 200
    assert "验证码已发出" in first.text and "奶奶坐轮椅" in first.text and 'value="葛家村"' in first.text
    drain()
    (digits,) = [re.search(r"\d{6}", words)[0] for phone, words in pigeon.sent if phone == "13988887777"]
    wrong = web.post("/travel/requests", data={**typed, "otp": "000000" if digits != "000000" else "111111", "step": "ask"})
    assert wrong.status_code == 422
    assert "验证码不对" in wrong.text and "奶奶坐轮椅" in wrong.text
    assert not rows_of()
    done = web.post("/travel/requests", data={**typed, "otp": digits, "step": "ask"})
    assert (done.status_code, done.headers["location"]) == (303, "/travel/requests")
    (row,) = rows_of()
    assert "轮椅" not in row.note_sealed
    shown = web.get("/travel/requests").text
    assert "葛家驿站 → 小县共配中心" in shown and "等答复" in shown and "眼下只有你一家" in shown
    assert guest().get("/travel/requests").text.count("葛家驿站") == 0


def test_without_a_code_nothing_is_asked_and_nobody_is_told(rows: SmallCounty, pigeon: Pigeon) -> None:
    web = TestClient(create_app(), headers={"accept": "text/html", "sec-fetch-site": "same-origin"}, follow_redirects=False)
    answer = web.post("/travel/requests", data=form(rows, phone="13988887777"))
    assert answer.status_code == 422 and "先要验证码" in answer.text
    assert web.post("/travel/requests", data=form(rows, phone="12", step="code")).status_code == 422
    assert not rows_of() and not pigeon.sent


def test_the_same_form_twice_asks_once_and_the_same_way_twice_is_refused(rows: SmallCounty) -> None:
    web = villager(rows)
    for _ in range(2):
        assert web.post("/travel/requests", data=form(rows, form_key="k1")).status_code == 303
    assert len(rows_of()) == 1
    again = web.post("/travel/requests", data=form(rows, form_key="k2"))
    assert again.status_code == 409 and "已经要过了" in again.text
    assert len(rows_of()) == 1


def test_the_phone_of_a_note_is_masked_and_what_was_written_is_forgotten_a_month_later(rows: SmallCounty) -> None:
    asks(rows, note="打我 13911112222")
    desk = signed_in(rows, "dispatcher").get("/ops/requests").text
    assert "139****2222" in desk and "13911112222" not in desk
    with clock.at(clock.on(TOMORROW + timedelta(days=31), 0)):
        with db.writing() as session:
            lapse_due(session, rows.id)
            forget_old(session, rows.id)
        assert [(r.note_sealed, r.status) for r in rows_of()] == [("", "lapsed")]


HOSTILE = [
    ({"seats": "999999999999999999999"}, "seats"), ({"seats": "-1"}, "seats"), ({"seats": "0"}, "seats"), ({"seats": "21"}, "seats"), ({"seats": "٣"}, "seats"),
    ({"on": "2020-01-01"}, "on"), ({"on": DAY.replace(year=2027).isoformat()}, "on"), ({"on": "明天"}, "on"), ({"on": DAY.isoformat(), "earliest": "08:00", "latest": "09:10"}, "latest"),
    ({"earliest": "25:00"}, "earliest"), ({"earliest": "10:00", "latest": "09:00"}, "latest"), ({"start": "火星"}, "start"), ({"start": "驿站"}, "start"),
    ({"start": "县城"}, "to"), ({"to": "' OR 1=1 --"}, "to"), ({"note": "长" * 10_000}, "note"), ({"note": "\u200b\u200b"}, "note"), ({"purpose": "war"}, "purpose"),
]  # fmt: skip


def test_what_cannot_be_is_said_at_its_field_with_all_that_was_typed(rows: SmallCounty) -> None:
    web = villager(rows)
    for wrong, field in HOSTILE:
        answer = web.post("/travel/requests", data=form(rows, **wrong), headers={"accept": "text/html"})
        assert (wrong, answer.status_code) == (wrong, 422)
        assert f'id="e-{field}"' in answer.text, wrong
        assert 'value="2"' in answer.text or "seats" in wrong
    assert web.post("/travel/requests", data=form(rows, admin="1")).status_code == 422
    assert web.post("/travel/requests", data=form(rows, note="长" * 30_000)).status_code in (413, 422)
    assert not rows_of()


def test_one_person_cannot_flood_the_dispatcher(rows: SmallCounty) -> None:
    web = villager(rows)
    for n in range(MOST_OPEN):
        assert web.post("/travel/requests", data=form(rows, on=(TOMORROW + timedelta(days=n)).isoformat())).status_code == 303
    more = web.post("/travel/requests", data=form(rows, on=(TOMORROW + timedelta(days=9)).isoformat()))
    assert more.status_code == 409 and "还有 5 个没答复" in more.text
    answers = [web.post("/travel/requests", data=form(rows, on=(TOMORROW + timedelta(days=9)).isoformat())).status_code for _ in range(12)]
    assert answers[-1] == 429
    assert len(rows_of()) == MOST_OPEN


def test_anothers_request_is_not_there_and_ones_own_can_be_taken_back(rows: SmallCounty) -> None:
    web = asks(rows)
    (row,) = rows_of()
    assert villager(rows).post(f"/travel/requests/{row.code}/withdrawal").status_code == 404
    assert villager(rows).post(f"/api/v1/travel/requests/{row.code}/withdrawal").status_code == 404
    assert guest().post(f"/travel/requests/{row.code}/withdrawal", headers={"sec-fetch-site": "same-origin"}).status_code == 303
    assert rows_of()[0].status == "asked"
    for _ in range(2):
        assert web.post(f"/travel/requests/{row.code}/withdrawal").status_code == 303
    assert rows_of()[0].status == "withdrawn"
    assert "撤回了" in web.get("/travel/requests").text
    assert "没有等答复的" in signed_in(rows, "dispatcher").get("/ops/requests").text


def test_a_request_nobody_answered_lapses_and_is_told_once(rows: SmallCounty) -> None:
    asks(rows)
    with clock.at(clock.on(TOMORROW, 8 * 60 + 41)):
        for _ in range(2):
            with db.writing() as session:
                lapse_due(session, rows.id)
    assert rows_of()[0].status == "lapsed"
    assert len([m for m in messages() if "没有凑成" in m]) == 1


def test_programs_ask_see_and_withdraw(rows: SmallCounty) -> None:
    web = villager(rows)
    body = {
        "start": rows.stations[0].code,
        "goal": "县城",
        "date": TOMORROW.isoformat(),
        "earliest": "08:20",
        "latest": "08:40",
        "seats": 2,
    }
    made = web.post("/api/v1/travel/requests", json=body, headers={"Idempotency-Key": "a"})
    assert made.status_code == 201
    assert web.post("/api/v1/travel/requests", json=body, headers={"Idempotency-Key": "a"}).json() == made.json()
    assert web.post("/api/v1/travel/requests", json=body).json()["code"] == "asked_already"
    (item,) = web.get("/api/v1/travel/requests").json()["items"]
    assert (item["id"], item["status"], item["people"], item["gathered_seats"], item["run"]) == (made.json()["id"], "asked", 1, 2, None)
    for wrong in (
        {"seats": 21},
        {"seats": "2"},
        {"earliest": "99:99"},
        {"date": "2020-01-01"},
        {"goal": body["start"]},
        {"start": "驿站"},
        {"note": "长" * 10_000},
        {"x": 1},
    ):
        assert web.post("/api/v1/travel/requests", json={**body, **wrong}).status_code == 422, wrong
    assert web.post("/api/v1/travel/requests", json={**body, "start": "火星"}).status_code == 404
    assert watched(TestClient(create_app())).post("/api/v1/travel/requests", json=body).status_code == 401
    assert web.post(f"/api/v1/travel/requests/{item['id']}/withdrawal").json()["status"] == "withdrawn"


def test_where_no_code_can_be_sent_one_is_sent_to_sign_in(rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    install_sender(None)
    monkeypatch.setattr(settings, "demo", False)
    page = guest().get("/travel/requests/new").text
    assert "/login?next=/travel/requests/new" in page and 'name="phone"' not in page


def test_ones_page_asks_as_much_for_many_as_for_one(rows: SmallCounty) -> None:
    web = asks(rows)
    actor = Actor(tenant_id=rows.id, user_id=rows_of()[0].user_id)

    def asked() -> int:
        with db.reading() as session:
            return statements_of(lambda: mine(session, actor))

    one = asked()
    for n in range(1, MOST_OPEN):
        web.post("/travel/requests", data=form(rows, on=(TOMORROW + timedelta(days=n)).isoformat()))
        asks(rows, start="海头", on=(TOMORROW + timedelta(days=n)).isoformat())
    assert asked() == one
    with db.reading() as session:
        assert [m.people for m in mine(session, actor)] == [2, 2, 2, 2, 1]
