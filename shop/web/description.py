"""The interface's description, OpenAPI 3.1: what FastAPI reads off the routes, and what is true of all of them.

A route says what is its own: its words, its body, the shape of its answer, its refusals. Added here are who may call (from the
route's Permission), the refusals that any route may answer with, and the main road's examples.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from core.auth.current import cookie_name
from core.errors import Busy, Forbidden, Refused, SignInNeeded
from core.idempotency import KEY_HEADER, KeyReused
from core.permissions import Permission, SecondFactorNeeded
from core.tenant import TenantUnknown
from core.web.origin import SAFE
from core.web.refusals import KIND, SCHEMA, Problem, Refusal, codes_of, refusal, responses
from shop.orders.access import TOKEN_HEADER

from .main_road import ANSWERS, REQUESTS

ABOUT = """县域农产品商城与供应链的公开接口。金额为整数分（`*_fen`），重量为整数克（`*_g`），时刻是带时区的 RFC 3339。

Amounts are integer fen (`*_fen`), weights integer grams (`*_g`), instants RFC 3339 with the county's offset, days ISO 8601. A list is
`{items, next}` and takes `limit` and `cursor`. Bodies are strict and refuse unknown fields; unknown query parameters are ignored; clients
should ignore fields they do not know, for answers may grow. A refusal is `application/problem+json` with a stable `code`.

The main road: `POST /quotes` → `POST /orders` → `POST /orders/{number}/payments` → `GET /orders/{number}` → `GET /track/{code}`."""
SERVERS = [{"url": "/", "description": "words in Chinese 中文"}, {"url": "/en", "description": "words in English"}]
TAGS = {
    "products": "What is sold, when it arrives, where it came from.",
    "search": "Completions while somebody types.",
    "stations": "Who sells: the villages' stations.",
    "orders": "Quotes and orders.",
    "payments": "Paying an order, and the gateways' notices.",
    "tracking": "Where a parcel is, for whoever has its code.",
    "departures": "The day's buses, boats and mail runs with their room and load.",
    "travel": "The timetable for people: stops, next runs, ways, and trips asked for.",
    "claims": "What a buyer claims after delivery, and the county's decision.",
    "links": "A seller's order links.",
    "auth": "Sessions, Bearers and one-time codes.",
    "scans": "Hand-overs from scanners, and the scanners themselves.",
    "plans": "Batching parcels onto departures.",
    "disruptions": "What goes wrong on the road, seen before it is done: departures late or full, lines suspended, stations closed.",
    "income": "What a station earned, down to each row's cause.",
    "ledger": "The books for auditors' programs: trial balance and entries of a period, read only.",
}
GUARD = (
    "An unsafe call that carries the cookie must come from our own pages: `Sec-Fetch-Site: same-origin`, else an `Origin` of this host, "
    "else `X-CSRF-Token` equal to the cookie `csrf`."
)
BEARER = "Of `POST /auth/sessions` with `token: true`. A cookie beside it does not count."
SCANNER = "A scanner's own token of `POST /devices`: it uploads scans and nothing else, for 90 days."
OPENS = "Opens one order: the `token` it was placed with."
DONE = "Done; there is nothing to read."
PROBLEM = {KIND: {"schema": {"$ref": f"#/components/schemas/{SCHEMA}"}}}
WAIT = {"Retry-After": {"description": "Seconds until it may be tried again.", "schema": {"type": "integer"}}}
OPEN = {"anybody", "visitor", "signed_in", "scanner"}


def described(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made when it is first asked for."""
    if app.openapi_schema is None:
        app.openapi_schema = _describe(app)
    return app.openapi_schema


def _describe(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=ABOUT, routes=app.routes, servers=SERVERS, license_info={"name": "MIT"},
        tags=[{"name": name, "description": words} for name, words in TAGS.items()],
    )  # fmt: skip
    schemas = document["components"]["schemas"]
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    schemas |= _problem()
    document["components"]["securitySchemes"] = _schemes()
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = document["paths"][route.path][method.lower()]
                _complete(operation, route, method)
                for answer in operation["responses"].values():
                    _name(answer, schemas)
    return document


