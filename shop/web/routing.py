"""Routes found by the first word of a path, so that a page's cost does not grow with the number of pages.

A handler's session ends with the handler: one that writes commits in the worker thread it runs in, because another hop, with
the writer's turn held, is the dearest part of a small write. Where PostgreSQL broke a deadlock at its cost, it is done again.
"""

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from core.db import is_deadlock, read_session, write_session

log = logging.getLogger("jishi.web")
API = "/api/v1/"
TRIES = 3  # of a handler that lost a deadlock


class FirstWord(BaseRoute):
    """Stands before the application's routes and hands a request to the one that answers its path and method.

    What it does not know – a wrong method, a path nobody has – it leaves to the routes behind it and their refusals.
    """

    def __init__(self, routes: Sequence[APIRoute]) -> None:
        self._by_word: dict[str, list[APIRoute]] = {}
        anywhere = [route for route in routes if "{" in _first_word(route.path)]
        words = {_first_word(route.path) for route in routes}
        for word in words:
            self._by_word[word] = [route for route in routes if route in anywhere or _first_word(route.path) == word]
        self._anywhere = anywhere

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
            _end_session(route)
            if not route.path.startswith(API):
                route.include_in_schema = False  # pages are for people: programs are told of the interface alone
    router.routes += [FirstWord([route for route in routes if isinstance(route, APIRoute)]), *routes]


def _end_session(route: APIRoute) -> None:
    """Let a handler end with its own session: a reading one is closed, a writing one committed if that takes no further hop."""
    handler = route.dependant.call
    given = {inner.call: inner.name for inner in route.dependant.dependencies if inner.name}
    waits = iscoroutinefunction(handler)
    if handler is not None and (name := given.get(read_session)):
        route.dependant.call = _closing_async(handler, name) if waits else _closing(handler, name)
    elif handler is not None and not waits and (name := given.get(write_session)):
        route.dependant.call = _committing(handler, name)


def _committing(handler: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(handler)
    def call(**values: Any) -> Any:
        for tries_left in reversed(range(TRIES)):
            try:
                answer = handler(**values)
                values[name].commit()
                return answer
            except DBAPIError as error:
                values[name].rollback()
                if not (tries_left and is_deadlock(error)):
                    raise
                log.info("%s lost a deadlock and is done again", handler.__name__)
        raise AssertionError("unreachable")

    return call


def _closing(handler: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(handler)
    def call(**values: Any) -> Any:
        with values[name]:
            return handler(**values)

    return call


def _closing_async(handler: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(handler)
    async def call(**values: Any) -> Any:
        with values[name]:
            return await handler(**values)

    return call
