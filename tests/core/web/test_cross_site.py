"""H1–H4 over HTTP: what other sites' pages may not do, and what old browsers still can."""

import pytest

from tests.core.auth.conftest import PASSWORD, sign_in

PHONE = "13911112222"
pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def member(visit, person):
    person(PHONE)
    client = visit()
    sign_in(client, PHONE)
    del client.headers["sec-fetch-site"]
    return client


def test_an_old_browser_without_origin_acts_by_its_token_only(member):
    """H3."""
    assert member.post("/logout").status_code == 403
    assert member.post("/logout", headers={"x-csrf-token": "guess"}).status_code == 403
    assert member.get("/account").status_code == 200
    assert member.post("/logout", headers={"x-csrf-token": member.cookies["csrf"]}).status_code == 303
    assert member.get("/account").status_code == 303


def test_another_sites_page_cannot_sign_a_visitor_in_as_somebody_else(visit, person):
    """Login forgery: there is no session cookie yet, and still it is refused."""
    person(PHONE)
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "", "origin": "https://evil.cn"}):
        answer = visit().post("/login", data={"phone": PHONE, "password": PASSWORD}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_a_strange_cookie_beside_the_session_changes_nothing(member):
    """A parser that gives up at a foreign cookie must not think that there is no session."""
    sid = member.cookies["sid"]
    member.cookies.clear()
    for cookie in (f'bad[]={{"a":1}}; sid={sid}', f"sid={sid}; =;;; x", f'"; sid={sid}'):
        assert member.get("/account", headers={"cookie": cookie}).status_code == 200, cookie
        assert member.post("/logout", headers={"cookie": cookie}).status_code == 403, cookie


def test_a_refusal_is_a_page_to_people_and_a_problem_to_programs(member):
    page = member.post("/logout", headers={"origin": "https://evil.cn"})
    assert page.headers["content-type"].startswith("text/html")
    assert "不是从本站页面发出的" in page.text
    problem = member.post("/logout", headers={"origin": "https://evil.cn", "accept": "application/json"})
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "cross_site"
    for answer in (page, problem):
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_form_sent_to_a_json_route_is_refused(visit, person):
    """H14."""
    person(PHONE)
    answer = visit().post("/api/v1/auth/sessions", data={"phone": PHONE, "password": PASSWORD})
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


def test_a_bearer_needs_no_origin_and_a_cookie_beside_it_does_not_count(visit, person):
    person(PHONE)
    program = visit(program=True)
    token = program.post("/api/v1/auth/sessions", json={"phone": PHONE, "password": PASSWORD, "token": True}).json()["token"]
    bearer = {"authorization": f"Bearer {token}"}
    assert program.get("/account", headers={**bearer, "accept": "text/html"}).status_code == 200
    assert program.post("/logout", headers={**bearer, "origin": "https://elsewhere.example"}).status_code == 303
    browser = visit()
    sign_in(browser, PHONE)
    assert browser.get("/account", headers={"authorization": "Bearer wrong"}).status_code == 303