def _name(answer: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Let an answer say what it is in the words of its shape."""
    if answer["description"] == "Successful Response":
        shape = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        answer["description"] = schemas[shape].get("description", shape) if shape else DONE


def _problem() -> dict[str, Any]:
    """The schema of refusals, and of a wrong field in it."""
    made = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = made.pop("$defs")
    return {SCHEMA: made, **parts}


def _schemes() -> dict[str, Any]:
    return {
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(), "description": f"Set by `POST /auth/sessions`. {GUARD}"},
        "bearer": {"type": "http", "scheme": "bearer", "description": BEARER},
        "scanner": {"type": "http", "scheme": "bearer", "description": SCANNER},
        "orderToken": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER, "description": OPENS},
    }


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    name, roles = route.name, {role for permission in _permissions(route.dependant) for role in permission.roles}
    operation["operationId"] = name
    operation["security"] = _security(operation, roles)
    if staff := sorted(roles - OPEN):
        operation["description"] += f"\n\nFor: {', '.join(staff)}; a staff role counts once the second factor is proved."
    operation["responses"] = _responses(operation, route, method, roles)
    taken = [p for p in operation.get("parameters", []) if p["name"] != TOKEN_HEADER]  # that one is a credential, so a scheme
    operation["parameters"] = [{**p, "schema": _given(p["schema"])} for p in taken]
    if name in REQUESTS:
        operation["requestBody"]["content"]["application/json"]["example"] = REQUESTS[name]
    if name in ANSWERS:
        operation["responses"][str(route.status_code or 200)]["content"]["application/json"]["example"] = ANSWERS[name]


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema where it is given: one that is left out is not null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    return {**{name: told for name, told in schema.items() if name != "anyOf"}, **kinds[0]} if len(kinds) == 1 else schema


def _permissions(dependant: Any) -> Iterator[Permission]:
    if isinstance(dependant.call, Permission):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _permissions(inner)


def _security(operation: dict[str, Any], roles: set[str]) -> list[dict[str, list[str]]]:
    """Which credentials a call takes, any one of them; `{}` where none is needed."""
    if "anybody" in roles:
        return []
    taken = ["session", "bearer", *(["scanner"] if "scanner" in roles else [])]
    if any(p["name"] == TOKEN_HEADER for p in operation.get("parameters", [])):
        taken.append("orderToken")
    elif "visitor" in roles:
        return [{}, *_each(taken)]
    return _each(taken)


def _each(schemes: list[str]) -> list[dict[str, list[str]]]:
    return [{name: []} for name in schemes]


def _responses(operation: dict[str, Any], route: APIRoute, method: str, roles: set[str]) -> dict[str, Any]:
    """The answers of a route: its own, what any route may refuse, and our own failures."""
    good = {status: told for status, told in operation["responses"].items() if status.startswith("2")}
    own = [Refusal(int(status), code, words) for status, told in route.responses.items() for code, words in codes_of(told).items()]
    refused = responses([*own, *_of_any(operation, route, method, roles)])
    for status, told in refused.items():
        del told["x-codes"]
        if status in (429, 503):
            told["headers"] = WAIT
    rest = {"description": "Anything else, `internal` (500) among it: our own failure, which is noted.", "content": PROBLEM}
    return {**good, **{str(status): told for status, told in refused.items()}, "default": rest}


def _of_any(operation: dict[str, Any], route: APIRoute, method: str, roles: set[str]) -> Iterator[Refusal]:
    yield Refusal(400, "bad_path", "The address holds characters that no address may hold.")
    if "requestBody" in operation:
        yield Refusal(400, "bad_request", "The body cannot be read.")
        yield Refusal(413, "too_large", "The body is too large: a megabyte, of scans two.")
    if not roles & {"anybody", "visitor"}:
        yield refusal(SignInNeeded)
    if roles - OPEN:
        yield refusal(Forbidden)
        yield refusal(SecondFactorNeeded)
    if method not in SAFE and "/webhooks/" not in route.path:
        yield Refusal(403, "cross_site", "A call with the session's cookie that does not come from our own pages.")
    yield refusal(TenantUnknown)
    if operation.get("parameters") or route.body_field:
        yield refusal(Refused)
    if any(p["name"] == KEY_HEADER for p in operation.get("parameters", [])):
        yield refusal(KeyReused)
    yield refusal(Busy)
