"""Signing in and out over HTTP, by password and by code."""

import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlmodel import col, select

from core import audit, clock, db
from core.auth import passwords, service
from core.auth.models import SignIn, User
from core.auth.passwords import _hasher as of_a_shop  # before the tests' light one takes its place
from tests.core.auth.conftest import PASSWORD, code_sent, sign_in

PHONE, OTHER = "13911112222", "13911113333"
pytestmark = pytest.mark.usefixtures("demo")


def test_a_password_opens_the_door_and_goes_where_it_was_wanted(visit, person):
    person(PHONE, ("consumer", "own", ""))
    client = visit()
    led = client.get("/account")
    assert led.status_code == 303
    assert led.headers["location"] == "/login?next=/account"
    entered = sign_in(client, PHONE, next="/account")
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    shown = client.get("/account")
    assert "139****2222" in shown.text
    assert PHONE not in shown.text
    with db.reading() as session:
        assert [e.act for e in session.exec(select(audit.AuditEntry))] == ["sign_in"]


@pytest.mark.parametrize("phone", [PHONE, OTHER])
def test_a_wrong_password_and_an_unknown_phone_are_told_alike(visit, person, phone):
    person(PHONE)
    answer = sign_in(visit(), phone, "not the password")
    assert answer.status_code == 422
    assert "手机号或密码不对" in answer.text
    assert "set-cookie" not in answer.headers
    assert phone in answer.text, "what was typed stays"
    program = visit(program=True).post("/api/v1/auth/sessions", json={"phone": phone, "password": "not the password"})
    assert (program.status_code, program.json()["code"]) == (401, "sign_in_wrong")


def test_a_passwords_hash_costs_what_owasp_asks_for(monkeypatch):
    """argon2id twice over 19 MiB (OWASP, Password Storage Cheat Sheet)."""
    monkeypatch.setattr(passwords, "_hasher", of_a_shop)
    assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_five_failures_close_the_door_for_a_quarter_of_an_hour_but_not_the_way_by_code(visit, person, capsys):
    person(PHONE)
    client = visit()
    for _ in range(5):
        assert sign_in(client, PHONE, "wrong").status_code == 422
    closed = sign_in(client, PHONE)
    assert closed.status_code == 429
    assert "15 分钟" in closed.text
    program = visit(program=True).post("/api/v1/auth/sessions", json={"phone": PHONE, "password": PASSWORD})
    assert (program.status_code, program.json()["code"], program.headers["retry-after"]) == (429, "sign_in_closed", "900")
    assert client.post("/login/code", data={"phone": PHONE}).status_code == 200
    assert client.post("/login", data={"phone": PHONE, "otp": code_sent(capsys)}).status_code == 303


def test_the_closed_door_opens_again(visit, person):
    person(PHONE)
    client = visit()
    for _ in range(5):
        sign_in(client, PHONE, "wrong")
    with clock.at(clock.now() + timedelta(minutes=15, seconds=1)):
        assert sign_in(client, PHONE).status_code == 303
    with clock.at(clock.now() + timedelta(minutes=15, seconds=2)):
        assert sign_in(client, PHONE, "wrong").status_code == 422, "a right password forgot the wrong ones"


def test_tries_sent_side_by_side_count_too(database):
    with db.writing():
        pass
    counted: list[bool] = []

    def attempt() -> None:
        try:
            with db.writing() as session:
                service.take_try(session, PHONE)
            counted.append(True)
        except service.DoorClosed:
            counted.append(False)

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == [False] * 7 + [True] * 5


