"""Every route × every role × {own, a neighbour's, another county's, absent}: as the matrix says, and no word more."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from fastapi.testclient import TestClient

from core import tasks
from core.permissions import STAFF
from core.settings import settings
from shop.app import create_app
from shop.search import service as search
from tests.documented import watched
from tests.journeys.routes import Call, calls, example
from tests.permissions.routes import declared, filled
from tests.permissions.world import ABSENT, CANARY, ROLES, County, open_county, order_phone

MATRIX: dict[str, Any] = tomllib.loads((Path(__file__).parent / "matrix.toml").read_text())
BODIES: dict[str, dict[str, str]] = MATRIX.pop("bodies")
QUERIES: dict[str, str] = MATRIX.pop("queries")
ENDING = {"POST /logout", "DELETE /api/v1/auth/sessions/current"}  # called as a guest, or nobody would be signed in for the rest


class Cell(NamedTuple):
    call: Call
    kind: str
    may: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.call.method} {self.call.path}"

    def reach(self, role: str) -> str | None:
        """How far a role reaches here: its own rows, the county's, or not at all."""
        ways = [role, *(["staff"] if role in STAFF else []), *(["member"] if role != "guest" else []), "anybody"]
        return next((self.may[way] for way in ways if way in self.may), None)


def _cells() -> list[Cell]:
    described = {f"{call.method} {call.path}": call for call in calls()}
    return [Cell(described[name], kind, group["may"]) for group in MATRIX.values() for name, kind in group["calls"].items()]


def test_every_route_stands_in_the_matrix_once():
    listed = [name for group in MATRIX.values() for name in group["calls"]]
    assert sorted(listed) == sorted(f"{method} {path}" for method, path, _roles in declared())


def test_the_matrix_says_what_the_routes_declare():
    """The roles a route lets in are the roles that reach anything."""
    roles = {f"{method} {path}": set(declared_roles) for method, path, declared_roles in declared()}
    for group in MATRIX.values():
        for name in group["calls"]:
            assert roles[name], f"{name} declares nothing"
            if not roles[name] & {"anybody", "visitor", "watcher", "signed_in", "scanner"}:
                assert set(group["may"]) == roles[name] - {"co-op"}, name


def test_every_cell_answers_as_the_matrix_says(database, monkeypatch):
    monkeypatch.setattr(settings, "demo", True)
    here, abroad = open_county("a", "sm", 1), open_county("b", "ot", 2)
    search.rebuild()
    app = create_app()
    wrong: list[str] = []
    with TestClient(app, base_url=f"http://{here.host}", follow_redirects=False) as client:
        watched(client)
        for cell in _cells():
            # who has no business here is turned away by name, before a row of the resource is read: one database shows it
            for role in ROLES if database == "sqlite" else filter(cell.reach, ROLES):
                wrong += [f"{role}: {cell.name}: {words}" for words in _tried(client, cell, role, here, abroad)]
        for role in ROLES[1:]:
            answer = client.get("/account", headers={"accept": "text/html", "cookie": f"sid={abroad.tokens[role]}"})
            if answer.status_code != 303:
                wrong.append(f"{role} of another county is somebody here")
    tasks.drain(raising=False)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong)


def _tried(client: TestClient, cell: Cell, role: str, here: County, abroad: County) -> Iterator[str]:
    reach = cell.reach(role)
    if reach is None:
        yield from _turned_away(_sent(client, cell, role, here, ABSENT), cell, role)
        return
    if cell.kind in ("", "-"):
        yield from _let_in(_sent(client, cell, role, here, "1"), only_the_door=cell.kind == "-")
        return
    own = here.own.get((cell.kind, role if reach == "own" else "county"))
    foreign = here.foreign.get(cell.kind)
    absent = _sent(client, cell, role, here, ABSENT)
    if absent.status_code != 404:
        yield f"an absent {cell.kind} answers {absent.status_code}"
    strangers = {"another county's": abroad.own.get((cell.kind, "county")) or abroad.foreign.get(cell.kind)}
    if reach == "own" and foreign:
        strangers["a neighbour's"] = foreign
    elif foreign:
        yield from _let_in(_sent(client, cell, role, here, foreign))
    if own:
        yield from _let_in(_sent(client, cell, role, here, own))
    for whose, code in strangers.items():
        assert code, f"no {cell.kind} of {whose}"
        answer = _sent(client, cell, role, here, code)
        if _told(answer, code) != _told(absent, ABSENT):
            yield f"{whose} {cell.kind} answers {answer.status_code}, not as an absent one"


def _sent(client: TestClient, cell: Cell, role: str, here: County, code: str) -> httpx2.Response:
    call = cell.call
    page = not call.path.startswith("/api/")
    headers = {"accept": "text/html" if page else "application/json", "sec-fetch-site": "same-origin"}
    if cell.name not in ENDING:
        headers["cookie"] = f"sid={here.tokens[role]}"
    body = {**(example(call.schema) if call.schema else {}), **BODIES.get(cell.name, {})}
    sent = {"data": {k: str(v) for k, v in body.items()}} if call.is_form or page else {"json": body} if call.schema else {}
    address = f"{filled(call.path, code)}?{QUERIES.get(cell.name, '')}"
    answer = client.request(call.method, address, headers=headers, **(sent if call.method != "GET" else {}))
    client.cookies.clear()
    if "text" in answer.headers.get("content-type", "") or "json" in answer.headers.get("content-type", ""):
        phones = set(re.findall(rf"{CANARY.phone}|139000[12]\d{{4}}|1360000\d{{4}}", answer.text))
        assert phones <= {order_phone(role)}, f"{role} reads {phones} at {cell.name}"
    return answer


def _turned_away(answer: httpx2.Response, cell: Cell, role: str) -> Iterator[str]:
    if role != "guest":
        expected = answer.status_code == 403
    elif cell.call.path.startswith("/api/"):
        expected = answer.status_code == 401
    else:
        expected = answer.status_code == 303 and answer.headers["location"].startswith("/login?next=")
    if not expected:
        yield f"should be turned away, got {answer.status_code} {answer.headers.get('location', '')}"


def _let_in(answer: httpx2.Response, *, only_the_door: bool = False) -> Iterator[str]:
    away = answer.status_code in (401, 403) or (not only_the_door and (answer.status_code == 404 or answer.status_code >= 500))
    to_login = answer.headers.get("location", "").startswith("/login?")
    if away or to_login:
        words = answer.text[:300] if "json" in answer.headers.get("content-type", "") else ""
        yield f"should be let in, got {answer.status_code} {words}"


def _told(answer: httpx2.Response, code: str) -> tuple[int, str]:
    return answer.status_code, answer.text.replace(code, "*")
