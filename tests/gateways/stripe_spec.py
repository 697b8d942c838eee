"""Stripe's own request schemas, where the folder named by JISHI_CONTRACT_SPECS holds its OpenAPI document."""

import json
import os
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

NAME = "stripe-openapi.json"


class BadForm(ValueError):
    """A request Stripe's document does not allow."""


class Forms:
    def __init__(self, document: dict[str, Any]) -> None:
        """An empty document checks nothing."""
        self.checked = 0
        self._schemas: dict[str, dict[str, Any]] = {}
        for path, methods in document.get("paths", {}).items():
            content = methods.get("post", {}).get("requestBody", {}).get("content", {})
            if schema := content.get("application/x-www-form-urlencoded", {}).get("schema"):
                self._schemas[path] = schema

    def knows(self, path: str) -> bool:
        return path in self._schemas

    def check(self, path: str, told: dict[str, Any]) -> None:
        """Raises BadForm if the document describes this request's form otherwise; a form's values are all text."""
        schema = self._schemas.get(path)
        if schema is None:
            return
        self.checked += 1
        if error := next(iter(Draft202012Validator(schema).iter_errors(typed(told, schema))), None):
            raise BadForm(f"{path} {error.json_path}: {error.message}")


def typed(told: Any, schema: dict[str, Any]) -> Any:
    """Text as the integers and booleans that a schema wants."""
    kinds = [schema, *schema.get("anyOf", [])]
    wanted = {kind.get("type") for kind in kinds}
    if isinstance(told, dict):
        known = next((kind["properties"] for kind in kinds if "properties" in kind), {})
        return {name: typed(value, known.get(name, {})) for name, value in told.items()}
    if isinstance(told, list):
        items = next((kind["items"] for kind in kinds if "items" in kind), {})
        return [typed(value, items) for value in told]
    if "integer" in wanted and told.lstrip("-").isdigit():
        return int(told)
    return {"true": True, "false": False}.get(told, told) if "boolean" in wanted else told


def forms() -> Forms:
    path = Path(os.environ.get("JISHI_CONTRACT_SPECS", "")) / NAME
    return Forms(json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {})
