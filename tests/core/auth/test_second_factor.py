"""Staff outside the demo prove a second factor before any of their posts counts."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db
from core.auth import second_factor
from core.auth.models import User
from core.auth.service import grant
from core.permissions import STAFF
from core.settings import settings
from fulfillment.income.models import IncomeEntry
from tests.core.auth.conftest import PASSWORD, digits_of, sign_in
from tests.permissions.routes import declared, filled
from tests.shop.buying import open_roads
from tests.shop.earning import sell

PHONE = "13911112222"
EVERY_POST = [("admin", "county", ""), ("finance", "county", ""), ("dispatcher", "county", ""), ("driver", "line", "sm-l1"),
              ("sorter", "hub", "sm-hub"), ("seller", "own", ""), ("partner", "partner", "小县公交")]  # fmt: skip


@pytest.fixture
def staff(person, county):
    own = county.stations[0].code
    return person(
        PHONE, *EVERY_POST, ("master", "station", own), ("helper", "station", own), ("merchant", "own", county.growers[1].code),
        ("grower", "own", county.growers[1].code),
    )  # fmt: skip


@pytest.fixture
def master(person, county):
    return person(PHONE, ("master", "station", county.stations[0].code))


@pytest.mark.usefixtures("production")
def test_no_staff_route_opens_without_the_second_factor(visit, staff, county):
    client = visit()
    entered = sign_in(client, PHONE, next="/station/income")
    assert entered.headers["location"] == "/account/second-factor?next=/station/income"
    tried = 0
    for method, path, roles in declared():
        if not set(roles) & STAFF or "grower" in roles:
            continue
        tried += 1
        address = filled(path, county.stations[0].code)
        program = client.request(method, address, headers={"accept": "application/json"})
        assert (program.status_code, program.json()["code"]) == (403, "second_factor_needed"), path
        if path.startswith("/api/"):
            continue
        page = client.request(method, address)
        assert page.status_code == 303, path
        assert page.headers["location"].startswith("/account/second-factor?next="), path
        fragment = client.request(method, address, headers={"hx-request": "true"})
        assert fragment.headers["hx-redirect"].startswith("/account/second-factor"), path
    assert tried >= 5


@pytest.mark.usefixtures("demo")
def test_a_staff_role_is_no_help_elsewhere_without_the_second_factor(visit, person, county, monkeypatch):
    """Routes open to any member look at roles too: a master's income, seen through /api/v1/income, must stay shut."""

    with db.writing() as session:
        open_roads(session, county)
    sell(county, ("tomato", 1))
    with db.reading() as session:
        entry = session.exec(select(IncomeEntry).where(IncomeEntry.party_kind == "station")).first()
    user = person(PHONE)
    with db.writing() as session:
        grant(session, session.get_one(User, user.id), "master", tenant_id=county.id, scope_kind="station", scope_code=entry.party_code)
    monkeypatch.setattr(settings, "demo", False)
    client = visit(program=True)
    client.post("/api/v1/auth/sessions", json={"phone": PHONE, "password": PASSWORD})
    assert client.get(f"/api/v1/income/{entry.code}").status_code == 404
    _set_up(client, user)
    assert client.get(f"/api/v1/income/{entry.code}").status_code == 200


def _set_up(client, user) -> None:
    same = {"sec-fetch-site": "same-origin"}
    client.post("/account/second-factor/setup", headers=same)
    assert client.post("/account/second-factor", data={"digits": digits_of(user)}, headers=same).status_code == 303


@pytest.mark.usefixtures("production")
def test_setting_up_and_proving_from_the_first_sign_in_to_the_next(visit, master):
    client = visit()
    led = sign_in(client, PHONE, next="/station")
    offered = client.get(led.headers["location"])
    assert "开通第二步验证" in offered.text
    begun = client.post("/account/second-factor/setup", data={"next": "/station"})
    shown = client.get(begun.headers["location"])
    assert "data:image/svg+xml" in shown.text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown.text)
    assert secret
    digits = digits_of(master)
    wrong = client.post("/account/second-factor", data={"digits": f"{(int(digits) + 1) % 10**6:06d}", "next": "/station"})
    assert wrong.status_code == 422
    before = client.cookies["__Host-sid"]
    proved = client.post("/account/second-factor", data={"digits": digits, "next": "/station"})
    assert client.cookies["__Host-sid"] != before, "who may do more carries another token"
    stolen = visit()
    stolen.cookies.set("__Host-sid", before)
    assert stolen.get("/account").status_code == 303
    assert (proved.status_code, proved.headers["location"]) == (303, "/station")
    assert client.get("/station").status_code == 200
    assert secret[1] not in client.get("/account/second-factor").text, "the secret is shown only while it is set up"
    assert client.post("/account/second-factor/setup").status_code == 422, "nobody can put another in its place"
    elsewhere = visit()
    sign_in(elsewhere, PHONE)
    assert elsewhere.get("/station").status_code == 303
    assert elsewhere.post("/account/second-factor", data={"digits": digits}).status_code == 422, "digits work once"
    with clock.at(clock.now() + timedelta(seconds=60)):
        home = elsewhere.post("/account/second-factor", data={"digits": digits_of(master)})
        assert home.headers["location"] == "/station"
        assert elsewhere.get("/station").status_code == 200


@pytest.mark.usefixtures("production")
def test_staff_are_signed_out_after_half_an_hour_of_rest_and_after_twelve_hours_of_work(visit, master):
    client, start = visit(), clock.now()
    sign_in(client, PHONE)
    client.post("/account/second-factor/setup")
    client.post("/account/second-factor", data={"digits": digits_of(master)})
    for minutes in range(20, 12 * 60, 20):
        with clock.at(start + timedelta(minutes=minutes)):
            assert client.get("/account").status_code == 200
    with clock.at(start + timedelta(hours=12, minutes=1)):
        assert client.get("/account").status_code == 303
    sign_in(client, PHONE)
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert client.get("/account").status_code == 303


@pytest.mark.usefixtures("production")
def test_a_lost_phone_means_setting_up_anew(visit, master):
    client = visit()
    sign_in(client, PHONE)
    client.post("/account/second-factor/setup")
    client.post("/account/second-factor", data={"digits": digits_of(master)})
    with db.writing() as session:
        second_factor.forget(session, session.get_one(User, master.id))
    again = visit()
    sign_in(again, PHONE)
    assert "开通第二步验证" in again.get("/account/second-factor").text


@pytest.mark.usefixtures("demo")
def test_the_demo_waives_it_and_says_so(visit, master):
    client = visit()
    assert sign_in(client, PHONE).headers["location"] == "/station"
    assert client.get("/station").status_code == 200
    assert "第二步验证已免去" in client.get("/account").text
    assert "第二步验证已免去" in visit().get("/login").text


def test_outside_the_demo_nobody_is_named_on_the_login_page(visit, production):
    page = visit().get("/login").text
    assert "13800000001" not in page
    assert "jishi-demo" not in page
    assert not settings.is_demo
