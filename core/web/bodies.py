"""How much a request may carry: a megabyte, or what its path says for itself. More is refused before it is read."""

import re
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

LARGEST_BODY = 1_000_000  # bytes
LARGEST_BODIES: dict[str, int] = {}  # by path, where it is another
LARGEST_UPLOADS: list[tuple[re.Pattern[str], int]] = []  # by what a path looks like, in any language


def largest(path: str) -> int:
    if path in LARGEST_BODIES:
        return LARGEST_BODIES[path]
    return next((most for shape, most in LARGEST_UPLOADS if shape.fullmatch(path)), LARGEST_BODY)


def is_too_large(path: str, headers: Mapping[str, str]) -> bool:
    """By the length that is declared; without one the body is counted while it comes in (`counted`)."""
    declared = headers.get("content-length", "0")
    return not declared.isdecimal() or int(declared) > largest(path)


def counted(receive: Receive, most: int) -> Receive:
    """`receive` of a body of unknown length, which ends in 413 where it has become too long."""
    got = 0

    async def take() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > most:
            raise HTTPException(413)
        return message

    return take
