"""Every route of the installation with who may call it, and bodies made from its own description."""

import importlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

import shop.app  # noqa: F401 - registers what the routers need
from core.permissions import Permission
from shop.routers import ROUTERS

PHONES = {
    "admin": "13800000001", "dispatcher": "13800000002", "driver": "13800000003", "finance": "13800000004", "seller": "13800000005",
    "consumer": "13800000006", "sorter": "13800000007", "partner": "13800000008", "grower": "13800000009", "helper": "13800000010",
    "master": "13800000011", "merchant": "13700000001", "signed_in": "13800000006", "scanner": "13800000011",
}  # fmt: skip


class Call(NamedTuple):
    method: str
    path: str  # with {names}
    phone: str  # of somebody who may; empty for a guest
    schema: dict[str, Any] | None  # of the body
    is_form: bool
    reads: frozenset[str]  # names in the query that it, or anything it depends on, reads


def calls() -> list[Call]:
    found = []
    for name in ROUTERS:
        for route in importlib.import_module(name).router.routes:
            assert isinstance(route, APIRoute)
            roles = [role for d in route.dependant.dependencies if isinstance(d.call, Permission) for role in d.call.roles]
            phone = next((PHONES[role] for role in roles if role in PHONES), "")
            model, is_form = _body(route)
            reads = frozenset(_reads(route.dependant))
            found += [Call(method, route.path, phone, model, is_form, reads) for method in sorted(route.methods)]
    return found


def _reads(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        kind = field.field_info.annotation
        yield field.alias
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (part.alias or name for name, part in kind.model_fields.items())
    for inner in dependant.dependencies:
        yield from _reads(inner)


def _body(route: APIRoute) -> tuple[dict[str, Any] | None, bool]:
    field = route.body_field
    if field is None:
        return None, False
    kind: Any = field.field_info.annotation
    is_form = type(field.field_info).__name__ == "Form"
    return (kind.model_json_schema() if hasattr(kind, "model_json_schema") else None), is_form


def example(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """The smallest value that fits a JSON schema as pydantic writes it."""
    root = root or schema
    if "$ref" in schema:
        return example(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(schema[choice][0], root)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "default" in schema:
        return schema["default"]
    match schema.get("type"):
        case "object":
            return {name: example(part, root) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [example(schema.get("items", {}), root)]
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return False
        case "string":
            dates = {"date": "2026-05-23", "date-time": "2026-05-23T08:00:00+08:00", "time": "08:00", "uuid": "0" * 32}
            return dates.get(schema.get("format", ""), "甲" * max(1, schema.get("minLength", 1)))
    return None


def spoiled(value: Any, bad: Any) -> Iterator[Any]:
    """`value` with `bad` in the place of each of its leaves, one at a time."""
    if isinstance(value, dict):
        for name, part in value.items():
            for other in spoiled(part, bad):
                yield {**value, name: other}
    elif isinstance(value, list):
        for n, part in enumerate(value):
            for other in spoiled(part, bad):
                yield [*value[:n], other, *value[n + 1 :]]
        yield bad
    else:
        yield bad
