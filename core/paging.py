"""Keyset cursors of lists: opaque, URL-safe, refused when they are not ours."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

from fastapi import Query

from core.errors import Refused

LONGEST = 400  # characters: deeper nesting than a parser can follow does not fit
LARGEST = 2**31
Limit = Annotated[int, Query(ge=1, le=200, description="How many items a page holds.")]
Cursor = Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before; the first page is asked for without.")]
ALPHABET = re.compile(r"[A-Za-z0-9_-]+")


def make_cursor(*key: Any) -> str:
    return urlsafe_b64encode(json.dumps(key, separators=(",", ":"), ensure_ascii=False).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The sort key a page ended at, checked against the expected types. None for the first page."""
    if not cursor:
        return None
    try:
        ours = len(cursor) <= LONGEST and ALPHABET.fullmatch(cursor)
        key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))) if ours else None
    except ValueError as wrong:
        raise Refused("翻页标记不对，请从第一页重新看", field="cursor") from wrong
    if not isinstance(key, list) or len(key) != len(kinds) or not all(map(_fits, key, kinds)):
        raise Refused("翻页标记不对，请从第一页重新看", field="cursor")
    return tuple(key)


def _fits(value: Any, kind: type) -> bool:
    """Of the type asked for, and a number that a database's key may be."""
    return type(value) is kind and (not isinstance(value, int) or 0 <= value < LARGEST)
