"""Request bodies checked against an OpenAPI 3.1 document.

A schema that lists properties is closed: servers refuse unknown fields even where their document does not say so.
"""

import re
from typing import Any

from jsonschema import Draft202012Validator


class BadBody(ValueError):
    pass


class Bodies:
    def __init__(self, document: dict[str, Any]) -> None:
        """An empty document checks nothing."""
        self.checked = 0
        self._schemas: list[tuple[str, re.Pattern[str], Draft202012Validator]] = []
        close(document)
        parts = {"components": document.get("components", {})}
        for path, methods in document.get("paths", {}).items():
            for method, operation in methods.items():
                content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
                if schema := content.get("application/json", {}).get("schema"):
                    pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
                    self._schemas.append((method.upper(), pattern, Draft202012Validator({**schema, **parts})))

    def check(self, method: str, path: str, body: Any) -> None:
        """Raises BadBody if the document describes this request's body otherwise."""
        for known, pattern, validator in self._schemas:
            if known == method and pattern.fullmatch(path):
                self.checked += 1
                if error := next(iter(validator.iter_errors(body)), None):
                    raise BadBody(f"{method} {path} {error.json_path}: {error.message}")


def close(node: Any) -> None:
    if isinstance(node, dict):
        if node.get("type") == "object" and node.get("properties") and "additionalProperties" not in node:
            node["additionalProperties"] = False
        for child in node.values():
            close(child)
    elif isinstance(node, list):
        for child in node:
            close(child)
