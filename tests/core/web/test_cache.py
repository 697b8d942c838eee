"""Shared pages: rendered once per catalogue version and per what they read of the address, joined to each reader's own corner."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from core import clock
from core.web import cache
from core.web.pages import HOLE, SHARED


@pytest.fixture
def noon() -> Iterator[datetime]:
    instant = datetime(2026, 5, 20, 4, 1, tzinfo=UTC)
    with clock.at(instant):
        yield instant


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch, noon: datetime) -> list[int]:
    """The catalogue's version, as the test sets it; read at every request. The clock stands at a minute past noon."""
    now = [1]
    monkeypatch.setattr(cache, "_version", [lambda _host: now[0]])
    monkeypatch.setattr(cache, "RECHECK_S", -1.0)
    monkeypatch.setattr(cache, "render_me", lambda request: b"me" if "sid" in request.cookies else b"guest")
    return now


class Pages:
    """An application whose one page reads `q`; counts how often it was asked."""

    def __init__(self) -> None:
        self.rendered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.rendered += 1
        body = f"page {self.rendered} {HOLE} end".encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(SHARED.encode(), b"q page")]})
        await send({"type": "http.response.body", "body": body})


def client(app: ASGIApp) -> TestClient:
    return TestClient(cache.SharedPages(app))


def test_a_page_is_rendered_once_until_the_catalogue_changes(version: list[int]) -> None:
    pages = client(Pages())
    assert [pages.get("/").text for _ in range(3)] == ["page 1 guest end"] * 3
    version[0] = 2
    assert pages.get("/").text == "page 2 guest end"


def test_a_page_made_before_a_whole_five_minutes_is_not_shown_after_them(version: list[int], noon: datetime) -> None:
    pages = client(Pages())
    for minutes, page in [(0, 1), (3, 1), (4, 1), (4.01, 2), (8.9, 2), (9, 2), (9.1, 3)]:
        with clock.at(noon + timedelta(minutes=minutes)):
            assert pages.get("/").text == f"page {page} guest end", minutes


def test_parameters_the_page_reads_make_another_page_and_others_do_not(version: list[int]) -> None:
    pages = client(Pages())
    assert pages.get("/?q=a").text == "page 1 guest end"
    assert pages.get("/?utm_source=x&q=a&from=singlemessage").text == "page 1 guest end"
    assert pages.get("/?%71=a").text.startswith("page 2"), "an encoded name is the same parameter, spelled otherwise"
    assert pages.get("/?q=b").text == "page 3 guest end"
    assert pages.get("/").text == "page 4 guest end"


def test_each_reader_gets_the_own_corner_of_a_kept_page(version: list[int]) -> None:
    pages = client(Pages())
    pages.get("/")
    pages.cookies.set("sid", "x")
    assert pages.get("/").text == "page 1 me end"


def test_who_asks_for_a_page_made_now_gets_it(version: list[int]) -> None:
    pages = client(Pages())
    pages.get("/")
    assert pages.get("/", headers={"Cache-Control": "no-cache"}).text == "page 2 guest end"
    assert pages.get("/").text == "page 2 guest end"
