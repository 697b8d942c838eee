"""What the operator does on the machine: the first administrator, and one who is locked out."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import audit, clock, db
from core.auth import passwords
from core.auth.models import SecondFactor, User
from core.errors import NotFound, Refused
from shop.people import operator
from shop.people.service import KeptApart
from tests.core.auth.conftest import PASSWORD, digits_of, production, sign_in

__all__ = ["production"]

PHONE, OWN = "13911112222", "another long sentence"


@pytest.fixture
def once(county, production):
    """Makes an administrator; the one-time password."""

    def made(name="应国华") -> str:
        password = operator.one_time_password()
        with db.writing() as session:
            operator.add_admin(session, phone=PHONE, name=name, hashed=passwords.hash_password(password), tenant_id=county.id)
        return password

    return made


def _user() -> User:
    with db.reading() as session:
        return session.exec(select(User)).one()


def _choose(client, password=OWN, **more):
    return client.post("/account/password", data={"password": password, **more})


def _prove(client) -> None:
    client.post("/account/second-factor/setup", data={})
    assert client.post("/account/second-factor", data={"digits": digits_of(_user())}).status_code == 303


def test_an_administrator_chooses_a_password_then_the_second_step_and_only_then_works(once, visit):
    client, password = visit(), once()
    entered = sign_in(client, PHONE, password, next="/county/people")
    assert entered.headers["location"] == "/account/password?next=/county/people"
    assert client.get("/county/people").headers["location"].startswith("/account/second-factor")
    assert client.get("/account/second-factor?next=/county").headers["location"] == "/account/password?next=/county"
    for path, form in (("setup", {}), ("", {"digits": "123456"})):
        answer = client.post(f"/account/second-factor/{path}".rstrip("/"), data=form)
        assert answer.headers["location"].startswith("/account/password")
    shown = client.get("/account/password?next=/county/people").text
    assert 'name="old"' not in shown and 'value="/county/people"' in shown
    chosen = _choose(client, next="/county/people")
    assert chosen.headers["location"] == "/account/second-factor?next=/county/people"
    _prove(client)
    assert client.get("/county/people").status_code == 200
    said = client.get(f"/county/people/{_user().code}").text
    assert "在服务器上设为县管理员" in said and "管服务器的人" in said and "operator" not in said
    assert "验证码" not in client.get("/county/people/new?role=dispatcher").text, "nobody sends messages here"
    assert sign_in(visit(), PHONE, password).status_code == 422, "the one-time password opens nothing more"
    assert sign_in(visit(), PHONE, OWN).status_code == 303


def test_the_one_time_password_cannot_be_kept(once, visit):
    client, password = visit(), once()
    sign_in(client, PHONE, password)
    kept = _choose(client, password)
    assert kept.status_code == 422
    assert "换一个" in kept.text


def test_the_one_time_password_opens_for_a_day(once, visit):
    password = once()
    with clock.at(clock.now() + timedelta(hours=23, minutes=59)):
        assert sign_in(visit(), PHONE, password).status_code == 303
    with clock.at(clock.now() + timedelta(hours=24, seconds=1)):
        assert sign_in(visit(), PHONE, password).status_code == 422


def test_who_is_locked_out_is_let_in_anew_and_what_was_before_opens_nothing(once, visit):
    client = visit()
    sign_in(client, PHONE, once())
    _choose(client)
    _prove(client)
    again = once(name="")
    assert client.get("/county/people").headers["location"].startswith("/login")
    assert sign_in(visit(), PHONE, OWN).status_code == 422
    with db.reading() as session:
        assert session.exec(select(SecondFactor)).all() == []
        assert session.exec(select(User)).one().name == "应国华"
        acts = [(e.act, e.actor) for e in session.exec(select(audit.AuditEntry)) if e.act == "admin.invite"]
    assert acts == [("admin.invite", "operator")] * 2
    assert sign_in(visit(), PHONE, again).headers["location"].startswith("/account/password")


def test_a_member_who_is_let_in_anew_sees_the_shop_after_choosing(once, visit, person, county):
    other, password = "13911113333", operator.one_time_password()
    person(other, ("consumer", "own", ""))
    with db.writing() as session:
        operator.renew(session, phone=other, hashed=passwords.hash_password(password), tenant_id=county.id)
    client = visit()
    assert sign_in(client, other, PASSWORD).status_code == 422
    assert sign_in(client, other, password, next="/orders").headers["location"] == "/account/password?next=/orders"
    assert _choose(client, next="/orders").headers["location"] == "/orders"


def test_nobody_is_administrator_and_finance_and_an_unknown_phone_is_said(once, person, county):
    person("13911114444", ("finance", "county", ""))
    with pytest.raises(KeptApart), db.writing() as session:
        operator.add_admin(session, phone="13911114444", name="", hashed="x", tenant_id=county.id)
    with pytest.raises(NotFound), db.writing() as session:
        operator.renew(session, phone="13911115555", hashed="x", tenant_id=county.id)
    with pytest.raises(Refused), db.writing() as session:
        operator.add_admin(session, phone="13911115555", name=" ", hashed="x", tenant_id=county.id)
