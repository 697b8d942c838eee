"""Refusals are words: problem+json to programs, a page to people, nothing of our insides to anybody."""

import sqlite3

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError, OperationalError

from core.errors import Conflict
from shop.app import create_app

PAGE = {"Accept": "text/html"}


class Wanted(BaseModel):
    model_config = {"extra": "forbid"}
    qty: int = Field(ge=1, le=99)


@pytest.fixture
def client(database):
    app = create_app()
    router = APIRouter(prefix="/api/v1/test")

    @router.post("/quantity")
    def quantity(body: Wanted) -> int:
        return body.qty

    @router.get("/{what}")
    def fail(what: str) -> None:
        raise {
            "conflict": Conflict("卖完了", left=3),
            "locked": OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked")),
            "broken": IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE constraint failed: secret.column")),
            "bug": RuntimeError("the secret is hunter2"),
            "huge": OverflowError("Python int too large to convert to SQLite INTEGER"),
        }[what]

    app.include_router(router)
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


def _problem(client, what: str):
    answer = client.get(f"/api/v1/test/{what}")
    assert answer.headers["content-type"] == "application/problem+json"
    return answer


def test_a_refusal_tells_its_code_and_facts(client):
    answer = _problem(client, "conflict")
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "urn:jishi:conflict",
        "title": "conflict",
        "status": 409,
        "code": "conflict",
        "detail": "卖完了",
        "left": 3,
    }


def test_a_busy_database_is_503_and_says_when_to_try_again(client):
    answer = _problem(client, "locked")
    assert (answer.status_code, answer.json()["code"], int(answer.headers["retry-after"]) > 0) == (503, "busy", True)


@pytest.mark.parametrize("what", ["broken", "bug"])
def test_our_own_failures_show_nothing_of_our_insides(client, what):
    answer = _problem(client, what)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert not any(word in answer.text for word in ("secret", "hunter2", "Traceback", "UNIQUE"))
    assert "content-security-policy" in answer.headers


def test_a_number_no_database_can_hold_is_refused_not_an_error(client):
    assert _problem(client, "huge").status_code == 422


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"qty": 0}, "qty", "不能小于 1"),
        ({"qty": 100}, "qty", "不能大于 99"),
        ({"qty": "many"}, "qty", "请填写整数"),
        ({}, "qty", "请填写这一项"),
        ({"qty": 1, "paid": True}, "paid", "没有这一项"),
        ({"qty": 1e400}, "qty", "请填写一个数"),
    ],
)
def test_wrong_input_names_the_field_in_plain_words(client, body, field, words):
    import json

    answer = client.post("/api/v1/test/quantity", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert {"field": field, "words": words}.items() <= answer.json()["errors"][0].items()


def test_broken_json_is_refused_in_words(client):
    answer = client.post("/api/v1/test/quantity", content=b'{"qty": ', headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["words"]) == (422, "JSON 写法不对")


def test_people_get_a_page_and_programs_a_problem(client):
    page = client.get("/nowhere", headers=PAGE)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "没有找到这个页面" in page.text
    assert client.get("/api/v1/nowhere", headers=PAGE).headers["content-type"] == "application/problem+json"
    assert client.delete("/healthz").status_code == 405


def test_programs_get_a_problem_wherever_they_are_refused_and_whatever_they_say_they_read(client):
    early = {
        413: client.post("/api/v1/quotes", content=b"x" * 1_100_000, headers=PAGE),
        400: client.get("/api/v1/track/%00", headers=PAGE),
        403: client.post("/api/v1/quotes", json={}, headers={**PAGE, "cookie": "sid=x", "sec-fetch-site": "cross-site"}),
        405: client.request("TRACE", "/en/api/v1/quotes", headers=PAGE),
    }
    for status, answer in early.items():
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_page_of_refusal_has_a_head_and_calls_fields_by_their_names(client, county_rows):
    page = client.post("/login", data={"phone": "1" * 201, "password": "2" * 201}, headers={**PAGE, "sec-fetch-site": "same-origin"})
    assert page.status_code == 422
    assert page.text.count("<h1") == 1
    assert "手机号：" in page.text and "密码：" in page.text and "password：" not in page.text


@pytest.mark.parametrize(
    ("asked", "above"), [("/cart/lines", "/cart"), ("/login/code", "/login"), ("/en/cart/lines", "/en/cart"), ("/logout", "/")]
)
def test_an_address_that_only_takes_forms_leads_to_its_page(client, asked, above):
    answer = client.get(asked, headers=PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, above)
    assert client.get(asked).status_code == 405, "programs are told what is wrong"


def test_static_files_are_kept_by_browsers_and_checked_by_etag(client):
    first = client.get("/static/css/tokens.css")
    assert "max-age=300" in first.headers["cache-control"]
    assert client.get("/static/css/tokens.css", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert "immutable" in client.get("/static/vendor/htmx-2.0.11.min.js").headers["cache-control"]
    assert client.get("/static/../pyproject.toml").status_code == 404
    assert client.get("/static/%2e%2e/pyproject.toml").status_code == 404
