"""/openapi.json is whole: every call of the interface says what it takes, what it answers, how it refuses and who may call it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator

from core.settings import settings
from shop.app import create_app
from shop.web.main_road import ANSWERS, REQUESTS
from tests.documented import Description

PROBLEM = "application/problem+json"
CREDENTIALS = {"session", "bearer", "scanner", "orderToken"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app().openapi()


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By method and path, one for each route of the running application."""
    routes = [r for r in create_app().routes if isinstance(r, APIRoute) and r.path.startswith("/api/v1/")]
    named = {
        f"{method} {route.path}": document["paths"][route.path][method.lower()] for route in routes for method in sorted(route.methods)
    }
    assert len(named) >= 30
    assert len(named) == sum(len(methods) for methods in document["paths"].values())
    return named


def _nodes(node: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for name, child in node.items():
            yield from _nodes(child, f"{path}/{name}")
    elif isinstance(node, list):
        for n, child in enumerate(node):
            yield from _nodes(child, f"{path}/{n}")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def test_every_call_answers_with_a_typed_shape(document, operations):
    untyped = []
    for name, operation in operations.items():
        good = {status: told for status, told in operation["responses"].items() if status.startswith("2")}
        assert len(good) == 1, name
        for status, told in good.items():
            if status == "204":
                assert not told.get("content"), name
                continue
            for kind, media in told["content"].items():
                shape = _resolved(document, media["schema"])
                if not (shape.get("properties") or "const" in shape):
                    untyped.append(f"{name} {kind}: {shape}")
    assert untyped == []


def test_nothing_of_an_answer_is_left_to_guess(document):
    """No part of the document is an empty schema or an object of anything, but for the figures an income row was computed from."""
    vague = [
        path
        for path, node in _nodes({"paths": document["paths"], "schemas": document["components"]["schemas"]})
        if path.endswith(("/schema", "/items"))
        and (not node or (node.get("type") == "object" and not {"properties", "description"} & node.keys()))
    ]
    assert vague == []
    free = [path for path, node in _nodes(document["components"]["schemas"]) if node.get("additionalProperties") is True]
    assert free == ["#/IncomeDetail/properties/facts"]


def test_every_call_says_how_it_refuses(operations):
    for name, operation in operations.items():
        told = operation["responses"]
        assert {"400", "503", "default"} <= told.keys(), name
        for status, answer in told.items():
            if not status.startswith("2"):
                assert list(answer["content"]) == [PROBLEM], (name, status)
            if status.startswith(("4", "5")):
                codes = answer["content"][PROBLEM]["schema"]["allOf"][1]["properties"]["code"]["enum"]
                assert answer["content"][PROBLEM]["example"]["code"] in codes
                assert codes and all(f"`{code}`: " in answer["description"] for code in codes), (name, status)
        if "requestBody" in operation:
            assert {"413", "422"} <= told.keys(), name
        if operation["security"] and {} not in operation["security"] and {"orderToken": []} not in operation["security"]:
            assert "401" in told, name
        if "Retry-After" not in told["503"]["headers"]:
            raise AssertionError(name)


def test_no_call_promises_what_fastapi_would_answer(document):
    assert "HTTPValidationError" not in json.dumps(document)


def test_every_call_part_and_parameter_is_described(document, operations):
    silent = [
        f"{name}: {what}"
        for name, operation in operations.items()
        for what in ("summary", "description", "tags")
        if not operation.get(what)
    ]
    silent += [f"{n}: {p['name']}" for n, o in operations.items() for p in o["parameters"] if not p.get("description")]
    silent += [name for name, shape in document["components"]["schemas"].items() if not shape.get("description")]
    assert silent == []
    tags = {tag["name"] for tag in document["tags"]}
    assert {tag for operation in operations.values() for tag in operation["tags"]} == tags


def test_amounts_weights_and_instants_tell_their_unit(document):
    """`*_fen` are integers said to be fen, `*_g` grams; `*_at` and `*_by` are instants."""
    for path, node in _nodes(document["components"]["schemas"]):
        for name, field in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
            words, text = json.dumps(field, ensure_ascii=False).lower(), f"{path}/{name}"
            if "Body" in path or "Wanted" in path or "New" in path:
                continue  # what is sent; its rules stand in the model's words
            if name.endswith("_fen"):
                assert '"integer"' in words and "fen" in words, text
            if name.endswith("_g") and name != "jishi:weight_g":
                assert '"integer"' in words and "gram" in words, text
            if name.endswith(("_at", "_by")):
                assert '"date-time"' in words, text


def test_names_are_stable_words(document, operations):
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)+", i)] == []
    assert [name for name in document["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []


def test_headers_are_written_one_way(operations):
    named = {(p["in"], p["name"]) for operation in operations.values() for p in operation["parameters"] if p["in"] == "header"}
    assert named == {("header", "Idempotency-Key")}


def test_credentials_are_schemes_and_every_call_says_which_it_takes(document, operations):
    assert document["components"]["securitySchemes"].keys() == CREDENTIALS
    assert document["components"]["securitySchemes"]["orderToken"]["name"] == "X-Order-Token"
    taken = {name: {scheme for one in operation["security"] for scheme in one} for name, operation in operations.items()}
    assert taken["GET /api/v1/products"] == taken["POST /api/v1/webhooks/{provider}"] == set()
    assert taken["GET /api/v1/orders/{number}"] == {"session", "bearer", "orderToken"}
    assert taken["POST /api/v1/scans"] == {"session", "bearer", "scanner"}
    assert taken["POST /api/v1/plans"] == {"session", "bearer"}
    assert {} in operations["POST /api/v1/orders"]["security"], "a guest may order"
    assert "For: dispatcher;" in operations["POST /api/v1/plans"]["description"]


def test_the_cookies_name_is_the_installations_own(monkeypatch):
    for address, name in (("https://jishi.test", "__Host-sid"), (None, "sid")):
        monkeypatch.setattr(settings, "base_url", address)
        assert create_app().openapi()["components"]["securitySchemes"]["session"]["name"] == name


def test_the_document_is_openapi_3_1(document):
    """What the specification asks for: the version, unique ids, declared path parameters, references that lead somewhere, schemas
    that are JSON Schema 2020-12, and no field it does not know."""
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert {"title", "version"} <= document["info"].keys()
    assert document.keys() <= {"openapi", "info", "servers", "paths", "components", "tags", "security", "externalDocs", "webhooks"}
    for path, methods in document["paths"].items():
        assert path.startswith("/")
        for method, operation in methods.items():
            assert method in {"get", "post", "put", "patch", "delete"}
            assert operation.keys() <= {
                "tags", "summary", "description", "operationId", "parameters", "requestBody", "responses", "security", "externalDocs", "deprecated",
            }  # fmt: skip
            places = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert places == set(re.findall(r"\{(\w+)\}", path)), path
            assert all(p["required"] for p in operation["parameters"] if p["in"] == "path")
            for status, told in operation["responses"].items():
                assert re.fullmatch(r"[1-5]\d\d|default", status)
                assert told["description"]
                assert told.keys() <= {"description", "headers", "content", "links"}, (path, status)
            for one in operation["security"]:
                assert one.keys() <= document["components"]["securitySchemes"].keys()
    for path, node in _nodes(document):
        if isinstance(ref := node.get("$ref"), str):
            target: Any = document
            for step in ref.removeprefix("#/").split("/"):
                target = target[step]
            assert target, (path, ref)
        if isinstance(node.get("schema"), dict):
            Draft202012Validator.check_schema(node["schema"])
    for shape in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(shape)


def test_the_main_road_is_shown_by_example_and_the_examples_fit(document, operations):
    road = ["create_quote", "create_order", "create_payment", "choose_outcome", "read_order", "track_parcel"]
    assert set(road) <= ANSWERS.keys()
    assert {"create_quote", "create_order", "create_payment", "choose_outcome"} <= REQUESTS.keys()
    closed, by_id = Description(document), {operation["operationId"]: operation for operation in operations.values()}
    for name, sent in REQUESTS.items():
        media = by_id[name]["requestBody"]["content"]["application/json"]
        assert media["example"] == sent
        assert closed.unfit(media["schema"], sent) is None, name
    for name, answer in ANSWERS.items():
        [media] = [t["content"]["application/json"] for s, t in by_id[name]["responses"].items() if s.startswith("2")]
        assert media["example"] == answer
        assert closed.unfit(media["schema"], answer) is None, (name, closed.unfit(media["schema"], answer))
    number = ANSWERS["create_order"]["number"]
    assert number == ANSWERS["read_order"]["number"]
    assert ANSWERS["track_parcel"]["parcel"] in {parcel["code"] for parcel in ANSWERS["read_order"]["parcels"]}
    assert REQUESTS["create_order"]["expected_total_fen"] == ANSWERS["create_quote"]["total_fen"] == ANSWERS["create_order"]["total_fen"]
