"""A route is found by the first word of its path, and what is found nowhere is refused as before."""

import inspect
from datetime import UTC, datetime

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from typing_extensions import TypedDict

from shop.web import routing


@pytest.fixture
def client() -> TestClient:
    pages, calls = APIRouter(), APIRouter(prefix="/api/v1")

    @pages.get("/")
    def home() -> str:
        return "home"

    @pages.get("/s/{station}")
    def station(station: str) -> str:
        return f"station {station}"

    @pages.get("/{anything}.txt")
    def text(anything: str) -> str:
        return f"text {anything}"

    @calls.get("/s/{code}")
    def read(code: str) -> str:
        return f"read {code}"

    @calls.post("/s/{code}")
    def write(code: str) -> str:
        return f"write {code}"

    app = FastAPI(redirect_slashes=False)
    routing.install(app.router, [pages, calls])
    return TestClient(app)


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/", "home"), ("GET", "/s/gejia", "station gejia"), ("GET", "/robots.txt", "text robots"), ("GET", "/s.txt", "text s"),
        ("GET", "/api/v1/s/gejia", "read gejia"), ("POST", "/api/v1/s/gejia", "write gejia"),
    ],
)  # fmt: skip
def test_each_path_and_method_finds_its_own(client: TestClient, method: str, path: str, answer: str) -> None:
    assert client.request(method, path).json() == answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/s/gejia", 405), ("DELETE", "/api/v1/s/gejia", 405), ("GET", "/nowhere", 404), ("GET", "/s", 404), ("GET", "/api/v1", 404),
     ("GET", "/api/v1/nothing", 404)],
)  # fmt: skip
def test_what_nobody_answers_is_refused(client: TestClient, method: str, path: str, status: int) -> None:
    assert client.request(method, path).status_code == status


def test_programs_are_told_of_the_interface_alone(client: TestClient) -> None:
    assert set(client.get("/openapi.json").json()["paths"]) == {"/api/v1/s/{code}"}


def test_an_answer_is_written_as_it_stands_and_a_second_application_does_not_write_it_twice() -> None:
    """mypy and the tests hold answers to their shapes; a visitor is not refused over a description."""
    calls = APIRouter(prefix="/api/v1")

    class Said(TypedDict):
        at: str
        number: float

    @calls.get("/said", status_code=202)
    def said() -> Said:
        return {"at": datetime(2026, 5, 20, 9, tzinfo=UTC), "number": float("nan"), "more": 1}  # type: ignore[typeddict-item]

    for _ in range(2):
        app = FastAPI()
        routing.install(app.router, [calls])
        answer = TestClient(app).get("/api/v1/said")
        assert (answer.status_code, answer.headers["content-type"]) == (202, "application/json")
        assert answer.json() == {"at": "2026-05-20T09:00:00Z", "number": None, "more": 1}
    (route,) = calls.routes
    assert isinstance(route, APIRoute)
    assert inspect.unwrap(route.dependant.call) is said
    assert route.dependant.call.__wrapped__ is said
