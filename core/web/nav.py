"""The work pages' navigation: each floor registers its entries under a desk (`station`, `ops`, `driver` …).

A page below `/{desk}` shows that desk's entries in the order of their places.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import Request

from core.i18n import gettext
from core.permissions import actor_of
from core.web.pages import provide


class Entry(NamedTuple):
    place: int
    path: str
    label: str  # in Chinese, translated when shown
    icon: str
    roles: tuple[str, ...] = ()  # only for holders of one of these; empty: for everybody at the desk


_desks: dict[str, list[Entry]] = {}


def register(desk: str, *entries: Entry) -> None:
    """Add entries to a desk; registering the same path again replaces it."""
    paths = {entry.path for entry in entries}
    _desks[desk] = sorted([e for e in _desks.get(desk, []) if e.path not in paths] + list(entries))


@provide
def _nav(request: Request) -> Mapping[str, Any]:
    desk = request.url.path.strip("/").partition("/")[0]
    entries = _desks.get(desk, [])
    return {"nav": [e._replace(label=gettext(e.label)) for e in entries if not e.roles or actor_of(request).has(*e.roles)]}
