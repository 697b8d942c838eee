"""Outside the demo and without anybody who sends messages: the way by code is not offered, and nobody waits for one."""

import pytest
from sqlmodel import select

from core import db
from core.auth.models import OneTimeCode
from core.settings import settings
from tests.core.auth.conftest import sign_in

PHONE = "13911112222"
pytestmark = pytest.mark.usefixtures("production")


def test_the_login_page_offers_no_code_where_none_can_be_sent(visit, monkeypatch):
    page = visit().get("/login").text
    assert "发验证码到手机" not in page and "验证码登录" not in page and "不登录也能买" in page
    monkeypatch.setattr(settings, "sms_url", "http://sms.test/")
    assert "没有密码，发验证码到手机" in visit().get("/login").text


def test_a_code_asked_for_all_the_same_is_refused_in_words_and_none_is_made(visit):
    page = visit().post("/login/code", data={"phone": PHONE})
    assert page.status_code == 503
    assert "验证码发不出去，用密码登录" in page.text and 'name="password"' in page.text and "验证码已发出" not in page.text
    assert 'id="e-phone"' not in page.text, "nothing is wrong with the phone"
    program = visit(program=True).post("/api/v1/auth/codes", json={"phone": PHONE})
    assert (program.status_code, program.json()["code"]) == (503, "codes_not_sent")
    with db.reading() as session:
        assert session.exec(select(OneTimeCode)).all() == []


def test_the_closed_door_does_not_point_to_a_code_that_will_not_come(visit, person):
    person(PHONE)
    client = visit()
    for _ in range(5):
        sign_in(client, PHONE, "wrong")
    closed = sign_in(client, PHONE).text
    assert "15 分钟后再试" in closed and "验证码" not in closed
