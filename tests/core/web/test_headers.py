"""What every answer carries: pages, calls, files, refusals and our own failures alike."""

import re
from http.cookies import SimpleCookie

import pytest
from fastapi.testclient import TestClient
from sqlmodel import func, select

from core import db
from core.settings import settings
from shop.app import create_app
from shop.tables import metadata
from tests.core.auth.conftest import PASSWORD, sign_in
from tests.permissions.routes import declared, filled

PHONE = "13911112222"
CARRIED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
ANSWERS = [
    ("GET", "/", 200), ("GET", "/login", 200), ("GET", "/nowhere", 404), ("GET", "/account", 303), ("GET", "/county", 303),
    ("GET", "/static/css/tokens.css", 200), ("GET", "/static/nowhere.css", 404), ("GET", "/api/v1/stations", 200),
    ("GET", "/api/v1/stations/nowhere", 404), ("GET", "/files/nowhere", 404), ("GET", "/healthz", 200), ("GET", "/openapi.json", 200),
    ("POST", "/", 405), ("TRACE", "/", 405), ("GET", "/%00", 400), ("POST", "/login", 422), ("GET", "/search?q=x&page=y", 200),
]  # fmt: skip


def _holds(answer, *, https: bool) -> None:
    for name, value in CARRIED.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "default-src" in policy or "sandbox" in policy
    assert "unsafe" not in policy
    assert "cache-control" in answer.headers
    assert answer.headers.get("strict-transport-security") == ("max-age=31536000; includeSubDomains" if https else None)


@pytest.mark.parametrize("mode", ["demo", "production"])
def test_every_kind_of_answer_carries_them(visit, request, mode):
    request.getfixturevalue(mode)
    client = visit()
    for method, path, status in ANSWERS:
        answer = client.request(method, path)
        assert answer.status_code == status, path
        _holds(answer, https=mode == "production")


def test_our_own_failure_carries_them_and_tells_nothing(visit, demo, monkeypatch):
    app = create_app()

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the secret is 13800138000")

    client = TestClient(app, headers={"accept": "text/html"}, raise_server_exceptions=False)
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    _holds(answer, https=False)


def _cookie(answer, name: str) -> tuple[str, dict[str, str]]:
    for line in answer.headers.get_list("set-cookie"):
        found = SimpleCookie(line)
        if name in found:
            return line, {key: str(value) for key, value in found[name].items() if value}
    raise AssertionError(f"no cookie {name} in {answer.headers}")


def test_over_https_the_session_cookie_belongs_to_this_host_alone(visit, person, production):
    person(PHONE)
    line, flags = _cookie(sign_in(visit(), PHONE), "__Host-sid")
    assert flags == {"path": "/", "secure": "True", "httponly": "True", "samesite": "Lax", "max-age": str(30 * 86400)}
    assert "domain" not in line.lower()
    assert len(re.match(r"__Host-sid=([^;]+)", line)[1]) >= 43, "256 bits"


def test_on_a_loopback_demo_it_is_plain(visit, person, demo):
    person(PHONE)
    answer = sign_in(visit(), PHONE)
    _line, flags = _cookie(answer, "sid")
    assert flags == {"path": "/", "httponly": "True", "samesite": "Lax", "max-age": str(30 * 86400)}
    _line, token = _cookie(answer, "csrf")
    assert "httponly" not in token, "the page's script sends it back"


def test_a_guests_reading_sets_no_cookie_and_writes_nothing(visit, county, demo):
    before = _rows()
    client, codes = visit(), [county.stations[0].code, county.products[0].code, "nowhere"]
    for method, path, _roles in declared():
        if method == "GET":
            for code in codes if "{" in path else [""]:
                for accept in ("text/html", "application/json"):
                    answer = client.get(filled(path, code), headers={"accept": accept})
                    assert answer.status_code < 500 or path == "/readyz", path
                    assert "set-cookie" not in answer.headers, path
    assert _rows() == before


def _rows() -> dict[str, int]:
    with db.reading() as session:
        return {name: session.scalar(select(func.count()).select_from(table)) for name, table in metadata.tables.items()}


def test_personal_pages_are_not_stored(visit, person, demo):
    person(PHONE)
    client = visit()
    sign_in(client, PHONE)
    for path in ("/account", "/orders", "/cart", "/login"):
        assert "no-store" in client.get(path).headers["cache-control"], path


def test_a_made_up_host_gets_a_page_of_ours_and_is_never_said_back(visit, person, demo, county):
    """L15: with one county it is answered as that county; no link or redirect takes the host over."""
    person(PHONE)
    client = visit()
    for path in ("/", "/login", "/account", "/villages"):
        answer = client.get(path, headers={"host": "evil.cn"})
        assert answer.status_code < 500
        assert "evil.cn" not in answer.text + str(answer.headers), path
    entered = client.post("/login", data={"phone": PHONE, "password": PASSWORD}, headers={"host": "evil.cn"})
    assert entered.headers["location"].startswith("/")
    assert settings.address not in entered.headers["location"]
