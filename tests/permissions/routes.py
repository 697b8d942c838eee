"""Every route of the running application with its declaration."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

from core.permissions import Permission
from shop.app import create_app


def _roles(dependant: Any) -> Iterator[str]:
    if isinstance(dependant.call, Permission):
        yield from dependant.call.roles
    for inner in dependant.dependencies:
        yield from _roles(inner)


def declared() -> list[tuple[str, str, tuple[str, ...]]]:
    """(method, path with {names}, roles) of every route; an undeclared one has no roles."""
    return [
        (method, route.path, tuple(_roles(route.dependant)))
        for route in create_app().routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods)
    ]  # fmt: skip


def filled(path: str, value: str) -> str:
    """The path with every {name} replaced."""
    return re.sub(r"\{[^}]+\}", value, path)
