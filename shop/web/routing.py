"""Routes found by the first word of a path, so that a page's cost does not grow with the number of pages.

A handler's session ends with the handler: one that writes commits in the worker thread it runs in, because another hop, with
the writer's turn held, is the dearest part of a small write. Where PostgreSQL broke a deadlock at its cost, it is done again.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import APIRouter, Response
from fastapi.routing import APIRoute
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from core.db import is_deadlock, read_session, write_session

log = logging.getLogger("jishi.web")
API = "/api/v1/"
Handler = Callable[..., Any]
Teller = Callable[[Any], Any]
TRIES = 3  # of a handler that lost a deadlock


class FirstWord(BaseRoute):
    """Stands before the application's routes and hands a request to the one that answers its path and method.

    What it does not know – a wrong method, a path nobody has – it leaves to the routes behind it and their refusals.
    """

    def __init__(self, routes: Sequence[APIRoute]) -> None:
        self._by_word: dict[str, list[APIRoute]] = {}
        self._anywhere: list[APIRoute] = []
        for route in routes:  # every list keeps the order in which the routes stand
            if "{" in (word := _first_word(route.path)):
                for known in (self._anywhere, *self._by_word.values()):
                    known.append(route)
            else:
                self._by_word.setdefault(word, list(self._anywhere)).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            for route in self._by_word.get(_first_word(scope["path"]), self._anywhere):
                match, child_scope = route.matches(scope)
                if match == Match.FULL:
                    return match, child_scope
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)


def _first_word(path: str) -> str:
    """`products` of /api/v1/products/{id}, `s` of /s/{station}."""
    words = path.removeprefix(API.rstrip("/")).split("/", 2)
    return f"api {words[1]}" if path.startswith(API) else words[1] if len(words) > 1 else ""


def install(router: APIRouter, parts: Sequence[APIRouter]) -> None:
    """Put the routes of `parts` on the application's router, each found directly and by its first word."""
    routes = [route for part in parts for route in part.routes]
    for route in routes:
        if isinstance(route, APIRoute):
            _finish(route)
            if not route.path.startswith(API):
                route.include_in_schema = False  # pages are for people: programs are told of the interface alone
    router.routes += [FirstWord([route for route in routes if isinstance(route, APIRoute)]), *routes]


_finished: set[Handler] = set()  # routers outlive an application, and a second one is made of the same routes


def _finish(route: APIRoute) -> None:
    """Let a handler end with its own session, and write what it answers: a reading session is closed, a writing one committed if
    that takes no further hop."""
    handler = route.dependant.call
    if handler is None or handler in _finished:
        return
    given = {inner.call: inner.name for inner in route.dependant.dependencies if inner.name}
    reads, writes, tell = given.get(read_session), given.get(write_session), _teller(route)
    if iscoroutinefunction(handler):
        ended = _closing_async(handler, reads, tell)
    elif writes:
        ended = _committing(handler, writes, tell)
    else:
        ended = _closing(handler, reads, tell)
    _finished.add(ended)
    route.dependant.call = ended


def _teller(route: APIRoute) -> Teller:
    """How a handler's answer is written. What a call of the interface answers is JSON as it stands: mypy holds it to its declared
    shape and tests to the document, so that checking it again for every request would only turn a wrong description into a failure.
    """
    status = route.status_code or 200

    def tell(answer: Any) -> Any:
        if isinstance(answer, Response):
            return answer
        return Response(to_json(answer, inf_nan_mode="null"), status, media_type="application/json")

    return tell if route.response_field else lambda answer: answer


def _committing(handler: Handler, name: str, tell: Teller) -> Handler:
    @wraps(handler)
    def call(**values: Any) -> Any:
        for tries_left in reversed(range(TRIES)):
            try:
                answer = handler(**values)
                values[name].commit()
                return tell(answer)
            except DBAPIError as error:
                values[name].rollback()
                if not (tries_left and is_deadlock(error)):
                    raise
                log.info("%s lost a deadlock and is done again", handler.__name__)
        raise AssertionError("unreachable")

    return call


def _closing(handler: Handler, name: str | None, tell: Teller) -> Handler:
    @wraps(handler)
    def call(**values: Any) -> Any:
        with values[name] if name else nullcontext():
            answer = handler(**values)
        return tell(answer)

    return call


def _closing_async(handler: Handler, name: str | None, tell: Teller) -> Handler:
    @wraps(handler)
    async def call(**values: Any) -> Any:
        with values[name] if name else nullcontext():
            answer = await handler(**values)
        return tell(answer)

    return call
