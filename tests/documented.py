"""The interface's description held against what the application really answers.

`watched(client)` looks at every answer of a test's client: one that /openapi.json does not describe – its status, its kind, a field too
many or too few, a code nobody named – fails the test. Shapes are closed for that, though clients should expect them to grow.
"""

import copy
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

import httpx2
from jsonschema import Draft202012Validator, FormatChecker

from shop.app import create_app
from tests.gateways.openapi import close

API = "/api/v1/"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")
Client = TypeVar("Client", bound=httpx2.Client)
formats = FormatChecker(())


@formats.checks("date-time", raises=ValueError)
def _instant(value: object) -> bool:
    return not isinstance(value, str) or bool(RFC_3339.fullmatch(value) and datetime.fromisoformat(value))


@formats.checks("date", raises=ValueError)
def _day(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@formats.checks("uri")
def _uri(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", value, re.I))


class Description:
    """A document with its shapes closed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = copy.deepcopy(document)
        close(self.document)
        self.seen: set[tuple[str, str]] = set()  # (operation, status) that was answered
        self._paths = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), methods) for path, methods in self.document["paths"].items()]

    def fault(self, method: str, path: str, status: int, kind: str, body: Any) -> str | None:
        """What is wrong with an answer, None if it is as described. A path that nobody answers is not looked at."""
        known = next((methods for pattern, methods in self._paths if pattern.fullmatch(path)), {})
        if (operation := known.get(method.lower())) is None:
            return None
        told = operation["responses"].get(str(status))
        if told is None:
            return f"{status} is not described"
        self.seen.add((operation["operationId"], str(status)))
        content = told.get("content", {})
        if not content:
            return f"{body!r} where nothing is described" if body else None
        if kind not in content:
            return f"{kind} is not described"
        return self.unfit(content[kind]["schema"], body)

    def unfit(self, schema: dict[str, Any], value: Any) -> str | None:
        validator = Draft202012Validator({**schema, "components": self.document["components"]}, format_checker=formats)
        error = next(iter(validator.iter_errors(value)), None)
        return error and f"{error.json_path}: {error.message[:500]}"


@lru_cache(maxsize=1)
def description() -> Description:
    return Description(create_app().openapi())


def watched(client: Client) -> Client:
    """The client, whose every answer of the interface must be as described."""
    client.event_hooks = {"response": [_look_at]}
    return client


def _look_at(answer: httpx2.Response) -> None:
    path = answer.request.url.path.removeprefix("/en")
    if not path.startswith(API) or answer.request.method == "HEAD":
        return
    answer.read()
    kind = answer.headers.get("content-type", "").partition(";")[0]
    body = answer.json() if kind.endswith("json") else answer.text
    fault = description().fault(answer.request.method, path, answer.status_code, kind, body)
    assert fault is None, f"{answer.request.method} {path} {answer.status_code}: {fault}\n{answer.text[:2000]}"
