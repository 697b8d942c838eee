"""A route is found by the first word of its path, and what is found nowhere is refused as before."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

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
