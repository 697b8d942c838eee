"""Every route says who may call it, is listed, and is described to programs."""

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from core.permissions import Permission
from core.settings import ROOT
from shop.app import create_app
from shop.routers import ROUTERS
from shop.web.routing import FirstWord

PUBLIC_ROLES = {"anybody", "visitor", "signed_in", "scanner", "watcher"}


@pytest.fixture(scope="module")
def app():
    return create_app()


def _routes(app) -> list[APIRoute]:
    """Every route; beside them only the files, and what finds a route by its first word."""
    others = [route for route in app.routes if not isinstance(route, APIRoute)]
    assert [type(route) for route in others] == [FirstWord, Mount]
    assert others[1].path == "/static"
    return [route for route in app.routes if isinstance(route, APIRoute)]


def _permissions(dependant) -> list[Permission]:
    own = [dependant.call] if isinstance(dependant.call, Permission) else []
    return own + [p for inner in dependant.dependencies for p in _permissions(inner)]


def test_every_route_declares_who_may_call_it(app):
    routes = _routes(app)
    assert len(routes) > 20
    assert [f"{sorted(r.methods)} {r.path}" for r in routes if not _permissions(r.dependant)] == []


def test_every_api_and_pages_module_is_in_the_list():
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in ("core", "supply", "fulfillment", "shop")
        for name in ("api.py", "pages.py")
        for path in (ROOT / package).rglob(name)
        if "router = APIRouter(" in path.read_text()
    }
    assert modules - set(ROUTERS) == set()
    assert list(ROUTERS) == sorted(set(ROUTERS))


def test_two_routes_never_share_a_method_and_a_path(app):
    seen = [(method, route.path) for route in _routes(app) for method in route.methods]
    assert sorted({each for each in seen if seen.count(each) > 1}) == []


def test_state_is_never_changed_by_a_get(app):
    from core.db import write_session

    def calls(dependant) -> set:
        return {dependant.call} | {c for inner in dependant.dependencies for c in calls(inner)}

    writing = [r.path for r in _routes(app) if r.methods & {"GET", "HEAD"} and write_session in calls(r.dependant)]
    assert [path for path in writing if path not in {"/l/{code}"}] == [], "a link's click is the only thing a GET writes"


def test_the_description_names_every_json_route(app):
    described = app.openapi()["paths"]
    missing = [r.path for r in _routes(app) if r.path.startswith("/api/") and r.include_in_schema and r.path not in described]
    assert missing == []
    assert [r.path for r in _routes(app) if r.path.startswith("/api/") and not r.include_in_schema] == []