def test_a_new_phone_that_proves_itself_by_code_becomes_a_member(visit, capsys):
    client = visit()
    asked = client.post("/login/code", data={"phone": "+86 139 1111 2222", "next": "/orders"})
    assert "验证码已发出" in asked.text
    digits, receipt = code_sent(capsys), client.cookies["receipt"]
    entered = client.post("/login", data={"phone": PHONE, "otp": digits, "next": "/orders"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/orders")
    assert "139****2222" in client.get("/account").text
    client.cookies.set("receipt", receipt)
    again = client.post("/login", data={"phone": PHONE, "otp": digits})
    assert again.status_code == 422, "a code works once"


def test_where_no_code_could_be_sent_none_is_asked_for(visit):
    wrong = visit().post("/login/code", data={"phone": "1391111222", "next": "/orders"})
    assert wrong.status_code == 422
    assert 'id="e-phone"' in wrong.text and 'value="1391111222"' in wrong.text
    assert "没有密码，发验证码到手机" in wrong.text and 'name="otp"' not in wrong.text


def test_a_code_that_was_lost_can_be_asked_for_again(visit, capsys):
    client = visit()
    sent = client.post("/login/code", data={"phone": PHONE, "by": "code"})
    assert 'formaction="/login/code"' in sent.text and "再发一次验证码" in sent.text
    again = client.post("/login/code", data={"phone": PHONE, "by": "code", "otp": "12"})
    assert again.status_code == 429 and 'name="otp"' in again.text, "the first one is still good"
    empty = client.post("/login", data={"phone": PHONE, "by": "code", "otp": ""})
    assert empty.status_code == 422 and 'id="e-otp"' in empty.text and "再发一次验证码" in empty.text
    assert client.post("/login", data={"phone": PHONE, "by": "code", "otp": code_sent(capsys)}).status_code == 303
    assert client.get("/login/code").headers["location"] == "/login"


def test_a_code_for_one_phone_does_not_open_another(visit, person, capsys):
    """H22."""
    person(OTHER)
    client = visit()
    client.post("/login/code", data={"phone": PHONE})
    digits = code_sent(capsys)
    assert client.post("/login", data={"phone": OTHER, "otp": digits}).status_code == 422
    assert client.post("/login", data={"phone": PHONE, "otp": digits}).status_code == 303


def test_a_code_opens_only_in_the_browser_that_asked_for_it(visit, capsys):
    """ASVS 6.6: overheard digits open nothing elsewhere; without its cookie the browser itself is led to a new code."""
    asked, stranger, program = visit(), visit(), visit(program=True)
    sent = asked.post("/login/code", data={"phone": PHONE})
    assert "HttpOnly" in sent.headers["set-cookie"] and "Max-Age=300" in sent.headers["set-cookie"]
    digits = code_sent(capsys)
    elsewhere = stranger.post("/login", data={"phone": PHONE, "otp": digits, "by": "code"})
    assert elsewhere.status_code == 422 and "再发一次验证码" in elsewhere.text and "set-cookie" not in elsewhere.headers
    stranger.cookies.set("receipt", "made up")
    assert stranger.post("/login", data={"phone": PHONE, "otp": digits}).status_code == 422
    told = program.post("/api/v1/auth/sessions", json={"phone": PHONE, "otp": digits})
    assert (told.status_code, told.json()["code"]) == (401, "sign_in_wrong")
    kept = asked.cookies["receipt"]
    asked.cookies.delete("receipt")
    assert asked.post("/login", data={"phone": PHONE, "otp": digits}).status_code == 422, "a lost cookie"
    asked.cookies.set("receipt", kept)
    entered = asked.post("/login", data={"phone": PHONE, "otp": digits})
    assert entered.status_code == 303, "strangers' tries were not counted"
    assert "receipt=; Max-Age=0" in str(entered.headers.get_list("set-cookie"))


def test_a_stranger_who_asks_for_a_phone_voids_nobodys_code(visit, capsys):
    mine, stranger = visit(), visit()
    mine.post("/login/code", data={"phone": PHONE})
    digits = code_sent(capsys)
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert stranger.post("/login/code", data={"phone": PHONE}).status_code == 200
        assert mine.post("/login", data={"phone": PHONE, "otp": digits}).status_code == 303


def test_a_program_without_cookies_shows_the_receipt_of_its_code(visit, capsys):
    asked = visit(program=True).post("/api/v1/auth/codes", json={"phone": PHONE}).json()
    body = {"phone": PHONE, "otp": code_sent(capsys)}
    assert visit(program=True).post("/api/v1/auth/sessions", json=body).status_code == 401
    assert visit(program=True).post("/api/v1/auth/sessions", json={**body, "receipt": asked["receipt"]}).status_code == 201


def test_six_digits_cannot_be_guessed(visit, capsys):
    """H21: after five tries not even the right digits open, and no new ones come within the minute."""
    program = visit(program=True)
    assert program.post("/api/v1/auth/codes", json={"phone": PHONE}).status_code == 202
    digits = code_sent(capsys)
    wrong = [f"{n:06d}" for n in range(1000) if f"{n:06d}" != digits][:50]
    tried = {program.post("/api/v1/auth/sessions", json={"phone": PHONE, "otp": guess}).status_code for guess in wrong}
    assert tried == {401}
    assert program.post("/api/v1/auth/sessions", json={"phone": PHONE, "otp": digits}).status_code == 401
    refused = program.post("/api/v1/auth/codes", json={"phone": PHONE})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_at_most_five_codes_an_hour(visit):
    start, client = clock.now(), visit(program=True)
    answers = []
    for n in range(6):
        with clock.at(start + timedelta(minutes=2 * n)):
            answers.append(client.post("/api/v1/auth/codes", json={"phone": PHONE}))
    assert [a.status_code for a in answers] == [202] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) == 50 * 60


def test_a_disabled_person_enters_by_neither_way(visit, person, capsys):
    user = person(PHONE)
    client = visit()
    sign_in(client, PHONE)
    with db.writing() as session:
        session.get_one(User, user.id).disabled_at = clock.now()
    assert client.get("/account").status_code == 303, "the open session is void"
    assert sign_in(client, PHONE).status_code == 422
    client.post("/login/code", data={"phone": PHONE})
    told = client.post("/login", data={"phone": PHONE, "otp": code_sent(capsys)})
    assert told.status_code == 422
    assert "停用" in told.text


def test_a_session_set_before_sign_in_is_not_the_one_after(visit, person, county):
    """H5: neither a made-up id nor a guest's own survives; the guest's basket does."""
    person(PHONE)
    planted = visit().post("/login", data={"phone": PHONE, "password": PASSWORD}, headers={"cookie": "sid=planted"})
    assert "sid=planted" not in planted.headers["set-cookie"]
    guest = visit()
    guest.post("/cart/lines", data={"sku": county.variants["tomato"].sku, "qty": "2"})
    before = guest.cookies["sid"]
    sign_in(guest, PHONE)
    after = guest.cookies["sid"]
    assert before != after
    assert "高山西红柿" in guest.get("/cart").text, "the basket came along"
    thief = visit()
    thief.cookies.set("sid", before)
    assert "高山西红柿" not in thief.get("/cart").text
    assert thief.get("/account").status_code == 303


def test_signing_in_as_somebody_else_ends_the_first_session(visit, person):
    person(PHONE)
    person(OTHER)
    client = visit()
    sign_in(client, PHONE)
    first = client.cookies["sid"]
    sign_in(client, OTHER)
    thief = visit()
    thief.cookies.set("sid", first)
    assert thief.get("/account").status_code == 303


def test_a_cookie_opens_nothing_after_signing_out(visit, person):
    """H6."""
    person(PHONE)
    client = visit()
    sign_in(client, PHONE)
    kept = client.cookies["sid"]
    out = client.post("/logout")
    assert out.status_code == 303
    assert "Max-Age=0" in out.headers["set-cookie"]
    thief = visit()
    thief.cookies.set("sid", kept)
    assert thief.get("/account").headers["location"] == "/login?next=/account"


def test_another_browser_can_be_signed_out_but_nobody_elses(visit, person):
    person(PHONE)
    person(OTHER)
    lost, here, stranger = visit(), visit(), visit()
    for client, phone in ((lost, PHONE), (here, PHONE), (stranger, OTHER)):
        sign_in(client, phone)
    with db.reading() as session:
        code = session.exec(select(SignIn.code).order_by(SignIn.id)).first()
    assert stranger.post(f"/account/sessions/{code}/end").status_code == 404
    assert lost.get("/account").text.count("就是这台") == lost.get("/account").text.count("让它退出") == 1
    assert here.post(f"/account/sessions/{code}/end").status_code == 303
    assert lost.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_a_role_counts_from_the_moment_it_is_given_and_ends_when_it_is_taken(visit, person, county):
    """H7."""
    user, station = person(PHONE), county.stations[0].code
    client = visit()
    sign_in(client, PHONE)
    assert client.get("/station").status_code == 403
    with db.writing() as session:
        service.grant(session, session.get_one(User, user.id), "master", tenant_id=county.id, scope_kind="station", scope_code=station)
    assert client.get("/station").status_code == 200
    with db.writing() as session:
        service.revoke(session, user.id, "master", tenant_id=county.id, scope_kind="station", scope_code=station)
    assert client.get("/station").status_code == 403


def test_a_password_is_chosen_and_changed_and_other_browsers_leave(visit, person, capsys):
    client, elsewhere = visit(), visit()
    client.post("/login/code", data={"phone": PHONE})
    client.post("/login", data={"phone": PHONE, "otp": code_sent(capsys)})
    assert "现在的密码" not in client.get("/account/password").text
    assert "太常见" in client.post("/account/password", data={"password": "12345678"}).text
    assert client.post("/account/password", data={"password": "short"}).status_code == 422
    assert client.post("/account/password", data={"password": "first good sentence"}).status_code == 303
    assert sign_in(elsewhere, PHONE, "first good sentence").status_code == 303
    assert client.post("/account/password", data={"password": "second good sentence", "old": "guess"}).status_code == 422
    changed = client.post("/account/password", data={"password": "second good sentence", "old": "first good sentence"})
    assert changed.status_code == 303
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


ELSEWHERE = (
    "//evil.cn", "https:evil.cn", "/\\evil.cn", "javascript:alert(1)", "https://shop.cn@evil.cn", "https://evil.cn", "/%5cevil.cn/..//x",
    "/\tevil", "\\\\evil.cn", "/a\r\nLocation: //evil.cn",
)  # fmt: skip


def test_no_address_leads_off_the_site(visit, person):
    """L9–L16."""
    person(PHONE)
    client = visit()
    for onward in ELSEWHERE:
        for led in (sign_in(client, PHONE, next=onward), client.get("/login", params={"next": onward})):
            assert led.status_code == 303
            target = urlsplit(led.headers["location"])
            assert (target.scheme, target.netloc) == ("", ""), onward
            assert target.path.startswith("/") and not led.headers["location"].startswith(("//", "/\\")), onward


def test_english_visitors_stay_in_english(visit, person):
    person(PHONE)
    client = visit()
    assert client.get("/en/account").headers["location"] == "/en/login?next=/account"
    entered = client.post("/en/login", data={"phone": PHONE, "password": PASSWORD, "next": "/account"})
    assert entered.headers["location"] == "/en/account"
    assert client.get("/en/login?next=/en/orders").headers["location"] == "/en/orders"


BEARER = {"phone": PHONE, "password": PASSWORD, "token": True}


def test_a_bearer_opens_for_programs_and_the_cookie_is_set_as_ever(visit, person):
    person(PHONE)
    program = visit(program=True)
    made = program.post("/api/v1/auth/sessions", json=BEARER)
    assert made.status_code == 201
    cookie, token = program.cookies["sid"], made.json()["token"]
    assert cookie != token
    assert program.get("/account").status_code == 200, "by its cookie"
    assert visit().get("/account", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    stolen, worn = visit(), {"Authorization": f"Bearer {cookie}"}
    stolen.cookies.set("sid", token)
    assert stolen.get("/account").status_code == 303, "a Bearer is no cookie"
    assert visit().get("/account", headers=worn).status_code == 303, "and a cookie no Bearer"


@pytest.mark.parametrize("way", ["call", "page"])
def test_signing_out_ends_the_session_the_call_came_with_and_leaves_the_other(visit, person, way):
    def leave(client, **headers):
        if way == "call":
            return client.delete("/api/v1/auth/sessions/current", headers=headers)
        return client.post("/logout", headers={"sec-fetch-site": "same-origin", **headers})

    person(PHONE)
    program, other = visit(program=True), visit(program=True)
    for client in (program, other):
        token = {"Authorization": f"Bearer {client.post('/api/v1/auth/sessions', json=BEARER).json()['token']}"}
        if client is program:
            assert leave(client, **token).status_code in (204, 303)
            assert client.get("/account", headers=token).status_code == 303
            assert client.get("/account").status_code == 200, "the browser stays signed in, and keeps its cookie"
        else:
            leave(client, **{"sec-fetch-site": "same-origin"})
            assert client.get("/account").status_code == 303
            assert client.get("/account", headers=token).status_code == 200
    with db.reading() as session:
        kept = session.exec(select(SignIn).where(col(SignIn.revoked_at).is_(None)).order_by(SignIn.id)).all()
        assert [row.is_bearer for row in kept] == [False, True]


def test_a_sign_in_with_a_bearer_takes_nobodys_session_away(visit, person):
    """The browser's old session is replaced by a call that came with it; a Bearer's call replaces no session."""
    person(PHONE)
    program = visit(program=True)
    first = {"Authorization": f"Bearer {program.post('/api/v1/auth/sessions', json=BEARER).json()['token']}"}
    program.cookies.clear()
    assert program.post("/api/v1/auth/sessions", json=BEARER, headers=first).status_code == 201
    assert visit().get("/account", headers=first).status_code == 200


def test_a_gate_that_asks_for_basic_credentials_does_not_sign_people_out(visit, person):
    person(PHONE)
    client = visit()
    sign_in(client, PHONE)
    assert client.get("/account", headers={"Authorization": "Basic dGVzdDp0ZXN0"}).status_code == 200
