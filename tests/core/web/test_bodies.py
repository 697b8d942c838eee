"""What a request may carry, whether it says how much or not; and HEAD, which carries nothing back."""

import pytest

pytestmark = pytest.mark.usefixtures("demo")
JSON = {"content-type": "application/json"}


def pieces():
    yield from (b"x" * 100_000 for _ in range(11))


@pytest.mark.parametrize("body", [lambda: b"x" * 1_000_001, pieces], ids=["declared", "in pieces"])
def test_more_than_a_megabyte_is_refused_in_words(visit, body):
    refused = visit(program=True).post("/api/v1/quotes", content=body(), headers=JSON)
    assert (refused.status_code, refused.headers["content-type"], refused.json()["code"]) == (413, "application/problem+json", "too_large")
    assert "x-content-type-options" in refused.headers


def test_people_get_a_page(visit):
    refused = visit().post("/login", content=b"x" * 1_000_001)
    assert refused.status_code == 413 and "内容太大了" in refused.text and "content-security-policy" in refused.headers


@pytest.mark.parametrize(("size", "status"), [(1_900_000, 401), (2_000_001, 413)])
def test_scans_may_be_twice_as_long(visit, size, status):
    sent = b'{"events":[]' + b" " * (size - 13) + b"}"
    assert visit(program=True).post("/api/v1/scans", content=sent, headers=JSON).status_code == status


def test_a_length_that_is_none_is_refused(visit):
    assert visit(program=True).post("/api/v1/quotes", content=b"{}", headers={**JSON, "content-length": "2a"}).status_code in (400, 413)


@pytest.mark.parametrize("path", ["/", "/healthz", "/login", "/api/v1/stations", "/nowhere"])
def test_head_is_get_without_a_body(visit, path):
    here = visit()
    asked, got = here.head(path), here.get(path)
    assert asked.status_code == got.status_code and asked.content == b""
    assert asked.headers["content-type"] == got.headers["content-type"]
