"""The work pages' navigation: each floor registers its entries under a desk (`station`, `ops`, `driver` …).

A page below `/{desk}` shows that desk's entries in the order of their places.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Request

from core.i18n import gettext
from core.permissions import actor_of
from core.web.pages import provide
from core.web.templates import localised


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


def desks() -> list[str]:
    return sorted(_desks)


class Place(NamedTuple):
    """The one of the caller's places a page is about. `others` are (code, name) of all of them, where there are several."""

    parameter: str  # of an address
    code: str
    others: Sequence[tuple[str, str]]
    is_kept: bool  # in links: where the caller's first place is not the only one


NOWHERE = Place("", "", (), is_kept=False)


def keep_place(request: Request, parameter: str, code: str, others: Sequence[tuple[str, str]], *, is_kept: bool) -> None:
    """A page says which place it is about: entries are those of the roles held there, and the desk's links (`at`) stay there."""
    request.state.place = Place(parameter, code, others, is_kept)


@provide
def _nav(request: Request) -> Mapping[str, Any]:
    desk = request.url.path.strip("/").partition("/")[0]
    if not (entries := _desks.get(desk, [])):
        return {"nav": [], "at": localised, "work_place": NOWHERE, "work_places": []}  # nobody is asked who they are
    actor = actor_of(request)
    place: Place = getattr(request.state, "place", NOWHERE)

    def holds(roles: tuple[str, ...]) -> bool:
        return not roles or (actor.has(*roles) and (not actor.scopes(*roles) or not place.code or place.code in actor.scopes(*roles)))

    def at(path: str, **more: str) -> str:
        """An address of this desk, at the place that the page is about."""
        home = f"{path}/".startswith(f"/{desk}/") and place.is_kept
        asked = {**({place.parameter: place.code} if home else {}), **more}
        return localised(path) + (f"?{urlencode(asked)}" if asked else "")

    shown = [e._replace(label=gettext(e.label)) for e in entries if holds(e.roles)]
    tab = max((e.path for e in shown if f"{request.url.path}/".startswith(f"{e.path}/")), key=len, default=f"/{desk}")
    ways = [(f"{localised(tab)}?{urlencode({place.parameter: code})}", name, code == place.code) for code, name in place.others]
    return {"nav": shown, "at": at, "work_place": place, "work_places": ways}
